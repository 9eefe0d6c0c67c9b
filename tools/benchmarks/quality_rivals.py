"""Rules to compare with, all fluid: no floors, no rounding, no turns, and all takes effect at once."""

from collections.abc import Mapping, Sequence

import numpy as np

from evce.units import Amps, Seconds
from tools.benchmarks.quality_course import Car
from tools.benchmarks.quality_site import TightSite
from tools.benchmarks.quality_weeks import POWER, RATING

__all__ = ["EarliestDeadline", "EqualShare", "FirstCome", "Greedy", "LeastLaxity"]

_LOOKS_EVERY: Seconds = 300.0
"""Laxity changes with time."""

_USUAL_STAY: Seconds = 8 * 3_600.0
"""Of a car whose driver stated nothing."""
_USUAL_NEED = 12_000.0

_LEFT: Amps = 1e-9


class EqualShare:
    """A common level that rises until each car is at its rating or on a limit that is used up."""

    def __init__(self, site: TightSite) -> None:
        self._site = site

    def decide(self, now: Seconds, cars: Sequence[Car]) -> tuple[Mapping[int, Amps], Seconds]:
        """See `Rule`."""
        outlets = [car.session.outlet for car in cars if not car.full]
        table = self._site.members(outlets)
        amps = np.zeros(len(outlets))
        left = self._site.limits.copy()
        rising = np.ones(len(outlets), dtype=bool)
        while rising.any():
            users = table @ rising
            room = np.divide(left, users, out=np.full(len(left), np.inf), where=users > 0.0)
            step = min(float(room.min()), float((RATING - amps[rising]).min()))
            amps[rising] += step
            left -= users * step
            full = (left <= _LEFT) & (users > 0.0)
            rising &= (amps < RATING - _LEFT) & ~(table[full].any(axis=0))
        return dict(zip(outlets, amps.tolist(), strict=True)), now + _LOOKS_EVERY


class Greedy:
    """One car after the other takes all it can."""

    def __init__(self, site: TightSite) -> None:
        self._site = site

    def place(self, car: Car, _now: Seconds) -> float:
        """Where in the line the car stands now, lowest first."""
        raise NotImplementedError

    def decide(self, now: Seconds, cars: Sequence[Car]) -> tuple[Mapping[int, Amps], Seconds]:
        """See `Rule`."""
        left = self._site.limits.copy()
        given: dict[int, Amps] = {}
        for car in sorted(cars, key=lambda car: (self.place(car, now), car.session.number)):
            rows = list(self._site.loads[car.session.outlet])
            amps = 0.0 if car.full else max(0.0, min(RATING, float(left[rows].min())))
            left[rows] -= amps
            given[car.session.outlet] = amps
        return given, now + _LOOKS_EVERY


class FirstCome(Greedy):
    """In the order of arrivals."""

    def place(self, car: Car, _now: Seconds) -> float:
        """See `Greedy`."""
        return car.session.arrives


class EarliestDeadline(Greedy):
    """Whoever said to leave first."""

    def place(self, car: Car, _now: Seconds) -> float:
        """See `Greedy`."""
        return _leaves(car)


class LeastLaxity(Greedy):
    """Whoever has least time to spare, by the drivers' own statements."""

    def place(self, car: Car, _now: Seconds) -> float:
        """See `Greedy`."""
        need = _USUAL_NEED if car.session.stated_need is None else car.session.stated_need
        return _leaves(car) - _now - (need - car.got) / POWER * 3_600.0


def _leaves(car: Car) -> Seconds:
    said = car.session.stated_leaves
    return car.session.arrives + _USUAL_STAY if said is None else said
