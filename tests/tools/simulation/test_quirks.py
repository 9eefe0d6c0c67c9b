"""Each bad habit does what it says."""

from typing import Any

import pytest

from tests.tools.simulation.scripted import Dialogue, station
from tests.tools.simulation.test_station import profile

TRIGGER = {"requestedMessage": "Heartbeat"}
COMPOSITE = {"connectorId": 1, "duration": 60}


@pytest.mark.parametrize(
    ("quirk", "action", "payload", "answer"),
    [
        ("reject_profiles", "SetChargingProfile", profile(8.0), {"status": "Rejected"}),
        ("profiles_not_supported", "SetChargingProfile", profile(8.0), "NotSupported"),
        ("profiles_not_supported", "ClearChargingProfile", {}, "NotSupported"),
        ("watts_only", "SetChargingProfile", profile(8.0), {"status": "Rejected"}),
        ("amps_only", "SetChargingProfile", profile(8.0), {"status": "Accepted"}),
        ("disobey", "SetChargingProfile", profile(8.0), {"status": "Accepted"}),
        ("no_trigger", "TriggerMessage", TRIGGER, "NotImplemented"),
        ("no_composite", "GetCompositeSchedule", COMPOSITE, {"status": "Rejected"}),
        ("empty_composite", "GetCompositeSchedule", COMPOSITE, {"status": "Accepted"}),
    ],
)
def test_the_habit_shows_in_the_answer(quirk: str, action: str, payload: dict[str, Any], answer: Any) -> None:
    """OC-1: what real stations do."""
    assert Dialogue(station(**{quirk: True})).connect().charging().ask(action, payload) == answer


@pytest.mark.parametrize(("quirks", "amps"), [({}, 8.0), ({"disobey": True}, 32.0)])
def test_a_disobedient_station_accepts_and_ignores(quirks: dict[str, bool], amps: float) -> None:
    """LM-10: a setpoint that is not respected."""
    talk = Dialogue(station(**quirks)).connect().charging()
    talk.ask("SetChargingProfile", profile(8.0))
    talk.run(8.0)
    assert talk.station.grid_currents[0] == pytest.approx(amps)


def test_one_that_sends_no_meter_values() -> None:
    talk = Dialogue(station(no_meter_values=True)).connect().charging().run(130.0)
    assert not talk.central.seen("MeterValues")


def test_one_that_hides_its_suspension() -> None:
    talk = Dialogue(station(hides_suspension=True)).connect().charging()
    talk.ask("SetChargingProfile", profile(0.0))
    talk.run(8.0)
    assert talk.station.grid_currents == (0.0, 0.0, 0.0)
    assert talk.central.statuses()[-1] == "Charging"


def test_one_that_boots_at_every_connection() -> None:
    talk = Dialogue(station(boots_on_reconnect=True)).connect().disconnect().connect()
    assert len(talk.central.seen("BootNotification")) == 2


def test_one_whose_clock_is_ahead_and_stays_so() -> None:
    talk = Dialogue(station(clock_ahead=3600.0, ignores_central_time=True)).connect().charging()
    assert talk.central.seen("StartTransaction")[0]["timestamp"].startswith("2023-11-14T23:13")


def test_one_that_starts_twice_in_lower_case_and_stops_without_a_reason() -> None:
    talk = Dialogue(station(repeats_start=True, lower_case_tags=True, omits_stop_reason=True)).connect()
    talk.charging().station.unplug(1, talk.now)
    talk.run(1.0)
    first, second = talk.central.seen("StartTransaction")
    assert first == second
    assert first["idTag"] == "card-a"
    assert "reason" not in talk.central.seen("StopTransaction")[0]


def test_one_that_writes_limits_as_strings() -> None:
    answer = Dialogue(station(composite_strings=True)).connect().ask("GetCompositeSchedule", COMPOSITE)
    assert answer["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": "32.0"}]


def test_one_without_a_second_stack_level() -> None:
    talk = Dialogue(station(max_stack_level=0)).connect()
    assert talk.ask("SetChargingProfile", profile(8.0, "TxDefaultProfile")) == {"status": "Rejected"}
