"""Links to stations break while cars charge: their share stays reserved, lapses, and is given back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site

LEASE = 60
MARGIN = 5.0
"""Seconds beyond the lease in which a station must have fallen: the error of the estimate of its clock."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path, document=small_site(lease_dynamic=LEASE, lease_static=LEASE))
    made.settle_in()
    yield made
    made.close()


def test_a_lost_station_of_a_static_zone_keeps_its_share_until_it_has_fallen_back(house: House) -> None:
    """DG-1, DG-2, DG-6: 40 A: 32 A are reserved, then the fall-back of 20 A; the other has the rest."""
    house.plug("S1")
    house.run(20.0)
    assert house.drawn("S1") == pytest.approx(32.0)
    house.site.cut("S1", house.now)
    cut_at = house.now
    house.plug("S2")
    house.run(20.0)
    assert house.drawn("S2") == pytest.approx(8.0)
    assert ("disconnected", "S1") in house.standing()
    fell = house.run_until(lambda: house.drawn("S1") < 21.0, LEASE + MARGIN, "S1 falls by itself")
    assert house.drawn("S2") == pytest.approx(8.0), f"nobody rises before S1 must have fallen ({fell:g} s)"
    house.run_until(lambda: house.drawn("S2") > 19.9, 30.0, "S2 gets what S1 gave up")
    house.run(300.0 - (house.now - cut_at))
    assert [house.drawn("S1"), house.drawn("S2")] == pytest.approx([20.0, 20.0])
    house.site.restore("S1", house.now)
    house.run_until(house.all_verified, 10.0, "S1 is verified again")
    house.run(60.0)
    assert [house.drawn("S1"), house.drawn("S2")] == pytest.approx([20.0, 20.0])
    assert house.standing() == set()
    assert max(house.referee.zones[zone].longest_above for zone in house.referee.zones) == 0.0
    assert house.deaths() == []


def test_a_lost_station_of_a_dynamic_zone_falls_to_nothing_and_the_others_share_it(house: House) -> None:
    """DG-4, DG-6, LM-8: sums never pass the limit, on the way down nor when it returns."""
    for where in ("G1", "G2", "O1"):
        house.plug(where)
    house.run(60.0)
    share = house.drawn("G1")
    assert 25.0 < share < 32.0
    sessions = house.running()
    house.site.cut("G1", house.now)
    house.run(LEASE / 3.0 - 5.0)
    assert house.drawn("G1") == pytest.approx(share, abs=0.3), "its lease still runs"
    assert max(house.drawn("G2"), house.drawn("O1")) < share + 1.0, "more than the building's drift gave back"
    house.run_until(lambda: house.drawn("G1") == 0.0, LEASE + MARGIN, "G1 falls by itself")
    house.run_until(lambda: house.drawn("O1") > 31.9, 60.0, "the others rise")
    house.site.restore("G1", house.now)
    house.run_until(lambda: house.drawn("G1") > 20.0, 60.0, "G1 charges again")
    assert house.running() == sessions
    house.run(60.0)
    assert house.standing() == set()
    assert max(house.referee.zones[zone].longest_above for zone in house.referee.zones) == 0.0
    assert house.deaths() == []


def test_a_link_that_flaps_is_one_alarm_and_no_oscillation(house: House) -> None:
    """DG-6: five short breaks: the car charges on, nobody's share moves upward."""
    for where in ("G1", "G2", "O1"):
        house.plug(where)
    house.run(60.0)
    share = {where: house.drawn(where) for where in ("G1", "G2", "O1")}
    for _ in range(5):
        house.site.hang_up("G1", house.now)
        house.run(6.0)
        assert {where: house.drawn(where) for where in share} == pytest.approx(share, abs=0.5)
    house.run(40.0)
    assert [alarm.code for _, alarm in house.alarms_heard] == ["disconnected"]
    assert house.standing() == set()
    assert house.referee.clean
