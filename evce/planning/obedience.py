"""Who doesn't follow its setpoint: counted at what it draws, suspended, and at last stopped (LM-10)."""

from dataclasses import dataclass

from evce.facts import ConnectorFacts
from evce.planning.settings import DISOBEYS_AFTER, DISOBEYS_BY, STOPPED_AFTER
from evce.units import ConnectorKey, Monotonic, Seconds, TransactionId

__all__ = ["Obedience", "Verdict"]


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
        since: dict[tuple[ConnectorKey, TransactionId | None], Monotonic] = {}
        suspended, stopped = [], []
        for known in facts:
            name = (known.key, known.transaction)
            offends = _exceeds(known)
            first = self._since.get(name)
            if offends:
                since[name] = now
            elif first is not None and now - first < again_after:
                since[name] = first
            else:
                continue
            suspended.append(known.key)
            if offends and known.setpoint == 0.0 and _drawn_on_for(known) > STOPPED_AFTER:
                stopped.append(known.key)
        self._since = since
        return Verdict(tuple(suspended), tuple(stopped))


def _exceeds(facts: ConnectorFacts) -> bool:
    """Only a measurement taken after the grace time proves anything."""
    if not facts.acknowledged:
        return False
    return (
        _drawn_on_for(facts) >= DISOBEYS_AFTER
        and max(facts.drawn) > facts.acknowledged[-1].amps + DISOBEYS_BY
    )


def _drawn_on_for(facts: ConnectorFacts) -> Seconds:
    """How long after the setpoint in force was accepted the last measurement was taken."""
    if not facts.acknowledged or facts.draw_at is None:
        return 0.0
    return facts.draw_at - facts.acknowledged[-1].at
