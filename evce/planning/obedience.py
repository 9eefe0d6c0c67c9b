"""Who doesn't follow its setpoint: counted at what it draws, suspended, and at last stopped (LM-10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from evce.facts import Acknowledged, ConnectorFacts
from evce.planning.settings import DISOBEYS_AFTER, DISOBEYS_BY, STOPPED_AFTER
from evce.units import Amps, ConnectorKey, Monotonic, Seconds, TransactionId

__all__ = ["Obedience", "Offences", "Verdict"]

Offences = Mapping[tuple[ConnectorKey, TransactionId | None], Monotonic]
"""When each offender of a running session was last seen offending."""


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
        self._since: dict[tuple[ConnectorKey, TransactionId | None], Monotonic] = {}
        self._told: dict[tuple[ConnectorKey, TransactionId | None], list[Acknowledged]] = {}
        """The setpoints of each running session that still excuse a draw, oldest first."""

    def judge(self, facts: list[ConnectorFacts], again_after: Seconds, now: Monotonic) -> Verdict:
        """Judge all controllable connectors; an offender that stopped drawing may try again in a while."""
        # An offender that is not judged now (its link or its actor has just been lost) is not forgiven.
        since = {name: at for name, at in self._since.items() if now - at < again_after}
        suspended, stopped = [], []
        before, self._told = self._told, {}
        for known in facts:
            name = (known.key, known.transaction)
            told = self._told[name] = _still_counting(before.get(name, []), known)
            offends = _exceeds(known, told)
            if offends:
                since[name] = now
            elif name not in since:
                continue
            suspended.append(known.key)
            if offends and known.setpoint == 0.0 and _drawn_on_for(known) > STOPPED_AFTER:
                stopped.append(known.key)
        self._since = since
        return Verdict(tuple(suspended), tuple(stopped))

    def holds_down(self, facts: ConnectorFacts) -> bool:
        """Tell whether its session is suspended, also while it isn't judged."""
        return (facts.key, facts.transaction) in self._since

    def offences(self) -> Offences:
        """Return what a successor must know: a suspended car stays suspended."""
        return dict(self._since)

    def restore(self, offences: Offences) -> None:
        """Take over what a predecessor had seen."""
        self._since = dict(offences)


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
