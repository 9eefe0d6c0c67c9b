"""The dynamic limit (LM-8): what a building leaves to the cars in a zone, by its meter and their reports."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import inf

from evce.draws import REPORT_AGES, REPORT_FADES, Draw
from evce.pledges import SETTLING
from evce.units import Amps, Monotonic, PhaseAmps, Seconds

__all__ = ["Course", "DynamicRoom", "Reading", "dynamic_room", "follow", "read", "reweighed"]

RISE_BAND: Amps = 1.0
"""Room must grow by more than this before it is followed upward, so that noise makes no writes."""

METER_LAGS: Seconds = 1.0
"""A report this much younger than a reading knows what the reading saw: a poll takes its time."""

_CUT: Amps = 0.5
"""A smaller fall is the building's drift or the meter's noise; nobody waits for cars to follow it."""

_ON_THEIR_WAY: Amps = 0.1
"""Cars that draw this much more than they were told to are still following."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter read at `at`, and how much of it the cars draw by what was known of them at that moment.

    All A per grid phase. `cars` is our best knowledge, `least` is certain, `risen` what they draw if those
    that were told more have followed by now, `most` their pledges; `told_at` is the oldest report of a car
    that may draw more by now, None where there is no such car.
    """

    at: Monotonic
    measured: PhaseAmps
    cars: PhaseAmps
    least: PhaseAmps
    risen: PhaseAmps
    most: PhaseAmps
    told_at: Monotonic | None = None

    @property
    def building(self) -> PhaseAmps:
        """What isn't the cars', below 0 A where they are known to draw more than was read."""
        return _each(lambda phase: self.measured[phase] - self.cars[phase])


@dataclass(frozen=True, slots=True)
class DynamicRoom:
    """What the cars of a zone may have, A per grid phase.

    `allotted` bounds the sum of their setpoints by our best knowledge, `explained` where cars on their way
    up have caused what the meter reads, `tolerable` where all of them may have, `raisable` the sum of their
    pledges where one is to be raised (the building at its highest possible). `overloaded` tells the phases
    above the limit now. `reading` is what it follows from.
    """

    allotted: PhaseAmps
    explained: PhaseAmps
    tolerable: PhaseAmps
    raisable: PhaseAmps
    overloaded: tuple[bool, bool, bool]
    reading: Reading


@dataclass(frozen=True, slots=True)
class Course:
    """The room that a zone's cars were allotted last, and when: it falls with the room and rises on a ramp.

    `overloaded_since` and `short_since` tell since when the meter is above the limit, and since when
    the room is smaller than what is allotted without that; `cut_at` when it last fell for an overload.
    `reading` is the last that was followed, None before there was one.
    """

    allotted: PhaseAmps
    at: Monotonic
    overloaded_since: Monotonic | None = None
    short_since: Monotonic | None = None
    cut_at: Monotonic = -inf
    reading: Reading | None = None


def read(
    measured: PhaseAmps, at: Monotonic, draws: Iterable[Draw], course: Course | None, now: Monotonic
) -> Reading:
    """Tell the cars from the building in what a zone's meter read at `at`, A per grid phase of the zone.

    While cars are on their way down, a reading that falls is theirs: it shows how far they are, and the
    building isn't believed to have fallen before they must have settled. An overload that outlasts the
    settling time of the last cut is no longer explained by cars on their way down: then only their least
    draw is taken off the measurement.

    Newer reports tell more of the cars beside a reading that the course has followed already, yet they don't
    make a raise any safer.
    """
    draws = tuple(draws)
    told_at = min((draw.told_at for draw in draws if draw.told_at is not None), default=None)
    least = _sum([draw.least for draw in draws])
    risen = _sum([draw.risen for draw in draws])
    before = None if course is None else course.reading
    if course is not None and _lasts(course, now):
        cars = least
    else:
        expected = _sum([draw.expected for draw in draws])
        settled = _sum([draw.settled for draw in draws])
        cars = _each(lambda phase: _by_meter(phase, measured, expected, settled, before))
    if before is not None and (before.at, before.measured) == (at, measured):
        return replace(before, cars=cars, risen=risen, told_at=told_at)
    return Reading(at, measured, cars, least, risen, _sum([draw.most for draw in draws]), told_at)


def dynamic_room(limit: PhaseAmps, reading: Reading) -> DynamicRoom:
    """Share the limit, A per grid phase, between the building and the cars."""
    measured = reading.measured
    return DynamicRoom(
        allotted=_room(limit, measured, reading.cars),
        explained=_room(limit, measured, reading.risen),
        tolerable=_room(limit, measured, reading.most),
        raisable=_room(limit, measured, reading.least),
        overloaded=(measured[0] > limit[0], measured[1] > limit[1], measured[2] > limit[2]),
        reading=reading,
    )


def follow(course: Course | None, room: DynamicRoom, ramp: float, now: Monotonic) -> Course:
    """Advance a zone's course towards its room; `ramp` in A/s.

    Above the limit the course falls at once. Below it, a reading may just as well have risen with cars that
    haven't reported yet: the course holds until they have, or until their last report is too old to count.
    Cars on their way up have gone on since they reported.
    """
    overloaded_since = short_since = None
    if any(room.overloaded):
        overloaded_since = (
            now if course is None or course.overloaded_since is None else course.overloaded_since
        )
    if course is None:
        return Course(room.allotted, now, overloaded_since, reading=room.reading)
    before, step = course.allotted, ramp * max(now - course.at, 0.0)
    if any(room.allotted[phase] < before[phase] for phase in range(3)):
        short_since = now if course.short_since is None else course.short_since
    believed = short_since is None or _believed(short_since, room.reading.told_at, now)

    def on_phase(phase: int) -> Amps:
        wanted = room.allotted[phase]
        if wanted > before[phase]:
            rises = wanted - before[phase] >= RISE_BAND
            return min(wanted, before[phase] + step) if rises else before[phase]
        if room.overloaded[phase]:
            return wanted
        by_cars = room.explained[phase] if believed else room.tolerable[phase]
        return min(before[phase], max(wanted, by_cars))

    allotted = _each(on_phase)
    cut = any(room.overloaded[phase] and allotted[phase] < before[phase] - _CUT for phase in range(3))
    cut_at = now if cut else course.cut_at
    return Course(allotted, now, overloaded_since, short_since, cut_at, room.reading)


def reweighed(course: Course) -> Course:
    """The course after a change of who belongs to the zone: its last reading is to be read anew."""
    if course.reading is None:
        return course
    return replace(course, reading=replace(course.reading, at=-inf))


def _lasts(course: Course, now: Monotonic) -> bool:
    since = course.overloaded_since
    return since is not None and now - max(since, course.cut_at) > SETTLING


def _believed(short_since: Monotonic, told_at: Monotonic | None, now: Monotonic) -> bool:
    """Whether a building that takes more is the only explanation left."""
    return (
        told_at is None
        or told_at >= short_since + METER_LAGS
        or now - short_since >= REPORT_AGES + REPORT_FADES
    )


def _by_meter(
    phase: int, measured: PhaseAmps, expected: PhaseAmps, settled: PhaseAmps, before: Reading | None
) -> Amps:
    """The cars' draw on a phase by their reports, and no more than a falling reading leaves of it."""
    if before is None or expected[phase] - settled[phase] < _ON_THEIR_WAY:
        return expected[phase]
    left = min(before.cars[phase], measured[phase] - before.building[phase])
    return max(settled[phase], min(expected[phase], left))


def _room(limit: PhaseAmps, measured: PhaseAmps, cars: PhaseAmps) -> PhaseAmps:
    return _each(lambda phase: max(limit[phase] - max(measured[phase] - cars[phase], 0.0), 0.0))


def _sum(currents: Iterable[PhaseAmps]) -> PhaseAmps:
    first = second = third = 0.0
    for current in currents:
        first += current[0]
        second += current[1]
        third += current[2]
    return (first, second, third)


def _each(on_phase: Callable[[int], Amps]) -> PhaseAmps:
    return (on_phase(0), on_phase(1), on_phase(2))
