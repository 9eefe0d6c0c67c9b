"""Tests of the common sights: each can be seen, and can be missed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.faults.sights import (
    alarm,
    alarm_over,
    back,
    line,
    no_raise,
    one_alarm,
    same_sessions,
    under,
    unmoved,
)
from tools.faults.stage import Site, Stage, build


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    house = build(tmp_path, Site(cars=("S1", "S2"), settled=30.0), seed=1)
    made = Stage(house, station="S1")
    made.listen()
    made.begin()
    yield made
    house.close()


def test_each_tells_peace_from_a_lost_station(stage: Stage) -> None:
    """AC-5: what holds before must not hold after, and the other way round."""
    peace = [alarm_over("disconnected", 1.0), back(1.0), unmoved(1.0), no_raise(1.0), same_sessions(1.0)]
    trouble = [
        alarm("disconnected", 1.0, at_victim="station"),
        line("disconnected", 1.0),
        under("street", 30.1, 1.0),
    ]
    assert [sight.so(stage) for sight in (*peace, *trouble)] == [True] * 5 + [False] * 3
    stage.house.site.cut("S1", stage.house.now)
    stage.house.world.stations["S1"].unplug(1, stage.house.now)
    stage.house.inputs.switch(2, True)
    stage.house.run(20.0)
    assert [sight.so(stage) for sight in peace] == [False, False, False, True, False]
    assert [sight.so(stage) for sight in trouble] == [True] * 3


def test_a_second_alarm_is_one_too_many(stage: Stage) -> None:
    once = one_alarm("meter_lost", 1.0)
    assert once.so(stage)
    for _ in range(2):
        stage.house.site.cut("S1", stage.house.now)
        stage.house.run(40.0)
        stage.house.site.restore("S1", stage.house.now)
        stage.house.run(40.0)
    assert once.so(stage)
    assert not one_alarm("disconnected", 1.0).so(stage)
