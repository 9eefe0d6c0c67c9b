"""Cars that fall asleep in a pause charge on once there is current again."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site
from tools.simulation.vehicle import VehicleSpec

SLEEPER = VehicleSpec(phases=3, maximum=32.0, battery=200_000.0, sleeps_after=30.0)

THIRD, STOP = 2, 3


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A sleeper and a car that wakes by itself share the street; an input has paused both for a minute."""
    made = House(tmp_path, document=small_site())
    made.settle_in()
    made.plug("S1", SLEEPER)
    made.plug("S2")
    made.run_until(lambda: made.drawn("S1") > 19.5 and made.drawn("S2") > 19.5, 60.0, "both charge")
    made.inputs.switch(STOP, True)
    made.run(60.0)
    vehicle = made.outlet("S1").vehicle
    assert vehicle is not None
    assert vehicle.asleep
    yield made
    assert made.deaths() == []
    assert made.referee.clean
    made.close()


def test_a_sleeper_wakes_when_its_setpoint_rises_for_a_moment(house: House) -> None:
    """LM-11: it was offered 6 A and slept on; the nudge is what it takes; its session is the same."""
    house.inputs.switch(THIRD, True)
    house.inputs.switch(STOP, False)
    house.run(15.0)
    assert house.outlet("S1").pilot == 6.0
    house.inputs.switch(THIRD, False)
    before = house.running()["S1/1"]
    house.run(30.0)
    assert house.outlet("S1").pilot == 6.0
    assert house.drawn("S2") > 30.0, "the neighbour has what the sleeper doesn't take"
    house.run_until(lambda: house.drawn("S1") > 7.0, 60.0, "it is nudged awake")
    house.run(60.0)
    assert house.drawn("S1") == pytest.approx(20.0, abs=0.2)
    assert house.running()["S1/1"] == before


def test_a_sleeper_that_no_nudge_wakes_gets_a_new_session_with_the_same_card(house: House) -> None:
    """LM-11, OC-3: it was offered all that there is, so nothing can be more; a new session wakes it."""
    before = house.running()["S1/1"]
    house.plug("G1")
    house.inputs.switch(STOP, False)
    vehicle = house.outlet("S1").vehicle
    house.run_until(lambda: house.running().get("S1/1") not in (None, before), 240.0, "a new session")
    house.run_until(lambda: house.drawn("S1") > 19.5, 60.0, "it charges")
    assert house.outlet("S1").vehicle is vehicle
    ended = next(session for session in house.sessions() if session.transaction == before)
    assert ended.stop_reason == "Remote"
    house.run(400.0)
    assert house.running()["S1/1"] != before
    assert len([session for session in house.sessions() if session.connector.station == "S1"]) == 2
