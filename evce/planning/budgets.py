"""The limit in force of each zone: its maximum, its meter, its inputs, and what of it the cars may have."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from evce.conditions import ZoneCondition
from evce.draws import draw_of
from evce.dynamic import Course, DynamicRoom, dynamic_room, follow, read
from evce.electrical import SiteModel, Zone
from evce.facts import ConnectorFacts
from evce.planning.reductions import NO_REDUCTION, Reduction
from evce.units import NO_AMPS, Amps, ConnectorKey, Monotonic, PhaseAmps, ZoneId

__all__ = ["BY_METER", "Budget", "budget_of"]

BY_METER: Final = "meter"
"""What the building leaves, with what is produced."""


@dataclass(frozen=True, slots=True)
class Budget:
    """What the cars of one zone may have now, A per grid phase (LM-7, LM-8, DI-3).

    `allotted` bounds their setpoints, `raisable` their pledges where one is to be raised; `protecting`
    is the part of it that may never be missed, `bound_by` names what sets it. `overloaded` tells that
    the zone's meter is above its limit at this moment.
    """

    zone: ZoneId
    allotted: PhaseAmps
    raisable: PhaseAmps
    bound_by: str
    overloaded: bool = False
    raises_allowed: bool = True
    course: Course | None = None


def budget_of(
    zone: Zone,
    condition: ZoneCondition,
    model: SiteModel,
    facts: Mapping[ConnectorKey, ConnectorFacts],
    pledges: Mapping[ConnectorKey, Amps],
    course: Course | None,
    ramp: float,
    now: Monotonic,
    reduction: Reduction = NO_REDUCTION,
) -> Budget:
    """Work out one zone's budget; `facts` and `pledges` hold the connectors of its subtree.

    `reduction` is what digital inputs, a tariff or a remote limit leave of its maximum (DI-2, TOU-3, API-3).
    """
    share, reduced_by = reduction.of(zone.maximum)
    if not zone.dynamic:
        return Budget(zone.id, _evenly(share), _evenly(share), reduced_by or "maximum")
    if condition.measured is None or condition.meter_lost:
        lost = min(share, zone.degraded_setpoint)
        cause = reduced_by if reduced_by and share < zone.degraded_setpoint else "meter lost"
        # Before the first reading nothing is raised; a lost meter's default setpoint may be used whole, and
        # the way back up from there is ramped.
        ground = Course(_evenly(lost), now) if condition.meter_lost else course
        return Budget(
            zone.id,
            _evenly(lost),
            _evenly(lost),
            cause,
            raises_allowed=condition.meter_lost,
            course=ground,
        )
    room = _room(zone, condition, condition.measured, model, facts, pledges, course, now)
    course = follow(course, room, ramp, now)
    allotted = _lower(course.allotted, share)
    return Budget(
        zone=zone.id,
        allotted=allotted,
        raisable=_lower(room.raisable, share),
        bound_by=reduced_by if reduced_by and min(course.allotted) >= share else BY_METER,
        overloaded=any(room.overloaded),
        raises_allowed=condition.raises_allowed,
        course=course,
    )


def _room(
    zone: Zone,
    condition: ZoneCondition,
    measured: PhaseAmps,
    model: SiteModel,
    facts: Mapping[ConnectorKey, ConnectorFacts],
    pledges: Mapping[ConnectorKey, Amps],
    course: Course | None,
    now: Monotonic,
) -> DynamicRoom:
    produced = NO_AMPS if condition.produced is None else condition.produced
    limit = (zone.maximum + produced[0], zone.maximum + produced[1], zone.maximum + produced[2])
    at = now if condition.measured_at is None else condition.measured_at
    draws = [
        draw_of(car, model.connectors[key].wiring.mask, pledges[key], at, now) for key, car in facts.items()
    ]
    return dynamic_room(limit, read(measured, at, draws, course, now))


def _evenly(amps: Amps) -> PhaseAmps:
    return (amps, amps, amps)


def _lower(currents: PhaseAmps, most: Amps) -> PhaseAmps:
    return (min(currents[0], most), min(currents[1], most), min(currents[2], most))
