"""The process dies as by `kill -9` and a new one takes over on the same database, the site running on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from evce.units import ZoneId
from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site

LEASE = 60
CARS = ("G1", "G2", "O1", "S1")


def no_raise_of_unknown(house: House, before: dict[str, float]) -> Callable[[], None]:
    """Fails as soon as a car is offered more than before although its station was never verified since."""
    known: set[str] = set()

    def watch() -> None:
        known.update(house.verified_now())
        risen = {where: house.outlet(where).pilot for where in before if where not in known}
        assert all(amps <= before[where] + 0.05 for where, amps in risen.items())

    return watch


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_sessions_go_on_and_nobody_rises_before_its_station_is_known(
    tmp_path: Path, seed: int
) -> None:
    """OC-6, LM-1: RELIABILITY invariant 10: none lost, none doubled, no raise before a verification."""
    house = House(tmp_path, document=small_site(), seed=seed)
    house.settle_in()
    for where in CARS:
        house.plug(where)
    house.run(60.0)
    for _ in range(2):
        sessions, before = house.running(), {where: house.outlet(where).pilot for where in CARS}
        house.crash(away=3.0)
        house.watchers.append(no_raise_of_unknown(house, before))
        house.plug("S2")
        house.run_until(house.all_verified, 10.0, "every station is verified")
        house.run(60.0)
        house.watchers.clear()
        assert sessions.items() <= house.running().items()
        assert house.drawn("G1") == pytest.approx(before["G1"], abs=1.0)
        house.world.stations["S2"].unplug(1, house.now)
        house.run(20.0)
    assert len(house.sessions()) == len(CARS) + 2
    for where in CARS:
        house.world.stations[where].unplug(1, house.now)
    house.run(5.0)
    assert house.differences() == []
    assert len({session.transaction for session in house.sessions()}) == len(CARS) + 2
    assert house.standing() == set()
    assert house.deaths() == []
    assert max(house.referee.zones[zone].longest_above for zone in house.referee.zones) == 0.0
    house.close()


def test_a_session_that_ended_while_nobody_listened_is_told_later(tmp_path: Path) -> None:
    """OC-6: its end is kept by the station; a session that began meanwhile as well (AU-2)."""
    house = House(tmp_path, document=small_site())
    house.settle_in()
    for where in CARS:
        house.plug(where)
    house.run(60.0)
    house.world.stations["G1"].unplug(1, house.now)
    house.crash(away=2.0)
    house.run(60.0)
    ended = [session for session in house.sessions() if session.stopped_at is not None]
    assert [str(session.connector.station) for session in ended] == ["G1"]
    assert house.differences() == []
    assert house.drawn("O1") == pytest.approx(32.0), "what it had is the others'"
    assert house.referee.clean
    house.close()


def test_a_station_that_does_not_come_back_keeps_what_was_written_down_for_it(tmp_path: Path) -> None:
    """OC-6, DG-2, DG-6: 32 A of 40 A until its lease must have lapsed, then its fall-back of 20 A."""
    house = House(tmp_path, document=small_site(lease_dynamic=LEASE, lease_static=LEASE))
    house.settle_in()
    house.plug("S1")
    house.run(30.0)
    assert house.drawn("S1") == pytest.approx(32.0)
    house.site.cut("S1", house.now)
    house.crash(away=2.0)
    house.plug("S2")
    house.run_until(lambda: house.drawn("S2") > 7.9, 30.0, "S2 has the rest")
    house.run_until(lambda: house.drawn("S1") < 21.0, LEASE + 5.0, "S1 falls by itself")
    assert house.drawn("S2") == pytest.approx(8.0)
    house.run_until(lambda: house.drawn("S2") > 19.9, LEASE, "S2 gets what S1 gave up")
    assert house.referee.zones[ZoneId("street")].longest_above == 0.0
    assert house.deaths() == []
    house.close()
