"""The pledge of a connector: what it may be drawing, as far as we can know (DESIGN §4.5)."""

from dataclasses import dataclass
from math import inf

from evce.electrical import Connector
from evce.facts import ConnectorFacts, Link
from evce.units import Amps, Monotonic, PhaseAmps, Seconds

__all__ = ["SETTLING", "Remembered", "holds_until", "on_phases", "pledge"]

SETTLING: Seconds = 6.0
"""A car follows a lower setpoint within 5 s (IEC 61851-1, table A.6: 5 s), plus 1 s for the station."""

_ABOUT: Seconds = 1e-3
"""So close to the end of a settling time it is worked out anew: far more than the error of a float."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is remembered of a station that its actor knows nothing of yet.

    It was written to disk by an earlier process, or known to a station actor that has died since. `amps`
    may be in force until `ends_at`; `fallback` is what the station had been verified to fall to by
    itself, None if it never was.
    """

    amps: Amps
    ends_at: Monotonic
    fallback: Amps | None


def pledge(
    facts: ConnectorFacts, connector: Connector, now: Monotonic, remembered: Remembered | None = None
) -> Amps:
    """Return the highest current in A that the connector may be drawing on any of its phases.

    What is unknown counts as the worst case: a connector that nobody has verified counts with its
    rating. A time-out, a rejection or an error lowers nothing, because such a request stays among
    `facts.outstanding`.
    """
    if facts.link is Link.CONNECTED and facts.verified:
        return min(max(_when_verified(facts, connector, now), _measured(facts)), _ceiling(facts, connector))
    if facts.fallback is None:
        return max((_as_remembered(remembered, connector, now), *_followed(facts, now), _measured(facts)))
    return _on_lease(facts, facts.fallback, connector, now)


def holds_until(facts: ConnectorFacts, now: Monotonic) -> Monotonic:
    """Return until when the pledge stays what it is now while the facts do; in the past where nobody can say.

    On a verified link it changes by itself only when a setpoint that was superseded has settled.
    """
    if facts.link is not Link.CONNECTED or not facts.verified:
        return -inf
    settled = (
        past.superseded_at + SETTLING
        for past in facts.acknowledged
        if past.superseded_at is not None and now - past.superseded_at < SETTLING
    )
    return min(settled, default=inf) - _ABOUT


def on_phases(amps: Amps, mask: tuple[bool, bool, bool]) -> PhaseAmps:
    """Put the same current on every phase of the mask."""
    return (amps if mask[0] else 0.0, amps if mask[1] else 0.0, amps if mask[2] else 0.0)


def _when_verified(facts: ConnectorFacts, connector: Connector, now: Monotonic) -> Amps:
    if facts.transaction is not None:
        return max((*_followed(facts, now), 0.0)) if facts.acknowledged else connector.rating
    if facts.status.plugged is False and not facts.plugged:
        return 0.0
    if facts.starts_at is not None:
        return facts.starts_at
    return connector.rating if facts.fallback is None else facts.fallback


def _on_lease(facts: ConnectorFacts, fallback: Amps, connector: Connector, now: Monotonic) -> Amps:
    """Lost, or back but not verified again: the lease runs its course, then the fall-back holds."""
    last = max((*_followed(facts, now), _measured(facts)))
    if not connector.family.has_degraded_mode:
        return max(last, 0.0) if facts.acknowledged else connector.rating
    if facts.lease_ends_at is not None and now >= facts.lease_ends_at:
        return fallback
    return max(last, fallback)


def _as_remembered(remembered: Remembered | None, connector: Connector, now: Monotonic) -> Amps:
    if remembered is None or remembered.fallback is None:
        return connector.rating
    if not connector.family.has_degraded_mode or now < remembered.ends_at:
        return max(remembered.amps, remembered.fallback)
    return remembered.fallback


def _followed(facts: ConnectorFacts, now: Monotonic) -> tuple[Amps, ...]:
    """Every setpoint that the car may be following at this moment."""
    return (
        *(
            past.amps
            for past in facts.acknowledged
            if past.superseded_at is None or now - past.superseded_at < SETTLING
        ),
        *facts.outstanding,
    )


def _measured(facts: ConnectorFacts) -> Amps:
    return max(facts.drawn)


def _ceiling(facts: ConnectorFacts, connector: Connector) -> Amps:
    """A car that measurably draws more than its outlet's rating counts with what it draws."""
    return max(connector.rating, _measured(facts))
