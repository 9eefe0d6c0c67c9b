"""Profiles for stations as they are: without levels, without purposes, in watts, or not meaning it."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evce.meter_values import parse_time
from evce.pledges import pledge
from evce.records import SessionRecord
from evce.station_control.inheritance import Held
from evce.units import ConnectorKey, TransactionId
from tests.evce.station_control.bench import BOX, EPOCH, SILENCE, Bench, Refusal, Reply


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


RUNNING = SessionRecord(TransactionId(7), ConnectorKey(BOX, 1), "Garage 1", "04A1", False, EPOCH, 500.0)
"""A session of an earlier process, or of an actor that has died."""

SURE = Held(16.0, TransactionId(7), 16.0, 500.0, 1)


def limits(bench: Bench, before: str) -> list[tuple[str, float]]:
    """Purposes and limits of the profiles that were sent before the first CALL of this action."""
    found = []
    for _, _, action, payload in bench.calls:
        if action == before:
            break
        if action == "SetChargingProfile":
            profile = payload["csChargingProfiles"]
            limit = profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"]
            found.append((profile["chargingProfilePurpose"], limit))
    return found


@pytest.mark.parametrize(
    ("held", "answer", "expected"),
    [
        pytest.param(Held(20.0), composite(16.0), 16.0, id="by the disk and the station"),
        pytest.param(Held(12.0), composite(16.0), 12.0, id="no more than the disk tells"),
        pytest.param(Held(20.0), {"status": "Rejected"}, 0.0, id="the station can't tell, nor can we"),
        pytest.param(SURE, {"status": "Rejected"}, 16.0, id="the station can't tell, its last actor could"),
        pytest.param(SURE, Refusal("NotImplemented"), 16.0, id="nor knows the question"),
        pytest.param(replace(SURE, transaction=TransactionId(6)), composite(16.0), 0.0, id="of another one"),
    ],
)
def test_a_running_car_keeps_its_current_over_a_restart(held: Held, answer: Reply, expected: float) -> None:
    """OC-6, AC-2: the station is asked before anything is said to the car; the first word is no raise."""

    def allowed(_: Any) -> Reply:
        told = bench.profiles("TxProfile")
        return composite(told[-1]) if told else answer

    bench = Bench(open=(RUNNING,), held_before={1: held}, answers={"GetCompositeSchedule": allowed})
    bench.connect()
    assert bench.profiles("TxProfile") == [expected]
    assert bench.profiles("TxDefaultProfile", 1) == [0.0]
    if held.transaction != TransactionId(6):
        assert limits(bench, "GetCompositeSchedule") == []
    assert (bench.facts.verified, bench.facts.setpoint) == (True, expected)
    assert bench.alarms == {}


def test_nothing_is_said_to_a_running_car_while_the_station_is_asked() -> None:
    """OC-6, LM-1: nothing is verified meanwhile; a station that never answers is held at 0 A in the end."""
    bench = Bench(open=(RUNNING,), held_before={1: Held(20.0)}, answers={"GetCompositeSchedule": SILENCE})
    bench.connect()
    assert bench.profiles("TxProfile") == []
    assert not bench.facts.verified
    bench.wait(bench.settings.call_timeout + 0.1)
    assert bench.profiles("TxProfile") == [0.0]
    assert bench.facts.verified
    assert len(bench.sent("GetCompositeSchedule")) == 1


def test_a_reduction_that_comes_meanwhile_holds() -> None:
    """LM-1: whoever lowers it isn't overruled by what it had before."""
    bench = Bench(open=(RUNNING,), held_before={1: Held(20.0)}, answers={"GetCompositeSchedule": SILENCE})
    bench.connect()
    bench.order(8.0, 1)
    bench.order(14.0, 2)
    bench.answer_held(reply=composite(16.0))
    assert bench.profiles("TxProfile") == [8.0]


def test_a_link_that_breaks_meanwhile_has_the_station_asked_again() -> None:
    """DG-6, OC-6."""
    bench = Bench(open=(RUNNING,), held_before={1: Held(20.0)}, answers={"GetCompositeSchedule": SILENCE})
    bench.connect()
    bench.disconnect()
    bench.held.clear()
    bench.answers["GetCompositeSchedule"] = composite(9.0)
    bench.connect()
    assert bench.profiles("TxProfile") == [9.0]
    assert bench.facts.verified


def test_a_running_car_keeps_its_current_where_the_leased_default_carries_it() -> None:
    """OC-6: a station without TxProfile hears no 0 A before that is known."""

    def only_default(payload: Any) -> Reply:
        if payload["csChargingProfiles"]["chargingProfilePurpose"] == "TxProfile":
            return {"status": "NotSupported"}
        return {"status": "Accepted"}

    answers: dict[str, Any] = {"SetChargingProfile": only_default, "GetCompositeSchedule": composite(16.0)}
    bench = Bench(open=(RUNNING,), held_before={1: Held(20.0)}, answers=answers)
    bench.connect()
    assert bench.profiles("TxDefaultProfile", 1) == [16.0]
    assert (bench.facts.verified, bench.facts.setpoint) == (True, 16.0)


