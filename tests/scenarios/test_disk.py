"""The disk is full for a while: cars charge on, nobody is raised, and no transaction is told a lie."""

from pathlib import Path

import pytest

from actors.messages import CallReceived
from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site


def test_reductions_go_on_raises_stop_and_a_start_is_told_to_come_again(tmp_path: Path) -> None:
    """OC-6, CDR-3: RELIABILITY invariants 11, 12 and 18: InternalError, a retry, one record."""
    house = House(tmp_path, document=small_site())
    house.settle_in()
    for where in ("G1", "G2"):
        house.plug(where)
    house.run(60.0)
    house.disk.full = True
    starts: list[float] = []
    house.heard.append(
        lambda at, name, message: (
            starts.append(at)
            if name == "station/O1"
            and isinstance(message, CallReceived)
            and message.action == "StartTransaction"
            else None
        )
    )
    house.plug("O1")
    house.run_until(lambda: ("storage_failed", "recorder") in house.standing(), 10.0, "the alarm")
    house.run(30.0)
    assert house.running()["O1/1"] is None
    assert house.outlet("O1").pilot == 0.0, "what a new transaction gets by itself"
    assert [session.connector.station for session in house.sessions()] == ["G2", "G1"]
    house.inputs.switch(1, True)
    house.run(10.0)
    assert max(house.cars("main")) <= 50.1
    house.inputs.switch(1, False)
    house.run(30.0)
    assert max(house.cars("main")) <= 50.1, "nothing is raised that can't be written down"
    house.disk.full = False
    house.run_until(lambda: ("storage_failed", "recorder") not in house.standing(), 10.0, "all is well again")
    house.run_until(lambda: house.drawn("O1") > 20.0, 200.0, "the newcomer charges")
    assert len(starts) > 1
    house.run(60.0)
    assert set(house.running()) == {"G1/1", "G2/1", "O1/1"}
    for where in ("G1", "G2", "O1"):
        house.world.stations[where].unplug(1, house.now)
    house.run(5.0)
    assert len(house.sessions()) == 3
    assert house.differences() == []
    assert house.deaths() == []
    assert house.referee.clean
    house.close()


def test_the_end_of_a_session_is_kept_by_its_station_until_the_disk_takes_it(tmp_path: Path) -> None:
    """OC-6: acknowledged only once it is on the disk."""
    house = House(tmp_path, document=small_site())
    house.settle_in()
    house.plug("S1")
    house.run(30.0)
    house.disk.full = True
    house.world.stations["S1"].unplug(1, house.now)
    house.run(20.0)
    assert house.site.book() != []
    assert house.site.book(delivered_only=True) == []
    house.disk.full = False
    house.run_until(lambda: house.site.book(delivered_only=True) != [], 300.0, "it was told again")
    assert [session.energy for session in house.sessions()] == [
        pytest.approx(house.site.book()[0].energy, abs=2)
    ]
    assert house.differences() == []
    house.close()
