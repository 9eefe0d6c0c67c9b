"""Who doesn't follow its setpoint: counted at what it draws, suspended, and at last stopped (LM-10)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf

from evce.facts import Acknowledged, ConnectorFacts
from evce.planning.settings import DISOBEYS_AFTER, DISOBEYS_BY, STOPPED_AFTER
from evce.units import Amps, ConnectorKey, Monotonic, Seconds, TransactionId

__all__ = ["LONGEST_BAN", "Obedience", "Offence", "Offences", "Verdict"]

LONGEST_BAN: Seconds = 14_400.0
"""Each offence of a session doubles the time to the next try, up to this: a try takes its current from the
others."""


@dataclass(frozen=True, slots=True)
class Offence:
    """When an offender was last seen offending, and how many tries of its session ended so."""

    seen_at: Monotonic
    times: int = 1

    def holds(self, again_after: Seconds, now: Monotonic) -> bool:
        """Tell whether it may not try again yet."""
        return now - self.seen_at < self._ban(again_after)

    def counts(self, again_after: Seconds, now: Monotonic) -> bool:
        """Tell whether another one would be a repetition: its session may well have ended unseen since."""
        return now - self.seen_at < self._ban(again_after) + LONGEST_BAN

    def _ban(self, again_after: Seconds) -> Seconds:
        return min(again_after * 2.0 ** (self.times - 1), max(again_after, LONGEST_BAN))


Offences = Mapping[tuple[ConnectorKey, TransactionId | None], Offence]
"""The offenders among the running sessions."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`suspended` are to get 0 A; of these `stopped` draw on even so, and their session is to end."""

    suspended: tuple[ConnectorKey, ...] = ()
    stopped: tuple[ConnectorKey, ...] = ()


class Obedience:
    """Remembers offenders for the rest of their session, or until they may try again.

    A car may draw what it was allowed at any moment of its grace time, which no newer setpoint begins anew:
    else one reduction after another would excuse it for ever.
    """

    def __init__(self) -> None:
        self._offences: dict[tuple[ConnectorKey, TransactionId | None], Offence] = {}
        self._held: frozenset[tuple[ConnectorKey, TransactionId | None]] = frozenset()
        self._told: dict[tuple[ConnectorKey, TransactionId | None], list[Acknowledged]] = {}
        """The setpoints of each running session that still excuse a draw, oldest first."""

    def judge(self, facts: list[ConnectorFacts], again_after: Seconds, now: Monotonic) -> Verdict:
        """Judge all controllable connectors; an offender that stopped drawing may try again in a while."""
        # An offender that is not judged now (its link or its actor has just been lost) is not forgiven.
        known = {name: past for name, past in self._offences.items() if past.counts(again_after, now)}
        held = {name for name, past in known.items() if past.holds(again_after, now)}
        suspended, stopped = [], []
        before, self._told = self._told, {}
        for car in facts:
            name = (car.key, car.transaction)
            told = self._told[name] = _still_counting(before.get(name, []), car)
            offends = _exceeds(car, told)
            if offends:
                past = known.get(name)
                if past is None:
                    known[name] = Offence(now)
                else:
                    known[name] = replace(past, seen_at=now, times=past.times + (name not in held))
                held.add(name)
            elif name not in held:
                continue
            suspended.append(car.key)
            if offends and car.setpoint == 0.0 and _drawn_on_for(car) > STOPPED_AFTER:
                stopped.append(car.key)
        self._offences, self._held = known, frozenset(held)
        return Verdict(tuple(suspended), tuple(stopped))

    def holds_down(self, facts: ConnectorFacts) -> bool:
        """Tell whether its session is suspended, also while it isn't judged."""
        return (facts.key, facts.transaction) in self._held

    def offences(self) -> Offences:
        """Return what a successor must know: a suspended car stays suspended."""
        return dict(self._offences)

    def restore(self, offences: Offences) -> None:
        """Take over what a predecessor had seen."""
        self._offences = dict(offences)
        self._held = frozenset(offences)


def _still_counting(told: list[Acknowledged], facts: ConnectorFacts) -> list[Acknowledged]:
    """The setpoints that were in force at any moment of the grace time before the last measurement."""
    newest = told[-1].at if told else -inf
    told = [*told, *(past for past in facts.acknowledged if past.at > newest)]
    if facts.draw_at is not None:
        begin = facts.draw_at - DISOBEYS_AFTER
        while len(told) > 1 and told[1].at <= begin:
            del told[0]
    return told


def _exceeds(facts: ConnectorFacts, told: list[Acknowledged]) -> bool:
    """Only a measurement after a whole grace time proves anything; a sum of phases proves little."""
    if not facts.acknowledged or facts.draw_at is None or not told:
        return False
    if told[0].at > facts.draw_at - DISOBEYS_AFTER:
        return False
    allowed: Amps = max(past.amps for past in told)
    return facts.certainly_drawn > max(allowed, facts.acknowledged[-1].amps) + DISOBEYS_BY


def _drawn_on_for(facts: ConnectorFacts) -> Seconds:
    """How long after the setpoint in force was accepted the last measurement was taken."""
    if not facts.acknowledged or facts.draw_at is None:
        return 0.0
    return facts.draw_at - facts.acknowledged[-1].at
