"""Stations with every bad habit of the field beside each other: limits are held, and the books agree."""

from pathlib import Path

import pytest

from tools.demo import demo_document, quirks_of
from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site
from tools.simulation.quirks import PALETTE
from tools.simulation.world import WorldOptions

PLACES = ("S1", "G1", "G2", "O1")
"""Who has the habits; the fifth station, S2 beside S1, has none."""

IDLE = {"heeds-default-only", "ignores"}
"""The one holds a transaction to what it gives by itself; the session of the other is ended."""

TOLD = {"local-time": {"clock_skew"}}
"""What people go on being told of a station with this habit."""

HABITS = sorted(PALETTE)

TABLES = [HABITS[first : first + len(PLACES)] for first in range(0, len(HABITS), len(PLACES))]


@pytest.mark.parametrize("habits", TABLES, ids="+".join)
def test_their_sessions_are_held_and_booked(tmp_path: Path, habits: list[str]) -> None:
    """LM-1, OC-6, CDR-1: beside a car without fault, through a break of the link, to the end in the books."""
    given = dict(zip(PLACES, habits, strict=False))
    quirks = {place: PALETTE[habit] for place, habit in given.items()}
    options = WorldOptions(arrivals_factor=0.0, building_share=0.2, solar_share=0.0, quirks=quirks)
    house = House(tmp_path, document=small_site(), options=options)
    house.run(75.0)
    for place in (*PLACES, "S2"):
        house.plug(place)
    house.run(60.0)
    drawn = {habit: house.drawn(place) for place, habit in given.items()}
    assert {habit for habit, amps in drawn.items() if amps < 6.0} <= IDLE
    assert house.drawn("S2") >= 6.0
    for place, habit in given.items():
        about = {code for code, source in house.standing() if source.startswith(place)}
        assert about == TOLD.get(habit, set()), habit
    if "ignores" in habits:
        assert "setpoint_not_respected" in {alarm.code for _, alarm in house.alarms_heard}
    house.site.cut("S1", house.now)
    house.world.stations["S1"].unplug(1, house.now)
    house.run(20.0)
    house.site.restore("S1", house.now)
    for place in (*PLACES[1:], "S2"):
        house.world.stations[place].unplug(1, house.now)
    house.run(90.0)
    assert house.referee.violations == []
    assert len(house.site.book(delivered_only=True)) == 5
    assert house.differences() == []
    assert house.deaths() == []
    assert {name: s.complaints for name, s in house.world.stations.items() if s.complaints} == {}
    house.close()


@pytest.mark.scenario
@pytest.mark.timeout(240)
def test_the_demo_site_with_every_habit_stays_inside_its_limits(tmp_path: Path) -> None:
    """LM-1, OC-1, CDR-1: a habit at each station, cars coming and going, the building stepping."""
    document = demo_document()
    quirks = quirks_of(document)
    options = WorldOptions(seed=3, arrivals_factor=10.0, step_every=60.0, step_share=0.15, quirks=quirks)
    house = House(tmp_path, document=document, options=options, seed=3)
    house.run(150.0)
    assert house.referee.violations == []
    assert len(house.running()) > 10
    assert house.site.book(delivered_only=True) != []
    assert house.differences() == []
    assert house.deaths() == []
    assert {name: s.complaints for name, s in house.world.stations.items() if s.complaints} == {}
    house.close()
