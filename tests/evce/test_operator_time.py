"""Tests of what is made of the operator's time."""

from datetime import UTC, datetime, timedelta

import pytest

from evce.operator_time import (
    CONFIRMED_AFTER,
    FRESH,
    JUMP_STANDS,
    Follow,
    OperatorTime,
    Refuse,
    Wait,
)
from evce.units import BoxIdentity

NOON = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
A, B, C = BoxIdentity("A"), BoxIdentity("B"), BoxIdentity("C")
DAY = 86_400.0

Verdict = Follow | Refuse | Wait | None


class Bench:
    """A site whose time is `off` from the true one, and what its stations are told."""

    def __init__(self, off: float = 0.0, start: datetime = NOON) -> None:
        self.now = 1000.0
        self.start = start
        self.off = off
        self.sound = True
        self.operator = OperatorTime()

    def true(self) -> datetime:
        return self.start + timedelta(seconds=self.now - 1000.0)

    def say(self, ahead: float = 0.0, station: BoxIdentity = A, round_trip: float = 0.2) -> Verdict:
        """The operator's clock is `ahead` of the true time; what is followed is done."""
        told = self.true() + timedelta(seconds=ahead - round_trip / 2.0)
        self.operator.heard(station, told, round_trip, self.now)
        return self.judge()

    def judge(self) -> Verdict:
        verdict = self.operator.judge(self.true() + timedelta(seconds=self.off), self.now, sound=self.sound)
        if isinstance(verdict, Follow):
            self.operator.followed_at = self.now
            self.off += verdict.seconds
        return verdict

    def wait(self, seconds: float) -> None:
        self.now += seconds


def kind(verdict: Verdict) -> str:
    assert isinstance(verdict, Refuse), verdict
    return verdict.kind


@pytest.mark.parametrize("off", [0.0, 0.9, -0.9])
def test_less_than_a_second_is_no_difference(off: float) -> None:
    """CPO-4: operators tell whole seconds."""
    assert Bench(off).say() == Follow(0.0, slowly=True)


@pytest.mark.parametrize("off", [3.0, -4.5])
def test_a_small_difference_is_led_in_slowly(off: float) -> None:
    """CPO-4."""
    verdict = Bench(off).say()
    assert isinstance(verdict, Follow)
    assert verdict.slowly
    assert verdict.seconds == pytest.approx(-off, abs=0.01)


@pytest.mark.parametrize("off", [60.0, -3600.0, 200 * DAY])
def test_a_first_word_is_followed_once_it_is_said_again(off: float) -> None:
    """CPO-4: one answer may be a mishap."""
    bench = Bench(off)
    assert bench.say() == Wait()
    bench.wait(CONFIRMED_AFTER)
    verdict = bench.say()
    assert isinstance(verdict, Follow)
    assert not verdict.slowly
    assert bench.off == pytest.approx(0.0, abs=0.01)
    assert bench.say() == Follow(0.0, slowly=True)


def test_two_stations_that_agree_confirm_each_other() -> None:
    """CPO-4."""
    bench = Bench(3600.0)
    assert bench.say(station=A) == Wait()
    assert isinstance(bench.say(1.0, station=B), Follow)


def test_stations_that_are_told_different_times_are_not_believed() -> None:
    """CPO-4: uplinks that disagree."""
    bench = Bench(0.0)
    bench.say(station=A)
    assert kind(bench.say(7200.0, station=B)) == "apart"
    assert bench.off == 0.0
    # The majority counts: one that is wrong keeps nobody from knowing the time.
    assert bench.say(station=C) == Follow(0.0, slowly=True)
    bench.wait(FRESH + 1.0)
    assert bench.say(station=A) == Follow(0.0, slowly=True), "what was said long ago doesn't count"


