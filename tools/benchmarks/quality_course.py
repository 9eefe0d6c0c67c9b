"""Lives through a recorded week in virtual time: cars come, charge as a rule has them, and go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol

from evce.units import Amps, Seconds, WattHours
from tools.benchmarks.quality_site import TightSite
from tools.benchmarks.quality_weeks import POWER, RATING, RecordedSession

__all__ = ["Car", "Outcome", "Rule", "live"]

_FLOW: Amps = 0.05
"""Less is no current."""

_WHOLE = 0.99
"""A car with this part of its need counts as served whole; the last per cent is the meter's error."""

_OVERLOAD: Amps = 1e-6
"""More is no float error."""

_DONE: WattHours = 1e-3


@dataclass(slots=True)
class Car:
    """A plugged-in car. `amps` is what it draws, `offered` what it may; it first drew at `first_at`."""

    session: RecordedSession
    got: WattHours = 0.0
    amps: Amps = 0.0
    offered: Amps = 0.0
    first_at: Seconds | None = None
    suspensions: int = 0

    @property
    def full(self) -> bool:
        """Whether it has all that it takes."""
        return self.session.need - self.got <= _DONE

    @property
    def full_at_rate(self) -> Seconds:
        """Seconds until it is full at the present current."""
        if self.full or self.amps <= _FLOW:
            return inf
        return (self.session.need - self.got) / (self.amps / RATING * POWER) * 3_600.0


class Rule(Protocol):
    """Who gets how much; it may look at arrivals, outlets, what was stated and who is full, no more."""

    def decide(self, now: Seconds, cars: Sequence[Car]) -> tuple[Mapping[int, Amps], Seconds]:
        """Return A by outlet for the cars that are plugged in, and when to ask again at the latest."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a week. `violations` counts moments above a limit, `waits` is the mean time to the first
    current in s, `whole` the share of sessions served whole, `fairness` Jain's index of the shares served."""

    energy: WattHours
    whole: float
    fairness: float
    waits: Seconds
    suspensions: float
    violations: int
    by_session: Mapping[int, WattHours]


def live(sessions: Sequence[RecordedSession], site: TightSite, rule: Rule) -> Outcome:
    """Let the rule decide at every arrival, departure and full battery, and whenever it wants to."""
    coming = sorted(sessions, key=lambda session: (session.arrives, session.number))
    plugged: dict[int, Car] = {}
    gone: list[Car] = []
    violations, arrived = 0, 0
    now = ask_at = coming[0].arrives if coming else 0.0
    while plugged or arrived < len(coming):
        following = [ask_at if plugged else inf, *(now + car.full_at_rate for car in plugged.values())]
        following += [car.session.leaves for car in plugged.values()]
        following += [coming[arrived].arrives] if arrived < len(coming) else []
        then = max(min(following), now)
        for car in plugged.values():
            _charge(car, then - now)
        now = then
        for outlet in [outlet for outlet, car in plugged.items() if car.session.leaves <= now]:
            gone.append(plugged.pop(outlet))
        while arrived < len(coming) and coming[arrived].arrives <= now:
            session = coming[arrived]
            if session.outlet in plugged:
                gone.append(plugged.pop(session.outlet))
            plugged[session.outlet] = Car(session)
            arrived += 1
        amps, ask_at = rule.decide(now, list(plugged.values()))
        ask_at = max(ask_at, now + 1.0)
        for outlet, car in plugged.items():
            _offer(car, amps.get(outlet, 0.0), now)
        drawn = {outlet: car.offered for outlet, car in plugged.items()}
        violations += site.overload(drawn) > _OVERLOAD
    return _outcome(gone, violations)


def _charge(car: Car, seconds: Seconds) -> None:
    energy = car.amps / RATING * POWER * seconds / 3_600.0
    car.got = min(car.session.need, car.got + energy)
    if car.full:
        car.amps = 0.0


def _offer(car: Car, amps: Amps, now: Seconds) -> None:
    """A car that is paused in the middle is a suspension; its contactor feels it."""
    if not car.full and car.offered > _FLOW >= amps:
        car.suspensions += 1
    car.offered = amps
    car.amps = 0.0 if car.full else min(amps, RATING)
    if car.amps > _FLOW and car.first_at is None:
        car.first_at = now


def _outcome(cars: Sequence[Car], violations: int) -> Outcome:
    count = max(len(cars), 1)
    served = [car.got / car.session.need for car in cars]
    waits = [
        (car.session.leaves if car.first_at is None else car.first_at) - car.session.arrives for car in cars
    ]
    squares = sum(share * share for share in served)
    return Outcome(
        energy=sum(car.got for car in cars),
        whole=sum(share >= _WHOLE for share in served) / count,
        fairness=sum(served) ** 2 / (count * squares) if squares > 0.0 else 0.0,
        waits=sum(waits) / count,
        suspensions=sum(car.suspensions for car in cars) / count,
        violations=violations,
        by_session={car.session.number: car.got for car in cars},
    )
