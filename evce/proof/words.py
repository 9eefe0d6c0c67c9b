"""The proof in sentences that a person understands: zone, phase, combination, amperes, and what to do."""

from collections.abc import Sequence

from evce.electrical import SiteModel
from evce.proof.worst_case import Event, WorstCase, ZoneProof
from evce.units import Amps, Seconds

__all__ = ["advice", "course_sentence", "overload_sentence", "zone_sentence"]

NAMED = 4
"""Stations named in a sentence; the others are counted."""


def zone_sentence(proof: ZoneProof) -> str:
    """What is shown of one zone's fuse when something is lost."""
    if proof.failures:
        return overload_sentence(max(proof.failures, key=lambda case: case.over))
    if proof.undeclared:
        return f"not shown: building_maximum_a of {', '.join(proof.undeclared)} is not declared"
    lost = [case for case in proof.cases if case.event is not Event.NOTHING_LOST]
    worst = max(lost, key=lambda case: case.amps)
    return f"holds: {_a(worst.amps)} of {_a(worst.limit)} on {_phase(worst)} at worst, {_when(worst)}"


def overload_sentence(case: WorstCase) -> str:
    """A fuse that doesn't hold: by how much, and what comes together."""
    return (
        f"does not hold on {_phase(case)}: {_a(case.amps)} on a fuse of {_a(case.limit)}, "
        f"{_a(case.over)} too much, {_when(case)}"
    )


def advice(case: WorstCase, model: SiteModel) -> str:
    """What to do about a fuse that doesn't hold."""
    zone = model.zones[case.zone]
    if case.building > case.limit:
        return "the building alone is above the fuse: correct building_maximum_a, or move part of its load"
    room = _a(_tenth_down(case.limit - case.building))
    match case.event:
        case Event.METER_LOST:
            return f"lower degraded_setpoint_a of {zone.id} to {room} or less"
        case Event.STATIONS_LOST if zone.dynamic and _holding(case, model):
            return (
                f"leave DC stations below {zone.id} ratings of {room} or less together "
                "(they keep their last setpoint), or put them on a feeder without a building"
            )
        case Event.STATIONS_LOST if zone.dynamic:
            return f"lower degraded_setpoint_a of {zone.id} to {room} or less, so that less falls back"
        case _:
            return f"make {zone.id} dynamic, with a meter that reads the buildings below it as well"


def course_sentence(proof: ZoneProof, seconds: Seconds) -> str:
    """What the fuse may carry until the leases have run out, in the phase where it is most."""
    most = max(proof.course)
    return (
        f"up to {_a(most)} of {_a(proof.limit)} for {seconds:g} s at most, if cars can no longer be told and "
        "the building then rises from nothing to its maximum before their leases have run out"
    )


def _when(case: WorstCase) -> str:
    building = f" beside {_a(case.building)} of the building" if case.building > 0.0 else ""
    match case.event:
        case Event.NOTHING_LOST:
            # With nothing lost, a dynamic zone has too much only if its building, which it reads, does.
            unread = " that no meter of this zone reads" if 0.0 < case.building <= case.limit else ""
            return f"with nothing lost: {_a(case.cars)} of cars{building}{unread}"
        case Event.METER_LOST:
            return f"when meter {case.meter} is lost: {_a(case.cars)} for the cars{building}"
        case _:
            who = f"{_names(case.stations)} are" if case.stations else "every station below is"
            return f"when {who} lost, or the controller: they keep {_a(case.cars)}{building}"


def _holding(case: WorstCase, model: SiteModel) -> bool:
    return any(not model.stations[station].family.has_degraded_mode for station in case.stations)


def _names(stations: Sequence[str]) -> str:
    named = [str(station) for station in stations[:NAMED]]
    more = len(stations) - NAMED
    return ", ".join(named) + (f" and {more} more" if more > 0 else "")


def _phase(case: WorstCase) -> str:
    return f"L{case.phase + 1}"


def _tenth_down(amps: Amps) -> Amps:
    return int(amps * 10.0 + 1e-6) / 10.0


def _a(amps: Amps) -> str:
    return f"{round(amps, 1):g} A"
