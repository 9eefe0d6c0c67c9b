"""A station's conversation with a scripted central system, under a virtual clock."""

import pytest

from evce.electrical import Wiring
from tests.tools.simulation.scripted import Central, Dialogue, car, connector, station


def profile(limit: float, purpose: str = "TxProfile", **schedule: object) -> dict[str, object]:
    return {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 1,
            "chargingProfilePurpose": purpose,
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
                **schedule,
            },
        },
    }


def test_it_boots_then_tells_every_status() -> None:
    """OC-1: boot first, nothing else before it is accepted."""
    talk = Dialogue(station(connector(1), connector(2))).connect()
    assert [name for name, _ in talk.central.calls] == ["BootNotification"] + ["StatusNotification"] * 3
    assert [p["connectorId"] for p in talk.central.seen("StatusNotification")] == [0, 1, 2]


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
def test_it_boots_again_when_not_accepted(status: str) -> None:
    central = Central()
    refusal = {"status": status, "currentTime": "2026-01-01T00:00:00Z", "interval": 10}
    acceptance = {"status": "Accepted", "currentTime": "2026-01-01T00:00:00Z", "interval": 60}
    central.answers["BootNotification"] = [refusal, acceptance]
    talk = Dialogue(station(), central).connect().run(8.0)
    assert len(central.seen("BootNotification")) == 1
    assert not central.seen("StatusNotification")
    talk.run(4.0)
    assert len(central.seen("BootNotification")) == 2
    assert central.statuses() == ["Available"]


def test_a_session_from_the_plug_to_the_unplug() -> None:
    """OC-1, CDR-1: the sequence of a session, with the true energy in both books."""
    talk = Dialogue(station()).connect()
    talk.station.plug(1, car(), "CARD-A", talk.now)
    talk.run(600.0)
    talk.station.present(1, "card-a", talk.now)
    talk.run(5.0)
    talk.station.unplug(1, talk.now)
    talk.run(1.0)
    central = talk.central
    assert central.statuses() == ["Available", "Preparing", "Charging", "Finishing", "Available"]
    (start,), (stop,) = central.seen("StartTransaction"), central.seen("StopTransaction")
    assert central.seen("Authorize") == [{"idTag": "CARD-A"}]
    assert (start["connectorId"], start["idTag"], stop["transactionId"]) == (1, "CARD-A", 100)
    assert stop["reason"] == "Local"
    (session,) = talk.station.sessions
    assert session.energy == pytest.approx(stop["meterStop"] - start["meterStart"], abs=1)
    assert session.energy == pytest.approx(32 * 3 * 230 * 595 / 3600, rel=0.01)
    assert session.delivered


@pytest.mark.parametrize(
    ("wiring", "phases", "grid"),
    [
        (Wiring.TRI123, 3, (32.0, 32.0, 32.0)),
        (Wiring.TRI231, 1, (0.0, 32.0, 0.0)),
        (Wiring.TRI312, 1, (0.0, 0.0, 32.0)),
        (Wiring.TRI231, 2, (0.0, 32.0, 32.0)),
        (Wiring.MONO3, 3, (0.0, 0.0, 32.0)),
    ],
)
def test_the_true_currents_are_on_the_grids_phases(
    wiring: Wiring, phases: int, grid: tuple[float, float, float]
) -> None:
    """EL-3, EL-7: the wiring turns the station's phases into the grid's."""
    talk = Dialogue(station(connector(wiring=wiring))).connect().charging(phases=phases)
    assert talk.station.grid_currents == pytest.approx(grid)


def test_a_profile_holds_the_current_and_lapses_by_itself() -> None:
    """DG-6: a TxProfile over a TxDefaultProfile, offline all the while."""
    talk = Dialogue(station()).connect().charging()
    assert talk.ask("SetChargingProfile", profile(8.0, "TxDefaultProfile")) == {"status": "Accepted"}
    lease = profile(20.0, duration=60, startSchedule="2023-11-14T22:13:20Z")
    lease["csChargingProfiles"]["chargingProfileId"] = 2  # type: ignore[index]
    assert talk.ask("SetChargingProfile", lease) == {"status": "Accepted"}
    talk.disconnect().run(10.0)
    assert talk.station.grid_currents[0] == pytest.approx(20.0)
    talk.run(60.0)
    assert talk.station.grid_currents[0] == pytest.approx(8.0)


