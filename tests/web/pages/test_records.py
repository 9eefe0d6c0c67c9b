"""Tests of the pages of sessions and events."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient

from actors.messages import ListEvents, ListSessions, RecordEvent, SessionRecord
from evce.units import TransactionId
from tests.web.conftest import Clock
from tests.web.fake_site import FakeSite
from web.figures import stations_below
from web.formatting import zone_info
from web.pages.records import SessionFilter


def rows(text: str) -> int:
    return text.split("<main")[1].count("<tr>") - 1


def test_all_sessions_are_there_in_pages_of_fifty(user: FlaskClient, site: FakeSite) -> None:
    """CDR-3: newest first; the last page has no next."""
    counts, page = [], 1
    while True:
        text = user.get(f"/sessions?page={page}").text
        counts.append(rows(text))
        if f"page={page + 1}" not in text:
            break
        page += 1
    assert counts == [50, 50, 50, 4]
    assert sum(counts) == len(site.sessions)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("running=1", lambda s: s.stopped_at is None),
        ("text=cp-07", lambda s: s.connector.station == "CP-07"),
        ("text=DECK+NORTH+1", lambda s: s.station_name == "Deck north 1"),
        ("text=04a1b037c", lambda s: s.id_tag == "04A1B037C"),
        ("text=400", lambda s: s.transaction == 400),
        ("from=2026-11-22", lambda s: s.started_at >= datetime(2026, 11, 21, 23, tzinfo=UTC)),
        ("to=2026-11-13", lambda s: s.started_at < datetime(2026, 11, 13, 23, tzinfo=UTC)),
        ("text=CP-07&running=1", lambda s: s.connector.station == "CP-07" and s.stopped_at is None),
    ],
)
def test_a_filter_finds_what_it_says_and_nothing_else(
    user: FlaskClient, site: FakeSite, query: str, wanted: Callable[[SessionRecord], bool]
) -> None:
    """CDR-3: running, station, badge, number, days of the site's zone."""
    found = [s for s in site.sessions if wanted(s)]
    assert 0 < len(found) < 50
    assert rows(user.get(f"/sessions?{query}").text) == len(found)


def test_nothing_found_is_said(user: FlaskClient) -> None:
    """CDR-3: no empty table."""
    assert "No session matches" in user.get("/sessions?text=nothing-like-it").text


def test_days_are_the_site_s(user: FlaskClient) -> None:
    """CDR-3: midnight in Paris, both days included, also over the change of the clock."""
    wanted = SessionFilter(first=date(2026, 3, 29), last=date(2026, 3, 29))
    assert wanted.question(zone_info("Europe/Paris"), 10, 0) == ListSessions(
        started_from=datetime(2026, 3, 28, 23, tzinfo=UTC),
        started_before=datetime(2026, 3, 29, 22, tzinfo=UTC),
        limit=10,
    )


@pytest.mark.parametrize(
    ("query", "words", "kept"),
    [
        ("from=20x", "is not a day", 'value="20x"'),
        ("from=1999-12-31", "between 2000 and 2199", 'value="1999-12-31"'),
        ("from=2026-11-22&to=2026-11-20", "before the first", 'value="2026-11-20"'),
        ("page=0", "until the filter is right", ""),
        ("page=99999999999999999999", "until the filter is right", ""),
        ("text=" + "x" * 51, "at most 50", "x" * 51),
    ],
)
def test_a_wrong_filter_is_marked_and_kept(
    user: FlaskClient, site: FakeSite, query: str, words: str, kept: str
) -> None:
    """RELIABILITY 3: inline, input preserved, nobody is asked."""
    answer = user.get(f"/sessions?{query}")
    assert answer.status_code == 422
    assert words in answer.text
    assert kept in answer.text
    assert not [q for _, q in site.asked if isinstance(q, ListSessions)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", 200),
        ("device=CP-07", 37),
        ("type=audit", 37),
        ("device=CP-07&type=audit", -1),
        ("limit=500", 260),
        ("limit=x", 200),
    ],
)
def test_the_log_is_filtered_by_device_and_type(admin: FlaskClient, query: str, expected: int) -> None:
    """LG-1: and more is shown on request."""
    assert rows(admin.get(f"/events-log?{query}").text) == expected


def test_the_log_of_a_zone_is_that_of_all_below_it(user: FlaskClient, site: FakeSite, clock: Clock) -> None:
    """LG-1: sub-zones, stations and meters, no device outside of it; a removed zone its own."""
    below = next(zone for zone in site.snapshot.zones.values() if zone.parent is not None)
    inside = stations_below(site.snapshot, below.id)[0].box_identity
    outside = next(
        one.box_identity
        for one in site.snapshot.stations.values()
        if one not in stations_below(site.snapshot, below.id)
    )
    site.events[:] = [
        RecordEvent(clock(), device, "system", "x", "") for device in (inside, below.id, outside, "old")
    ]
    assert rows(user.get(f"/events-log?zone={below.parent}").text) >= 2
    assert rows(user.get(f"/events-log?zone={below.id}").text) == 2
    assert rows(user.get(f"/events-log?zone={below.id}&device={inside}").text) == 1
    assert rows(user.get(f"/events-log?zone={below.id}&device={outside}").text) == -1
    assert rows(user.get("/events-log?zone=old").text) == 1


