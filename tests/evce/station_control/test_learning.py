"""Getting to know a station that says nothing by itself."""

import pytest

from tests.evce.station_control.bench import SILENCE, Bench, Refusal


def test_a_silent_station_is_asked_for_everything() -> None:
    """OC-6: almost none sends a BootNotification when only the central system was away."""
    bench = Bench(keys={"ChargeProfileMaxStackLevel": "1", "MeterValueSampleInterval": "60"})
    bench.connect()
    asked = [action for _, _, action, _ in bench.calls]
    assert asked[:2] == ["TriggerMessage", "GetConfiguration"]
    assert bench.sent("TriggerMessage")[0] == {"requestedMessage": "StatusNotification", "connectorId": 1}
    assert bench.sent("TriggerMessage")[-1] == {"requestedMessage": "BootNotification"}
    assert bench.sent("ChangeConfiguration") == [{"key": "MeterValueSampleInterval", "value": "5"}]


@pytest.mark.parametrize("action", ["TriggerMessage", "GetConfiguration", "ChangeConfiguration"])
@pytest.mark.parametrize("reply", [Refusal("NotSupported"), Refusal("NotImplemented"), SILENCE])
def test_what_a_station_does_not_understand_is_done_without(action: str, reply: Refusal) -> None:
    """OC-1."""
    bench = Bench(answers={action: reply})
    bench.connect()
    bench.wait(60.0)
    assert bench.facts.verified
    assert bench.facts.fallback == 9.0


def test_a_station_without_triggers_is_not_asked_again() -> None:
    bench = Bench(keys={"SupportedFeatureProfiles": "Core,SmartCharging"})
    bench.connect()
    assert [payload["requestedMessage"] for payload in bench.sent("TriggerMessage")] == ["StatusNotification"]
    bench.disconnect()
    bench.connect()
    assert len(bench.sent("TriggerMessage")) == 1


def test_a_value_that_is_refused_is_replaced_by_a_smaller_wish() -> None:
    """OC-1."""
    bench = Bench(answers={"ChangeConfiguration": {"status": "Rejected"}})
    bench.connect()
    sampled = [p["value"] for p in bench.sent("ChangeConfiguration") if p["key"] == "MeterValuesSampledData"]
    assert len(sampled) == 2
    assert len(sampled[0]) > len(sampled[1])


def test_a_boot_right_after_the_connection_asks_for_nothing_twice() -> None:
    """OC-6."""
    bench = Bench()
    bench.connect()
    before = len(bench.calls)
    bench.say("BootNotification", chargePointVendor="V", chargePointModel="M")
    assert [action for _, _, action, _ in bench.calls[before:]].count("GetConfiguration") == 0
    assert bench.facts.verified


def test_a_later_boot_has_everything_learnt_again() -> None:
    """OC-6: with another firmware the station may be another one."""
    bench = Bench()
    bench.connect()
    bench.say("BootNotification", chargePointVendor="V", chargePointModel="M")
    bench.wait(100.0)
    bench.keys["ChargingScheduleAllowedChargingRateUnit"] = "Power"
    bench.say("BootNotification", chargePointVendor="V", chargePointModel="M")
    assert len(bench.sent("GetConfiguration")) == 2
    profile = bench.sent("SetChargingProfile")[-1]["csChargingProfiles"]
    assert profile["chargingSchedule"]["chargingRateUnit"] == "W"
    assert bench.facts.verified


def test_a_station_that_does_not_claim_smart_charging_is_tried_and_noted() -> None:
    bench = Bench(
        keys={"SupportedFeatureProfiles": "Core"}, answers={"SetChargingProfile": Refusal("NotSupported")}
    )
    bench.connect()
    assert not bench.facts.verified
    assert any("smart charging" in log.message for log in bench.logs)
    assert ("profile_rejected", "CP-01/1") in bench.alarms


def test_a_boot_that_a_person_asked_for_is_no_restart() -> None:
    """OC-3: nothing is said anew, and no current is taken back."""
    bench = Bench(answers={"TriggerMessage": {"status": "Accepted"}})
    bench.connect()
    bench.wait(120.0)
    before = len(bench.sent("GetConfiguration"))
    bench.act("trigger", message="BootNotification")
    bench.say("BootNotification", chargePointVendor="V", chargePointModel="M")
    assert len(bench.sent("GetConfiguration")) == before
    assert bench.facts.verified
