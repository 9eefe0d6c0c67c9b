"""Who doesn't follow its setpoint: counted at what it draws, suspended, and at last stopped (LM-10)."""

from collections.abc import Mapping
from dataclasses import dataclass

from evce.facts import ConnectorFacts
from evce.planning.settings import DISOBEYS_AFTER, DISOBEYS_BY, STOPPED_AFTER
from evce.units import ConnectorKey, Monotonic, Seconds, TransactionId

__all__ = ["Obedience", "Offences", "Verdict"]

Offences = Mapping[tuple[ConnectorKey, TransactionId | None], Monotonic]
"""When each offender of a running session was last seen offending."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`suspended` are to get 0 A; of these `stopped` draw on even so, and their session is to end."""

    suspended: tuple[ConnectorKey, ...] = ()
    stopped: tuple[ConnectorKey, ...] = ()


class Obedience:
    """Remembers offenders for the rest of their session, or until they may try again."""

    def __init__(self) -> None:
        self._since: dict[tuple[ConnectorKey, TransactionId | None], Monotonic] = {}

    def judge(self, facts: list[ConnectorFacts], again_after: Seconds, now: Monotonic) -> Verdict:
        """Judge all controllable connectors; an offender that stopped drawing may try again in a while."""
        # An offender that is not judged now (its link or its actor has just been lost) is not forgiven.
        since = {name: at for name, at in self._since.items() if now - at < again_after}
        suspended, stopped = [], []
        for known in facts:
            name = (known.key, known.transaction)
            offends = _exceeds(known)
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


def _exceeds(facts: ConnectorFacts) -> bool:
    """Only a measurement taken after the grace time proves anything; a sum of phases proves little."""
    if not facts.acknowledged:
        return False
    return (
        _drawn_on_for(facts) >= DISOBEYS_AFTER
        and facts.certainly_drawn > facts.acknowledged[-1].amps + DISOBEYS_BY
    )


def _drawn_on_for(facts: ConnectorFacts) -> Seconds:
    """How long after the setpoint in force was accepted the last measurement was taken."""
    if not facts.acknowledged or facts.draw_at is None:
        return 0.0
    return facts.draw_at - facts.acknowledged[-1].at