SECRET = "Password of “ursula” changed"


@pytest.fixture
def audited(site: FakeSite, clock: Clock) -> FakeSite:
    """An audit line about a station that has a session, the newest of the log."""
    station = site.sessions[0].connector.station
    site.events.insert(0, RecordEvent(clock(), station, "audit", SECRET, "olivia"))
    return site


def paths(site: FakeSite) -> list[str]:
    """Wherever lines of the event log are shown, to people and to programs."""
    one = site.sessions[0]
    station = one.connector.station
    return [
        "/events-log",
        "/events-log?limit=1",
        f"/events-log?device={station}",
        f"/stations/{station}/history",
        f"/sessions/{one.transaction}",
        f"/api/v1/sessions/{one.transaction}/timeline",
    ]


def test_audit_lines_are_shown_to_administrators_alone(
    admin: FlaskClient, user: FlaskClient, audited: FakeSite
) -> None:
    """US-2, RELIABILITY 4.12: on no page and for no program, and not by naming their type either."""
    for path in paths(audited):
        answer = user.get(path)
        assert answer.status_code == 200, path
        assert SECRET not in answer.text, path
    assert all(SECRET in admin.get(path).text for path in paths(audited)[:4])
    assert user.get("/events-log?type=audit").status_code == 403
    assert SECRET in admin.get("/events-log?type=audit").text
    assert 'value="audit"' not in user.get("/events-log").text
    assert 'value="audit"' in admin.get("/events-log").text


def test_lines_that_are_not_shown_take_no_room(user: FlaskClient, audited: FakeSite) -> None:
    """US-2: the reader gets as many lines as asked for."""
    assert rows(user.get("/events-log?limit=1").text) == 1
    asked = [q for _, q in audited.asked if isinstance(q, ListEvents)]
    assert asked
    assert not any(question.audit for question in asked)


def test_records_stay_as_they_were_asked_for(user: FlaskClient) -> None:
    """UI-4: only the frame round them is live; nothing jumps under the reader."""
    text = user.get("/sessions").text
    assert 'hx-get="/frame?nav=sessions"' in text
    assert '<main id="content" data-keep>' in text


def test_a_silent_recorder_leaves_the_dashboard_alone(user: FlaskClient, site: FakeSite) -> None:
    """AC-2: sessions and events say so, the live pages go on."""
    user.get("/")
    site.silent.add("recorder")
    assert user.get("/sessions").status_code == 503
    assert user.get("/events-log").status_code == 503
    assert user.get("/").status_code == 200


def test_what_the_filter_finds_is_exported(user: FlaskClient, site: FakeSite) -> None:
    """CDR-3: all pages at once, times in UTC, figures without a locale, also for a German reader."""
    answer = user.get("/sessions/export.csv", headers={"Accept-Language": "de"})
    read = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.mimetype == "text/csv"
    assert [int(row["transaction"]) for row in read] == [s.transaction for s in site.sessions]
    ended = next(s for s in site.sessions if s.stopped_at is not None)
    row = next(row for row in read if row["transaction"] == str(ended.transaction))
    assert row["energy_kwh"] == f"{ended.energy / 1000:.3f}"
    assert datetime.fromisoformat(row["stopped_at"]) == ended.stopped_at.replace(microsecond=0)
    of_one = user.get("/sessions/export.csv?text=cp-07").text
    assert {row["station"] for row in csv.DictReader(io.StringIO(of_one))} == {"CP-07"}


def test_an_export_is_read_in_stretches_and_holds_no_formula(user: FlaskClient, site: FakeSite) -> None:
    """CDR-3: a driver's badge is not to be trusted; what begins meanwhile shifts nothing."""
    one = replace(site.sessions[0], station_name="=HYPERLINK(1)")
    site.sessions = [replace(one, transaction=TransactionId(n)) for n in range(1200, 0, -1)]
    answer = user.get("/sessions/export.csv")
    read = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(read) == 1200
    assert {row["station_name"] for row in read} == {"'=HYPERLINK(1)"}
    asked = [q for _, q in site.asked if isinstance(q, ListSessions)]
    assert [(q.offset, q.limit) for q in asked] == [(0, 500), (500, 500), (1000, 500)]
    assert len({q.started_before for q in asked}) == 1


def test_a_filter_that_is_wrong_exports_nothing(user: FlaskClient) -> None:
    """CDR-3: said, not guessed."""
    assert user.get("/sessions/export.csv?from=yesterday").status_code == 400


def test_a_silent_recorder_is_told_before_anything_is_exported(user: FlaskClient, site: FakeSite) -> None:
    """CDR-3: no file that looks whole and isn't."""
    site.silent.add("recorder")
    assert user.get("/sessions/export.csv").status_code == 503
