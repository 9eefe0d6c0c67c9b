"""Shares the limits in force out among the cars that can be told, and sets aside what the others may draw."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from evce.allocation import Allocation, Allocator, Claim, Priority, Problem, Reason, ZoneLimit, sentence
from evce.departures import Forecast, Outlook, urgency
from evce.electrical import SiteModel
from evce.planning.budgets import Budget
from evce.planning.settings import PlanSettings
from evce.units import NO_AMPS, ConnectorKey, Monotonic, PhaseAmps, TransactionId, ZoneId

__all__ = ["Reviews", "Sessions", "Sharing", "beside", "worded"]

Sessions = frozenset[tuple[ConnectorKey, TransactionId | None]]
"""Who takes part; a change of it is a reason to review at once."""


NOTHING_EXPECTED: Final[Mapping[ConnectorKey, Outlook]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reviews:
    """When rights were reviewed last, with whom, and how often in a row each car was passed over.

    `urgencies` holds the forecasts looked at, and what came of them then: between two reviews the shares
    of those that stay don't creep, so that stations aren't told a little more or less all the time.
    """

    reviewed_at: Monotonic | None = None
    sessions: Sessions = frozenset()
    passed_over: Mapping[ConnectorKey, int] = field(default_factory=dict)
    urgencies: Mapping[ConnectorKey, tuple[Forecast, float]] = field(default_factory=dict)


class Sharing:
    """Allocates, and remembers the reviews (LM-4)."""

    def __init__(self) -> None:
        self.reviews = Reviews()
        self._allocator = Allocator()

    def share(
        self,
        model: SiteModel,
        budgets: Mapping[ZoneId, Budget],
        claims: Iterable[Claim],
        set_asides: Mapping[ConnectorKey, PhaseAmps],
        sessions: Sessions,
        settings: PlanSettings,
        now: Monotonic,
        outlooks: Mapping[ConnectorKey, Outlook] = NOTHING_EXPECTED,
    ) -> Allocation:
        """Work out a target for every claim; `set_asides` is what those that can't be told may draw.

        Rights are reviewed every period, and at once when a car comes or goes. `outlooks` is what is
        expected of sessions; it counts with the priority by departure.
        """
        before = self.reviews
        due = before.reviewed_at is None or now - before.reviewed_at >= settings.review
        review = due or sessions != before.sessions
        urgencies = before.urgencies
        if settings.priority is Priority.DEPARTURE:
            urgencies = _urgencies(outlooks, {} if review else urgencies)
            claims = _with_urgencies(claims, urgencies)
        allocation = self._allocator.allocate(
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
                review=review,
            )
        )
        passed_over = before.passed_over
        if due:
            passed_over = {key: passed_over.get(key, 0) + 1 for key in allocation.passed_over}
        self.reviews = Reviews(now if due else before.reviewed_at, sessions, passed_over, urgencies)
        return allocation


def beside(allocation: Allocation, whole: Allocation, unheeded: Iterable[ConnectorKey]) -> Allocation:
    """Return the allocation with the targets that the unheeded ones have of the whole."""
    return replace(
        allocation,
        targets={**allocation.targets, **{key: whole.targets[key] for key in unheeded}},
        binding={
            **allocation.binding,
            **{key: whole.binding[key] for key in unheeded if key in whole.binding},
        },
    )


def worded(binding: Mapping[ConnectorKey, Reason]) -> dict[ConnectorKey, str]:
    """Put reasons into words; cars in the same situation share one."""
    words = {id(reason): sentence(reason) for reason in {id(r): r for r in binding.values()}.values()}
    return {key: words[id(reason)] for key, reason in binding.items()}


def _urgencies(
    outlooks: Mapping[ConnectorKey, Outlook], known: Mapping[ConnectorKey, tuple[Forecast, float]]
) -> dict[ConnectorKey, tuple[Forecast, float]]:
    """Look at each outlook whose forecast isn't known; what the driver states now counts at once."""
    return {
        key: known[key]
        if key in known and known[key][0] == outlook.forecast
        else (outlook.forecast, urgency(outlook))
        for key, outlook in outlooks.items()
    }


def _with_urgencies(
    claims: Iterable[Claim], urgencies: Mapping[ConnectorKey, tuple[Forecast, float]]
) -> list[Claim]:
    """A car of which nothing is expected is neither more nor less urgent than the others."""
    usual = sum(urgent for _, urgent in urgencies.values()) / max(len(urgencies), 1)
    return [
        replace(claim, urgency=urgencies[claim.key][1] if claim.key in urgencies else usual)
        for claim in claims
    ]


def _by_zone(model: SiteModel, set_asides: Mapping[ConnectorKey, PhaseAmps]) -> dict[ZoneId, PhaseAmps]:
    """Add up set-asides in the zone of each station; the allocation charges them to the zones above."""
    sums: dict[ZoneId, PhaseAmps] = {}
    for key, amps in set_asides.items():
        zone = model.stations[key.station].zone
        if zone is not None:
            first, second, third = sums.get(zone, NO_AMPS)
            sums[zone] = (first + amps[0], second + amps[1], third + amps[2])
    return sums
