"""The course of a wiring check: one car is stepped down and back twice while a zone's meter is watched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from statistics import median

from evce.conditions import ZoneCondition
from evce.electrical import Connector, SiteModel, Wiring
from evce.facts import ConnectorFacts, Link
from evce.pledges import SETTLING
from evce.units import NO_AMPS, Amps, ConnectorKey, Monotonic, PhaseAmps, Seconds, TransactionId, ZoneId
from evce.wiring_check import VISIBLE, Finding, Step, WiringVerdict, find_wiring

__all__ = ["GIVEN_UP_AFTER", "STEP", "WATCHED", "CannotCheckError", "Trial", "WiringCourse", "WiringReport"]

WATCHED: Seconds = 4.0
"""The meter is read for so long at each level: eight polls of half a second, of which the middle counts."""

ENOUGH = 4
"""Different readings in that time; fewer and the meter is too slow, so the level lasts longer."""

GIVEN_UP_AFTER: Seconds = 90.0
"""A level that isn't reached and reported by then won't be; stations may report once a minute."""

STEP: Amps = 10.0
"""Enough to see. A car that has more is lowered to this above its floor first: then the course of the
building moves none of its levels."""

_REACHED: Amps = 0.3


class CannotCheckError(ValueError):
    """A check that can't begin; the text says what it would need."""


class _Level(Enum):
    HIGH = "high"
    LOW = "low"


_COURSE = (_Level.HIGH, _Level.LOW, _Level.HIGH, _Level.LOW, _Level.HIGH)
"""Two steps down and two back: a load of the building that switches during one of them is outvoted."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What a check asks of the plan: nothing but caps.

    The connector `key` gets at most `cap` A; those in `frozen` no more than they have, so that nobody
    takes what it gives way and hides its step from the meter.
    """

    key: ConnectorKey
    cap: Amps
    frozen: frozenset[ConnectorKey]

    def cap_of(self, key: ConnectorKey, held: Amps) -> tuple[Amps, str] | None:
        """Return the most that a connector may have because of it, and why; None for no limit."""
        if key == self.key:
            return self.cap, "a check of its wiring"
        return (held, "its setpoint while a wiring is checked") if key in self.frozen else None


@dataclass(frozen=True, slots=True)
class WiringReport:
    """How a check stands or ended. `finding` is None while it runs; `progress` is 0 to 1."""

    key: ConnectorKey
    declared: Wiring
    progress: float = 0.0
    finding: Finding | None = None

    @property
    def text(self) -> str:
        """What people read."""
        if self.finding is None:
            return f"{self.key}: the check of its wiring is {self.progress * 100.0:.0f} % through"
        match self.finding.verdict:
            case WiringVerdict.RIGHT:
                return f"{self.key}: wired {self.declared.value} as configured; {self.finding.why}"
            case WiringVerdict.WRONG if self.finding.found is not None:
                return (
                    f"{self.key}: wired {self.finding.found.value}, not {self.declared.value} as configured; "
                    f"{self.finding.why}"
                )
            case _:
                return f"{self.key}: its wiring could not be told: {self.finding.why}"

    @property
    def correction(self) -> str | None:
        """The line for the connector in the site file, None where nothing is to be corrected."""
        if self.finding is None or self.finding.verdict is not WiringVerdict.WRONG:
            return None
        return None if self.finding.found is None else f'wiring = "{self.finding.found.value}"'


