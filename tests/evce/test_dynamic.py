"""Tests of the dynamic limit."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.draws import REPORT_AGES, REPORT_FADES, Draw
from evce.dynamic import METER_LAGS, Course, DynamicRoom, Reading, dynamic_room, follow, read, reweighed
from evce.units import PhaseAmps

LIMIT = (100.0, 100.0, 100.0)
CALM = (False, False, False)


def even(amps: float) -> PhaseAmps:
    return (amps, amps, amps)


def drawing(least: float, expected: float, settled: float, most: float, told_at: float | None = None) -> Draw:
    return Draw(even(least), even(expected), even(settled), even(expected), even(most), told_at)


def steady(amps: PhaseAmps) -> Draw:
    """A car that draws what it reports, and no more than that may come of it."""
    return Draw(amps, amps, amps, amps, amps)


def room(allotted: float, overloaded: bool = False, told_at: float | None = None) -> DynamicRoom:
    reading = Reading(0.0, even(0.0), even(0.0), even(0.0), even(0.0), even(0.0), told_at)
    return DynamicRoom(
        even(allotted),
        even(allotted),
        even(100.0),
        even(allotted),
        (overloaded, overloaded, overloaded),
        reading,
    )


def seen(measured: PhaseAmps, draws: list[Draw], course: Course | None, now: float) -> DynamicRoom:
    return dynamic_room(LIMIT, read(measured, now, draws, course, now))


def left_at(course: Course) -> Reading:
    assert course.reading is not None
    return course.reading


def test_cars_get_what_the_building_leaves() -> None:
    """LM-8: 100 A, the meter reads 90 A, of which the cars draw 30: the building leaves 40."""
    found = seen(even(90.0), [steady(even(30.0))], None, 0.0)
    assert found.allotted == even(40.0)
    assert found.overloaded == CALM
    assert (found.reading.cars, found.reading.building) == (even(30.0), even(60.0))


def test_each_phase_is_looked_at_by_itself() -> None:
    """LM-8: per phase."""
    found = seen((110.0, 60.0, 20.0), [steady((30.0, 10.0, 0.0))], None, 0.0)
    assert found.allotted == (20.0, 50.0, 80.0)
    assert found.overloaded == (True, False, False)


def test_what_the_cars_alone_may_have_caused_is_tolerable() -> None:
    """LM-8: cars that report 0 A may draw their 64 A already: then the building is at 20 A."""
    found = seen(even(84.0), [drawing(0.0, 0.0, 0.0, 64.0, 1.0)], None, 2.0)
    assert found.allotted == even(16.0)
    assert found.tolerable == even(80.0)
    assert found.reading.told_at == 1.0


def test_an_overload_that_lasts_is_no_longer_explained_by_cars_on_their_way_down() -> None:
    """LM-8: then only the least draw is taken off the measurement."""
    car = drawing(30.0, 50.0, 50.0, 50.0)
    course = Course(even(100.0), 0.0, overloaded_since=0.0)
    assert seen(even(110.0), [car], course, 3.0).allotted == even(40.0)
    assert seen(even(110.0), [car], course, 7.0).allotted == even(20.0)
    young = replace(course, cut_at=2.0)
    assert seen(even(110.0), [car], young, 7.0).allotted == even(40.0)
    assert seen(even(110.0), [car], young, 8.1).allotted == even(20.0)


def test_a_falling_reading_shows_how_far_the_cars_are_on_their_way_down() -> None:
    """LM-8: cars told 40 instead of 60 A beside a building of 60 A; the reading of 100 A is their doing."""
    down = drawing(40.0, 60.0, 40.0, 60.0)
    first = follow(None, seen(even(120.0), [steady(even(60.0))], None, 0.0), 2.0, 0.0)
    second = follow(first, seen(even(100.0), [down], first, 1.0), 2.0, 1.0)
    assert (left_at(second).cars, left_at(second).building) == (even(40.0), even(60.0))
    hidden = seen(even(120.0), [down], second, 1.5)
    assert hidden.reading.building == even(80.0), "20 A more are the building's, whatever the reports say"
    assert hidden.allotted == even(20.0)


def test_a_reading_that_falls_below_what_the_cars_can_explain_is_the_buildings() -> None:
    """LM-8: once the cars must be where they were told to be, the rest is free."""
    down = drawing(40.0, 60.0, 40.0, 60.0)
    first = follow(None, seen(even(120.0), [steady(even(60.0))], None, 0.0), 2.0, 0.0)
    found = seen(even(70.0), [down], first, 1.0)
    assert (found.reading.cars, found.reading.building) == (even(40.0), even(30.0))


def test_settled_cars_are_known_by_their_reports_again() -> None:
    """LM-8: the reading explains their way down, and nothing after it."""
    course = Course(even(40.0), 0.0, reading=Reading(0.0, even(80.0), *(even(20.0),) * 4))
    assert seen(even(90.0), [steady(even(35.0))], course, 9.0).reading.cars == even(35.0)


@given(*[st.tuples(*[st.floats(0, 200)] * 3)] * 6, st.floats(0, 20))
def test_the_room_is_never_above_the_limit(
    limit: PhaseAmps,
    measured: PhaseAmps,
    least: PhaseAmps,
    above: PhaseAmps,
    cars: PhaseAmps,
    building: PhaseAmps,
    now: float,
) -> None:
    """LM-8: the building is never believed to take less than nothing, whatever was believed before."""
    before = (cars[0] + building[0], cars[1] + building[1], cars[2] + building[2])
    course = Course(limit, 0.0, 0.0, reading=Reading(0.0, before, cars, cars, cars, cars))
    most = (least[0] + above[0], least[1] + above[1], least[2] + above[2])
    reading = read(measured, now, [Draw(least, most, least, most, most)], course, now)
    found = dynamic_room(limit, reading)
    for phase in range(3):
        assert 0.0 <= found.allotted[phase] <= limit[phase]
        assert 0.0 <= found.tolerable[phase] <= limit[phase]
        assert 0.0 <= found.raisable[phase] <= found.tolerable[phase]


def test_room_falls_at_once_and_rises_on_a_ramp() -> None:
    """LM-8: cuts at once, rises ramped in A/s."""
    course = follow(None, room(40.0), 2.0, 0.0)
    course = follow(course, room(10.0, overloaded=True), 2.0, 0.5)
    assert course.allotted == even(10.0)
    course = follow(course, room(40.0), 2.0, 1.5)
    assert course.allotted == even(12.0)


@pytest.mark.parametrize(
    ("told_at", "now", "held"),
    [
        (None, 10.0, False),
        (9.0, 10.0, True),
        (9.0, 10.0 + REPORT_AGES, True),
        (9.0, 10.0 + REPORT_AGES + REPORT_FADES, False),
        (10.0 + METER_LAGS, 12.0, False),
    ],
    ids=["nobody may rise", "no report yet", "still none", "too old to count", "all have reported"],
)
def test_below_the_limit_a_smaller_room_waits_for_the_cars_reports(
    told_at: float | None, now: float, held: bool
) -> None:
    """LM-8: DESIGN 4.6: otherwise hold."""
    course = follow(Course(even(60.0), 9.5), room(20.0, told_at=9.0), 2.0, 10.0)
    assert course.allotted == even(60.0)
    assert follow(course, room(20.0, told_at=told_at), 2.0, now).allotted == even(60.0 if held else 20.0)


def test_what_the_cars_can_not_have_caused_is_not_waited_for() -> None:
    """LM-8: a limit that fell to 50 A leaves no room for 60 A, whatever the reports will say."""
    smaller = replace(room(20.0, told_at=9.0), tolerable=even(50.0))
    assert follow(Course(even(60.0), 9.5), smaller, 2.0, 10.0).allotted == even(50.0)


def test_cars_that_report_on_their_way_up_have_gone_on_since() -> None:
    """LM-8: 30 of 60 A when they reported; what the meter reads beside that is theirs, and no more of it."""
    rising = Draw(even(30.0), even(30.0), even(30.0), even(60.0), even(60.0), told_at=9.9)
    course = Course(even(60.0), 0.0, short_since=5.0)
    held = follow(course, seen(even(95.0), [rising], course, 10.0), 2.0, 10.0)
    assert held.allotted == even(60.0)
    more = follow(course, seen(even(99.0), [replace(rising, risen=even(50.0))], course, 10.0), 2.0, 10.0)
    assert more.allotted == even(51.0)
    settled = follow(course, seen(even(95.0), [replace(rising, risen=even(30.0))], course, 10.0), 2.0, 10.0)
    assert settled.allotted == even(35.0)


def test_only_the_phase_above_its_limit_is_cut() -> None:
    """LM-8: the others wait for their reports."""
    over = replace(room(20.0, told_at=9.0), overloaded=(True, False, False))
    assert follow(Course(even(60.0), 9.5), over, 2.0, 10.0).allotted == (20.0, 60.0, 60.0)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 60), st.floats(0.1, 20), st.booleans())
def test_the_course_never_leads_above_the_room_where_nobody_may_rise(
    before: float, found: float, seconds: float, ramp: float, overloaded: bool
) -> None:
    """LM-8: whatever the ramp."""
    course = follow(Course(even(before), 0.0), room(found, overloaded), ramp, seconds)
    assert max(course.allotted) <= found + 1e-9


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 100), st.floats(0, 60))
def test_a_course_that_holds_stays_within_what_the_cars_may_have_caused(
    before: float, found: float, tolerable: float, seconds: float
) -> None:
    """LM-8: and never rises by it."""
    wanted = replace(room(found, told_at=0.0), tolerable=even(tolerable))
    course = follow(Course(even(before), 0.0), wanted, 0.0, seconds)
    assert max(course.allotted) <= max(found, min(before, tolerable))


def test_a_course_remembers_since_when_it_is_overloaded() -> None:
    first = follow(None, room(0.0, overloaded=True), 2.0, 5.0)
    assert follow(first, room(0.0, overloaded=True), 2.0, 9.0).overloaded_since == 5.0
    assert follow(first, room(9.0), 2.0, 9.0).overloaded_since is None


def test_a_course_remembers_when_it_was_cut_for_an_overload() -> None:
    """LM-8: each cut has its own settling time; drift and falls below the limit are none."""
    course = follow(Course(even(60.0), 0.0), room(59.8, overloaded=True), 2.0, 5.0)
    assert course.cut_at < 0.0
    course = follow(course, room(40.0, overloaded=True), 2.0, 6.0)
    assert course.cut_at == 6.0
    assert follow(course, room(20.0), 2.0, 9.0).cut_at == 6.0


def test_a_zone_of_other_members_reads_its_meter_anew_and_forgets_nothing() -> None:
    """LM-8: what was believed of the building still bounds it."""
    course = follow(None, seen(even(90.0), [steady(even(30.0))], None, 5.0), 2.0, 5.0)
    anew = left_at(reweighed(course))
    assert anew.at < 5.0
    assert anew.building == even(60.0)
    assert reweighed(Course(even(1.0), 0.0)) == Course(even(1.0), 0.0)