@pytest.mark.parametrize(
    ("moment", "why"),
    [
        (datetime(1970, 1, 1, tzinfo=UTC), "1970-01-01 0"),
        (datetime(2025, 12, 31, tzinfo=UTC), "can't be"),
        (datetime(2150, 1, 1, tzinfo=UTC), "can't be"),
        (datetime(2028, 6, 1, tzinfo=UTC), "days away"),
    ],
)
def test_what_can_not_be_is_never_followed(moment: datetime, why: str) -> None:
    """CPO-4: 1970, or years away: however often it is said, and by however many stations."""
    bench = Bench()
    for _ in range(50):
        for station in (A, B, C):
            verdict = bench.say((moment - NOON).total_seconds(), station)
        assert isinstance(verdict, Refuse)
        assert why in verdict.why
        bench.wait(300.0)


def test_a_machine_without_a_clock_takes_any_time_that_can_be() -> None:
    """CPO-4: RTC 1970: the operator is years away, and right."""
    bench = Bench(-(NOON - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
    assert kind(bench.say()) == "far"
    bench.sound = False
    bench.say()
    bench.wait(CONFIRMED_AFTER)
    assert isinstance(bench.say(), Follow)
    assert bench.off == pytest.approx(0.0, abs=0.01)


def test_an_operator_that_jumps_is_followed_after_an_hour_only() -> None:
    """CPO-4: jumping: refused at once, and taken back without a trace when it was a mishap."""
    bench = Bench()
    for _ in range(3):
        bench.say()
        bench.wait(300.0)
    assert kind(bench.say(3600.0)) == "jumped"
    bench.wait(300.0)
    assert bench.say() == Follow(0.0, slowly=True)
    jumped = bench.now
    while bench.now - jumped < JUMP_STANDS:
        assert kind(bench.say(3600.0)) == "jumped"
        bench.wait(300.0)
    verdict = bench.say(3600.0)
    assert isinstance(verdict, Follow)
    assert verdict.seconds == pytest.approx(3600.0, abs=0.01)


def test_an_operator_that_says_something_else_each_time_is_told() -> None:
    """CPO-4: two servers behind one address, one of them wrong."""
    bench = Bench(600.0)
    verdicts = []
    for turn in range(6):
        verdicts.append(bench.say(100.0 * (turn % 2)))
        bench.wait(300.0)
    assert verdicts[0] == Wait()
    assert kind(verdicts[-1]) == "unsteady"
    assert bench.off == 600.0


def test_what_can_not_be_read_is_told_until_it_can() -> None:
    """CPO-4: bad input gets a clear error."""
    bench = Bench()
    assert bench.judge() is None
    bench.operator.heard(A, None, 0.1, bench.now)
    assert kind(bench.judge()) == "unreadable"
    assert bench.say() == Follow(0.0, slowly=True)


def test_a_slow_answer_says_nothing() -> None:
    """CPO-4: its time is from somewhere on a long way; half of a short way is taken off."""
    bench = Bench(50.0)
    assert bench.say(round_trip=11.0) is None
    bench.say(round_trip=8.0)
    bench.wait(CONFIRMED_AFTER)
    bench.say(round_trip=8.0)
    assert bench.off == pytest.approx(0.0, abs=0.01)


def test_after_a_long_silence_a_cheap_clocks_drift_is_no_jump() -> None:
    """CPO-4: a lost operator that comes back after a week finds the site's clock half a minute off."""
    bench = Bench()
    bench.say()
    bench.wait(7 * DAY)
    bench.off = 30.0
    verdict = bench.say()
    assert isinstance(verdict, Follow)
    assert verdict.slowly
    assert verdict.seconds == pytest.approx(-30.0, abs=0.01)


def test_another_operator_begins_anew() -> None:
    """CPO-4: with another address nothing that was heard counts."""
    bench = Bench()
    bench.say()
    assert bench.operator.stations == 1
    bench.operator.forget()
    assert (bench.operator.stations, bench.operator.followed_at, bench.judge()) == (0, None, None)
    assert bench.say(3600.0) == Wait()
