"""The course of a session keeps its key moments, and no more points than anybody could look at."""

from datetime import UTC, datetime, timedelta
from math import log
from random import Random

import pytest

from evce.facts import ConnectorFacts, ConnectorStatus, Link
from evce.records import SessionPoint
from evce.session_course import AWAY, QUIET, SPACING, SessionCourses
from evce.units import Amps, BoxIdentity, ConnectorKey, TransactionId

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
KEY = ConnectorKey(BoxIdentity("CP-01"), 1)
_S = ConnectorStatus


def facts(
    drawn: Amps | None = 10.0,
    status: ConnectorStatus = _S.CHARGING,
    link: Link = Link.CONNECTED,
    transaction: int | None = 7,
    plugged_at: float | None = None,
) -> ConnectorFacts:
    return ConnectorFacts(
        KEY,
        link=link,
        status=status,
        plugged_at=plugged_at,
        transaction=None if transaction is None else TransactionId(transaction),
        energy=500.0,
        charging_since=0.0,
        draw=None if drawn is None else (drawn, drawn - 1.0, 0.0),
    )


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def look(courses: SessionCourses, now: float, allowed: Amps, reason: str = "why", **told: object) -> None:
    courses.look([(facts(**told), allowed, reason)], now, at(now))  # type: ignore[arg-type]


def test_a_session_is_seen_from_its_plug_on() -> None:
    """UI-8: the first point is when the plug went in, where nobody was restarted since."""
    courses = SessionCourses()
    look(courses, 4.0, 16.0, plugged_at=-20.0)
    plugged, first = courses.take()
    assert plugged == SessionPoint(TransactionId(7), at(-20.0), 0.0, 0.0, 0.0, "Preparing", None)
    assert first == SessionPoint(TransactionId(7), at(4.0), 16.0, 10.0, 500.0, "Charging", "why")
    late = SessionCourses()
    look(late, 4000.0, 16.0, plugged_at=-20.0)
    assert [point.state for point in late.take()] == ["Charging"]


@pytest.mark.parametrize(
    ("told", "allowed", "after", "kept"),
    [
        pytest.param({}, 16.0, SPACING, False, id="nothing new"),
        pytest.param({}, 16.0, QUIET, True, id="nothing new for long"),
        pytest.param({}, 12.0, SPACING, True, id="another setpoint"),
        pytest.param({}, 12.0, SPACING / 2, False, id="another setpoint too soon"),
        pytest.param({}, 0.0, 1.0, True, id="a pause at once"),
        pytest.param({"status": _S.SUSPENDED_EV}, 16.0, 1.0, True, id="the car pauses"),
        pytest.param({"link": Link.LOST}, 16.0, 1.0, True, id="the station is lost"),
        pytest.param({"drawn": 11.5}, 16.0, SPACING, True, id="another draw"),
        pytest.param({"drawn": 10.5}, 16.0, SPACING, False, id="hardly another draw"),
        pytest.param({"drawn": None}, 16.0, SPACING, True, id="a draw that is not known any more"),
        pytest.param({"reason": "another"}, 16.0, SPACING, False, id="another reason waits"),
        pytest.param({"reason": "another"}, 16.0, 6 * SPACING, True, id="another reason"),
    ],
)
def test_what_changes_is_kept(told: dict[str, object], allowed: Amps, after: float, kept: bool) -> None:
    """UI-8, UI-9."""
    courses = SessionCourses()
    look(courses, 100.0, 16.0)
    courses.take()
    look(courses, 100.0 + after, allowed, **told)  # type: ignore[arg-type]
    assert bool(courses.take()) is kept


def test_a_reason_is_told_once_and_a_lost_station_draws_nobody_knows_what() -> None:
    """UI-9."""
    courses = SessionCourses()
    for now, reason in ((100.0, "one"), (120.0, "one"), (140.0, "two")):
        look(courses, now, now / 10.0, reason)
    look(courses, 150.0, 14.0, "two", link=Link.LOST)
    points = courses.take()
    assert [point.reason for point in points] == ["one", None, "two", None]
    assert (points[-1].state, points[-1].drawn) == (AWAY, None)


def test_the_next_session_of_an_outlet_has_a_course_of_its_own() -> None:
    """UI-8."""
    courses = SessionCourses()
    look(courses, 100.0, 16.0)
    look(courses, 101.0, 16.0, transaction=None)
    look(courses, 102.0, 16.0, transaction=8)
    assert [point.transaction for point in courses.take()] == [7, 8]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("flapping", "most"), [(True, 2000), (False, 200)])
def test_however_wild_a_session_is_its_course_is_bounded(seed: int, flapping: bool, most: int) -> None:
    """RELIABILITY 6: by the logarithm of its length; a station that flaps gets ten times as much."""
    chance = Random(seed)
    courses = SessionCourses()
    found = 0
    for number in range(6000):  # 33 h, each look another session altogether
        status = chance.choice((_S.CHARGING, _S.SUSPENDED_EV)) if flapping else _S.CHARGING
        swing = chance.uniform(6.0, 32.0)
        look(courses, number * 20.0, swing, f"reason {number}", drawn=swing, status=status)
        found += len(courses.take())
    longest = 6000 * 20.0
    spacing_grows_from = SPACING * 200
    assert found <= 2 + most * (1 + log(longest / spacing_grows_from))
    assert found > most / 2
