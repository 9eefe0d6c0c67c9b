"""What a planner's successor must know, so that a restart raises no setpoint and disturbs no session."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evce.conditions import ZoneCondition
from evce.dynamic import Course
from evce.facts import ConnectorFacts
from evce.planning.cars import SeenCars
from evce.planning.obedience import Offences
from evce.planning.orders import Order
from evce.planning.reductions import Reduction
from evce.planning.sharing import Reviews
from evce.plausibility import LOST_AFTER
from evce.pledges import Remembered
from evce.units import ConnectorKey, Monotonic, ZoneId

__all__ = ["PlannerMemory", "cautious"]


@dataclass(frozen=True, slots=True)
class PlannerMemory:
    """A planner's state at one moment. The mappings are copies that nobody changes any more."""

    facts: Mapping[ConnectorKey, ConnectorFacts]
    conditions: Mapping[ZoneId, ZoneCondition]
    remembered: Mapping[ConnectorKey, Remembered]
    orders: tuple[Order, ...]
    courses: Mapping[ZoneId, Course]
    offences: Offences
    cars: SeenCars
    reviews: Reviews
    reductions: Mapping[ZoneId, Reduction]


def cautious(condition: ZoneCondition, now: Monotonic) -> ZoneCondition:
    """Return a zone's condition as a successor may trust it: no raises before the next sample.

    A measurement that has grown too old meanwhile counts as lost (RELIABILITY invariant 8).
    """
    if condition.measured_at is None:
        return condition
    stale = now - condition.measured_at >= LOST_AFTER
    return replace(condition, raises_allowed=False, meter_lost=condition.meter_lost or stale)