def test_a_raise_that_waits_for_its_turn_is_outstanding_already() -> None:
    """LM-1: once its plan is taken over, nobody else remembers it."""
    bench = start(Bench(), 10.0)
    bench.answers["GetDiagnostics"] = SILENCE
    bench.act("diagnostics", location="ftp://192.0.2.1/")
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
        self.reborn = False
        self.tells = True
        bench.answers["SetChargingProfile"] = self.answer
        bench.answers["GetCompositeSchedule"] = self.tell

    def answer(self, payload: Any) -> Reply:
        profile = payload["csChargingProfiles"]
        schedule = profile["chargingSchedule"]
        start = parse_time(schedule["startSchedule"])
        assert start is not None
        here = (self.bench.moment.utc - start).total_seconds()
        ends_at = self.bench.now - here + schedule.get("duration", 1e12)
        limit = schedule["chargingSchedulePeriod"][0]["limit"]
        if schedule["chargingRateUnit"] == "W":
            limit /= 207.0
        first_word = self.reborn and profile["chargingProfilePurpose"] == "TxProfile"
        if first_word and not self.bench.facts.verified:
            assert limit <= self.allows() + 1e-6, "the first word of a successor is no raise"
        if self.behaviour != "refuse":
            key = (profile["chargingProfilePurpose"], profile["stackLevel"])
            self.slots[key] = (limit, ends_at)
        match self.behaviour:
            case "accept":
                return {"status": "Accepted"}
            case "swallow":
                return SILENCE
            case "apply and reject" | "refuse":
                return {"status": "Rejected"}
        return Refusal("InternalError")

    def tell(self, _: Any) -> Reply:
        """What it allows now and when that lapses, as a station does that knows how."""
        if not self.tells:
            return {"status": "Rejected"}
        changes = {self.bench.now, *(ends_at for _, ends_at in self.slots.values())}
        periods = [
            {"startPeriod": int(moment - self.bench.now), "limit": self.allows(moment)}
            for moment in sorted(changes)
            if 0.0 <= moment - self.bench.now < 60.0
        ]
        schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": periods}
        return {"status": "Accepted", "chargingSchedule": schedule}

    def allows(self, moment: float | None = None) -> float:
        now = self.bench.now if moment is None else moment
        for key in (("TxProfile", 0), ("TxDefaultProfile", 1), ("TxDefaultProfile", 0)):
            limit, ends_at = self.slots.get(key, (0.0, -1.0))
            if now < ends_at:
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
    st.tuples(st.just("die"), st.booleans()),
)


@settings(max_examples=150)
@given(st.lists(_STEP, max_size=25))
def test_the_pledge_always_covers_what_the_station_allows(steps: list[tuple[str, Any]]) -> None:
    """LM-1, DG-6: whatever is refused, swallowed, applied all the same, lost or lapsed.

    RELIABILITY invariant 17: and whoever dies, the first word of a successor is no raise.
    """
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
            case "die":
                truth.reborn, truth.tells = True, value
                bench.die(connected=connected)
            case "wait":
                for _ in range(int(value * 2)):
                    bench.wait(0.5)
                    truth.check()
        truth.check()


def test_a_station_that_refuses_tenths_is_told_whole_amperes_at_once() -> None:
    """LM-6: rounded down; the zone is told that it knows no tenths."""

    def whole_only(payload: Any) -> Reply:
        limit = payload["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"]
        return {"status": "Rejected" if limit % 1.0 else "Accepted"}

    bench = start(Bench(answers={"SetChargingProfile": whole_only}))
    bench.order(13.7, plan=7)
    assert bench.profiles("TxProfile")[-2:] == [13.7, 13.0]
    assert bench.facts.setpoint == 13.0
    assert bench.facts.outstanding == ()
    assert bench.facts.takes.whole_amps
    assert bench.alarms == {}


@pytest.mark.parametrize(("means", "expected"), [(13.0, 13.0), (14.0, 13.0), (13.7, 13.7)])
def test_a_station_that_drops_or_rounds_tenths_is_found_out_by_asking(means: float, expected: float) -> None:
    """LM-6: once a connection, with the first setpoint that has tenths."""
    bench = start(Bench())
    asked = len(bench.sent("GetCompositeSchedule"))
    bench.answers["GetCompositeSchedule"] = composite(means)
    bench.order(13.7, plan=7)
    bench.order(13.7, plan=8)
    assert len(bench.sent("GetCompositeSchedule")) == asked + 1
    assert bench.facts.setpoint == expected
    assert bench.facts.takes.whole_amps is (expected == 13.0)
    assert bench.facts.verified
    bench.order(9.4, plan=9)
    assert len(bench.sent("GetCompositeSchedule")) == asked + 1


def test_a_station_that_tells_no_unit_and_refuses_amperes_is_told_watts() -> None:
    """OC-1, LM-1: what isn't said is tried."""

    def watts_only(payload: Any) -> Reply:
        unit = payload["csChargingProfiles"]["chargingSchedule"]["chargingRateUnit"]
        return {"status": "Accepted" if unit == "W" else "Rejected"}

    bench = start(Bench(answers={"SetChargingProfile": watts_only}))
    assert bench.profiles("TxProfile")[-1] == 16.0 * 207
    assert (bench.facts.verified, bench.facts.setpoint, bench.facts.takes.watts_on) == (True, 16.0, 1)
    assert bench.alarms == {}


def test_at_the_rating_a_limit_in_watts_counts_all_phases() -> None:
    """LM-1: no single one can carry more than the rating; a three-phase car gets what it can take."""
    bench = start(Bench(keys={"ChargingScheduleAllowedChargingRateUnit": "Power"}))
    bench.order(32.0, plan=7)
    assert bench.profiles("TxProfile")[-1] == 32.0 * 207 * 3


def test_a_station_that_switches_phases_is_told_watts_for_one() -> None:
    """EL-7, LM-1: RELIABILITY invariant 9; what it was seen to load may change at any time."""
    keys = {"ChargingScheduleAllowedChargingRateUnit": "Power", "ConnectorSwitch3to1PhaseSupported": "true"}
    bench = start(Bench(keys=keys))
    bench.draw(5.0, 5.0, 5.0)
    assert bench.profiles("TxProfile")[-1] == 16.0 * 207
    assert bench.facts.takes.switches_phases
    assert bench.facts.takes.watts_on == 1
