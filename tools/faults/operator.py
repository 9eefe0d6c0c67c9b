"""Faults of the remote operator: its system is away, or slow."""

from collections.abc import Callable

from evce.units import Seconds
from tools.faults.fault import Fault, Sight, When
from tools.faults.sights import alarm, alarm_over
from tools.faults.stage import Site, Stage
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap
from tools.rehearsal.operator import VirtualOperator

__all__ = ["OPERATOR"]

_OPERATED = Site(operated=True)


def _operator(house: House) -> VirtualOperator:
    if house.operator is None:
        raise ValueError("this house has no operator: its site must be an operated one")
    return house.operator


def _operator_down(lasts: Seconds) -> Callable[[Stage], Mishap]:
    def make(stage: Stage) -> Mishap:
        def strike(house: House) -> None:
            _operator(house).down = True
            # One session ends and one begins while nobody listens.
            house.world.stations["S1"].unplug(1, house.now)
            house.later(20.0, lambda: house.plug("S1", badge=20))

        def mend(house: House) -> None:
            _operator(house).down = False

        del stage
        return Mishap(0.0, "operator", "the operator's system is away", lasts, strike, mend)

    return make


def _operator_slow(stage: Stage) -> Mishap:
    def slow(seconds: Seconds) -> Callable[[House], None]:
        def do(house: House) -> None:
            _operator(house).system.habits.slow = seconds
            if seconds:
                house.world.stations["S1"].unplug(1, house.now)
                house.later(10.0, lambda: house.plug("S1", badge=20))

        return do

    del stage
    return Mishap(0.0, "operator", "the operator answers after 8 s", 60.0, slow(8.0), slow(0.0))


def _waiting(stage: Stage) -> int:
    return sum(view.waiting for view in stage.house.snapshot().uplinks.values())


def _told_all(stage: Stage) -> bool:
    book = _operator(stage.house).system.book
    ended = {session.transaction for session in stage.house.sessions()}
    return _waiting(stage) == 0 and not book.faults and len(book.transactions) == len(ended)


def _charging(stage: Stage) -> bool:
    return all(stage.pilot(where) >= 6.0 for where in ("G1", "G2", "O1", "S2"))


OPERATOR: tuple[Fault, ...] = (
    Fault(
        "operator-down",
        "CPO down 24 h",
        "the operator's system can't be reached",
        (
            alarm("cpo_unreachable", 70.0),
            Sight("the messages that wait are shown", 30.0, lambda stage: _waiting(stage) >= 2),
            Sight("charging goes on", 90.0, _charging, kept=True, alone=True),
            Sight("the newcomer charges", 60.0, lambda stage: stage.pilot("S1") >= 6.0, alone=True),
            Sight("everything is delivered, once", 600.0, _told_all, When.MEND),
            alarm_over("cpo_unreachable", 120.0),
        ),
        _operator_down(120.0),
        site=_OPERATED,
        part="operator",
    ),
    Fault(
        "operator-slow",
        "CPO slow",
        "the operator's system takes 8 s for each answer",
        (
            Sight("charging goes on", 60.0, _charging, kept=True, alone=True),
            Sight("the newcomer charges", 45.0, lambda stage: stage.pilot("S1") >= 6.0, alone=True),
            Sight("everything is delivered, once", 120.0, _told_all, When.MEND),
        ),
        _operator_slow,
        site=_OPERATED,
        part="operator",
    ),
)
"""What the operator may do."""
