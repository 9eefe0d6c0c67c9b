"""Tests of an ordinary day at a site."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site
from tools.rehearsal.weather import LATEST_REPORT, SteadinessWatch, weather


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path, document=small_site())
    house.settle_in()
    yield house
    house.close()


def test_each_station_reports_at_its_own_interval_the_same_for_the_same_seed() -> None:
    """LM-8: up to a minute behind the meter."""
    names = tuple(f"S{number}" for number in range(50))
    first, again, other = (weather(seed, 0.0, names, 3.0) for seed in (1, 1, 2))
    assert first == again != other
    every = [habit.samples_every for habit in first.quirks.values()]
    assert 1.0 <= min(every) < 10.0
    assert 50.0 < max(every) <= LATEST_REPORT


def pilots_swing(house: House, watch: SteadinessWatch, where: str, begin: float) -> None:
    """The judge is shown a setpoint that turns at each look; the plan has no part in it."""
    root = house.model.roots[0]
    for number in range(7):
        watch.judge.seen(where, root, 10.0 + 5.0 * (number % 2), begin + number)


def test_what_happens_outside_is_told_to_the_judge(house: House) -> None:
    """LM-8: a car that comes and a building that steps explain turns, a quiet site explains none."""
    watch = SteadinessWatch(house)
    house.run(120.0)
    pilots_swing(house, watch, "quiet", house.now)
    assert (watch.judge.explained, watch.judge.worst) == (0, 5)
    house.plug("G1")
    house.run_until(lambda: house.outlet("G1").session is not None, 10.0, "it charges")
    house.run(1.0)
    pilots_swing(house, watch, "car", house.now)
    assert watch.judge.explained == 2
    house.world.step(house.model.roots[0], 20.0, 30.0)
    house.run(1.0)
    pilots_swing(house, watch, "step", house.now)
    assert watch.judge.explained == 2 + 4
    watch.happened()
    pilots_swing(house, watch, "mishap", house.now)
    assert watch.judge.explained == 2 + 4 + 5


def test_a_car_that_ignores_its_pilot_is_an_outside_cause_when_it_begins_and_ends(house: House) -> None:
    """LM-10: what it takes from the others, and gives back, isn't the plan's doing."""
    house.plug("G1")
    house.plug("G2")
    house.run_until(lambda: house.drawn("G1") > 8.0, 60.0, "it charges")
    house.run(60.0)
    watch = SteadinessWatch(house)
    house.run(100.0)
    pilots_swing(house, watch, "quiet", house.now)
    assert watch.judge.explained == 0
    vehicle = house.outlet("G1").vehicle
    assert vehicle is not None
    vehicle.spec = replace(vehicle.spec, ignores_pilot=True)
    house.inputs.switch(2, True)
    house.run_until(lambda: house.outlet("G1").pilot < vehicle.current - 2.0, 5.0, "it is told less")
    house.run(9.0)
    pilots_swing(house, watch, "deaf", house.now)
    assert watch.judge.explained == 2


def test_the_pilots_are_what_is_judged(house: House) -> None:
    """LM-8: an input that opens and closes by turns is seen in every car, and nobody told the judge why."""
    house.plug("S1")
    house.run(120.0)
    watch = SteadinessWatch(house)
    for number in range(8):
        house.inputs.switch(1, number % 2 == 0)
        house.run(35.0)
    assert watch.judge.problems != []
    assert watch.judge.problems[0].startswith("S1/1: its setpoint turned 4 times")
