"""What a station says, and the answer it gets."""

import math
from typing import Any

import pytest

from evce.facts import ConnectorStatus
from evce.station_control.inbound import format_time
from evce.station_control.settings import StationSettings
from evce.validation import check_result
from tests.evce.station_control.bench import EPOCH, Bench

NOW = "2026-01-05T06:01:40Z"
REQUESTS: dict[str, dict[str, Any]] = {
    "Authorize": {"idTag": "04A1"},
    "BootNotification": {"chargePointVendor": "V", "chargePointModel": "M"},
    "DataTransfer": {"vendorId": "V"},
    "DiagnosticsStatusNotification": {"status": "Uploaded"},
    "FirmwareStatusNotification": {"status": "Installed"},
    "Heartbeat": {},
    "LogStatusNotification": {"status": "Uploaded"},
    "MeterValues": {"connectorId": 1, "meterValue": [{"timestamp": NOW, "sampledValue": [{"value": "5"}]}]},
    "SecurityEventNotification": {"type": "FirmwareUpdated", "timestamp": NOW},
    "SignCertificate": {"csr": "-----BEGIN"},
    "SignedFirmwareStatusNotification": {"status": "Installed", "requestId": 1},
    "StartTransaction": {"connectorId": 1, "idTag": "04A1", "meterStart": 0, "timestamp": NOW},
    "StatusNotification": {"connectorId": 1, "errorCode": "NoError", "status": "Available"},
    "StopTransaction": {"transactionId": -1, "meterStop": 5, "timestamp": NOW},
}


@pytest.mark.parametrize("action", sorted(REQUESTS))
def test_every_message_gets_a_valid_answer(action: str) -> None:
    """OC-1."""
    bench = Bench()
    bench.connect()
    answer = bench.say(action, **REQUESTS[action])
    assert isinstance(answer, dict)
    assert check_result(action, answer) is None


@pytest.mark.parametrize("action", sorted(set(REQUESTS) - {"BootNotification"}))
def test_a_station_that_was_never_accepted_must_boot_first(action: str) -> None:
    """OC-2."""
    bench = Bench(settings=StationSettings(accepted=False))
    bench.connect()
    assert bench.say(action, **REQUESTS[action]) == "SecurityError"
    assert bench.say("BootNotification", **REQUESTS["BootNotification"])["status"] == "Accepted"
    assert isinstance(bench.say(action, **REQUESTS[action]), dict)
    assert bench.facts.verified


def test_a_reconnection_without_boot_is_legal() -> None:
    """OC-6."""
    bench = Bench()
    bench.connect()
    assert bench.say("Heartbeat")["currentTime"] == "2026-01-05T06:01:40.000Z"


def test_what_was_answered_already_is_not_answered_again() -> None:
    bench = Bench()
    bench.connect()
    assert bench.say("Heartbeat", answered=True) is None


def test_a_boot_tells_who_the_station_is() -> None:
    """UI-3."""
    bench = Bench()
    bench.connect()
    answer = bench.say(
        "BootNotification",
        chargePointVendor="V",
        chargePointModel="M",
        chargeBoxSerialNumber="S1",
        firmwareVersion="3.3.0",
    )
    view = bench.control.view()
    assert (view.vendor, view.model, view.serial_number, view.firmware) == ("V", "M", "S1", "3.3.0")
    assert answer["interval"] == 60


def test_a_boot_whose_frame_came_twice_is_one_restart() -> None:
    """OC-6: whoever repeats frames, perhaps a gateway on the way, doesn't have a station learnt twice."""
    bench = Bench()
    bench.connect()
    bench.wait(60.0)
    boot = REQUESTS["BootNotification"]
    asked = len(bench.sent("GetConfiguration"))
    for _ in range(2):
        bench.control.call_received(bench.control.incarnation, "same", "BootNotification", boot, bench.moment)
        bench.carry_out()
        assert bench.reply("same")["status"] == "Accepted"
    assert len(bench.sent("GetConfiguration")) == asked + 1


@pytest.mark.parametrize(
    ("status", "plugged"),
    [
        ("Preparing", True),
        ("SuspendedEV", True),
        ("Finishing", True),
        ("Available", False),
        ("Reserved", False),
        ("Faulted", False),
    ],
)
def test_a_status_tells_whether_a_car_is_there(status: str, plugged: bool) -> None:
    """LM-11."""
    bench = Bench()
    bench.connect()
    bench.status(status)
    assert (bench.facts.status, bench.facts.plugged) == (ConnectorStatus(status), plugged)


def test_a_fault_keeps_the_car_plugged_and_raises_an_alarm() -> None:
    """LM-11."""
    bench = Bench()
    bench.connect()
    bench.status("Preparing")
    plugged_at = bench.facts.plugged_at
    bench.wait(5.0)
    bench.status("Faulted", error="GroundFailure")
    assert bench.facts.plugged
    assert bench.facts.plugged_at == plugged_at
    assert "GroundFailure" in bench.alarms["faulted", "CP-01/1"].message
    bench.status("Available")
    assert bench.alarms == {}
    assert bench.facts.plugged_at is None


def test_the_station_itself_may_be_faulted() -> None:
    bench = Bench()
    bench.connect()
    bench.status("Faulted", connector=0, error="HighTemperature")
    assert ("faulted", "CP-01") in bench.alarms
    bench.status("Available", connector=0)
    assert bench.alarms == {}


def test_a_connector_that_the_site_does_not_know_is_shown() -> None:
    """EL-3: nobody would hold its current."""
    bench = Bench()
    bench.connect()
    assert bench.say("StartTransaction", **REQUESTS["StartTransaction"] | {"connectorId": 2}) == (
        "PropertyConstraintViolation"
    )
    assert ("unknown_connector", "CP-01/2") in bench.alarms
    assert bench.starts == []


def test_meter_values_of_the_whole_station_belong_to_no_connector() -> None:
    bench = Bench()
    bench.connect()
    bench.say("MeterValues", **REQUESTS["MeterValues"] | {"connectorId": 0})
    assert bench.facts.draw is None


@pytest.mark.parametrize("value", ["NaN", "1e400", "-40"])
def test_strange_values_are_answered_and_noted(value: str) -> None:
    """MT-7."""
    bench = Bench()
    bench.connect()
    sampled = {"value": value, "measurand": "Current.Import", "phase": "L1"}
    values = [{"timestamp": NOW, "sampledValue": [sampled]}]
    assert bench.say("MeterValues", connectorId=1, meterValue=values) == {}
    assert any(log.type == "meter value" and value in log.message for log in bench.logs)
    assert all(math.isfinite(amps) for amps in bench.facts.drawn)


def test_times_are_written_in_utc() -> None:
    assert format_time(EPOCH) == "2026-01-05T06:00:00.000Z"
