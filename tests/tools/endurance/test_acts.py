"""Tests of what is done to the ground."""

from typing import Any, cast

import pytest

from tests.tools.endurance.grounds import FakeGround
from tools.endurance.acts import HALF_OPEN, Act, building_rises, comes, disturbed, gone, leaves
from tools.endurance.ground import Ground
from tools.endurance.trial import Scene
from tools.faults.lane import CALM


@pytest.mark.parametrize(
    ("act", "done"),
    [
        (disturbed("meter", back=HALF_OPEN), [("disturb", "meter", "", {"onward": CALM, "back": HALF_OPEN})]),
        (gone("stations", "O1"), [("refuse", "stations", "O1"), ("reset", "stations", "O1")]),
        (building_rises(8.0), [("step", 15.0, 8.0)]),
        (leaves("S1"), [("unplug", "S1")]),
        (comes("S1"), [("plug", "S1")]),
    ],
)
def test_an_act_does_it(act: Act, done: list[tuple[Any, ...]]) -> None:
    ground = FakeGround()
    act(Scene(cast(Ground, ground), ground.now, ground.now, ground.now.at))
    assert ground.done == done
