"""Cars that have stopped drawing by themselves: others come first, and now and then they are tried again."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace

from evce.facts import ConnectorFacts, ConnectorStatus, Link
from evce.units import Amps, ConnectorKey, Monotonic, Seconds, TransactionId

__all__ = ["LONGEST_REST", "RESTS_AFTER", "SHORTEST_REST", "TRIED_FOR", "Rest", "Resting"]

WAKES: Amps = 1.0
"""More than a station's electronics: the car draws."""

RESTS_AFTER: Seconds = 40.0
"""Contactors and short breaks of a battery take less; a car that is full takes nothing for hours."""

TRIED_FOR: Seconds = 20.0
"""A car that has rested and wants current again closes its contactor within this: the pilot wakes it. Each
try in vain takes its floor from the others (docs/benchmarks.md)."""

SHORTEST_REST: Seconds = 1_800.0
"""A rested car can't show that it wants current again while it is paused: so it is tried after this."""

LONGEST_REST: Seconds = 14_400.0
"""Each time in vain doubles the rest, up to this: what a full car is offered is taken from others."""


@dataclass(frozen=True, slots=True)
class Rest:
    """One car in its session: since when it stops by itself, since when it is paused for that, how long."""

    transaction: TransactionId | None
    stopped_at: Monotonic | None = None
    paused_at: Monotonic | None = None
    lasts: Seconds = SHORTEST_REST

    def after(self, facts: ConnectorFacts, now: Monotonic) -> "Rest":
        """One more look at the same session."""
        told = facts.setpoint or 0.0
        if told > 0.0 and max(facts.drawn) >= WAKES:
            wide_awake = self.stopped_at is None and self.paused_at is None and self.lasts == SHORTEST_REST
            return self if wide_awake else Rest(self.transaction)
        if told <= 0.0:
            if self.stopped_at is None or self.paused_at is not None:
                return self
            return replace(self, paused_at=now) if self.rests(now) else replace(self, stopped_at=None)
        if self.paused_at is not None:
            return replace(self, stopped_at=None, paused_at=None, lasts=min(2.0 * self.lasts, LONGEST_REST))
        if facts.status is not ConnectorStatus.SUSPENDED_EV:
            return self if self.stopped_at is None else replace(self, stopped_at=None)
        return self if self.stopped_at is not None else replace(self, stopped_at=now)

    def rests(self, now: Monotonic) -> bool:
        """Whether others come first now."""
        if self.paused_at is not None:
            return now - self.paused_at < self.lasts
        tried = RESTS_AFTER if self.lasts == SHORTEST_REST else TRIED_FOR
        return self.stopped_at is not None and now - self.stopped_at >= tried


class Resting:
    """Looks at every session each time that there is something to decide."""

    def __init__(self) -> None:
        self._rests: dict[ConnectorKey, Rest] = {}

    def look(self, reports: Iterable[ConnectorFacts], now: Monotonic) -> None:
        """Take over what the stations report; of one out of reach nothing is learnt."""
        for facts in reports:
            if facts.transaction is None:
                self._rests.pop(facts.key, None)
            elif facts.link is Link.CONNECTED and facts.verified:
                known = self._rests.get(facts.key)
                if known is None or known.transaction != facts.transaction:
                    known = Rest(facts.transaction)
                self._rests[facts.key] = known.after(facts, now)

    def rests(self, facts: ConnectorFacts, now: Monotonic) -> bool:
        """Tell whether this car has stopped by itself for so long that others come first."""
        known = self._rests.get(facts.key)
        return known is not None and known.transaction == facts.transaction and known.rests(now)

    def keep_only(self, connectors: Container[ConnectorKey]) -> None:
        """Forget connectors that are gone from the site."""
        self._rests = {key: rest for key, rest in self._rests.items() if key in connectors}

    def seen(self) -> Mapping[ConnectorKey, Rest]:
        """Return what a successor must know."""
        return dict(self._rests)

    def restore(self, rests: Mapping[ConnectorKey, Rest]) -> None:
        """Take over what a predecessor had seen."""
        self._rests = dict(rests)
