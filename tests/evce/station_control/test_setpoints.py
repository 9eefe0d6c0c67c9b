"""Profiles for stations as they are: without levels, without purposes, in watts, or not meaning it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evce.meter_values import parse_time
from evce.pledges import pledge
from tests.evce.station_control.bench import SILENCE, Bench, Refusal, Reply


def start(bench: Bench, amps: float = 16.0) -> Bench:
    bench.connect()
    bench.plug_and_start()
    bench.order(amps, 1)
    return bench


def composite(limit: object, unit: str = "A") -> dict[str, Any]:
    periods = [{"startPeriod": 0, "limit": limit}]
    return {
        "status": "Accepted",
        "chargingSchedule": {"chargingRateUnit": unit, "chargingSchedulePeriod": periods},
    }


def test_without_a_second_level_the_fall_back_is_what_a_new_car_gets() -> None:
    """DG-6."""
    bench = Bench(keys={"ChargeProfileMaxStackLevel": "0"})
    bench.connect()
    assert bench.facts.verified
    assert bench.facts.starts_at == 9.0
    assert bench.profiles("TxDefaultProfile", 1) == []
    bench.plug_and_start()
    assert bench.facts.setpoint == 0.0
    assert [past.amps for past in bench.facts.acknowledged] == [9.0, 0.0]


def test_a_refused_second_level_is_done_without() -> None:
    """DG-6."""

    def only_level_zero(payload: Any) -> Reply:
        level = payload["csChargingProfiles"]["stackLevel"]
        return {"status": "Accepted" if level == 0 else "Rejected"}

    bench = Bench(answers={"SetChargingProfile": only_level_zero})
    start(bench)
    assert (bench.facts.verified, bench.facts.starts_at, bench.facts.setpoint) == (True, 9.0, 16.0)
    assert bench.alarms == {}


@pytest.mark.parametrize("refusal", [{"status": "NotSupported"}, Refusal("NotImplemented")])
def test_without_the_tx_profile_the_leased_default_carries_the_setpoint(refusal: Reply) -> None:
    """LM-1."""

    def only_default(payload: Any) -> Reply:
        if payload["csChargingProfiles"]["chargingProfilePurpose"] == "TxProfile":
            return refusal
        return {"status": "Accepted"}

    bench = start(Bench(answers={"SetChargingProfile": only_default}))
    assert bench.profiles("TxDefaultProfile", 1)[-1] == 16.0
    assert (bench.facts.setpoint, bench.facts.verified) == (16.0, True)


def test_a_station_that_takes_watts_is_told_watts_that_are_safe_on_one_phase() -> None:
    """LM-1, EL-7: then, once its phases are seen, on all of them."""
    bench = start(Bench(keys={"ChargingScheduleAllowedChargingRateUnit": "Power"}))
    assert bench.profiles("TxProfile")[-1] == 16.0 * 207
    bench.draw(5.0, 5.0, 5.0)
    assert bench.profiles("TxProfile")[-1] == 16.0 * 207 * 3
    assert bench.facts.setpoint == 16.0


@pytest.mark.parametrize(
    "answer",
    [
        Refusal("NotImplemented"),
        {"status": "Rejected"},
        {"status": "Accepted"},
        composite("0"),
        composite(0.3),
        {"status": "Accepted", "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": []}},
    ],
)
def test_a_composite_schedule_that_contradicts_nothing_verifies(answer: Reply) -> None:
    """DG-6: many stations answer with nothing useful."""
    bench = Bench()
    bench.connect()
    bench.plug_and_start()
    bench.disconnect()
    bench.answers["GetCompositeSchedule"] = answer
    bench.connect()
    assert bench.sent("GetCompositeSchedule")
    assert bench.facts.verified


def test_a_station_that_means_to_allow_more_is_not_verified() -> None:
    """LM-10, DG-6: accepted and ignored."""
    bench = Bench()
    bench.connect()
    bench.plug_and_start()
    bench.disconnect()
    bench.answers["GetCompositeSchedule"] = composite(32)
    bench.connect()
    assert not bench.facts.verified
    assert ("profile_ignored", "CP-01/1") in bench.alarms
    bench.answers["GetCompositeSchedule"] = composite(0)
    bench.wait(15.0)
    assert bench.facts.verified
    assert ("profile_ignored", "CP-01/1") not in bench.alarms


def test_a_raise_that_waits_for_its_turn_is_outstanding_already() -> None:
    """LM-1: once its plan is taken over, nobody else remembers it."""
    bench = start(Bench(), 10.0)
    bench.answers["GetDiagnostics"] = SILENCE
    bench.control.send_call("GetDiagnostics", {"location": "ftp://192.0.2.1/"}, "ada", bench.moment)
    bench.carry_out()
    bench.order(16.0, 2)
    assert bench.profiles("TxProfile")[-1] == 10.0
    assert (bench.facts.plan, bench.facts.outstanding) == (2, (16.0,))


def test_a_station_that_refuses_its_fall_back_is_never_verified_and_asked_again() -> None:
    """DG-6: until its energy manager allows external control."""
    bench = Bench(answers={"SetChargingProfile": {"status": "Rejected"}})
    bench.connect()
    assert not bench.facts.verified
    assert ("profile_rejected", "CP-01/1") in bench.alarms
    del bench.answers["SetChargingProfile"]
    bench.wait(400.0)
    assert (bench.facts.verified, bench.facts.fallback) == (True, 9.0)
    assert bench.alarms == {}


class Truth:
    """The current that a real station would allow its car, from the profiles that it applied.

    Written from OCPP 1.6 §3.13: a TxProfile rules its transaction while its schedule lasts, else the
    TxDefaultProfile of the highest level whose schedule lasts.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.behaviour = "accept"
        self.slots: dict[tuple[str, int], tuple[float, float]] = {}
        bench.answers["SetChargingProfile"] = self.answer

    def answer(self, payload: Any) -> Reply:
        profile = payload["csChargingProfiles"]
        schedule = profile["chargingSchedule"]
        start = parse_time(schedule["startSchedule"])
        assert start is not None
        here = (self.bench.moment.utc - start).total_seconds()
        ends_at = self.bench.now - here + schedule.get("duration", 1e12)
        if self.behaviour != "refuse":
            key = (profile["chargingProfilePurpose"], profile["stackLevel"])
            self.slots[key] = (schedule["chargingSchedulePeriod"][0]["limit"], ends_at)
        match self.behaviour:
            case "accept":
                return {"status": "Accepted"}
            case "swallow":
                return SILENCE
            case "apply and reject" | "refuse":
                return {"status": "Rejected"}
        return Refusal("InternalError")

    def allows(self) -> float:
        for key in (("TxProfile", 0), ("TxDefaultProfile", 1), ("TxDefaultProfile", 0)):
            limit, ends_at = self.slots.get(key, (0.0, -1.0))
            if self.bench.now < ends_at:
                return limit
        return 32.0

    def check(self) -> None:
        pledged = pledge(self.bench.facts, self.bench.station.connectors[0], self.bench.now)
        assert pledged >= self.allows() - 1e-6, (pledged, self.allows(), self.bench.facts)


