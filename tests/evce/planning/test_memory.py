"""Tests of what a planner's successor may trust."""

import pytest

from evce.conditions import ZoneCondition
from evce.planning.memory import cautious
from evce.units import ZoneId

MEASURED = ZoneCondition(ZoneId("main"), measured=(1.0, 2.0, 3.0), measured_at=100.0, cut_epoch=4)


@pytest.mark.parametrize(("now", "lost"), [(100.5, False), (104.9, False), (105.0, True)])
def test_a_measurement_from_before_the_restart_allows_no_raise_and_ages(now: float, lost: bool) -> None:
    """LM-8, MT-7: RELIABILITY invariant 8."""
    kept = cautious(MEASURED, now)
    assert (kept.raises_allowed, kept.meter_lost) == (False, lost)
    assert (kept.measured, kept.cut_epoch) == (MEASURED.measured, 4)


def test_a_zone_without_a_meter_needs_no_caution() -> None:
    """LM-7: a static zone has its maximum."""
    static = ZoneCondition(ZoneId("main"), cut_epoch=2)
    assert cautious(static, 100.0) == static
