"""Which grid phases a car really loads: what a single-phase car leaves unused is given back (EL-7)."""

from collections.abc import Container, Mapping
from dataclasses import dataclass

from evce.electrical import Connector
from evce.facts import ConnectorFacts, Link
from evce.units import Amps, ConnectorKey, Monotonic, Seconds, TransactionId

__all__ = ["CONFIRMED_AFTER", "DRAWS", "IDLE", "Mask", "PhaseUse", "SeenPhases"]

Mask = tuple[bool, bool, bool]

DRAWS: Amps = 3.0
"""A phase with this much is loaded by the car, not by the station's own electronics."""

IDLE: Amps = 0.5
"""A phase with less than this is not loaded: measuring error and stand-by of a station."""

CONFIRMED_AFTER: Seconds = 15.0
"""A phase must have been idle for this long beside a loaded one; contactors close within seconds."""


@dataclass(frozen=True, slots=True)
class _Phase:
    """What one phase has shown: loaded at some time, or idle since then beside a loaded one."""

    used: bool = False
    idle_since: Monotonic | None = None

    def after(self, amps: Amps, at: Monotonic) -> "_Phase":
        """One more measurement while the car draws on some phase."""
        if amps >= IDLE:
            return _Phase(used=True)
        return _Phase(self.used, at if self.idle_since is None else self.idle_since)

    def paused(self, at: Monotonic) -> "_Phase":
        """The car draws nothing: what is not proven yet must begin anew."""
        return self if self.given_back(at) else _Phase(self.used)

    def given_back(self, at: Monotonic) -> bool:
        """Whether the car is proven not to load this phase."""
        return not self.used and self.idle_since is not None and at - self.idle_since >= CONFIRMED_AFTER


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one car has shown in its session, per grid phase."""

    transaction: TransactionId
    phases: tuple[_Phase, _Phase, _Phase] = (_Phase(), _Phase(), _Phase())


SeenPhases = Mapping[ConnectorKey, _Seen]
"""What the cars have shown, for a successor to go on with."""


class PhaseUse:
    """Learns from measurements and forgets with the session. What is not proven counts as used."""

    def __init__(self) -> None:
        self._seen: dict[ConnectorKey, _Seen] = {}
        self._masks: dict[ConnectorKey, tuple[ConnectorFacts, Connector, Mask]] = {}
        """What was worked out last: it holds as long as facts and connector are the same objects."""

    def learn(self, facts: ConnectorFacts) -> None:
        """Take a measurement in. A phase that was ever loaded in this session is never given back."""
        if facts.draw is None or facts.draw_at is None or facts.transaction is None:
            return
        seen = self._seen.get(facts.key)
        if seen is None or seen.transaction != facts.transaction:
            seen = _Seen(facts.transaction)
        at, (first, second, third) = facts.draw_at, seen.phases
        if max(facts.draw) >= DRAWS:
            phases = (
                first.after(facts.draw[0], at),
                second.after(facts.draw[1], at),
                third.after(facts.draw[2], at),
            )
        else:
            phases = (first.paused(at), second.paused(at), third.paused(at))
        self._seen[facts.key] = _Seen(facts.transaction, phases)
        self._masks.pop(facts.key, None)

    def mask(self, facts: ConnectorFacts, connector: Connector) -> Mask:
        """Return the grid phases that count for this connector.

        Without a running session on a verified link all phases of the wiring count: after a lost link
        or a new plug-in nobody knows which car is there. So they do where the station switches phases.
        """
        known = self._masks.get(facts.key)
        if known is not None and known[0] is facts and known[1] is connector:
            return known[2]
        mask = self._work_out(facts, connector)
        self._masks[facts.key] = (facts, connector, mask)
        return mask

    def _work_out(self, facts: ConnectorFacts, connector: Connector) -> Mask:
        wired = connector.wiring.mask
        seen = self._seen.get(facts.key)
        if (
            seen is None
            or seen.transaction != facts.transaction
            or facts.link is not Link.CONNECTED
            or not facts.verified
            or facts.draw_at is None
            or facts.takes.switches_phases
        ):
            return wired
        given = [phase.given_back(facts.draw_at) for phase in seen.phases]
        return (wired[0] and not given[0], wired[1] and not given[1], wired[2] and not given[2])

    def keep_only(self, connectors: Container[ConnectorKey]) -> None:
        """Forget connectors that are gone from the site."""
        self._seen = {key: seen for key, seen in self._seen.items() if key in connectors}
        self._masks = {}

    def seen(self) -> SeenPhases:
        """Return what a successor must know."""
        return dict(self._seen)

    def restore(self, seen: SeenPhases) -> None:
        """Take over what a predecessor had seen."""
        self._seen = dict(seen)
        self._masks = {}
