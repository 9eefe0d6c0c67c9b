"""Tests of the dynamic limit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.dynamic import Course, DynamicRoom, dynamic_room, expected_draw, follow, least_draw
from evce.facts import Acknowledged
from tests.evce.builders import charging

ALL = (True, True, True)
LIMIT = (100.0, 100.0, 100.0)


def even(amps: float) -> tuple[float, float, float]:
    return (amps, amps, amps)


@pytest.mark.parametrize(
    ("reported", "accepted", "age", "expected"),
    [
        (16.0, 16.0, 0.0, 16.0),
        (16.0, 10.0, 0.0, 10.0),
        (16.0, 16.0, 20.0, 16.0),
        (16.0, 16.0, 50.0, 8.0),
        (16.0, 16.0, 80.0, 0.0),
    ],
)
def test_the_least_draw_is_the_report_capped_and_fading(
    reported: float, accepted: float, age: float, expected: float
) -> None:
    """LM-8: d_lo is the last report, no more than what was accepted since, fading with age."""
    facts = charging("A", accepted, draw=even(reported), draw_at=0.0)
    assert least_draw(facts, 32.0, age) == pytest.approx(even(expected))


def test_a_car_that_never_reported_draws_at_least_nothing() -> None:
    """LM-8: unknown is worst case."""
    assert least_draw(charging("A", 16.0), 16.0, 0.0) == even(0.0)


@pytest.mark.parametrize(
    ("since", "expected"), [(0.0, 20.0), (2.0, 20.0), (4.0, 15.0), (6.0, 10.0), (9.0, 10.0)]
)
def test_a_car_told_less_is_expected_to_follow_within_the_settling_time(
    since: float, expected: float
) -> None:
    """LM-8: dead time first, then an even fall."""
    history = (Acknowledged(20.0, 0.0, 10.0), Acknowledged(10.0, 10.0))
    facts = charging("A", acknowledged=history, draw=even(20.0), draw_at=9.0)
    assert expected_draw(facts, ALL, 20.0, 10.0 + since) == pytest.approx(even(expected))


def test_a_car_that_never_reported_is_expected_at_its_setpoint_on_its_own_phases() -> None:
    """LM-8: cutting its setpoint cuts its draw."""
    assert expected_draw(charging("A", 16.0), (False, True, False), 16.0, 0.0) == (0.0, 16.0, 0.0)


def test_cars_get_what_the_building_leaves() -> None:
    """LM-8: 100 A, the meter reads 90 A, of which the cars draw 30: the building leaves 40."""
    room = dynamic_room(LIMIT, even(90.0), [even(30.0)], [even(30.0)], 0.0)
    assert room.allotted == even(40.0)
    assert room.overloaded == (False, False, False)


def test_each_phase_is_looked_at_by_itself() -> None:
    """LM-8: per phase."""
    room = dynamic_room(LIMIT, (110.0, 60.0, 20.0), [(30.0, 10.0, 0.0)], [(30.0, 10.0, 0.0)], 0.0)
    assert room.allotted == (20.0, 50.0, 80.0)
    assert room.overloaded == (True, False, False)


def test_an_overload_that_lasts_is_no_longer_explained_by_cars_on_their_way_down() -> None:
    """LM-8: then only the least draw is taken off the measurement."""
    young = dynamic_room(LIMIT, even(110.0), [even(50.0)], [even(30.0)], 3.0)
    old = dynamic_room(LIMIT, even(110.0), [even(50.0)], [even(30.0)], 7.0)
    assert young.allotted == even(40.0)
    assert old.allotted == even(20.0)


@given(*[st.tuples(*[st.floats(0, 200)] * 3)] * 4, st.floats(0, 20))
def test_the_room_to_raise_never_exceeds_the_limit(
    limit: tuple[float, float, float],
    measured: tuple[float, float, float],
    expected: tuple[float, float, float],
    least: tuple[float, float, float],
    overloaded_for: float,
) -> None:
    """LM-8: the building is never believed to take less than nothing."""
    room = dynamic_room(limit, measured, [expected], [least], overloaded_for)
    for phase in range(3):
        assert 0.0 <= room.allotted[phase] <= limit[phase]
        assert 0.0 <= room.raisable[phase] <= limit[phase]


def test_room_falls_at_once_and_rises_on_a_ramp() -> None:
    """LM-8: cuts at once, rises ramped in A/s."""
    calm = (False, False, False)
    course = follow(None, DynamicRoom(even(40.0), even(40.0), calm), 2.0, 0.0)
    course = follow(course, DynamicRoom(even(10.0), even(10.0), calm), 2.0, 0.5)
    assert course.allotted == even(10.0)
    course = follow(course, DynamicRoom(even(40.0), even(40.0), calm), 2.0, 1.5)
    assert course.allotted == even(12.0)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 60), st.floats(0.1, 20))
def test_the_course_never_leads_above_the_room(
    before: float, room: float, seconds: float, ramp: float
) -> None:
    """LM-8: whatever the ramp."""
    course = follow(
        Course(even(before), 0.0), DynamicRoom(even(room), even(room), (False, False, False)), ramp, seconds
    )
    assert max(course.allotted) <= room + 1e-9


def test_a_course_remembers_since_when_it_is_overloaded() -> None:
    over = DynamicRoom(even(0.0), even(0.0), (True, False, False))
    first = follow(None, over, 2.0, 5.0)
    assert follow(first, over, 2.0, 9.0).overloaded_since == 5.0
    assert follow(first, DynamicRoom(even(9.0), even(9.0), (False,) * 3), 2.0, 9.0).overloaded_since is None  # type: ignore[arg-type]
