"""The dynamic limit (LM-8): what a building leaves to the cars in a zone, by its meter and their reports."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from evce.facts import ConnectorFacts
from evce.pledges import SETTLING, on_phases
from evce.units import NO_AMPS, Amps, Monotonic, PhaseAmps, Seconds

__all__ = [
    "DEAD_TIME",
    "REPORT_AGES",
    "REPORT_FADES",
    "Course",
    "DynamicRoom",
    "dynamic_room",
    "expected_draw",
    "follow",
    "least_draw",
]

DEAD_TIME: Seconds = 2.0
"""A car that was told less begins to follow within this time; earlier it is no proof of anything else."""

REPORT_AGES: Seconds = 20.0
"""A report of this age begins to count less: four sample intervals of 5 s."""

REPORT_FADES: Seconds = 60.0
"""Over this time an old report fades to nothing; at once, the limit would oscillate (DESIGN §4.6)."""

RISE_BAND: Amps = 1.0
"""Room must grow by more than this before it is followed upward, so that noise makes no writes."""


@dataclass(frozen=True, slots=True)
class DynamicRoom:
    """What the cars of a zone may have, A per grid phase.

    `allotted` bounds the sum of their setpoints, `raisable` the sum of their pledges where one is to be
    raised (the building at its highest possible), `overloaded` tells the phases above the limit now.
    """

    allotted: PhaseAmps
    raisable: PhaseAmps
    overloaded: tuple[bool, bool, bool]


def least_draw(facts: ConnectorFacts, pledged: Amps, now: Monotonic) -> PhaseAmps:
    """Return what the car draws at least, A per grid phase.

    It is the last report, no more than any setpoint accepted since, fading with the report's age; nothing
    where the report doesn't tell the phases apart.
    """
    if facts.draw is None or facts.draw_at is None or not facts.split_known:
        return NO_AMPS
    ceiling = pledged
    for accepted in facts.acknowledged:
        if accepted.superseded_at is None or accepted.superseded_at > facts.draw_at:
            ceiling = min(ceiling, accepted.amps)
    faded = 1.0 - min(max((now - facts.draw_at - REPORT_AGES) / REPORT_FADES, 0.0), 1.0)
    first, second, third = facts.draw
    return (min(first, ceiling) * faded, min(second, ceiling) * faded, min(third, ceiling) * faded)


def expected_draw(
    facts: ConnectorFacts, mask: tuple[bool, bool, bool], pledged: Amps, now: Monotonic
) -> PhaseAmps:
    """Return what the car draws by our best knowledge, A per grid phase.

    A car that was told less still draws part of what it reported: all of it for the dead time, then
    falling evenly until it must have settled. A car that never reported is taken at its setpoint.
    """
    setpoint = pledged if facts.setpoint is None else facts.setpoint
    if facts.draw is None or facts.draw_at is None:
        return on_phases(setpoint, mask)
    remaining = 0.0
    if facts.acknowledged and (since := facts.acknowledged[-1].at) is not None:
        at_report = _unsettled(facts.draw_at - since)
        remaining = _unsettled(now - since) / at_report if at_report > 0.0 else 0.0

    def on_phase(reported: Amps) -> Amps:
        return reported if reported <= setpoint else setpoint + (reported - setpoint) * remaining

    first, second, third = facts.draw
    return (on_phase(first), on_phase(second), on_phase(third))


def dynamic_room(
    limit: PhaseAmps,
    measured: PhaseAmps,
    expected: Iterable[PhaseAmps],
    least: Iterable[PhaseAmps],
    overloaded_for: Seconds,
) -> DynamicRoom:
    """Share the limit between the building and the cars.

    `limit` and `measured` are A per grid phase of the zone, everything in it included; `expected` and
    `least` are the cars' draws. An overload that outlasts the settling time is no longer explained by
    cars on their way down: then only their least draw is taken off the measurement.
    """
    sum_expected, sum_least = _sum(expected), _sum(least)
    overloaded = (measured[0] > limit[0], measured[1] > limit[1], measured[2] > limit[2])
    cars = sum_least if overloaded_for > SETTLING else sum_expected
    return DynamicRoom(
        allotted=_room(limit, measured, cars),
        raisable=_room(limit, measured, sum_least),
        overloaded=overloaded,
    )


@dataclass(frozen=True, slots=True)
class Course:
    """The room that a zone's cars were allotted last, and when: it falls at once and rises on a ramp."""

    allotted: PhaseAmps
    at: Monotonic
    overloaded_since: Monotonic | None = None


def follow(course: Course | None, room: DynamicRoom, ramp: float, now: Monotonic) -> Course:
    """Advance a zone's course towards its room; `ramp` in A/s. Never above the room itself."""
    overloaded_since = None
    if any(room.overloaded):
        overloaded_since = (
            now if course is None or course.overloaded_since is None else course.overloaded_since
        )
    if course is None:
        return Course(room.allotted, now, overloaded_since)
    step = ramp * max(now - course.at, 0.0)

    def on_phase(before: Amps, wanted: Amps) -> Amps:
        if wanted <= before:
            return wanted
        return before if wanted - before < RISE_BAND else min(wanted, before + step)

    allotted = (
        on_phase(course.allotted[0], room.allotted[0]),
        on_phase(course.allotted[1], room.allotted[1]),
        on_phase(course.allotted[2], room.allotted[2]),
    )
    return replace(course, allotted=allotted, at=now, overloaded_since=overloaded_since)


def _unsettled(since: Seconds) -> float:
    """How much of a step down a car has still before it, 1 to 0."""
    return 1.0 - min(max((since - DEAD_TIME) / (SETTLING - DEAD_TIME), 0.0), 1.0)


def _room(limit: PhaseAmps, measured: PhaseAmps, cars: PhaseAmps) -> PhaseAmps:
    first, second, third = (
        max(limit[phase] - max(measured[phase] - cars[phase], 0.0), 0.0) for phase in range(3)
    )
    return (first, second, third)


def _sum(currents: Iterable[PhaseAmps]) -> PhaseAmps:
    total = [0.0, 0.0, 0.0]
    for current in currents:
        for phase in range(3):
            total[phase] += current[phase]
    return (total[0], total[1], total[2])
