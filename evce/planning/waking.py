"""Wakes cars that sleep on after a pause: a short rise of the setpoint, then one new session."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum

from evce.facts import ConnectorFacts, Link
from evce.pledges import SETTLING
from evce.units import Amps, ConnectorKey, Monotonic, Seconds, TransactionId

__all__ = [
    "ASLEEP_AFTER",
    "HELD_FOR",
    "NUDGED_FOR",
    "RESTARTS_AFTER",
    "STARTS_AGAIN_AFTER",
    "STARTS_WITHIN",
    "Restarts",
    "Sleep",
    "SleepStage",
    "Sleepers",
]

DREW: Amps = 3.0
"""A car that drew this much when it was paused had not finished by itself."""

WAKES: Amps = 1.0
"""More than a station's electronics: the car is back."""

ASLEEP_AFTER: Seconds = 60.0
"""Contactors and the slowest of the cars that wake by themselves take less."""

HELD_FOR: Seconds = 10.0
"""The sleeper is held to its floor first, so that there is something to rise from; it settles meanwhile."""

NUDGED_FOR: Seconds = 40.0
"""Then it may have all that there is for it: what pays for it settles in 6 s, and a car needs some more."""

RESTARTS_AFTER: Seconds = 55.0
"""From the beginning of its sleep to the end of its session: before it counts as one that has had enough."""

STARTS_WITHIN: Seconds = 60.0
"""The old session ends within this, and the new one begins; else the driver is left alone."""

STARTS_AGAIN_AFTER: Seconds = 15.0
"""A station that took the start has asked about the card and told the transaction by then."""


class SleepStage(Enum):
    """What a sleeper gets now."""

    HELD = "held"
    """Its floor."""
    NUDGED = "nudged"
    """As much as any other car."""


@dataclass(frozen=True, slots=True)
class Sleep:
    """One car in its session: whether it drew when it was paused, and since when it doesn't wake."""

    transaction: TransactionId | None
    drew: bool = False
    paused: bool = False
    offered_at: Monotonic | None = None
    asleep_since: Monotonic | None = None

    def after(self, facts: ConnectorFacts) -> "Sleep":
        """One more report of the same session."""
        told = facts.acknowledged[-1]
        drawn, at = max(facts.drawn), facts.draw_at
        if told.amps <= 0.0:
            return replace(self, paused=self.paused or self.drew, offered_at=None, asleep_since=None)
        offered_at = told.at if self.offered_at is None else self.offered_at
        if at is None or at <= offered_at:
            return replace(self, offered_at=offered_at)
        if drawn >= WAKES:
            return Sleep(self.transaction, drew=drawn >= DREW, offered_at=offered_at)
        if at - offered_at < SETTLING:
            return replace(self, offered_at=offered_at)
        since = at if self.paused and at - offered_at >= ASLEEP_AFTER else None
        return Sleep(
            self.transaction,
            paused=self.paused,
            offered_at=offered_at,
            asleep_since=since if self.asleep_since is None else self.asleep_since,
        )


@dataclass(frozen=True, slots=True)
class _Restart:
    """A session that was ended for its car to wake up: begun again while the same car is plugged in."""

    transaction: TransactionId | None
    id_tag: str
    plugged_at: Monotonic | None
    at: Monotonic
    begun_at: Monotonic | None = None

    def due(self, now: Monotonic) -> bool:
        """Whether the new session is to be asked for, or asked for again."""
        return now - self.at < STARTS_WITHIN and (
            self.begun_at is None or now - self.begun_at >= STARTS_AGAIN_AFTER
        )


@dataclass(frozen=True, slots=True)
class Restarts:
    """Sessions to end now, and those to begin again, with their card."""

    ended: tuple[ConnectorKey, ...] = ()
    begun: tuple[tuple[ConnectorKey, str], ...] = ()


class Sleepers:
    """Learns from reports: a car is asleep that drew when it was paused, and draws nothing when it may again.

    One that stopped drawing by itself, or whose draw isn't known, is left alone. Each plugged-in car is
    nudged once per pause and has its session restarted once at most.
    """

    def __init__(self) -> None:
        self._sleeps: dict[ConnectorKey, Sleep] = {}
        self._restarts: dict[ConnectorKey, _Restart] = {}

    def learn(self, facts: ConnectorFacts) -> None:
        """Take a report in."""
        if facts.link is not Link.CONNECTED or not facts.verified:
            return
        if facts.transaction is None or not facts.acknowledged or facts.draw is None:
            if facts.transaction is None:
                self._sleeps.pop(facts.key, None)
            return
        known = self._sleeps.get(facts.key)
        if known is None or known.transaction != facts.transaction:
            known = Sleep(facts.transaction)
        self._sleeps[facts.key] = known.after(facts)

    def stage(self, facts: ConnectorFacts, now: Monotonic) -> SleepStage | None:
        """Return what is done about this car now, None for one that is awake."""
        asleep = self._asleep_for(facts, now)
        if asleep is None:
            return None
        nudged = HELD_FOR <= asleep < HELD_FOR + NUDGED_FOR
        return SleepStage.NUDGED if nudged else SleepStage.HELD

    def restarts(self, facts: Iterable[ConnectorFacts], now: Monotonic) -> Restarts:
        """Return whose session is to end now, and whose is to begin again; each end is named once."""
        ended, begun = [], []
        for known in facts:
            restart = self._restarts.get(known.key)
            if restart is not None and not known.plugged and known.link is Link.CONNECTED:
                del self._restarts[known.key]
                restart = None
            if restart is not None and restart.plugged_at == known.plugged_at:
                if _ready(known) and restart.due(now):
                    self._restarts[known.key] = replace(restart, begun_at=now)
                    begun.append((known.key, restart.id_tag))
                continue
            asleep = self._asleep_for(known, now)
            if asleep is not None and asleep >= RESTARTS_AFTER and known.id_tag is not None:
                self._restarts[known.key] = _Restart(known.transaction, known.id_tag, known.plugged_at, now)
                ended.append(known.key)
        return Restarts(tuple(ended), tuple(begun))

    def _asleep_for(self, facts: ConnectorFacts, now: Monotonic) -> Seconds | None:
        sleep = self._sleeps.get(facts.key)
        if sleep is None or sleep.transaction != facts.transaction or sleep.asleep_since is None:
            return None
        return now - sleep.asleep_since

    def keep_only(self, connectors: Container[ConnectorKey]) -> None:
        """Forget connectors that are gone from the site."""
        self._sleeps = {key: sleep for key, sleep in self._sleeps.items() if key in connectors}
        self._restarts = {key: restart for key, restart in self._restarts.items() if key in connectors}

    def seen(self) -> "SeenSleep":
        """Return what a successor must know."""
        return SeenSleep(dict(self._sleeps), dict(self._restarts))

    def restore(self, seen: "SeenSleep") -> None:
        """Take over what a predecessor had seen."""
        self._sleeps, self._restarts = dict(seen.sleeps), dict(seen.restarts)


@dataclass(frozen=True, slots=True)
class SeenSleep:
    """What the cars have shown, for a successor to go on with."""

    sleeps: Mapping[ConnectorKey, Sleep]
    restarts: Mapping[ConnectorKey, _Restart]


def _ready(facts: ConnectorFacts) -> bool:
    """The old session is over, and the car is still there."""
    return facts.link is Link.CONNECTED and facts.verified and facts.transaction is None and facts.plugged
