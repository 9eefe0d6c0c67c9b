"""Shares the limits in force out among the cars that can be told, and sets aside what the others may draw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from evce.allocation import Allocation, Claim, Problem, ZoneLimit, allocate
from evce.electrical import SiteModel
from evce.planning.budgets import Budget
from evce.planning.settings import PlanSettings
from evce.units import NO_AMPS, ConnectorKey, Monotonic, PhaseAmps, TransactionId, ZoneId

__all__ = ["Reviews", "Sessions", "Sharing"]

Sessions = frozenset[tuple[ConnectorKey, TransactionId | None]]
"""Who takes part; a change of it is a reason to review at once."""


@dataclass(frozen=True, slots=True)
class Reviews:
    """When rights were reviewed last, with whom, and how often in a row each car was passed over."""

    reviewed_at: Monotonic | None = None
    sessions: Sessions = frozenset()
    passed_over: Mapping[ConnectorKey, int] = field(default_factory=dict)


class Sharing:
    """Allocates, and remembers the reviews (LM-4)."""

    def __init__(self) -> None:
        self.reviews = Reviews()

    def share(
        self,
        model: SiteModel,
        budgets: Mapping[ZoneId, Budget],
        claims: Iterable[Claim],
        set_asides: Mapping[ConnectorKey, PhaseAmps],
        sessions: Sessions,
        settings: PlanSettings,
        now: Monotonic,
    ) -> Allocation:
        """Work out a target for every claim; `set_asides` is what those that can't be told may draw.

        Rights are reviewed every period, and at once when a car comes or goes.
        """
        before = self.reviews
        due = before.reviewed_at is None or now - before.reviewed_at >= settings.review
        allocation = allocate(
            Problem(
                zones=tuple(
                    ZoneLimit(
                        zone=zone.id,
                        parent=zone.parent,
                        limit=budgets[zone.id].allotted,
                        name=zone.name,
                        bound_by=budgets[zone.id].bound_by,
                    )
                    for zone in model.zones.values()
                ),
                claims=tuple(claims),
                set_asides=_by_zone(model, set_asides),
                priority=settings.priority,
                now=now,
                review=due or sessions != before.sessions,
            )
        )
        passed_over = before.passed_over
        if due:
            passed_over = {key: passed_over.get(key, 0) + 1 for key in allocation.passed_over}
        self.reviews = Reviews(now if due else before.reviewed_at, sessions, passed_over)
        return allocation


def _by_zone(model: SiteModel, set_asides: Mapping[ConnectorKey, PhaseAmps]) -> dict[ZoneId, PhaseAmps]:
    """Add up set-asides in the zone of each station; the allocation charges them to the zones above."""
    sums: dict[ZoneId, PhaseAmps] = {}
    for key, amps in set_asides.items():
        zone = model.stations[key.station].zone
        if zone is not None:
            first, second, third = sums.get(zone, NO_AMPS)
            sums[zone] = (first + amps[0], second + amps[1], third + amps[2])
    return sums
