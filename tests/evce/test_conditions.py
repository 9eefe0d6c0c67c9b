"""Tests of a zone's condition."""

from evce.conditions import ZoneCondition
from evce.units import ZoneId


def test_a_zone_that_was_never_measured_knows_no_current() -> None:
    condition = ZoneCondition(ZoneId("main"))
    assert condition.measured is None
    assert not condition.meter_lost
