"""Weeks in virtual time, with rules that are simple enough to reckon by hand."""

from collections.abc import Mapping, Sequence

import pytest

from evce.units import Amps, Seconds
from tools.benchmarks.quality_course import Car, live
from tools.benchmarks.quality_site import TightSite
from tools.benchmarks.quality_weeks import POWER, RecordedSession

HOUR = 3_600.0


class Fixed:
    """The same current for every car, 0 A in the hours that are named; asks once in ten minutes."""

    def __init__(self, amps: Amps, off: Sequence[int] = ()) -> None:
        self.amps = amps
        self.off = off

    def decide(self, now: Seconds, cars: Sequence[Car]) -> tuple[Mapping[int, Amps], Seconds]:
        amps = 0.0 if int(now // HOUR) in self.off else self.amps
        return {car.session.outlet: amps for car in cars}, now + 600.0


def session(number: int, arrives: float, hours: float, need: float) -> RecordedSession:
    leaves = arrives + hours * HOUR
    return RecordedSession(number, 0, arrives, leaves, number + 1, need, None, None)


def test_energy_flows_until_a_car_is_full_or_gone() -> None:
    """LM-6: at 16 A half the power; one is full after an hour, one leaves with half."""
    cars = [session(0, 0.0, 8.0, POWER / 2), session(1, 100.0, 2.0, 2 * POWER)]
    outcome = live(cars, TightSite(300.0), Fixed(16.0))
    assert outcome.by_session == pytest.approx({0: POWER / 2, 1: POWER})
    assert outcome.energy == pytest.approx(1.5 * POWER)
    assert outcome.whole == 0.5
    assert outcome.fairness == pytest.approx(1.5**2 / (2 * 1.25))
    assert (outcome.waits, outcome.suspensions, outcome.violations) == (0.0, 0.0, 0)


def test_waits_and_suspensions_are_counted_per_session() -> None:
    """LM-4: two hours without current at first, and a pause of one hour later."""
    outcome = live([session(0, 0.0, 6.0, 99 * POWER)], TightSite(300.0), Fixed(32.0, off=(0, 1, 3)))
    assert outcome.energy == pytest.approx(3 * POWER)
    assert (outcome.waits, outcome.suspensions) == (2 * HOUR, 1.0)


def test_a_car_that_never_charges_has_waited_all_its_stay() -> None:
    """LM-3."""
    assert live([session(0, 5.0, 6.0, POWER)], TightSite(300.0), Fixed(0.0)).waits == 6 * HOUR


def test_each_moment_above_a_limit_is_a_violation() -> None:
    """LM-1: a row that holds 2.7 A."""
    assert live([session(0, 0.0, 0.5, POWER)], TightSite(18.0), Fixed(6.0)).violations == 3