def test_zero_ampere_suspends_and_is_told() -> None:
    """LM-11: SuspendedEVSE at 0 A, Charging again when current comes back."""
    talk = Dialogue(station()).connect().charging()
    talk.ask("SetChargingProfile", profile(0.0))
    talk.run(7.0)
    assert talk.station.grid_currents == (0.0, 0.0, 0.0)
    talk.ask("SetChargingProfile", profile(10.0))
    talk.run(7.0)
    assert talk.station.grid_currents[0] == pytest.approx(10.0)
    assert talk.central.statuses()[-3:] == ["Charging", "SuspendedEVSE", "Charging"]


def test_a_full_car_is_suspended_by_itself() -> None:
    talk = Dialogue(station()).connect()
    vehicle = car(battery=1000.0)
    vehicle.stored = 1000.0
    talk.station.plug(1, vehicle, "CARD-A", talk.now, delay=0.0)
    talk.run(5.0)
    assert talk.central.statuses()[-1] == "SuspendedEV"


def test_meter_values_come_at_the_interval_with_the_transaction() -> None:
    """OC-1: MeterValueSampleInterval is honoured, and changed while charging."""
    talk = Dialogue(station()).connect()
    assert talk.ask("ChangeConfiguration", {"key": "MeterValueSampleInterval", "value": "5"}) == {
        "status": "Accepted"
    }
    talk.charging().run(60.0)
    samples = talk.central.seen("MeterValues")
    assert 12 <= len(samples) <= 14
    values = samples[-1]["meterValue"][0]["sampledValue"]
    currents = {v["phase"]: v["value"] for v in values if v["measurand"] == "Current.Import"}
    assert currents == {"L1": "32.00", "L2": "32.00", "L3": "32.00"}
    assert samples[-1]["transactionId"] == 100


def test_what_happens_offline_is_delivered_in_order_afterwards() -> None:
    """OC-6: Start, samples and Stop are kept while the link is down, with the times they happened at."""
    talk = Dialogue(station()).connect()
    talk.station.keys.change("AllowOfflineTxForUnknownId", "true")
    talk.disconnect()
    talk.station.plug(1, car(), "CARD-A", talk.now, delay=1.0)
    talk.run(130.0)
    talk.station.unplug(1, talk.now)
    before = len(talk.central.calls)
    talk.run(60.0)
    assert len(talk.central.calls) == before
    talk.connect().run(1.0)
    later = [name for name, _ in talk.central.calls[before:]]
    order = [name for name in later if name not in ("StatusNotification", "Heartbeat")]
    assert order == ["StartTransaction", "MeterValues", "MeterValues", "StopTransaction"]
    assert talk.central.seen("StopTransaction")[0]["transactionId"] == 100
    assert talk.central.seen("StartTransaction")[0]["timestamp"].startswith("2023-11-14T22:13:21.")
    assert "BootNotification" not in later


@pytest.mark.parametrize(
    ("keys", "starts"),
    [
        ({}, False),
        ({"AllowOfflineTxForUnknownId": "true"}, True),
        ({"AllowOfflineTxForUnknownId": "true", "LocalAuthorizeOffline": "false"}, True),
    ],
)
def test_its_offline_rule_decides_while_nobody_can_be_asked(keys: dict[str, str], starts: bool) -> None:
    """AU-2: the choice is held by configuration keys."""
    talk = Dialogue(station()).connect()
    for key, value in keys.items():
        talk.station.keys.change(key, value)
    talk.disconnect()
    talk.station.plug(1, car(), "CARD-A", talk.now)
    talk.run(10.0)
    assert (talk.station.outlets[1].session is not None) is starts


def test_a_card_used_before_starts_from_the_cache() -> None:
    """AU-2: the station's own cache."""
    talk = Dialogue(station()).connect().charging()
    talk.station.unplug(1, talk.now)
    talk.run(1.0).disconnect()
    talk.station.plug(1, car(), "card-A", talk.now)
    talk.run(10.0)
    assert talk.station.outlets[1].session is not None


@pytest.mark.parametrize(("status", "starts"), [("Accepted", True), ("Blocked", False), ("Invalid", False)])
def test_a_refused_card_does_not_charge(status: str, starts: bool) -> None:
    """AU-1: the central system decides."""
    central = Central()
    central.answers["Authorize"] = {"idTagInfo": {"status": status}}
    talk = Dialogue(station(), central).connect().charging()
    assert (talk.station.outlets[1].session is not None) is starts


