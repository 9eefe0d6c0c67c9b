"""What cars leave of their setpoints goes to others, and comes back when they ask for more."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from evce.configuration.document import SiteDocument
from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site
from tools.simulation.vehicle import VehicleSpec

SMALL = VehicleSpec(phases=3, maximum=10.0, battery=200_000.0)


def optimising(meter_interval: int) -> SiteDocument:
    """The small site with consumption optimisation, as a page would switch it on."""
    plain = small_site(meter_interval=meter_interval).plain()
    plain["advanced"]["consumption_optimisation"] = True
    return SiteDocument.parse(plain)


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[Callable[[int], House]]:
    """At the end nothing has died, and no limit was missed."""
    opened: list[House] = []

    def open_one(meter_interval: int) -> House:
        house = House(tmp_path, document=optimising(meter_interval))
        opened.append(house)
        house.settle_in()
        return house

    yield open_one
    for house in opened:
        assert [death for death in house.deaths() if "drill" not in death] == []
        assert house.referee.clean
        house.close()


def turns(house: House, *places: str) -> list[tuple[str, float]]:
    """Every change of direction of a pilot from now on, filled while the house runs."""
    found: list[tuple[str, float]] = []
    before = {where: (house.outlet(where).pilot, 0.0) for where in places}

    def look() -> None:
        for where in places:
            pilot, direction = before[where]
            moved = house.outlet(where).pilot - pilot
            if abs(moved) > 0.05:
                if moved * direction < 0.0:
                    found.append((where, house.now))
                before[where] = (pilot + moved, moved)

    house.watchers.append(look)
    return found


@pytest.mark.parametrize("meter_interval", [2, 60])
def test_what_a_small_car_leaves_goes_to_the_other_and_comes_back_when_it_wants_more(
    open_house: Callable[[int], House], meter_interval: int
) -> None:
    """LM-9: 40 A for a car of 10 A and one of 32 A: 12 and 28; then both want all, and have 20 each."""
    house = open_house(meter_interval)
    house.plug("S1", SMALL)
    house.plug("S2")
    house.run_until(lambda: house.drawn("S2") > 27.5, 60.0 + 3.0 * meter_interval, "the other has the rest")
    assert house.outlet("S1").pilot == 12.0
    turned = turns(house, "S1", "S2")
    house.run(300.0)
    assert turned == [], "what is settled stays"
    reason = house.snapshot().zones[house.model.stations["S1"].zone].reasons  # type: ignore[index]
    assert any("draws at most 10 A" in text for text in reason.values())
    vehicle = house.outlet("S1").vehicle
    assert vehicle is not None
    vehicle.spec = replace(SMALL, maximum=32.0)
    took = house.run_until(lambda: house.drawn("S1") > 19.0, 30.0 + 2.0 * meter_interval, "it has its share")
    assert took < 2.0 * meter_interval + 20.0
    house.run(300.0)
    assert house.drawn("S2") == pytest.approx(20.0, abs=0.2)
    assert len(turned) <= 2


def test_a_root_that_restarts_remembers_who_leaves_what(open_house: Callable[[int], House]) -> None:
    """LM-9, AC-2: nobody is raised to what he doesn't use, and no car is cut for it."""
    house = open_house(2)
    house.plug("S1", SMALL)
    house.plug("S2")
    house.run_until(lambda: house.drawn("S2") > 27.5, 70.0, "the other has the rest")
    moved = turns(house, "S1", "S2")
    before = house.outlet("S1").pilot, house.outlet("S2").pilot
    house.kill("zone/street")
    house.run(30.0)
    assert house.incarnation("zone/street") == 2
    assert (house.outlet("S1").pilot, house.outlet("S2").pilot) == before
    assert moved == []


def test_a_battery_that_fills_up_gives_its_current_away_bit_by_bit(
    open_house: Callable[[int], House],
) -> None:
    """LM-9: the taper is followed downward only, in steps."""
    house = open_house(5)
    house.plug("S1", VehicleSpec(phases=3, maximum=32.0, battery=6_000.0, taper_from=0.05))
    house.plug("S2")
    house.run(60.0)
    turned, least = turns(house, "S1", "S2"), house.drawn("S2")
    house.run(1_500.0)
    vehicle = house.outlet("S1").vehicle
    assert vehicle is not None
    assert house.outlet("S1").pilot < vehicle.current * 1.15 + 5.0
    assert house.drawn("S2") > least + 2.0
    assert turned == []
