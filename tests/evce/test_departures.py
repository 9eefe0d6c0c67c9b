"""Tests of what is expected of a session: statements, history, urgency."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.departures import (
    LONGEST_STAY,
    MOST_ENERGY,
    UNSTATED,
    Forecast,
    Outlook,
    Statement,
    Visit,
    departure_of,
    forecast,
    urgency,
)

MONDAY = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
HOUR = 3_600.0


def stated(at: datetime, hours: float | None = None, kwh: float | None = None) -> Statement:
    return Statement(
        None if hours is None else at + timedelta(hours=hours), None if kwh is None else kwh * 1_000.0
    )


def visit(
    day: int = 0,
    hour: float = 0.0,
    hours: float = 8.0,
    kwh: float = 10.0,
    card: str = "",
    said: float | None = None,
    asked: float | None = None,
) -> Visit:
    at = MONDAY + timedelta(days=day, hours=hour)
    return Visit(at, hours * HOUR, kwh * 1_000.0, card, stated(at, said, asked))


def middle(values: tuple[float, ...]) -> float:
    return values[len(values) // 2]


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        (Statement(MONDAY), "departure"),
        (Statement(MONDAY - timedelta(hours=1)), "departure"),
        (Statement(MONDAY + timedelta(seconds=LONGEST_STAY + 1)), "departure"),
        (Statement(energy=0.0), "energy"),
        (Statement(energy=-5.0), "energy"),
        (Statement(energy=MOST_ENERGY + 1.0), "energy"),
        (Statement(energy=float("nan")), "energy"),
    ],
)
def test_a_statement_that_cannot_be_meant_is_refused_by_name(statement: Statement, named: str) -> None:
    """LM-4: a departure in the past, an energy that no battery takes."""
    assert (statement.refusal(MONDAY) or "").startswith(named)


def test_a_sensible_statement_or_none_at_all_is_fine() -> None:
    """LM-4."""
    assert stated(MONDAY, 8.0, 20.0).refusal(MONDAY) is None
    assert UNSTATED.refusal(MONDAY) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17:30", MONDAY.replace(hour=17, minute=30)),
        ("7:05", MONDAY.replace(hour=7, minute=5)),
        ("06:30", MONDAY.replace(day=3, hour=6, minute=30)),
        ("07:00", MONDAY.replace(day=3)),
        ("2026-03-04T09:15", datetime(2026, 3, 4, 9, 15, tzinfo=UTC)),
        ("2026-03-04T09:15+01:00", datetime(2026, 3, 4, 8, 15, tzinfo=UTC)),
    ],
)
def test_a_time_of_day_means_the_next_one_of_the_site(text: str, expected: datetime) -> None:
    """LM-4: and a date with a time means what it says."""
    assert departure_of(text, MONDAY) == expected


@pytest.mark.parametrize("text", ["", "soon", "25:00", "17.30", "17:30:00:00", "2026-13-01T10:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """LM-4: with what would be right."""
    with pytest.raises(ValueError, match=r"17:30"):
        departure_of(text, MONDAY)


def test_nothing_to_go_by_is_said_to_be_nothing() -> None:
    """LM-4: no history, no statement; a departure alone or history alone is enough."""
    assert forecast(visit(), [], UTC) is None
    assert forecast(visit(asked=20.0), [], UTC) is None
    assert forecast(visit(said=9.0), [], UTC) is not None
    assert forecast(visit(), [visit(-7), visit(-14)], UTC) is not None


def test_a_statement_alone_is_believed_with_some_doubt() -> None:
    """LM-4: drivers leave sooner rather than later, and ask for more than they take."""
    expected = forecast(visit(said=9.0, asked=20.0), [], UTC)
    assert expected is not None
    assert expected.stays[0] < 9.0 * HOUR < expected.stays[-1] + 1.0
    assert middle(expected.stays) == pytest.approx(9.0 * HOUR, rel=0.05)
    assert 6_000.0 < expected.needs[0] < expected.needs[-1] == 20_000.0


def test_who_arrives_at_the_same_hour_is_expected_to_stay_as_long() -> None:
    """LM-4: learnt from the site's own sessions; a day's hours go round midnight."""
    history = [visit(-n, 0.0, 9.0, 12.0) for n in range(3, 28)]
    history += [visit(-n, 5.0, 2.0, 5.0) for n in range(3, 28)]
    history += [visit(-n, 16.8, 1.0, 3.0) for n in range(3, 28)]
    for hour, hours, kwh in ((0.2, 9.0, 12.0), (5.3, 2.0, 5.0), (17.1, 1.0, 3.0)):
        expected = forecast(visit(0, hour), history, UTC)
        assert expected is not None
        assert (middle(expected.stays), middle(expected.needs)) == (hours * HOUR, kwh * 1_000.0)


def test_alike_is_who_comes_at_the_same_time_by_the_clock_on_the_wall() -> None:
    """LM-4: in winter a driver who comes at 8 comes an hour later in UTC, and no other driver."""
    paris = ZoneInfo("Europe/Paris")
    summer = datetime(2026, 10, 19, 8, 0, tzinfo=paris)

    def came(weeks: int, hour: int, hours: float) -> Visit:
        return Visit((summer + timedelta(weeks=weeks)).replace(hour=hour), hours * HOUR, 10_000.0)

    history = [came(-weeks, hour, hours) for weeks in range(3) for hour, hours in ((7, 2.0), (8, 9.0))]
    winter = Visit(came(2, 8, 0.0).arrived.astimezone(UTC))
    by_wall, by_utc = forecast(winter, history, paris), forecast(winter, history, UTC)
    assert by_wall is not None
    assert by_utc is not None
    assert middle(by_wall.stays) == 9.0 * HOUR
    assert sum(by_wall.stays) < sum(by_utc.stays)


def test_a_driver_with_habits_is_known_by_the_card() -> None:
    """LM-4: a few own visits tell more than as many of others."""
    history = [visit(-n, 0.0, 9.0) for n in range(1, 12)] + [
        visit(-n, 0.0, 3.0, card="A") for n in (1, 2, 3, 4)
    ]
    for card, hours in (("A", 3.0), ("B", 9.0), ("", 9.0)):
        expected = forecast(visit(card=card), history, UTC)
        assert expected is not None
        assert middle(expected.stays) == hours * HOUR


def test_statements_count_for_what_they_have_been_worth() -> None:
    """LM-4: where everybody says "in an hour" and stays all day, it means all day."""
    history = [visit(-n, 0.0, 9.0, 8.0, said=1.0, asked=60.0) for n in range(1, 28)]
    expected = forecast(visit(said=1.0, asked=60.0), history, UTC)
    assert expected is not None
    assert middle(expected.stays) == 9.0 * HOUR
    assert middle(expected.needs) == 8_000.0


def outlook(hours_left: float, kwh_left: float, elapsed: float = 1.0, power: float = 7_000.0) -> Outlook:
    stays = tuple((elapsed + hours_left + spread) * HOUR for spread in (-0.1, 0.0, 0.1))
    return Outlook(Forecast(stays, (kwh_left * 1_000.0 + 5_000.0,)), elapsed * HOUR, 5_000.0, power)


def test_who_has_less_time_to_spare_is_more_urgent() -> None:
    """LM-4: laxity is the time left less the time that the need takes."""
    relaxed, busy, late = (urgency(outlook(hours, 14.0)) for hours in (8.0, 3.0, 1.0))
    assert 0.0 <= relaxed < 0.01 < busy < 0.5 < late <= 1.0
    assert urgency(outlook(2.0, 14.0)) == pytest.approx(0.5, abs=0.01)
    assert urgency(outlook(3.0, 14.0, power=3_500.0)) > busy


def test_who_overstays_may_leave_any_moment_and_who_takes_more_wants_a_little_more() -> None:
    """LM-4: lateness is no error."""
    expected = Forecast((3_600.0,), (10_000.0,))
    assert 0.4 < urgency(Outlook(expected, 7_200.0, 7_000.0, 7_000.0)) < 1.0
    assert 0.0 < urgency(Outlook(expected, 600.0, 12_000.0, 7_000.0)) < 0.5
    assert urgency(Outlook(expected, 600.0, 0.0, 0.0)) == pytest.approx(1.0)


@given(
    stays=st.lists(st.floats(60.0, LONGEST_STAY), min_size=1, max_size=30),
    needs=st.lists(st.floats(0.0, MOST_ENERGY), min_size=1, max_size=30),
    elapsed=st.floats(-10.0, 2 * LONGEST_STAY),
    energy=st.floats(0.0, 2 * MOST_ENERGY),
    power=st.floats(0.0, 1e6),
)
def test_urgency_is_a_share_whatever_is_expected(
    stays: list[float], needs: list[float], elapsed: float, energy: float, power: float
) -> None:
    """LM-4: a wrong statement can't leave its bounds."""
    expected = Forecast(tuple(sorted(stays)), tuple(sorted(needs)))
    assert 0.0 <= urgency(Outlook(expected, elapsed, energy, power)) <= 1.0
