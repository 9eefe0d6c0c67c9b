"""Tests of what a car draws between two reports."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.draws import draw_of
from evce.facts import Acknowledged, ConnectorFacts, Link
from tests.evce.builders import charging

ALL = (True, True, True)


def even(amps: float) -> tuple[float, float, float]:
    return (amps, amps, amps)


def told_less(reported_at: float) -> ConnectorFacts:
    """A car that drew 20 A and was told 10 A at second 10."""
    history = (Acknowledged(20.0, 0.0, 10.0), Acknowledged(10.0, 10.0))
    return charging("A", acknowledged=history, draw=even(20.0), draw_at=reported_at)


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
    assert draw_of(facts, ALL, 32.0, age, age).least == pytest.approx(even(expected))


def test_phases_that_no_report_tells_apart_draw_at_least_nothing() -> None:
    """LM-8: unknown is worst case."""
    facts = charging("A", 16.0, draw=even(16.0), draw_at=0.0, split_known=False)
    assert draw_of(facts, ALL, 16.0, 1.0, 1.0).least == even(0.0)


@pytest.mark.parametrize(
    ("since", "expected"), [(0.0, 20.0), (2.0, 20.0), (4.0, 15.0), (6.0, 10.0), (9.0, 10.0)]
)
def test_a_car_told_less_is_expected_to_follow_within_the_settling_time(
    since: float, expected: float
) -> None:
    """LM-8: dead time first, then an even fall, to where it will be."""
    draw = draw_of(told_less(9.0), ALL, 20.0, 10.0 + since, 10.0 + since)
    assert draw.expected == pytest.approx(even(expected))
    assert draw.settled == even(10.0)


@pytest.mark.parametrize(
    ("since", "expected"), [(2.0, 20.0), (4.0, 15.0), (6.0, 10.0), (8.0, 10.0), (9.0, 8.0), (10.0, 4.0)]
)
def test_a_car_told_less_and_less_gets_no_new_time_for_what_it_was_told_before(
    since: float, expected: float
) -> None:
    """LM-8: 10 A at second 10, 4 A at second 14."""
    history = (Acknowledged(10.0, 10.0, 14.0), Acknowledged(4.0, 14.0))
    facts = charging("A", acknowledged=history, draw=even(20.0), draw_at=9.0)
    assert draw_of(facts, ALL, 20.0, 10.0 + since, 10.0 + since).expected == pytest.approx(even(expected))


def test_a_car_told_more_again_may_draw_what_it_reported() -> None:
    """LM-8: the setpoint between is no bound any more."""
    history = (Acknowledged(6.0, 0.0, 10.0), Acknowledged(20.0, 10.0))
    facts = charging("A", acknowledged=history, draw=even(18.0), draw_at=11.0)
    assert draw_of(facts, ALL, 20.0, 12.0, 12.0).expected == even(18.0)


def test_a_car_that_never_reported_is_expected_at_its_setpoint_on_its_own_phases() -> None:
    """LM-8: cutting its setpoint cuts its draw; at least it draws nothing."""
    draw = draw_of(charging("A", 16.0), (False, True, False), 20.0, 0.0, 0.0)
    assert draw.expected == draw.settled == (0.0, 16.0, 0.0)
    assert draw.most == (0.0, 20.0, 0.0)
    assert draw.least == even(0.0)


@pytest.mark.parametrize(
    ("facts", "told_at"),
    [
        (charging("A", 16.0, draw=even(6.0), draw_at=3.0), 3.0),
        (charging("A", 16.0, at=4.0, draw=even(6.0), draw_at=3.0), -inf),
        (charging("A", 16.0, draw=(0.0, 15.8, 0.0), draw_at=3.0), None),
        (charging("A", 16.0), None),
        (charging("A", 16.0, draw=even(6.0), draw_at=3.0, link=Link.LOST), None),
        (replace(charging("A", 16.0, draw=even(6.0), draw_at=3.0), transaction=None), None),
    ],
    ids=[
        "below its setpoint",
        "allowed more since",
        "at its setpoint",
        "never reported",
        "lost",
        "no session",
    ],
)
def test_only_a_car_below_its_setpoint_may_have_risen_since_its_report(
    facts: ConnectorFacts, told_at: float | None
) -> None:
    """LM-8: and only where another report will come."""
    assert draw_of(facts, ALL, 16.0, 5.0, 5.0).told_at == told_at


@pytest.mark.parametrize(
    ("history", "draw_at", "risen"),
    [
        ((Acknowledged(16.0, 0.0),), 5.9, 16.0),
        ((Acknowledged(16.0, 0.0),), 6.0, 6.0),
        ((Acknowledged(6.0, 0.0, 3.0), Acknowledged(16.0, 3.0)), 8.9, 16.0),
        ((Acknowledged(6.0, 0.0, 3.0), Acknowledged(16.0, 3.0)), 9.0, 6.0),
        ((Acknowledged(14.0, 0.0, 7.0), Acknowledged(16.0, 7.0)), 8.0, 6.0),
    ],
    ids=["just told", "has had its time", "told more", "has had its time for more", "more room was no use"],
)
def test_a_car_told_more_may_be_there_before_its_report_says_so(
    history: tuple[Acknowledged, ...], draw_at: float, risen: float
) -> None:
    """LM-8: one that has had the time to follow draws what it reports, however often it is told more."""
    facts = charging("A", acknowledged=history, draw=even(6.0), draw_at=draw_at)
    assert draw_of(facts, ALL, 16.0, 10.0, 10.0).risen == even(risen)


@given(st.floats(0.0, 10.0), st.floats(0.0, 32.0), st.floats(0.0, 20.0))
def test_a_car_is_expected_between_what_it_was_told_and_what_it_reported(
    reported_at: float, reported: float, later: float
) -> None:
    """LM-8: whatever the moments."""
    facts = charging("A", acknowledged=(Acknowledged(10.0, 10.0),), draw=even(reported), draw_at=reported_at)
    draw = draw_of(facts, ALL, 32.0, 10.0 + later, 10.0 + later)
    assert draw.settled[0] - 1e-9 <= draw.expected[0] <= reported + 1e-9
    assert draw.least[0] <= draw.settled[0]


@pytest.mark.parametrize(
    ("reported", "draw_at", "accepted_at", "expected"),
    [
        (16.0, 10.4, 10.2, 20.0),
        (16.0, 10.4, 9.5, 16.0),
        (16.0, 9.9, 9.5, 16.0),
        (12.0, 10.4, 10.2, 12.0),
    ],
    ids=["told less after the reading", "told before it", "reported before it", "never used what it had"],
)
def test_a_fall_after_the_reading_is_not_in_it(
    reported: float, draw_at: float, accepted_at: float, expected: float
) -> None:
    """LM-8: read at 10.0; 20 A until then, 16 A from `accepted_at` on."""
    before = Acknowledged(20.0, 0.0, accepted_at)
    facts = replace(
        charging("A", 16.0, draw=even(reported), draw_at=draw_at),
        acknowledged=(before, Acknowledged(16.0, accepted_at)),
    )
    draw = draw_of(facts, ALL, 20.0, 10.0, 10.45)
    assert draw.expected == pytest.approx(even(expected))
    assert max(draw.settled) <= 16.0


def test_a_pause_after_the_reading_is_taken_as_reported() -> None:
    """LM-8: nobody knows on which phases the car drew."""
    facts = replace(
        charging("A", 0.0, draw=even(0.0), draw_at=10.4),
        acknowledged=(Acknowledged(6.0, 0.0, 10.2), Acknowledged(0.0, 10.2)),
    )
    assert draw_of(facts, ALL, 6.0, 10.0, 10.45).expected == even(0.0)