def test_a_transaction_that_is_refused_afterwards_is_stopped() -> None:
    central = Central()
    central.answers["StartTransaction"] = {"transactionId": 9, "idTagInfo": {"status": "Blocked"}}
    talk = Dialogue(station(), central).connect().charging()
    assert central.seen("StopTransaction")[0]["reason"] == "DeAuthorized"
    assert talk.station.grid_currents == (0.0, 0.0, 0.0)


def test_a_driver_tries_again_when_no_answer_came() -> None:
    central = Central()
    central.answers["Authorize"] = [("InternalError", "busy"), {"idTagInfo": {"status": "Accepted"}}]
    talk = Dialogue(station(), central).connect().charging()
    assert talk.station.outlets[1].session is None
    talk.run(15.0)
    assert talk.station.outlets[1].session is not None


def test_an_error_makes_a_transaction_message_come_again() -> None:
    """OC-6, CPO-2: attempts and retry interval as OCPP 1.6 3.7.1."""
    central = Central()
    accepted = {"transactionId": 5, "idTagInfo": {"status": "Accepted"}}
    central.answers["StartTransaction"] = [("InternalError", "disk"), ("InternalError", "disk"), accepted]
    talk = Dialogue(station(), central).connect().charging()
    talk.run(35.0)
    assert len(central.seen("StartTransaction")) == 3
    assert len({str(payload) for payload in central.seen("StartTransaction")}) == 1
    session = talk.station.outlets[1].session
    assert session is not None
    assert session.transaction == 5


def test_a_reboot_ends_the_session_keeps_the_default_and_goes_on() -> None:
    """OC-3, OC-6: after a reboot the TxDefaultProfile holds, and the car charges in a new transaction."""
    talk = Dialogue(station()).connect().charging()
    talk.ask("SetChargingProfile", profile(9.0, "TxDefaultProfile"))
    assert talk.ask("Reset", {"type": "Soft"}) == {"status": "Accepted"}
    talk.run(3.0)
    assert talk.station.dark
    assert talk.station.grid_currents == (0.0, 0.0, 0.0)
    talk.run(6.5).connect().run(12.0)
    assert talk.central.seen("StopTransaction")[0]["reason"] == "SoftReset"
    assert len(talk.central.seen("BootNotification")) == 2
    assert talk.station.grid_currents[0] == pytest.approx(9.0)


def test_free_charging_asks_nobody() -> None:
    """AU-1: with the reader disabled the plug is enough."""
    talk = Dialogue(station()).connect()
    talk.station.keys.change("FreeVendActive", "true")
    talk.station.plug(1, car(), None, talk.now)
    talk.run(8.0)
    assert not talk.central.seen("Authorize")
    assert talk.station.grid_currents[0] == pytest.approx(32.0)


def test_the_stations_maximum_is_shared_by_its_connectors() -> None:
    talk = Dialogue(station(connector(1), connector(2))).connect()
    for number in (1, 2):
        talk.station.plug(number, car(), f"CARD-{number}", talk.now, delay=0.0)
    payload = profile(24.0, "ChargePointMaxProfile")
    payload["connectorId"] = 0
    assert talk.ask("SetChargingProfile", payload) == {"status": "Accepted"}
    talk.run(8.0)
    assert talk.station.grid_currents[0] == pytest.approx(24.0)


@pytest.mark.parametrize(
    ("frame", "complaint"),
    [
        ("no json", "not JSON"),
        ('[3,"unknown",{}]', "answer to no call"),
        ('[4,"unknown","InternalError","",{}]', "error to no call"),
        ('[2,"1","SetChargingProfile",{"connectorId":1}]', "SetChargingProfile"),
    ],
)
def test_it_keeps_what_the_central_system_did_wrong(frame: str, complaint: str) -> None:
    talk = Dialogue(station()).connect()
    talk.station.receive(frame, talk.now)
    talk.exchange()
    assert complaint in talk.station.complaints[0]


def test_a_connector_holds_one_car() -> None:
    talk = Dialogue(station()).connect().charging()
    with pytest.raises(ValueError, match="has a car"):
        talk.station.plug(1, car(), None, talk.now)


def test_a_fault_ends_the_session() -> None:
    """LM-11: Faulted is told."""
    talk = Dialogue(station()).connect().charging()
    talk.station.fault(1, True, talk.now)
    talk.run(1.0)
    assert talk.central.statuses()[-1] == "Faulted"
    talk.station.fault(1, False, talk.now)
    talk.run(1.0)
    assert talk.central.statuses()[-1] == "Finishing"
