"""Tests of the judgement on cars that don't follow."""

from dataclasses import replace

import pytest

from evce.facts import Acknowledged
from evce.planning.obedience import LONGEST_BAN, Obedience
from tests.evce.builders import charging, key


@pytest.mark.parametrize(
    ("setpoint", "drawn", "measured_at", "suspended", "stopped"),
    [
        (10.0, 16.0, 7.9, False, False),
        (10.0, 16.0, 8.0, True, False),
        (10.0, 10.9, 60.0, False, False),
        (0.0, 16.0, 8.0, True, True),
    ],
)
def test_a_car_above_its_setpoint_after_the_grace_time_is_suspended_then_stopped(
    setpoint: float, drawn: float, measured_at: float, suspended: bool, stopped: bool
) -> None:
    """LM-10: 8 s after it was told; at 0 A and still drawing, its session ends."""
    facts = charging("A", setpoint, at=0.0, draw=(drawn, drawn, drawn), draw_at=measured_at)
    verdict = Obedience().judge([facts], 900.0, measured_at)
    assert bool(verdict.suspended) is suspended
    assert bool(verdict.stopped) is stopped


@pytest.mark.parametrize(("least", "suspended"), [(10.0, False), (16.0, True)])
def test_a_sum_of_phases_accuses_only_of_what_is_certain(least: float, suspended: bool) -> None:
    """LM-10, EL-7: 30 A for all phases may be 10 A on each, however much counts as drawn meanwhile."""
    facts = charging("A", 10.0, at=0.0, draw=(30.0, 30.0, 30.0), draw_at=9.0)
    facts = replace(facts, split_known=False, draw_least=least)
    assert bool(Obedience().judge([facts], 900.0, 9.0).suspended) is suspended


def reduced(seconds: float, lag: float | None) -> list[bool]:
    """Whether a car is suspended, each second of one reduction after another.

    It draws what it was told `lag` seconds ago; None: it ignores all.
    """
    obedience, verdicts = Obedience(), []
    history: list[Acknowledged] = []
    for second in range(int(seconds)):
        now = float(second)
        amps = max(30.0 - second, 6.0)
        history = [
            replace(past, superseded_at=now) if past.superseded_at is None else past for past in history
        ]
        history = [past for past in history if now - (past.superseded_at or now) < 6.0]
        history.append(Acknowledged(amps, now))
        drawn = 32.0 if lag is None else max(30.0 - max(second - lag, 0.0), 6.0)
        facts = charging("A", amps, draw=(drawn, drawn, drawn), draw_at=now)
        facts = replace(facts, acknowledged=tuple(history))
        verdicts.append(bool(obedience.judge([facts], 900.0, now).suspended))
    return verdicts


def test_one_reduction_after_another_excuses_nobody() -> None:
    """LM-10: a falling sun tells a car less each second, and it ignores every word."""
    assert reduced(20.0, None).index(True) == 8


@pytest.mark.parametrize("lag", [0.0, 3.0, 6.0])
def test_who_follows_late_is_no_offender_however_often_it_is_told_less(lag: float) -> None:
    """LM-10: a car has six seconds to settle, from each word anew."""
    assert not any(reduced(60.0, lag))


def test_an_offender_stays_suspended_until_it_may_try_again() -> None:
    """LM-10: no toggling."""
    obedience = Obedience()
    obedience.judge([charging("A", 10.0, draw=(16.0, 0.0, 0.0), draw_at=9.0)], 900.0, 9.0)
    quiet = charging("A", 0.0, at=10.0, draw=(0.0, 0.0, 0.0), draw_at=20.0)
    assert obedience.judge([quiet], 900.0, 20.0).suspended == (key("A"),)
    assert obedience.judge([quiet], 900.0, 909.0).suspended == ()


def test_each_try_in_vain_doubles_the_time_to_the_next() -> None:
    """LM-10: a car that is deaf takes current from others at each try; it never stays out for ever."""
    obedience = Obedience()
    now, waits = 0.0, []
    for _ in range(7):
        offends = charging("A", 10.0, at=now, draw=(16.0, 0.0, 0.0), draw_at=now + 9.0)
        began = now + 9.0
        obedience.judge([offends], 900.0, began)
        obedience.judge([replace(offends, draw_at=began + 1.0)], 900.0, began + 1.0)
        quiet = charging("A", 0.0, at=began, draw=(0.0, 0.0, 0.0), draw_at=began + 2.0)
        now = began + 1.0
        while obedience.judge([quiet], 900.0, now).suspended:
            now += 10.0
        waits.append(round((now - began) / 900.0))
    assert waits == [1, 2, 4, 8, 16, 16, 16]
    assert LONGEST_BAN == 16 * 900.0


def test_a_new_session_starts_with_a_clean_record() -> None:
    """LM-10: the offence is the car's, not the outlet's."""
    obedience = Obedience()
    obedience.judge([charging("A", 10.0, draw=(16.0, 0.0, 0.0), draw_at=9.0)], 900.0, 9.0)
    assert obedience.judge([charging("A", 10.0, transaction=2)], 900.0, 10.0).suspended == ()


def test_an_offender_whose_station_is_unknown_for_a_moment_is_not_forgiven() -> None:
    """LM-10, AC-2: its actor restarts, or its link flaps, and its old session is back."""
    obedience = Obedience()
    obedience.judge([charging("A", 10.0, draw=(16.0, 0.0, 0.0), draw_at=9.0)], 900.0, 9.0)
    assert obedience.judge([], 900.0, 12.0).suspended == ()
    assert obedience.holds_down(charging("A", 10.0))
    assert not obedience.holds_down(charging("A", 10.0, transaction=2))
    assert not obedience.holds_down(charging("B", 10.0))
    assert obedience.judge([charging("A", 0.0, at=10.0)], 900.0, 14.0).suspended == (key("A"),)


def test_a_successor_knows_the_offenders() -> None:
    """AC-2, LM-10: RELIABILITY invariant 17."""
    first, second = Obedience(), Obedience()
    first.judge([charging("A", 10.0, draw=(16.0, 0.0, 0.0), draw_at=9.0)], 900.0, 9.0)
    second.restore(first.offences())
    assert second.judge([charging("A", 0.0, at=10.0)], 900.0, 14.0).suspended == (key("A"),)
