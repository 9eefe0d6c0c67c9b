"""The timeline of a session and of outlets, on pages and for programs."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from actors.messages import SessionPoint, SessionRecord
from evce.units import BoxIdentity, ConnectorKey, TransactionId
from tests.web.conftest import Clock
from tests.web.fake_site import FakeSite
from web.pages.timeline import rows_of

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
CP1, CP2 = (ConnectorKey(BoxIdentity("CP-01"), number) for number in (1, 2))


def session(number: int, begin: float, end: float | None, key: ConnectorKey = CP1) -> SessionRecord:
    return SessionRecord(
        TransactionId(number),
        key,
        "Garage 1",
        "ABC",
        vip=False,
        started_at=NOON + timedelta(hours=begin),
        meter_start=0.0,
        stopped_at=None if end is None else NOON + timedelta(hours=end),
    )


def test_page_and_programs_are_told_the_same(user: FlaskClient, site: FakeSite) -> None:
    """UI-8, UI-9: states in words, figures in A, the reasons."""
    text = user.get("/sessions/473").text
    told = user.get("/api/v1/sessions/473/timeline").get_json()
    assert [one["what"] for one in told["moments"]] == [
        "plugged_in",
        "started",
        "suspended",
        "resumed",
        "lost",
        "back",
        "paused_by_car",
    ]
    for words in ("Plugged in", "Suspended by system", "Station disconnected", "Suspended by EV"):
        assert words in text
    suspended = next(one for one in told["stretches"] if one["state"] == "suspended-system")
    assert (suspended["allowed_a"], suspended["drawn_a"]) == ([0.0, 0.0], 0.0)
    assert suspended["reason"] in text
    assert (told["station"], told["connector"], told["stopped_at"]) == ("CP-01", 1, None)
    assert told["points"][0]["state"] == "occupied"
    assert all(point["reason"] is not None for point in told["points"])


def test_a_session_of_years_ago_says_that_its_course_is_gone(user: FlaskClient, site: FakeSite) -> None:
    """UI-8: what is known of it is told."""
    oldest = site.sessions[-1]
    text = user.get(f"/sessions/{oldest.transaction}").text
    assert "Nothing is kept of the course of this session." in text
    assert oldest.id_tag in text
    told = user.get(f"/api/v1/sessions/{oldest.transaction}/timeline").get_json()
    assert (told["complete"], told["points"]) == (False, [])
    assert [one["what"] for one in told["moments"]] == ["started", "ended"]


def test_a_session_that_runs_is_asked_for_again_and_one_that_ended_is_not(
    user: FlaskClient, site: FakeSite
) -> None:
    """UI-4: the words beside the plot follow."""
    assert 'hx-get="/sessions/473/news"' in user.get("/sessions/473/news").text
    ended = next(one for one in site.sessions if one.stopped_at is not None)
    assert "/news" not in user.get(f"/sessions/{ended.transaction}/news").text


def test_the_station_shows_the_band_of_each_session_that_runs(user: FlaskClient, site: FakeSite) -> None:
    """UI-3: and leads to its timeline, as do the tables of sessions."""
    station = user.get("/stations/CP-01").text
    assert 'hx-get="/sessions/473/band"' in station
    assert 'href="/sessions/473"' in station
    band = user.get("/sessions/473/band").text
    assert "course-band" in band
    assert "Suspended by system" in band
    for path in ("/", "/sessions", "/stations/CP-01/history"):
        assert 'href="/sessions/473"' in user.get(path).text


@pytest.mark.parametrize("number", ["1", "99999999999999999999999"])
@pytest.mark.parametrize("path", ["/sessions/{}", "/sessions/{}/band", "/api/v1/sessions/{}/timeline"])
def test_a_session_that_never_was_is_not_found(user: FlaskClient, number: str, path: str) -> None:
    """RELIABILITY 3: also of a number that no database takes."""
    assert user.get(path.format(number)).status_code == 404


def test_a_strange_course_breaks_nothing(user: FlaskClient, site: FakeSite) -> None:
    """RELIABILITY 3: markup in a reason is text."""
    known = session(473, 0, None)
    site.courses[473] = [
        SessionPoint(known.transaction, NOON, 6.0, None, 1.0, "Unknown", "<b>no</b>"),
    ]
    text = user.get("/sessions/473").text
    assert "&lt;b&gt;no&lt;/b&gt;" in text
    assert "<b>no</b>" not in text


def test_bars_stand_where_their_sessions_were() -> None:
    """UI-8: cut at the edges of the time shown; who wasn't there has an empty row."""
    sessions = [
        session(1, -30, -26),
        session(2, -4, 6),
        session(3, 12, None),
        session(4, 1, 2, ConnectorKey(BoxIdentity("CP-99"), 1)),
    ]
    rows = rows_of(
        {CP1: "Garage 1", CP2: "Garage 1"},
        sessions,
        NOON,
        NOON + timedelta(days=1),
        NOON + timedelta(hours=18),
    )
    assert [(bar.session.transaction, bar.left, bar.width) for bar in rows[0].bars] == [
        (2, 0.0, 25.0),
        (3, 50.0, 25.0),
    ]
    assert (rows[1].connector, rows[1].bars) == (CP2, ())


def test_the_site_a_zone_and_a_station_have_their_timeline(
    user: FlaskClient, site: FakeSite, clock: Clock
) -> None:
    """UI-1..3: with a way back in time."""
    counts = [
        user.get(f"/sessions/timeline?days=30{query}").text.count('href="/sessions/4')
        for query in ("", "&zone=garage", "&station=CP-01")
    ]
    assert counts[0] > counts[1] > counts[2] > 0
    text = user.get("/sessions/timeline?days=7&zone=garage").text
    earlier = clock().date() - timedelta(days=7)
    assert f"last={earlier.isoformat()}" in text
    assert "Later" not in text
    assert "Later" in user.get(f"/sessions/timeline?days=7&last={earlier.isoformat()}").text


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("days=2", 400),
        ("days=x", 400),
        ("last=yesterday", 400),
        ("last=2999-01-01", 400),
        ("last=0001-01-01", 400),
        ("zone=nowhere", 404),
        ("station=nobody", 404),
    ],
)
def test_what_is_not_there_is_refused(user: FlaskClient, query: str, code: int) -> None:
    """RELIABILITY 3."""
    assert user.get(f"/sessions/timeline?{query}").status_code == code
