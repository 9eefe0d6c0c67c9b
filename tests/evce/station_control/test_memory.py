"""What is kept of a station over restarts of EVCE."""

import pytest

from evce.profiles import RateUnit
from evce.records import StationMemory
from evce.station_control.memory import KEYS_KEPT
from tests.evce.station_control.bench import BOX, SILENCE, Bench, Refusal

BOOT = {
    "chargePointVendor": "Vendor",
    "chargePointModel": "Model",
    "chargePointSerialNumber": "S1",
    "firmwareVersion": "1.0",
}
WATTS = {"ChargingScheduleAllowedChargingRateUnit": "Power", "ChargeProfileMaxStackLevel": "0"}


def learnt(**keys: str) -> StationMemory:
    """What is kept of a station that has booted and told these keys."""
    bench = Bench(keys=keys)
    bench.connect()
    bench.say("BootNotification", **BOOT)
    memory = bench.control.memory()
    assert memory is not None
    return memory


def restarted(memory: StationMemory, **answers: object) -> Bench:
    """A new process that has read it from the disk; the station then connects and says nothing by itself."""
    return Bench(keys=WATTS, memory=memory, answers={"GetConfiguration": SILENCE, **answers})  # type: ignore[dict-item]


def test_nothing_is_kept_of_a_station_that_has_told_nothing() -> None:
    """OC-6"""
    assert Bench().control.memory() is None


def test_a_successor_shows_who_the_station_is_before_it_connects() -> None:
    """UI-3, OC-6: a station out of order at a restart is no stranger."""
    view = restarted(learnt(**WATTS)).control.view()
    assert (view.vendor, view.model, view.serial_number, view.firmware) == ("Vendor", "Model", "S1", "1.0")


def test_profiles_go_out_as_the_station_takes_them_though_it_does_not_tell_its_keys_again() -> None:
    """OC-6: its capability is probed once and kept; keys are read again meanwhile."""
    bench = restarted(learnt(**WATTS))
    bench.connect()
    assert [action for _, action, _ in bench.held] == ["GetConfiguration"]
    bench.wait(bench.settings.call_timeout)
    units = {
        payload["csChargingProfiles"]["chargingSchedule"]["chargingRateUnit"]
        for payload in bench.sent("SetChargingProfile")
    }
    assert units == {RateUnit.WATTS.value}


@pytest.mark.parametrize("told", ["chargePointSerialNumber", "firmwareVersion", "chargePointModel"])
def test_another_device_or_firmware_is_asked_anew(told: str) -> None:
    """OC-6: what its predecessor took says nothing of it."""
    bench = restarted(learnt(**WATTS), GetConfiguration={"configurationKey": []})
    bench.connect()
    asked = len(bench.sent("GetConfiguration"))
    bench.say("BootNotification", **BOOT | {told: "other"})
    assert len(bench.sent("GetConfiguration")) == asked + 1
    assert any("another device" in line.message for line in bench.logs)
    memory = bench.control.memory()
    assert memory is not None
    assert memory.keys == {}


def test_the_same_device_that_tells_itself_again_is_not_asked_twice() -> None:
    """OC-6"""
    bench = restarted(learnt(**WATTS), GetConfiguration={"configurationKey": []})
    bench.connect()
    asked = len(bench.sent("GetConfiguration"))
    bench.say("BootNotification", **BOOT)
    assert len(bench.sent("GetConfiguration")) == asked
    assert not any("another device" in line.message for line in bench.logs)


def test_what_was_learnt_by_trying_is_kept_too() -> None:
    """LM-2: whole amperes once seen stay whole."""
    memory = learnt()
    bench = Bench(memory=StationMemory(BOX, "Vendor", "Model", "S1", "1.0", {}, whole_amps=True))
    bench.connect()
    assert bench.facts.takes.whole_amps
    assert not memory.whole_amps


def test_a_station_that_can_not_tell_its_schedule_is_asked_once_in_its_life() -> None:
    """OC-6: GetCompositeSchedule is optional; what it can't do is remembered, and it is verified without."""
    refuses = {"GetCompositeSchedule": Refusal("NotImplemented")}
    bench = Bench(keys=WATTS, answers=refuses)
    bench.connect()
    bench.plug_and_start()
    bench.order(16.0, 1)
    for _ in range(3):
        bench.disconnect()
        bench.connect()
        assert bench.facts.verified
    assert len(bench.sent("GetCompositeSchedule")) == 1
    memory = bench.control.memory()
    assert memory is not None
    assert memory.no_composite
    successor = Bench(keys=WATTS, answers=refuses, memory=memory, open=tuple(bench.sessions.values()))
    successor.connect()
    assert successor.facts.verified
    assert successor.sent("GetCompositeSchedule") == []


def test_silence_is_no_proof_that_a_station_can_not_tell() -> None:
    """OC-6: only its own word that it doesn't know the message."""
    bench = Bench(keys=WATTS, answers={"GetCompositeSchedule": {"status": "Rejected"}})
    bench.connect()
    bench.plug_and_start()
    bench.order(16.0, 1)
    for _ in range(3):
        bench.disconnect()
        bench.connect()
    assert len(bench.sent("GetCompositeSchedule")) == 3


def test_secrets_are_not_kept_and_the_rest_is_bounded() -> None:
    """RELIABILITY §4.22: some stations tell their passwords in the clear."""
    many = {f"Key{number}": "x" * 500 for number in range(KEYS_KEPT + 50)}
    keys = learnt(AuthorizationKey="hidden", VendorWifiPassword="hidden", **many).keys
    assert keys is not None
    assert len(keys) == KEYS_KEPT
    assert "hidden" not in str(keys)


def test_it_is_worked_out_again_only_when_something_changed() -> None:
    """OC-6: asked twice a second for each station."""
    bench = Bench(keys=WATTS)
    bench.connect()
    first = bench.control.memory()
    assert bench.control.memory() is first
    bench.say("BootNotification", **BOOT)
    assert bench.control.memory() is not first
