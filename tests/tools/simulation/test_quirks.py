"""Each bad habit does what it says."""

from typing import Any

import pytest

from tests.tools.simulation.scripted import Dialogue, station
from tests.tools.simulation.test_station import profile
from tools.simulation.quirks import PALETTE, Quirks, WholeAmps, spread

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


@pytest.mark.parametrize(
    ("habit", "told", "answer", "amps"),
    [
        (WholeAmps.TENTHS, 13.7, "Accepted", 13.7),
        (WholeAmps.DOWN, 13.7, "Accepted", 13.0),
        (WholeAmps.NEAREST, 13.7, "Accepted", 14.0),
        (WholeAmps.REJECTED, 13.7, "Rejected", 32.0),
        (WholeAmps.REJECTED, 13.0, "Accepted", 13.0),
    ],
)
def test_one_that_knows_whole_amperes_only(habit: WholeAmps, told: float, answer: str, amps: float) -> None:
    talk = Dialogue(station(whole_amps=habit)).connect().charging()
    assert talk.ask("SetChargingProfile", profile(told)) == {"status": answer}
    talk.run(8.0)
    assert talk.station.grid_currents[0] == pytest.approx(amps)


def test_one_that_tells_no_unit() -> None:
    talk = Dialogue(station(hides_unit=True, watts_only=True)).connect()
    named = {entry["key"] for entry in talk.ask("GetConfiguration", {})["configurationKey"]}
    assert "ChargingScheduleAllowedChargingRateUnit" not in named


def test_one_that_switches_to_a_single_phase_by_itself() -> None:
    """EL-7: RELIABILITY invariant 9; it says that it may."""
    talk = Dialogue(station(one_phase_below=10.0)).connect().charging()
    listed = talk.ask("GetConfiguration", {"key": ["ConnectorSwitch3to1PhaseSupported"]})
    assert listed["configurationKey"][0]["value"] == "true"
    for told, loaded in ((8.0, 1), (12.0, 3)):
        talk.ask("SetChargingProfile", profile(told))
        talk.run(8.0)
        assert sum(amps > 1.0 for amps in talk.station.grid_currents) == loaded


def test_one_that_reports_what_it_was_told() -> None:
    """LM-10: while its car draws on."""
    talk = Dialogue(station(disobey=True, reports_as_told=True)).connect().charging()
    talk.ask("SetChargingProfile", profile(8.0))
    talk.ask("ChangeConfiguration", {"key": "MeterValuesSampledData", "value": "Current.Import"})
    talk.run(130.0)
    sampled = talk.central.seen("MeterValues")[-1]["meterValue"][0]["sampledValue"]
    assert talk.station.grid_currents[0] == pytest.approx(32.0)
    assert {float(value["value"]) for value in sampled} == {8.0}


@pytest.mark.parametrize(
    ("habit", "purpose", "level", "amps"),
    [
        ({"heeds_levels_to": 0}, "TxProfile", 0, 8.0),
        ({"heeds_levels_to": 0}, "TxProfile", 1, 32.0),
        ({"heeds_only": "TxProfile"}, "TxProfile", 0, 8.0),
        ({"heeds_only": "TxProfile"}, "TxDefaultProfile", 0, 32.0),
    ],
)
def test_one_that_accepts_more_than_it_heeds(
    habit: dict[str, Any], purpose: str, level: int, amps: float
) -> None:
    """OC-1."""
    talk = Dialogue(station(**habit)).connect().charging()
    told = profile(8.0, purpose)
    told["csChargingProfiles"]["stackLevel"] = level
    assert talk.ask("SetChargingProfile", told) == {"status": "Accepted"}
    talk.run(8.0)
    assert talk.station.grid_currents[0] == pytest.approx(amps)


def test_one_whose_energy_manager_allows_it_later() -> None:
    talk = Dialogue(station(outside_control_after=60.0)).connect().charging()
    assert talk.ask("SetChargingProfile", profile(8.0)) == {"status": "Rejected"}
    talk.run(60.0)
    assert talk.ask("SetChargingProfile", profile(8.0)) == {"status": "Accepted"}


def test_one_that_writes_local_time_as_utc() -> None:
    talk = Dialogue(station(local_time=7200.0)).connect().charging()
    assert talk.central.seen("StartTransaction")[0]["timestamp"].startswith("2023-11-15T00:13")


def test_one_that_replays_an_outage_late() -> None:
    talk = Dialogue(station(replays_after=75.0)).connect().charging().disconnect()
    talk.station.unplug(1, talk.now)
    talk.connect().run(70.0)
    assert not talk.central.seen("StopTransaction")
    talk.run(10.0)
    assert len(talk.central.seen("StopTransaction")) == 1


def test_one_that_never_learns_its_transactions() -> None:
    talk = Dialogue(station(forgets_transaction=True)).connect().charging().run(65.0)
    talk.station.unplug(1, talk.now)
    talk.run(1.0)
    assert "transactionId" not in talk.central.seen("MeterValues")[0]
    assert talk.central.seen("StopTransaction")[0]["transactionId"] == -1


def test_one_that_misspells_celsius() -> None:
    talk = Dialogue(station(misspells_celsius=True)).connect().charging().run(65.0)
    sampled = talk.central.seen("MeterValues")[0]["meterValue"][0]["sampledValue"]
    assert "Celcius" in {value.get("unit") for value in sampled}


def test_one_that_restarts_in_the_middle_of_an_update() -> None:
    """OC-3: the end of it is told by the new firmware."""
    talk = Dialogue(station(reboots_while_installing=True)).connect()
    order = {"location": "ftp://127.0.0.1/4.0", "retrieveDate": "2023-11-14T22:13:20Z"}
    talk.ask("UpdateFirmware", order)
    talk.run(2.0)
    assert talk.central.seen("FirmwareStatusNotification")[-1] == {"status": "Installing"}
    talk.run(10.0).connect().run(2.0)
    assert talk.central.seen("FirmwareStatusNotification")[-1] == {"status": "Installed"}
    assert talk.central.seen("BootNotification")[-1]["firmwareVersion"] == "4.0"


def test_every_station_of_a_site_gets_another_habit() -> None:
    """OC-1: all of them are in use where there are stations enough."""
    names = [f"CP-{number}" for number in range(len(PALETTE))]
    assert set(spread(names).values()) == set(PALETTE.values())
    assert Quirks() not in PALETTE.values()
    assert spread(["A"], first=len(PALETTE) + 1) == {"A": list(PALETTE.values())[1]}
