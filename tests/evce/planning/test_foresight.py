"""Tests of what a planner would do if something were lost."""

from datetime import UTC, datetime

import pytest

from evce.planning.foresight import Foresight, Loss, foresee
from evce.units import Amps, BoxIdentity, MeterId, ZoneId
from tests.evce.drill.yard import AT, MAIN, NOW, document, planner

GARAGE = ZoneId("garage")


def setpoints(foresight: Foresight) -> dict[str, Amps]:
    return {str(each.key): each.then for each in foresight.connectors}


@pytest.mark.parametrize(
    ("loss", "then", "main"),
    [
        (Loss(meters=(MeterId("m"),)), {"A/1": 10.0, "B/1": 10.0}, (20.0, "meter lost")),
        (Loss(inputs_percent=30), {"A/1": 6.0, "B/1": 6.0}, (30.0, "input at 30 %")),
        (Loss(inputs_percent=0), {"A/1": 0.0, "B/1": 0.0}, (0.0, "input at 0 %")),
        (Loss(meters=(MeterId("elsewhere"),)), {"A/1": 20.0, "B/1": 20.0}, (100.0, "meter")),
    ],
)
def test_limits_and_shares_are_those_that_the_planner_would_give(
    loss: Loss, then: dict[str, Amps], main: tuple[Amps, str]
) -> None:
    """AC-4, DG-3, DI-2: each car's setpoint, and the limit with its cause."""
    found = foresee(planner(document()), loss, 30.0, NOW, AT)
    assert setpoints(found) == then
    assert (max(found.limits[MAIN]), found.bound_by[MAIN]) == main
    assert max(found.before[MAIN]) == 100.0


def test_a_lost_station_keeps_its_share_until_its_lease_ends() -> None:
    """AC-4, RELIABILITY invariant 4: the pledge now, and after the time that was asked for."""
    found = foresee(planner(document()), Loss(stations=(BoxIdentity("A"),)), 200.0, NOW, AT)
    lost, other = found.connectors
    assert (lost.pledge, lost.pledge_after, lost.fallback, lost.lease) == (20.0, 5.0, 5.0, 110.0)
    assert (lost.controllable, other.controllable, other.then) == (False, True, 20.0)


def test_asking_changes_nothing() -> None:
    """AC-4: only a copy decides; a drill that is foretold is no drill."""
    asked, untouched = planner(document()), planner(document())
    foresee(asked, Loss(meters=(MeterId("m"),)), 30.0, NOW, datetime(2026, 3, 2, tzinfo=UTC))
    assert asked.memory() == untouched.memory()
    assert asked.decide(NOW).targets == untouched.decide(NOW).targets
