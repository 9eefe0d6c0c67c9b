"""Tests of what counts as overcommitted."""

import pytest

from evce.planning.budgets import Budget
from evce.planning.recovery import FOLLOWS_WITHIN, Recovery
from evce.units import ZoneId

MAIN = ZoneId("main")


def even(amps: float) -> tuple[float, float, float]:
    return (amps, amps, amps)


def budget(amps: float, raisable: float | None = None) -> dict[ZoneId, Budget]:
    return {MAIN: Budget(MAIN, even(amps), even(amps if raisable is None else raisable), "meter")}


@pytest.mark.parametrize(("pledged", "found"), [((30.0, 30.4, 0.0), ()), ((0.0, 0.0, 31.0), (MAIN,))])
def test_pledges_above_the_limit_overcommit_a_zone(
    pledged: tuple[float, float, float], found: tuple[ZoneId, ...]
) -> None:
    """LM-1: on any phase, beyond the tolerance of a measurement."""
    assert Recovery().overcommitted({MAIN: pledged}, budget(30.0, raisable=20.0), 0.0) == found


def test_pledges_may_follow_a_limit_that_fell_until_they_must_have_settled() -> None:
    """LM-8: a building step opens a window; DESIGN §5."""
    recovery, pledged = Recovery(), {MAIN: even(30.0)}
    assert recovery.overcommitted(pledged, budget(30.0), 100.0) == ()
    assert recovery.overcommitted(pledged, budget(10.0), 100.5) == ()
    assert recovery.overcommitted(pledged, budget(10.0), 100.0 + FOLLOWS_WITHIN) == ()
    assert recovery.overcommitted(pledged, budget(10.0), 100.1 + FOLLOWS_WITHIN) == (MAIN,)


def test_a_limit_that_falls_slowly_is_no_alarm() -> None:
    """LM-8: clouds take 0.4 A a second from the cars; each pledge is down 6 s later."""
    recovery = Recovery()
    for second in range(200):
        pledged = {MAIN: even(100.0 - 0.4 * max(0.0, second - 6.0))}
        assert recovery.overcommitted(pledged, budget(100.0 - 0.4 * second), float(second)) == ()
