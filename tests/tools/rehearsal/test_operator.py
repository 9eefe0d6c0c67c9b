"""Tests of the operator in virtual time."""

from pathlib import Path

from tools.faults.stage import Site, build


def test_sessions_reach_its_book_also_those_of_an_outage(tmp_path: Path) -> None:
    """CPO-3: a session ends and one begins while it is away; each is told once, when it is back."""
    house = build(tmp_path, Site(operated=True, cars=("S1", "S2"), settled=30.0), seed=1)
    operator = house.operator
    assert operator is not None
    assert len(operator.system.book.transactions) == 2
    operator.down = True
    house.world.stations["S1"].unplug(1, house.now)
    house.run(5.0)
    house.plug("S1", badge=20)
    house.run(30.0)
    assert len(operator.system.book.transactions) == 2
    operator.down = False
    house.run_until(lambda: len(operator.system.book.transactions) == 3, 300.0, "the new session is told")
    house.run(5.0)
    ended = [known for known in operator.system.book.transactions.values() if known.meter_stop is not None]
    assert [known.station for known in ended] == ["S1"]
    assert operator.system.book.faults == []
    assert operator.system.complaints == []
    house.close()


def test_a_slow_one_answers_late(tmp_path: Path) -> None:
    """CPO-3: charging doesn't wait for it."""
    house = build(tmp_path, Site(operated=True, cars=(), settled=5.0), seed=1)
    operator = house.operator
    assert operator is not None
    operator.system.habits.slow = 8.0
    house.plug("S1")
    house.run(25.0)
    assert house.drawn("S1") > 10.0
    house.run(60.0)
    assert len(operator.system.book.transactions) == 1
    house.close()
