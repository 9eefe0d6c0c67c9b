"""A restart is no reason for a car to pause: after any death its pilot stays where it was."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evce.units import Amps
from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site

CARS = ("G1", "G2", "O1", "S1", "S2")
"""Three that share what the building leaves of 100 A, two that share the street's 40 A."""

ROUNDING: Amps = 0.6
"""The building's drift lowers at once what it needs, less than the least raise that gives it back."""

DEATHS = ("process", "station/G1", "station/S2", "supervisor/stations", "zone/main", "supervisor/zones")


def charging(folder: Path, *, seed: int = 1) -> House:
    """All five have charged for a while, the last one only since its share was given up by the others."""
    house = House(folder, document=small_site(), seed=seed)
    house.settle_in()
    for where in CARS:
        house.plug(where)
        house.run(15.0)
    house.run_until(lambda: all(house.outlet(where).pilot > 15.0 for where in CARS), 60.0, "all charge")
    return house


def die(house: House, who: str) -> None:
    """`kill -9` of the process for three seconds, or one actor's end."""
    if who == "process":
        house.crash(away=3.0)
    else:
        house.kill(who)


def pilots(house: House) -> dict[str, Amps]:
    return {where: house.outlet(where).pilot for where in CARS}


def followed(house: House) -> dict[str, list[Amps]]:
    """Every pilot that is offered from now on."""
    seen: dict[str, list[Amps]] = {where: [amps] for where, amps in pilots(house).items()}

    def look() -> None:
        for where, amps in pilots(house).items():
            seen[where].append(amps)

    house.watchers.append(look)
    return seen


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("who", DEATHS)
def test_no_running_car_gets_less_while_there_is_room_for_all(tmp_path: Path, who: str, seed: int) -> None:
    """OC-6, AC-2: RELIABILITY: the same sessions, at the same current; and invariant 17: nor more."""
    house = charging(tmp_path, seed=seed)
    before, sessions = pilots(house), house.running()
    seen = followed(house)
    for _ in range(2):
        die(house, who)
        house.run(20.0)
    lowest = {where: min(amps) for where, amps in seen.items()}
    assert all(lowest[where] >= before[where] - ROUNDING for where in CARS), (before, lowest)
    assert house.running() == sessions
    assert house.all_verified()
    assert house.referee.clean
    assert max(house.referee.zones[zone].longest_above for zone in house.referee.zones) == 0.0
    house.close()


def input_at_half(house: House) -> None:
    house.inputs.switch(1, True)


def building_steps(house: House) -> None:
    assert house.world.step(house.model.roots[0], 40.0, 60.0) == 40.0


@pytest.mark.parametrize("who", ["process", "supervisor/stations", "zone/main"])
@pytest.mark.parametrize(
    ("happens", "zone", "most"), [(input_at_half, "street", 20.1), (building_steps, "main", 100.5)]
)
def test_who_has_no_room_any_more_is_cut_all_the_same(
    tmp_path: Path, who: str, happens: Callable[[House], None], zone: str, most: Amps
) -> None:
    """LM-1, LM-8, DI-2: what a car had is no right to it: the limit has fallen while nobody was there."""
    house = charging(tmp_path)
    seen = followed(house)
    die(house, who)
    happens(house)
    house.run_until(lambda: max(house.truth(zone)) <= most, 10.0, "below the limit")
    house.run(30.0)
    assert max(house.truth(zone)) <= most
    assert min(pilots(house).values()) > 0.0
    if who != "process":
        assert min(min(amps) for amps in seen.values()) > 0.0, "nobody pauses for another's actor"
    assert house.referee.clean
    house.close()


@pytest.mark.parametrize("late", CARS)
def test_a_station_that_comes_back_late_takes_nothing_from_the_others(tmp_path: Path, late: str) -> None:
    """OC-6, DG-6: its share is what was written down for it, not more: both sides of a change are on disk."""
    house = charging(tmp_path)
    before = pilots(house)
    seen = followed(house)
    house.crash(away=3.0)
    house.site.cut(late, house.now)
    house.run(3.0)
    house.site.restore(late, house.now)
    house.run_until(house.all_verified, 10.0, "it is back")
    house.run(10.0)
    lowest = {where: min(amps) for where, amps in seen.items()}
    assert all(lowest[where] >= before[where] - 1.0 for where in CARS), (before, lowest)
    house.close()
