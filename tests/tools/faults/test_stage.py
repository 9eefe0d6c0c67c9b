"""Tests of what is written down while a fault is played."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.faults.stage import Site, Stage, build


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Two cars at the street's 40 A."""
    house = build(tmp_path, Site(cars=("S1", "S2"), settled=30.0), seed=1)
    made = Stage(house, station="S1")
    made.listen()
    made.begin()
    yield made
    house.close()


def test_it_remembers_what_was_so_before(stage: Stage) -> None:
    assert stage.before == {"S1": 20.0, "S2": 20.0}
    assert set(stage.sessions) == {"S1/1", "S2/1"}
    assert stage.nobody_rises()
    assert stage.nobody_falls()
    assert stage.same_sessions()
    assert stage.linked()


def test_alarms_lines_and_profiles_count_from_the_strike_on(stage: Stage) -> None:
    """AC-5: of the victim, not of another."""
    stage.house.site.cut("S1", stage.house.now)
    stage.house.inputs.switch(1, True)
    stage.house.run(2.0)
    assert stage.stands("disconnected", "S1")
    assert not stage.stands("disconnected", "S2")
    assert (stage.raised("disconnected", "S1"), stage.raised("disconnected", "S2")) == (1, 0)
    assert stage.said("inputs active: Half")
    assert not stage.said("inputs active: Stop")
    assert stage.told() == {"S2"}
    assert not stage.linked()
    stage.begin()
    assert stage.raised("disconnected") == 0
    assert stage.told() == set()


def test_who_gets_more_or_less_is_seen(stage: Stage) -> None:
    stage.house.world.stations["S1"].unplug(1, stage.house.now)
    stage.house.run(30.0)
    assert stage.others() == ["S2"]
    assert not stage.nobody_rises()
    assert not stage.same_sessions()


def test_restarts_are_those_that_the_pages_show(stage: Stage) -> None:
    assert stage.restarts("view") == stage.restarts("nobody") == 0
    stage.house.kill("view")
    stage.house.run(2.0)
    assert stage.restarts("view") == 1
