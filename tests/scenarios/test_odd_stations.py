"""Stations that take limits in their own ways charge beside the others, and no limit is missed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site
from tools.simulation.quirks import Quirks, WholeAmps
from tools.simulation.vehicle import Vehicle, VehicleSpec
from tools.simulation.world import WorldOptions

ONE_PHASE = VehicleSpec(phases=1, maximum=32.0, battery=200_000.0)


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[Callable[[Quirks], House]]:
    """S1 (street, 40 A) and G1 (garage, 63 A) have the habit; at the end no limit was missed."""
    opened: list[House] = []

    def open_one(habit: Quirks) -> House:
        options = WorldOptions(
            arrivals_factor=0.0, building_share=0.2, solar_share=0.0, quirks={"S1": habit, "G1": habit}
        )
        house = House(tmp_path, document=small_site(), options=options)
        opened.append(house)
        house.settle_in()
        return house

    yield open_one
    for house in opened:
        assert house.deaths() == []
        assert house.referee.clean
        assert [name for name, station in house.world.stations.items() if station.complaints] == []
        house.close()


@pytest.mark.parametrize(
    ("habit", "car", "least"),
    [
        (Quirks(amps_only=True), VehicleSpec(), 19.9),
        (Quirks(watts_only=True), VehicleSpec(), 17.9),
        (Quirks(watts_only=True), ONE_PHASE, 17.9),
        (Quirks(watts_only=True, hides_unit=True), VehicleSpec(), 17.9),
        (Quirks(max_stack_level=0), VehicleSpec(), 19.9),
        (Quirks(whole_amps=WholeAmps.REJECTED), VehicleSpec(), 19.9),
        (Quirks(no_composite=True, no_trigger=True), VehicleSpec(), 19.9),
    ],
    ids=["A", "W", "W, one phase", "W untold", "one level", "whole", "answers little"],
)
def test_it_gets_its_share_beside_another_car(
    open_house: Callable[[Quirks], House], habit: Quirks, car: VehicleSpec, least: float
) -> None:
    """LM-1, OC-1: 40 A for two; a limit in W is worked out with the lowest voltage there may be."""
    house = open_house(habit)
    house.plug("S1", car)
    house.plug("S2")
    house.run(90.0)
    assert least <= house.drawn("S1") <= (40.0 - house.drawn("S2") if car.phases == 3 else 32.0)
    assert house.drawn("S2") >= 19.9
    assert house.standing() == set()


@pytest.mark.parametrize("habit", [WholeAmps.DOWN, WholeAmps.NEAREST, WholeAmps.REJECTED])
def test_tenths_that_a_station_does_not_know_go_to_another_car(
    open_house: Callable[[Quirks], House], habit: WholeAmps
) -> None:
    """LM-6: 63 A for two: 31 whole ones, and the rest for the car whose station knows tenths."""
    house = open_house(Quirks(whole_amps=habit))
    house.plug("G1")
    house.plug("G2")
    house.run(90.0)
    assert (house.outlet("G1").pilot, house.outlet("G2").pilot) == (31.0, 32.0)
    assert house.standing() == set()


def test_where_only_one_level_is_there_the_fall_back_stays_reserved_for_a_plugged_car(
    open_house: Callable[[Quirks], House],
) -> None:
    """DG-1, LM-1: 20 A that the station would give a new session by itself are given to nobody else."""
    house = open_house(Quirks(max_stack_level=0))
    house.plug("S2")
    house.run(60.0)
    assert house.drawn("S2") == 32.0
    house.world.stations["S1"].plug(1, Vehicle(VehicleSpec(), 10_000.0), None, house.now)
    house.run(30.0)
    assert house.drawn("S2") == 20.0
    house.world.stations["S1"].unplug(1, house.now)
    house.run(60.0)
    assert house.drawn("S2") == 32.0


def test_a_station_that_switches_phases_counts_on_all_of_them(
    open_house: Callable[[Quirks], House],
) -> None:
    """EL-7: RELIABILITY invariant 9; its car is on one phase now and may be on three in a moment."""
    house = open_house(Quirks(one_phase_below=21.0))
    house.plug("S1", VehicleSpec(phases=3, maximum=32.0, battery=200_000.0))
    house.plug("S2")
    house.run(120.0)
    assert house.outlet("S1").phases == 1
    assert house.drawn("S1") == pytest.approx(20.0, abs=0.2)
    assert house.drawn("S2") == pytest.approx(20.0, abs=0.2), "the two idle phases are kept for it"
    house.world.stations["S2"].unplug(1, house.now)
    house.run(60.0)
    assert house.outlet("S1").phases == 3
    assert house.drawn("S1") == 32.0
