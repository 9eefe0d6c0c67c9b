"""What a station answers to each action of the central system."""

from typing import Any

import pytest

from tests.tools.simulation.scripted import Dialogue, car, connector, station
from tests.tools.simulation.test_station import profile

RESERVE = {"connectorId": 1, "expiryDate": "2030-01-01T00:00:00Z", "idTag": "CARD-A", "reservationId": 7}


@pytest.mark.parametrize(
    ("action", "payload", "answer"),
    [
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "30"}, {"status": "Accepted"}),
        ("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "soon"}, {"status": "Rejected"}),
        ("ChangeConfiguration", {"key": "NumberOfConnectors", "value": "9"}, {"status": "Rejected"}),
        ("ChangeConfiguration", {"key": "NoSuchKey", "value": "9"}, {"status": "NotSupported"}),
        ("ChangeAvailability", {"connectorId": 1, "type": "Inoperative"}, {"status": "Accepted"}),
        ("ChangeAvailability", {"connectorId": 9, "type": "Inoperative"}, {"status": "Rejected"}),
        ("ClearCache", {}, {"status": "Accepted"}),
        ("ClearChargingProfile", {}, {"status": "Unknown"}),
        ("DataTransfer", {"vendorId": "x"}, {"status": "UnknownVendorId"}),
        ("GetLocalListVersion", {}, {"listVersion": 0}),
        ("RemoteStopTransaction", {"transactionId": 1}, {"status": "Rejected"}),
        ("RemoteStartTransaction", {"connectorId": 9, "idTag": "A"}, {"status": "Rejected"}),
        ("ReserveNow", RESERVE, {"status": "Accepted"}),
        ("CancelReservation", {"reservationId": 7}, {"status": "Rejected"}),
        ("UnlockConnector", {"connectorId": 1}, {"status": "Unlocked"}),
        ("UnlockConnector", {"connectorId": 9}, {"status": "NotSupported"}),
        ("SetChargingProfile", profile(8.0), {"status": "Rejected"}),
        (
            "SetChargingProfile",
            {**profile(8.0, "TxDefaultProfile"), "connectorId": 9},
            {"status": "Rejected"},
        ),
        ("GetCompositeSchedule", {"connectorId": 9, "duration": 60}, {"status": "Rejected"}),
        ("TriggerMessage", {"requestedMessage": "Heartbeat", "connectorId": 9}, {"status": "Rejected"}),
        ("UpdateFirmware", {"location": "http://x/f.bin", "retrieveDate": "2026-01-01T00:00:00Z"}, {}),
        ("GetDiagnostics", {"location": "http://x/"}, {"fileName": "CP-01-diagnostics.txt"}),
        ("SendLocalList", {"listVersion": 1, "updateType": "Full"}, {"status": "Accepted"}),
        ("Reset", {"type": "Hard"}, {"status": "Accepted"}),
        ("StartTransaction", {}, "TypeConstraintViolation"),
        ("Heartbeat", {}, "NotImplemented"),
        ("Nonsense", {}, "NotImplemented"),
        ("SetChargingProfile", profile(8.25, "TxDefaultProfile"), "PropertyConstraintViolation"),
    ],
)
def test_the_answer(action: str, payload: dict[str, Any], answer: Any) -> None:
    """OC-1: every action in that direction is answered, unknown ones with an error."""
    assert Dialogue(station()).connect().ask(action, payload) == answer


def test_configuration_is_read_by_key_or_whole() -> None:
    talk = Dialogue(station(connector(1), connector(2))).connect()
    assert talk.ask("GetConfiguration", {"key": ["NumberOfConnectors", "Nope"]}) == {
        "configurationKey": [{"key": "NumberOfConnectors", "readonly": True, "value": "2"}],
        "unknownKey": ["Nope"],
    }
    assert len(talk.ask("GetConfiguration", {})["configurationKey"]) > 30


@pytest.mark.parametrize(
    ("message", "action"),
    [
        ("BootNotification", "BootNotification"),
        ("Heartbeat", "Heartbeat"),
        ("StatusNotification", "StatusNotification"),
        ("MeterValues", "MeterValues"),
        ("FirmwareStatusNotification", "FirmwareStatusNotification"),
        ("DiagnosticsStatusNotification", "DiagnosticsStatusNotification"),
    ],
)
def test_a_trigger_is_followed(message: str, action: str) -> None:
    """OC-6: after a restart the central system learns the state by TriggerMessage."""
    talk = Dialogue(station()).connect()
    before = len(talk.central.seen(action))
    assert talk.ask("TriggerMessage", {"requestedMessage": message}) == {"status": "Accepted"}
    assert len(talk.central.seen(action)) > before


def test_remote_start_and_stop() -> None:
    """OC-3: with a profile that holds from the first second."""
    talk = Dialogue(station()).connect()
    talk.station.plug(1, car(), None, talk.now)
    talk.run(1.0)
    start = {"connectorId": 1, "idTag": "APP", "chargingProfile": profile(7.0)["csChargingProfiles"]}
    assert talk.ask("RemoteStartTransaction", start) == {"status": "Accepted"}
    talk.run(8.0)
    assert talk.station.grid_currents[0] == pytest.approx(7.0)
    assert talk.ask("RemoteStopTransaction", {"transactionId": 100}) == {"status": "Accepted"}
    assert talk.central.seen("StopTransaction")[0]["reason"] == "Remote"


def test_a_remote_start_waits_for_the_plug_and_then_gives_up() -> None:
    talk = Dialogue(station()).connect()
    talk.ask("RemoteStartTransaction", {"connectorId": 1, "idTag": "APP"})
    talk.run(5.0)
    assert talk.central.statuses()[-1] == "Preparing"
    talk.run(60.0)
    assert talk.central.statuses()[-1] == "Available"


def test_unavailability_waits_for_the_session_to_end() -> None:
    talk = Dialogue(station()).connect().charging()
    answer = talk.ask("ChangeAvailability", {"connectorId": 0, "type": "Inoperative"})
    assert answer == {"status": "Scheduled"}
    talk.station.unplug(1, talk.now)
    talk.run(1.0)
    assert talk.central.statuses()[-1] == "Unavailable"


def test_a_reserved_connector_takes_only_its_card() -> None:
    talk = Dialogue(station()).connect()
    talk.ask("ReserveNow", RESERVE)
    talk.station.plug(1, car(), "CARD-B", talk.now, delay=0.0)
    talk.run(3.0)
    assert talk.station.outlets[1].session is None
    talk.station.present(1, "CARD-A", talk.now)
    talk.run(3.0)
    assert talk.central.seen("StartTransaction")[0]["reservationId"] == 7


def test_the_composite_schedule_is_told() -> None:
    """DG-6: what a verified fall-back looks like."""
    talk = Dialogue(station()).connect()
    talk.ask("SetChargingProfile", profile(9.0, "TxDefaultProfile"))
    answer = talk.ask("GetCompositeSchedule", {"connectorId": 1, "duration": 60})
    assert answer["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 9.0}]
    answer = talk.ask("GetCompositeSchedule", {"connectorId": 1, "duration": 60, "chargingRateUnit": "W"})
    assert answer["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 6210.0}]
