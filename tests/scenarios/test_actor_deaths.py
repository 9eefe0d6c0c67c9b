"""One actor after another dies while cars charge: each is back with its state, and no car gets more by it."""

import pytest

from evce.planning.settings import LEAST_RAISE
from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site
from tools.simulation.vehicle import VehicleSpec

CARS = ("G1", "G2", "O1", "S1")

RESTARTED_WITHIN = 1.0
KNOWN_AGAIN_WITHIN = 15.0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """Everybody charges at half of what is possible (an input is active), one car ignores its pilot."""
    made = House(tmp_path_factory.mktemp("house"), document=small_site())
    made.settle_in()
    for where in CARS:
        made.plug(where)
    stubborn = VehicleSpec(phases=3, maximum=16.0, battery=200_000.0, ignores_pilot=True)
    made.plug("S2", vehicle=stubborn)
    made.inputs.switch(1, True)
    made.run(70.0)
    assert made.standing() == {("setpoint_not_respected", "S2/1")}
    assert made.drawn("S2") == 0.0
    return made


@pytest.mark.parametrize(
    "name",
    [
        "station/G1",
        "station/S2",
        "zone/garage",
        "zone/main",
        "zone/street",
        "meter/main-meter",
        "inputs",
        "recorder",
        "view",
        "site",
        "supervisor/stations",
        "supervisor/zones",
        "supervisor/meters",
    ],
)
def test_an_actor_that_dies_is_back_with_its_state_and_no_car_gets_more(house: House, name: str) -> None:
    """AC-2, LM-1: RELIABILITY invariant 17: restarts raise no setpoint, limits hold, sessions go on."""
    before = {where: house.outlet(where).pilot for where in (*CARS, "S2")}
    sessions, alarms, deaths = house.running(), house.standing(), len(house.deaths())
    incarnation = house.incarnation(name)
    highest = dict(before)

    def watch() -> None:
        for where in highest:
            highest[where] = max(highest[where], house.outlet(where).pilot)

    house.watchers.append(watch)
    house.kill(name)
    house.run_until(lambda: house.incarnation(name) > incarnation, RESTARTED_WITHIN, f"{name} is back")
    house.run(KNOWN_AGAIN_WITHIN)
    house.watchers.clear()
    assert len(house.deaths()) == deaths + 1
    # The building's drift lowers at once and gives back up to the least raise; a restart adds nothing to it.
    assert highest == pytest.approx(before, abs=LEAST_RAISE)
    after = {where: house.outlet(where).pilot for where in before}
    assert after == pytest.approx(before, abs=LEAST_RAISE), "the share of each car is the same again"
    assert house.running() == sessions
    assert house.all_verified()
    assert house.standing() == alarms
    assert house.referee.clean


def test_all_sessions_are_in_the_books_in_the_end(house: House) -> None:
    """OC-6, CDR-3: after all those deaths."""
    for where in (*CARS, "S2"):
        house.world.stations[where].unplug(1, house.now)
    house.run(5.0)
    assert len(house.sessions()) == 5
    assert house.differences() == []
    assert house.referee.clean