_STEP = st.one_of(
    st.tuples(st.just("order"), st.sampled_from([0.0, 6.0, 9.0, 12.0, 20.0, 32.0])),
    st.tuples(st.just("wait"), st.sampled_from([0.5, 3.0, 11.0, 45.0, 130.0, 200.0])),
    st.tuples(
        st.just("behave"),
        st.sampled_from(["accept", "accept", "swallow", "refuse", "apply and reject", "error"]),
    ),
    st.tuples(st.just("link"), st.booleans()),
)


@settings(max_examples=150)
@given(st.lists(_STEP, max_size=25))
def test_the_pledge_always_covers_what_the_station_allows(steps: list[tuple[str, Any]]) -> None:
    """LM-1, DG-6: whatever is refused, swallowed, applied all the same, lost or lapsed."""
    bench = Bench()
    truth = Truth(bench)
    bench.connect()
    bench.plug_and_start()
    truth.check()
    connected = True
    for plan, (step, value) in enumerate(steps, 1):
        match step:
            case "order":
                bench.order(value, plan)
            case "behave":
                truth.behaviour = value
            case "link" if value and not connected:
                bench.connect()
                connected = True
            case "link" if not value and connected:
                bench.disconnect()
                bench.held.clear()
                connected = False
            case "wait":
                for _ in range(int(value * 2)):
                    bench.wait(0.5)
                    truth.check()
        truth.check()
