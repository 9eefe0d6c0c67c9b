"""An ordinary day at a site: clouds over the roof, steps of the building, cars that report late."""

from random import Random
from typing import Final

from evce.units import Amps, Monotonic, Seconds, ZoneId
from tools.referee.steadiness import Course, Steadiness
from tools.rehearsal.house import House
from tools.simulation.quirks import Quirks
from tools.simulation.world import WorldOptions

__all__ = ["LATEST_REPORT", "SteadinessWatch", "weather"]

LATEST_REPORT: Final = 60
"""Seconds between two reports of the slowest station: OCPP's usual interval where nobody asks for another."""

_MOVES: Amps = 2.0
"""The building and the sun move setpoints when they turn, or step, by at least this much per phase."""


def weather(seed: int, begin: Seconds, stations: tuple[str, ...], arrivals_factor: float) -> WorldOptions:
    """How the site behaves from `begin` s after Monday 00:00 on.

    Each station reports at an interval of its own between 1 s and a minute, whatever it is asked for.
    """
    chance = Random(f"weather/{seed}")  # noqa: S311 - a rehearsal, no secret
    return WorldOptions(
        seed=seed,
        arrivals_factor=arrivals_factor,
        begin=begin,
        solar_share=0.3,
        step_every=300.0,
        step_share=0.15,
        quirks={name: Quirks(samples_every=chance.randint(1, LATEST_REPORT)) for name in sorted(stations)},
    )


_DEAF_BY: Amps = 1.0
_DEAF_AFTER: Seconds = 8.0
"""A car that draws so much more than its pilot for so long ignores it: it settles within 6 s."""


class SteadinessWatch:
    """Tells the judge each pilot of a house, and what happens outside in the tree of its zone.

    That is: a session begins, ends or wants differently; a car begins, or ends, to ignore its pilot; building
    less sun turns, or steps. Who makes a mishap, switches an input or begins a tariff tells it with
    `happened`.
    """

    def __init__(self, house: House) -> None:
        self.judge = Steadiness()
        self._house = house
        self._outlets = [
            (f"{name}/{number}", house.model.path(station.zone)[-1], outlet)
            for name, station in house.model.stations.items()
            if station.zone is not None
            for number, outlet in house.world.stations[str(name)].outlets.items()
        ]
        self._outside: dict[ZoneId, tuple[Course, Amps]] = {}
        self._wishes: dict[str, tuple[int, bool] | None] = {}
        self._above: dict[str, Monotonic] = {}
        """Since when a car draws more than its pilot."""
        self._deaf: set[str] = set()
        house.watchers.append(self._look)

    def happened(self) -> None:
        """Something happened that may concern every car."""
        for root in self._house.model.roots:
            self.judge.cause(root, self._house.now)

    def _look(self) -> None:
        now = self._house.now
        for root in self._house.model.roots:
            self._look_outside(root, now)
        for where, root, outlet in self._outlets:
            session, vehicle = outlet.session, outlet.vehicle
            wish = None if session is None or vehicle is None else (id(session), vehicle.wants)
            if self._wishes.get(where) != wish:
                self.judge.cause(root, now)
                self._wishes[where] = wish
            above = vehicle is not None and vehicle.current > outlet.pilot + _DEAF_BY
            if self._turns_deaf(where, now, above=above):
                self.judge.cause(root, now)
            self.judge.seen(where, root, None if wish is None else outlet.pilot, now)

    def _turns_deaf(self, where: str, now: Monotonic, *, above: bool) -> bool:
        """Whether the car there begins to ignore its pilot at this moment, or ends it."""
        if not above:
            self._above.pop(where, None)
            ends = where in self._deaf
            self._deaf.discard(where)
            return ends
        if where in self._deaf or now - self._above.setdefault(where, now) < _DEAF_AFTER:
            return False
        self._deaf.add(where)
        return True

    def _look_outside(self, root: ZoneId, now: Seconds) -> None:
        """What is drawn and made beside the cars, A on an average phase."""
        amps = (sum(self._house.truth(root)) - sum(self._house.cars(root))) / 3.0
        course, before = self._outside.get(root) or (Course(amps, _MOVES), amps)
        if abs(amps - before) >= _MOVES:
            self.judge.cause(root, now)
            course = Course(amps, _MOVES)
        elif course.turned(amps):
            self.judge.cause(root, now, answers=1)
        self._outside[root] = (course, amps)
