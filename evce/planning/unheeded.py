"""Finds the reductions that a station doesn't take: whoever can be told makes up for it meanwhile."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from evce.facts import ConnectorFacts
from evce.planning.orders import SAME
from evce.units import Amps, ConnectorKey, Monotonic, Seconds

__all__ = ["MAKES_UP_AFTER", "Unheeded"]

MAKES_UP_AFTER: Final[Seconds] = 2.0
"""A round trip takes less than 1 s; the other cars then need up to 6 s of the 10 s that there are."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A reduction to so many A that is wanted since then and has not been accepted."""

    amps: Amps
    since: Monotonic


@dataclass
class Unheeded:
    """Remembers since when each reduction has been waited for.

    Refused, unanswered or only slow is all the same: what counts is that the setpoint in force is higher than
    it has to be. One that is accepted while the next is wanted already begins anew.
    """

    _waiting: dict[ConnectorKey, _Waiting] = field(default_factory=dict)

    def look(
        self, targets: Mapping[ConnectorKey, Amps], facts: Iterable[ConnectorFacts], now: Monotonic
    ) -> tuple[ConnectorKey, ...]:
        """Return those of `targets` (A per phase) whose reduction has been waited for too long."""
        waiting: dict[ConnectorKey, _Waiting] = {}
        for known in facts:
            target, in_force = targets.get(known.key), known.setpoint
            if target is None or in_force is None or in_force <= target + SAME:
                continue
            before = self._waiting.get(known.key)
            taken = before is None or in_force <= before.amps + SAME
            waiting[known.key] = _Waiting(target, now) if before is None or taken else before
        self._waiting = waiting
        return tuple(key for key, waits in waiting.items() if now - waits.since >= MAKES_UP_AFTER)
