"""Tests of the messages of the control loop."""

import pytest

from actors.messages import AssignSetpoints, Lane, MeterLost, MeterSampled, SetpointOrder
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


def test_what_a_meter_says_overtakes_reports_and_keeps_its_order() -> None:
    """MT-1, LM-8: a reading after the loss of its meter must not be taken back by that loss."""
    assert MeterSampled(MeterId("m"), 0.0, (1.0, 2.0, 3.0)).lane is Lane.URGENT
    assert MeterLost(MeterId("m"), 0.0, "timeout").lane is Lane.URGENT
