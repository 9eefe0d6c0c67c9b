"""Tests of the time that stations are served."""

from datetime import UTC, datetime, timedelta

import pytest

from evce.steady_time import SLEW, SteadyTime

NOON = datetime(2026, 1, 5, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_it_is_the_clock_on_the_wall_while_that_runs_evenly() -> None:
    steady = SteadyTime(100.0, NOON)
    assert [steady.at(100.0 + s, after(s)) for s in (0.0, 0.5, 3600.0)] == [
        after(s) for s in (0.0, 0.5, 3600.0)
    ]


@pytest.mark.parametrize("jump", [86_400.0, -86_400.0, -1.7e9, 20.0])
def test_a_jump_does_not_get_through(jump: float) -> None:
    """RELIABILITY §2: NTP ±1 day, RTC 1970: control unchanged."""
    steady = SteadyTime(0.0, NOON)
    for second in range(1, 61):
        found = steady.at(float(second), after(second + jump))
        assert abs((found - after(second)).total_seconds()) <= SLEW * second + 1e-6
    assert (found - after(60)).total_seconds() == pytest.approx(60.0 * SLEW * (1 if jump > 0 else -1))


def test_a_small_error_is_made_up_for_and_stays_so() -> None:
    """An NTP step of a second takes some minutes."""
    steady = SteadyTime(0.0, NOON)
    times = [steady.at(float(second), after(second + 1.0)) for second in range(1, 301)]
    assert times[-1] == after(301.0)
    assert times == sorted(times)


def test_it_never_goes_back() -> None:
    """The same moment twice, and a moment that came late."""
    steady = SteadyTime(0.0, NOON)
    first = steady.at(10.0, after(10.0))
    assert steady.at(10.0, after(-500.0)) == first
    assert steady.at(9.0, after(9.0)) >= first
