"""Reports of the cars lag behind the meter: nobody is cut for his rise, no step hides behind a fall."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evce.units import ZoneId
from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site
from tools.simulation.vehicle import VehicleSpec

CARS = ("G1", "G2", "O1")

STOP = 3
"""The input that leaves the cars nothing."""

REACTION = 10.0
"""Seconds from an event to the measured current below the limit (DESIGN §5)."""

NO_CUT = 1.0
"""A; less is the sharing of what the building's drift and the rounding leave."""


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[Callable[..., House]]:
    """A house whose stations report as often as asked; at the end nothing has died, no limit was missed."""
    opened: list[House] = []

    def open_one(meter_interval: int, poll: int = 500) -> House:
        house = House(tmp_path, document=small_site(meter_interval=meter_interval, poll=poll))
        opened.append(house)
        house.settle_in()
        return house

    yield open_one
    for house in opened:
        assert house.deaths() == []
        assert house.referee.clean
        house.close()


def falls(house: House) -> list[tuple[float, str, float, float]]:
    """Every fall of a pilot from now on: when, where, from, to; filled while the house runs."""
    found: list[tuple[float, str, float, float]] = []
    before = {where: house.outlet(where).pilot for where in CARS}

    def look() -> None:
        for where in CARS:
            pilot = house.outlet(where).pilot
            if pilot < before[where] - NO_CUT:
                found.append((house.now, where, before[where], pilot))
            before[where] = pilot

    house.watchers.append(look)
    return found


@pytest.mark.parametrize(("meter_interval", "poll"), [(5, 500), (5, 400), (20, 250), (60, 500)])
def test_a_rise_that_no_report_tells_of_yet_is_not_taken_for_the_buildings(
    open_house: Callable[..., House], meter_interval: int, poll: int
) -> None:
    """LM-8: the meter is below its limit: whatever it reads, nobody is told less than he was told before.

    That holds however the meter's readings fall between the cars' reports, taken while they rise.
    """
    house = open_house(meter_interval, poll)
    for where in CARS:
        house.plug(where)
    house.run_until(lambda: max(house.truth("main")) > 95.0, 180.0, "the limit is used")
    house.inputs.switch(STOP, True)
    house.run(2.0 * meter_interval + 10.0)
    assert max(house.cars("main")) == 0.0
    fallen = falls(house)
    house.inputs.switch(STOP, False)
    house.run(3.0 * meter_interval + 60.0)
    assert fallen == []
    assert max(house.truth("main")) > 95.0, "what the building leaves is used"


@pytest.mark.parametrize("meter_interval", [5, 20])
def test_a_building_that_grows_below_the_limit_is_believed_once_the_cars_have_reported(
    open_house: Callable[..., House], meter_interval: int
) -> None:
    """LM-8: cars that use half of what they may have are no reserve of the building."""
    house = open_house(meter_interval)
    small = VehicleSpec(phases=3, maximum=16.0, battery=200_000.0)
    for where in CARS:
        house.plug(where, small)
    house.run(60.0 + 2.0 * meter_interval)
    assert max(house.truth("main")) < 75.0
    house.world.step(ZoneId("main"), 25.0, 300.0)
    house.run(meter_interval + 5.0)
    told = sum(house.outlet(where).pilot for where in CARS)
    building = max(house.truth("main")) - max(house.cars("main"))
    assert told + building <= 101.0


@pytest.mark.parametrize(
    ("gap", "meter_interval", "seen_within"),
    [(1.0, 5, 5.5), (1.5, 20, 1.5), (2.0, 20, 1.5), (2.5, 20, 1.5), (3.0, 20, 1.5)],
)
def test_a_second_step_is_seen_while_the_cars_still_follow_the_first(
    open_house: Callable[..., House], gap: float, meter_interval: int, seen_within: float
) -> None:
    """LM-8: cars that were quick have left room for a step behind the time that they may take.

    Only a step that falls together with them between two polls shows no sooner than in their next report.
    """
    house = open_house(meter_interval)
    quick = VehicleSpec(phases=3, maximum=32.0, battery=200_000.0, ramp=0.5)
    for where in CARS:
        house.plug(where, quick)
    house.run_until(lambda: max(house.truth("main")) > 95.0, 120.0, "the limit is used")
    house.run(45.0)
    house.world.step(ZoneId("main"), 20.0, 60.0)
    house.run(gap)
    least = sum(house.outlet(where).pilot for where in CARS) - 18.0
    began = house.now
    house.world.step(ZoneId("main"), 20.0, 60.0)
    house.run_until(
        lambda: sum(house.outlet(where).pilot for where in CARS) <= least, seen_within, "the second cut"
    )
    house.run_until(lambda: max(house.truth("main")) <= 100.5, REACTION, "below the limit")
    assert house.now - began < REACTION
