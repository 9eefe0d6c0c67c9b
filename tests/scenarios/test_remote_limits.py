"""A system elsewhere limits zones: its limit holds beside all others, and its silence ends it on a ramp."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.messages import REMOTE, GetRemoteAnswer, HearRemote, SetRemoteLimit
from evce.configuration.document import SiteDocument
from evce.remote_limits import RemoteAnswer
from evce.units import Amps, ZoneId
from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site

CARS = ("G1", "G2", "O1", "S1", "S2")
PERIOD = 60
"""Seconds; a short heartbeat, so that its end is seen."""


def remote_site(period: int = PERIOD, **services: object) -> SiteDocument:
    """The small site with remote energy management."""
    chosen = {"enabled": True, "remote_energy_management": True, "heartbeat_period_s": period, **services}
    return SiteDocument.parse({**small_site().plain(), "webservices": chosen})


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Three cars share what the building leaves of 100 A, two the street's 40 A."""
    made = House(tmp_path, document=remote_site())
    made.settle_in()
    for where in CARS:
        made.plug(where)
    made.run(60.0)
    assert max(made.cars("street")) > 38.0
    yield made
    assert made.referee.clean
    made.close()


def limit(house: House, zone: str, amps: Amps | None) -> RemoteAnswer:
    house.runtime.tell(REMOTE, SetRemoteLimit("one", ZoneId(zone), amps, "service"))
    answer = house.runtime.ask(REMOTE, GetRemoteAnswer("one"), 5.0)
    assert isinstance(answer, RemoteAnswer)
    return answer


def told(house: House, *cars: str) -> Amps:
    return sum(house.outlet(where).pilot for where in cars)


def test_a_limit_holds_at_once_in_every_kind_of_zone(house: House) -> None:
    """API-3, LM-7, LM-8: static, dynamic and in between; the lowest of all counts."""
    for zone, amps in (("street", 16.0), ("main", 40.0), ("garage", 12.0)):
        assert limit(house, zone, amps).refused is None
    house.run(1.0)
    assert told(house, "S1", "S2") <= 16.05
    assert told(house, "G1", "G2", "O1") <= 40.05
    assert told(house, "G1", "G2") <= 12.05
    house.run(10.0)
    zones = house.snapshot().zones
    assert zones[ZoneId("main")].bound_by == "remote at 40.0 A"
    assert "remote at 12.0 A" in next(iter(zones[ZoneId("garage")].reasons.values()))
    house.inputs.switch(2, True)
    house.run(1.0)
    assert told(house, "G1", "G2", "O1") <= 30.05
    assert told(house, "S1", "S2") <= 12.05, "30 % of 40 A is less than 16 A"
    house.inputs.switch(2, False)
    house.run(30.0)
    assert 39.0 < told(house, "G1", "G2", "O1") <= 40.05
    assert house.deaths() == []


def test_a_system_that_falls_silent_leaves_the_local_limits_after_one_heartbeat(house: House) -> None:
    """API-3, RELIABILITY REST controller silent: not sooner, ramped, with an alarm, and no violation."""
    limit(house, "street", 6.0)
    limit(house, "main", 20.0)
    house.run(30.0)
    house.runtime.tell(REMOTE, HearRemote("service"))
    house.run(PERIOD - 1.0)
    assert max(house.cars("street")) <= 6.2
    assert max(house.cars("main")) <= 20.2
    assert house.standing() == set()
    house.run_until(lambda: ("remote_silent", "remote") in house.standing(), 2.0, "the alarm")
    street, began = max(house.cars("street")), house.now

    def ramped() -> None:
        assert told(house, "S1", "S2") <= street + 2.0 * (house.now - began) + 1.5

    house.watchers.append(ramped)
    house.run_until(lambda: max(house.cars("street")) > 38.0, 60.0, "the street has its own limit")
    house.run_until(lambda: max(house.truth("main")) > 95.0, 60.0, "main follows its meter again")
    house.watchers.clear()
    house.runtime.tell(REMOTE, HearRemote("service"))
    house.run(1.0)
    assert house.standing() == set()
    assert house.deaths() == []


def test_a_new_process_and_a_new_zone_go_on_with_the_limit_that_was_set(house: House) -> None:
    """API-3: killed, the daemon holds it for a whole period; nobody rises meanwhile."""
    limit(house, "street", 12.0)
    house.run(20.0)

    def low() -> None:
        assert told(house, "S1", "S2") <= 12.05

    house.watchers.append(low)
    for victim in ("zone/street", REMOTE, "recorder"):
        house.kill(victim)
        house.run(5.0)
    assert len(house.deaths()) == 3
    house.crash(away=3.0)
    house.run_until(house.all_verified, 10.0, "every station is verified")
    house.run(PERIOD - 10.0)
    assert told(house, "S1", "S2") > 11.0
    house.watchers.clear()
    house.run(60.0)
    assert max(house.cars("street")) > 38.0


def test_switched_off_the_limits_rise_and_switched_on_again_none_is_left(house: House) -> None:
    """API-3, CF-1: its own switch, applied live."""
    limit(house, "street", 6.0)
    house.run(10.0)
    house.apply(remote_site(remote_energy_management=False))
    house.run(4.0)
    assert told(house, "S1", "S2") <= 6.0 + 2.0 * 5.0
    assert limit(house, "street", 6.0).refused == "off"
    house.run(40.0)
    assert max(house.cars("street")) > 38.0
    house.apply(remote_site())
    house.run(10.0)
    assert max(house.cars("street")) > 38.0
    assert limit(house, "street", 10.0).refused is None
    house.run(2.0)
    assert told(house, "S1", "S2") <= 10.05
    assert house.deaths() == []