@dataclass(slots=True)
class WiringCourse:
    """One check: whoever runs it calls `look` now and then; the plan keeps to `trial` until it is over."""

    connector: Connector
    zone: ZoneId
    transaction: TransactionId
    high: Amps
    low: Amps
    frozen: frozenset[ConnectorKey]
    _at: int = 0
    _since: Monotonic = 0.0
    _readings: list[tuple[Monotonic, PhaseAmps]] = field(default_factory=list)
    _levels: list[tuple[PhaseAmps, PhaseAmps, bool]] = field(default_factory=list)
    _finding: Finding | None = None

    @classmethod
    def begin(
        cls,
        model: SiteModel,
        facts: Mapping[ConnectorKey, ConnectorFacts],
        conditions: Mapping[ZoneId, ZoneCondition],
        key: ConnectorKey,
        floor: Amps,
        now: Monotonic,
    ) -> "WiringCourse":
        """Begin a check of this connector; `floor` is the least that its car charges with, A.

        Raises CannotCheckError where no meter would see it, or no car is there that could give way.
        """
        connector, known = model.connectors[key], facts[key]
        home = model.stations[key.station].zone
        path = () if home is None else model.path(home)
        zone = next((member for member in path if model.zones[member].dynamic), None)
        if zone is None:
            raise CannotCheckError(f"{key}: no zone above it has a meter that could see its step")
        if conditions[zone].measured is None or conditions[zone].meter_lost:
            raise CannotCheckError(f"{key}: the meter of zone {model.zones[zone].name} can't be read now")
        transaction, least = known.transaction, floor + VISIBLE
        if known.link is not Link.CONNECTED or not known.verified or transaction is None:
            raise CannotCheckError(f"{key}: no session runs there that can be told a setpoint")
        if known.setpoint is None or min(max(known.drawn), known.setpoint) < least:
            drawn = f"its car draws {max(known.drawn):.1f} A"
            raise CannotCheckError(f"{key}: {drawn}; it must draw {least:g} A at least to give way")
        below = set(model.subtree(zone))
        frozen = frozenset(
            other
            for other in model.connectors
            if model.stations[other.station].zone in below and other != key
        )
        high = min(known.setpoint, floor + STEP)
        return cls(connector, zone, transaction, high, floor, frozen, _since=now)

    @property
    def trial(self) -> Trial | None:
        """What the plan must keep to now, None once the check is over."""
        if self._finding is not None:
            return None
        return Trial(self.connector.key, self._told, self.frozen)

    @property
    def report(self) -> WiringReport:
        """How it stands."""
        return WiringReport(
            self.connector.key,
            self.connector.wiring,
            min(self._at / len(_COURSE), 1.0),
            self._finding,
        )

    def look(self, facts: ConnectorFacts | None, condition: ZoneCondition | None, now: Monotonic) -> None:
        """Take in what is known now, and go on to the next level once this one was seen."""
        if self._finding is not None:
            return
        if facts is None or facts.transaction != self.transaction or facts.link is not Link.CONNECTED:
            self._end("its session or its link has ended")
        elif condition is None or condition.measured is None or condition.meter_lost:
            self._end("the meter was lost")
        elif now - self._since > GIVEN_UP_AFTER:
            self._end(
                f"the station didn't take, or didn't report, {self._told:g} A within {GIVEN_UP_AFTER:g} s"
            )
        else:
            self._watch(facts, condition, condition.measured, now)

    def _watch(
        self, facts: ConnectorFacts, condition: ZoneCondition, measured: PhaseAmps, now: Monotonic
    ) -> None:
        reached = self._reached_at(facts)
        if reached is None or condition.measured_at is None:
            self._readings.clear()
            return
        if condition.measured_at >= reached + SETTLING:
            if self._readings and self._readings[0][0] < reached + SETTLING:
                self._readings.clear()
            if not self._readings or self._readings[-1][0] < condition.measured_at:
                self._readings.append((condition.measured_at, measured))
            reported = facts.draw_at is not None and facts.draw_at >= reached + SETTLING
            watched = self._readings[-1][0] - self._readings[0][0]
            if reported and watched >= WATCHED and len(self._readings) >= ENOUGH:
                self._next(facts, now)

    def _reached_at(self, facts: ConnectorFacts) -> Monotonic | None:
        """When the station accepted this level, None where it hasn't."""
        told = facts.acknowledged[-1] if facts.acknowledged else None
        if told is None or facts.outstanding or abs(told.amps - self._told) > _REACHED:
            return None
        return max(told.at, self._since)

    def _next(self, facts: ConnectorFacts, now: Monotonic) -> None:
        first, second, third = (median(amps[phase] for _, amps in self._readings) for phase in range(3))
        station = self.connector.wiring.to_station(facts.drawn)
        self._levels.append(((first, second, third), station, facts.split_known))
        self._readings.clear()
        self._at += 1
        self._since = now
        if self._at == len(_COURSE):
            self._finding = find_wiring(self.connector.wiring, self._steps())

    def _steps(self) -> list[Step]:
        steps = []
        for (before, after), level in zip(
            zip(self._levels, self._levels[1:], strict=False), _COURSE, strict=False
        ):
            high, low = (before, after) if level is _Level.HIGH else (after, before)
            steps.append(Step(_less(high[0], low[0]), _less(high[1], low[1]), high[2] and low[2]))
        return steps

    @property
    def _told(self) -> Amps:
        return self.high if _COURSE[min(self._at, len(_COURSE) - 1)] is _Level.HIGH else self.low

    def _end(self, why: str) -> None:
        """Nothing is told from half a check: one load that switched could not be outvoted."""
        self._finding = Finding(WiringVerdict.UNCLEAR, why, seen=NO_AMPS)


def _less(high: PhaseAmps, low: PhaseAmps) -> PhaseAmps:
    return (high[0] - low[0], high[1] - low[1], high[2] - low[2])
