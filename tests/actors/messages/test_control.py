"""Tests of the messages of the control loop."""

import pytest

from actors.messages import AssignSetpoints, Lane, MeterSampled, SetpointOrder
from evce.units import MeterId
from tests.evce.builders import key


def order(reduces: bool) -> SetpointOrder:
    return SetpointOrder(key("A"), 6.0, 120.0, reduces)


@pytest.mark.parametrize(
    ("orders", "lane"),
    [
        ((order(True),), Lane.URGENT),
        ((order(True), order(True)), Lane.URGENT),
        ((order(False),), Lane.EVENT),
        ((order(True), order(False)), Lane.EVENT),
    ],
)
def test_only_pure_reductions_overtake(orders: tuple[SetpointOrder, ...], lane: Lane) -> None:
    """LM-1: an urgent message that raised could overtake the reduction that pays for it."""
    assert AssignSetpoints(1, orders).lane is lane


def test_readings_of_one_meter_replace_each_other_and_no_other_meters() -> None:
    """MT-1: samples coalesce to the newest per source."""
    first, second = (MeterSampled(MeterId("m"), at, (1.0, 2.0, 3.0)) for at in (0.0, 0.5))
    other = MeterSampled(MeterId("n"), 0.0, (1.0, 2.0, 3.0))
    assert first.lane is Lane.SAMPLE
    assert first.coalesce_key == second.coalesce_key
    assert first.coalesce_key != other.coalesce_key
