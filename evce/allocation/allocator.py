"""Allocates again and again: the last answer stands while nothing has changed that it depends on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from evce.allocation.admission import queue, still_paused
from evce.allocation.allocate import allocate
from evce.allocation.grid import tenths_within
from evce.allocation.problem import Allocation, Problem
from evce.allocation.reasons import Reason, ReasonKind
from evce.units import ConnectorKey, Seconds

__all__ = ["Allocator"]


class _Last(NamedTuple):
    """An allocation, what it depended on, and the line of the claims where that counted."""

    asked: object
    line: object
    allocation: Allocation


class Allocator:
    """Answers each problem as `allocate` does, later ones first to last: `now` never goes back."""

    def __init__(self) -> None:
        self._last: _Last | None = None

    def allocate(self, problem: Problem) -> Allocation:
        """See `evce.allocation.allocate`. The answer may be the same object as the last one."""
        asked, last = _all_that_counts(problem), self._last
        if last is not None and last.asked == asked and (last.line is None or last.line == _line(problem)):
            pauses = _pauses(last.allocation, problem)
            if all(pauses.values()):
                return _with_pauses(last.allocation, pauses)
        allocation = allocate(problem)
        waits = any(reason.kind is ReasonKind.PASSED_OVER for reason in allocation.binding.values())
        self._last = _Last(asked, _line(problem) if waits else None, allocation)
        return allocation


def _all_that_counts(problem: Problem) -> object:
    """All that an allocation depends on but the line of the claims: limits in tenths, who claims what.

    Without set-asides limits that round to the same tenths are the same to it.
    """
    set_asides = {zone: amps for zone, amps in problem.set_asides.items() if any(amps)}
    return (
        problem.priority,
        problem.rules,
        [
            (
                zone.zone,
                zone.parent,
                zone.name,
                zone.bound_by,
                zone.limit if set_asides else tuple(map(tenths_within, zone.limit)),
            )
            for zone in problem.zones
        ],
        set_asides,
        [
            (
                claim.key,
                claim.zone,
                claim.mask,
                claim.floor,
                claim.cap,
                claim.capped_by,
                claim.wants,
                claim.vip,
                claim.rests,
                claim.whole_amps,
                claim.urgency,
                claim.held > 0.0,
                claim.granted_at is None,
                claim.paused_at,
            )
            for claim in problem.claims
        ],
    )


def _line(problem: Problem) -> object:
    """Who comes before whom, and why: this counts where not everybody is let in."""
    claims = sorted(problem.claims, key=lambda claim: claim.key)
    places = queue(range(len(claims)), claims, problem)
    return list(places.items()), [claim.passed_over for claim in claims]


def _pauses(allocation: Allocation, problem: Problem) -> dict[ConnectorKey, Seconds]:
    """How long each car that was held in its pause has to wait now; the others don't begin one by waiting."""
    return {
        claim.key: still_paused(claim, problem)
        for claim in problem.claims
        if claim.paused_at is not None and allocation.binding[claim.key].kind is ReasonKind.PAUSED
    }


def _with_pauses(allocation: Allocation, pauses: Mapping[ConnectorKey, Seconds]) -> Allocation:
    if not pauses:
        return allocation
    reasons = {key: Reason(ReasonKind.PAUSED, wait=wait) for key, wait in pauses.items()}
    return replace(allocation, binding={**allocation.binding, **reasons})
