"""A connector that isn't wired as configured is found out by stepping its car, and nobody is disturbed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from actors.messages import CheckWiring, GetWiringReport
from evce.electrical import Wiring
from evce.planning.wiring_course import WiringReport
from evce.units import BoxIdentity, ConnectorKey, ZoneId
from evce.wiring_check import WiringVerdict
from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site
from tools.simulation.vehicle import VehicleSpec
from tools.simulation.world import WorldOptions

ONE_PHASE = VehicleSpec(phases=1, maximum=32.0, battery=200_000.0)
TWO_PHASES = VehicleSpec(phases=2, maximum=16.0, battery=200_000.0)
LONGEST = 150.0


@pytest.fixture
def open_house(tmp_path: Path) -> Iterator[Callable[[Wiring], House]]:
    """G1 is configured as TRI123 and wired as asked; at the end nothing has died, no limit was missed."""
    opened: list[House] = []

    def open_one(wiring: Wiring) -> House:
        options = WorldOptions(
            arrivals_factor=0.0, building_share=0.2, solar_share=0.0, wired={"G1/1": wiring}
        )
        house = House(tmp_path, document=small_site(), options=options)
        opened.append(house)
        house.settle_in()
        return house

    yield open_one
    for house in opened:
        assert [death for death in house.deaths() if "drill" not in death] == []
        assert house.referee.clean
        house.close()


def check(house: House, station: str = "G1", request: str = "r") -> None:
    key = ConnectorKey(BoxIdentity(station), 1)
    house.runtime.tell("zone/main", CheckWiring(request, key, "engineer"))


def report(house: House, request: str = "r") -> WiringReport | None:
    answer = house.runtime.ask("zone/main", GetWiringReport(request), 5.0)
    assert answer is None or isinstance(answer, WiringReport)
    return answer


def result(house: House, request: str = "r") -> WiringReport:
    def ended() -> bool:
        known = report(house, request)
        return known is not None and known.finding is not None

    house.run_until(ended, LONGEST, "the check has ended")
    known = report(house, request)
    assert known is not None
    return known


@pytest.mark.parametrize(
    ("wiring", "car"),
    [
        (Wiring.TRI123, ONE_PHASE),
        (Wiring.TRI231, ONE_PHASE),
        (Wiring.TRI312, TWO_PHASES),
    ],
)
def test_the_true_rotation_is_told_and_a_wrong_one_flagged(
    open_house: Callable[[Wiring], House], wiring: Wiring, car: VehicleSpec
) -> None:
    """EL-3: beside other cars that charge, while a load of the building switches; then all is as before."""
    house = open_house(wiring)
    house.plug("G1", car)
    house.plug("G2", VehicleSpec(phases=3, maximum=16.0, battery=200_000.0))
    house.plug("O1")
    house.run(60.0)
    before = {where: house.outlet(where).pilot for where in ("G1", "G2", "O1")}
    course: list[tuple[float, dict[str, float]]] = []
    house.watchers.append(lambda: course.append((house.now, {w: house.outlet(w).pilot for w in before})))
    check(house)
    house.run(25.0)
    house.world.step(ZoneId("main"), 4.0, 300.0)
    found = result(house).finding
    assert found is not None
    assert found.found is wiring
    until = house.now - 1.0  # once it has ended, everybody may have more
    rises = [w for at, pilots in course for w in before if at < until and pilots[w] > before[w] + 0.1]
    assert rises == [], "it takes and gives back, nothing more"
    alarms = {name for name in house.standing() if name[0] == "wiring_wrong"}
    if wiring is Wiring.TRI123:
        assert (found.verdict, alarms) == (WiringVerdict.RIGHT, set())
    else:
        assert (found.verdict, alarms) == (WiringVerdict.WRONG, {("wiring_wrong", "G1/1")})
        assert result(house).correction == f'wiring = "{wiring.value}"'
    house.run(30.0)
    assert house.outlet("G1").pilot >= before["G1"] - 5.0, "the building has 4 A more"


def test_a_car_on_three_phases_can_not_tell(open_house: Callable[[Wiring], House]) -> None:
    """EL-3: and says so; an alarm would be a guess."""
    house = open_house(Wiring.TRI231)
    house.plug("G1")
    house.run(60.0)
    check(house)
    ended = result(house)
    assert "all three phases alike" in ended.text
    assert ended.correction is None
    assert house.standing() == set()


@pytest.mark.parametrize(
    ("station", "why"),
    [("G1", "no session"), ("S1", "no connector of zone main"), ("O1", "no session")],
)
def test_a_check_that_can_not_begin_says_what_it_needs(
    open_house: Callable[[Wiring], House], station: str, why: str
) -> None:
    house = open_house(Wiring.TRI123)
    check(house, station)
    house.run(1.0)
    assert why in result(house).text


def test_a_car_that_leaves_and_a_root_that_dies_end_the_check(open_house: Callable[[Wiring], House]) -> None:
    """AC-2: whoever was held back for it has his share again."""
    house = open_house(Wiring.TRI231)
    for where in ("G1", "G2"):
        house.plug(where, ONE_PHASE)
    house.run(60.0)
    check(house)
    house.run(20.0)
    house.world.stations["G1"].unplug(1, house.now)
    assert "ended" in result(house).text
    check(house, "G2", "second")
    house.run(20.0)
    assert house.outlet("G2").pilot == 6.0
    check(house, "O1", "third")
    house.run(1.0)
    assert "G2/1 is being checked" in result(house, "third").text
    house.kill("zone/main")
    house.run(40.0)
    assert report(house, "second") is None
    assert house.outlet("G2").pilot == 32.0
