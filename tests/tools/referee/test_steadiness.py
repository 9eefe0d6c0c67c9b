"""Tests of the judge of swinging setpoints."""

import pytest

from tools.referee.steadiness import ANSWERED_WITHIN, TURNS_ALLOWED, WITHIN, Course, Steadiness


def swing(judge: Steadiness, turns: int, every: float = 10.0, amps: float = 2.0, began: float = 0.0) -> float:
    """The setpoint rises once and then turns so often; returns when it last did."""
    now = began
    judge.seen("A/1", "main", 10.0, now)
    for number in range(turns + 1):
        now += every
        judge.seen("A/1", "main", 10.0 + (amps if number % 2 == 0 else 0.0), now)
    return now


@pytest.mark.parametrize(
    ("values", "turns"),
    [
        ([10, 11, 12, 13], 0),
        ([10, 12, 10], 1),
        ([10, 12, 11.6, 12.5, 12.2], 0),
        ([10, 12, 11.8, 11.6, 11.4], 1),
        ([10, 9, 10, 9], 2),
        ([10, 10.3, 10, 10.3, 10], 0),
    ],
)
def test_a_turn_is_a_way_back_that_a_car_would_notice(values: list[float], turns: int) -> None:
    course = Course(values[0], 0.5)
    assert sum(course.turned(value) for value in values[1:]) == turns


def test_four_turns_in_five_minutes_are_one_too_many() -> None:
    """LM-8: and it is told once."""
    judge = Steadiness()
    swing(judge, TURNS_ALLOWED)
    assert (judge.worst, judge.problems) == (3, [])
    judge = Steadiness()
    swing(judge, TURNS_ALLOWED + 2)
    assert judge.worst == 5
    assert judge.problems == [
        "A/1: its setpoint turned 4 times within 30 s from 20 s, and nothing outside asked for it"
    ]


def test_slow_turns_and_small_ones_are_none() -> None:
    judge = Steadiness()
    swing(judge, 20, every=WITHIN / TURNS_ALLOWED)
    swing(judge, 20, amps=0.4, began=10_000.0)
    assert judge.problems == []
    assert judge.turns >= 20


@pytest.mark.parametrize(
    ("place", "before", "answers", "explained"),
    [("main", 0.0, 2, 2), ("main", 0.0, 1, 1), ("street", 0.0, 2, 0), ("main", ANSWERED_WITHIN, 2, 0)],
)
def test_what_happens_outside_explains_so_many_turns_at_its_place(
    place: str, before: float, answers: int, explained: int
) -> None:
    """LM-8: and only for a while: a cause is no excuse for ever."""
    judge = Steadiness()
    judge.cause(place, -before, answers)
    swing(judge, 5)
    assert (judge.turns, judge.explained, judge.worst) == (5, explained, 5 - explained)


def test_a_new_session_begins_anew() -> None:
    judge = Steadiness()
    for began in range(0, 200, 50):
        swing(judge, 1, began=float(began))
        judge.seen("A/1", "main", None, began + 40.0)
    assert (judge.worst, judge.problems) == (1, [])
