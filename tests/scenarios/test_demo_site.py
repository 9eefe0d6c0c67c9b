"""Whole sites with cars coming and going: the limits hold, the books agree, and every run can be repeated."""

import os
from pathlib import Path
from random import Random

import pytest

from tools.commands.survivable_step import largest_step
from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site
from tools.simulation.world import WorldOptions

LONGER = float(os.environ.get("EVCE_SCENARIO_FACTOR", "1"))
"""Multiplies the length of the long scenarios: 24 makes the demo site's run an hour."""

LONG_ENOUGH = pytest.mark.timeout(120.0 + 900.0 * LONGER)


def unexplained(house: House) -> list[str]:
    """The alarms that neither a car that overdraws nor a link that was cut explains."""
    return [
        f"{at:.1f} {alarm.code} {alarm.source}: {alarm.message}"
        for at, alarm in house.alarms_heard
        if not (alarm.code == "setpoint_not_respected" and house.overdrew(alarm.source))
    ]


@LONG_ENOUGH
@pytest.mark.scenario
def test_the_demo_site_at_ten_fold_arrivals_with_a_stepping_building(tmp_path: Path) -> None:
    """LM-1, LM-8, OC-6, AC-5: no limit missed, no session lost, no actor died, no alarm without a cause."""
    options = WorldOptions(seed=1, arrivals_factor=10.0, step_every=60.0, step_share=0.15)
    house = House(tmp_path, options=options, seed=1)
    for zone in house.world.buildings:
        record = house.referee.zones[zone]
        assert options.step_share * record.maximum <= largest_step(record.maximum, record.standard)
    house.run(150.0 * LONGER)
    assert house.referee.violations == []
    assert max(record.heat_used for record in house.referee.zones.values()) < 0.8
    assert len(house.running()) > 10
    assert house.site.book(delivered_only=True) != []
    assert house.differences() == []
    assert unexplained(house) == []
    assert house.deaths() == []
    assert {name: s.complaints for name, s in house.world.stations.items() if s.complaints} == {}
    house.close()


def busy(folder: Path, seed: int, *, in_transit: bool = False, traced: bool = False) -> House:
    """The small site with a car every minute or so."""
    options = WorldOptions(
        seed=seed, arrivals_factor=20.0, step_every=40.0, step_share=0.2, building_share=0.3
    )
    return House(
        folder, document=small_site(), options=options, seed=seed, in_transit=in_transit, traced=traced
    )


def test_the_same_seed_gives_the_same_run_to_the_last_message(tmp_path: Path) -> None:
    """AC-5: a failure can be repeated; another seed is another run."""
    hashes = []
    for number, seed in enumerate((3, 3, 4)):
        folder = tmp_path / str(number)
        folder.mkdir()
        house = busy(folder, seed, in_transit=True, traced=True)
        house.run(45.0)
        hashes.append(house.trace_hash)
        house.close()
    assert hashes[0] == hashes[1] != hashes[2]


@LONG_ENOUGH
@pytest.mark.scenario
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_whatever_order_messages_take_and_whoever_dies_the_limits_hold(tmp_path: Path, seed: int) -> None:
    """LM-1, AC-2, OC-6: messages overtake each other, actors die, links break now and then."""
    house = busy(tmp_path, seed, in_transit=True)
    house.settle_in()
    chance = Random(seed)
    names = sorted(
        name
        for name in house.runtime.directory.names()
        if name.startswith(("zone/", "station/", "meter/", "inputs", "recorder", "view"))
    )
    killed = 0
    while house.now < 120.0 * LONGER:
        house.run(chance.uniform(5.0, 15.0))
        killed += house.runtime.kill(chance.choice(names))
        if chance.random() < 0.3:
            house.site.hang_up(chance.choice(sorted(house.world.stations)), house.now)
        house.run(8.0)
        house.runtime.settle()
    house.run(30.0)
    assert house.referee.violations == []
    assert house.differences() == []
    assert len(house.deaths()) == killed
    assert house.all_verified()
    house.close()
