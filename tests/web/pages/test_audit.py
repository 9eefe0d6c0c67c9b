"""Tests of the audit log."""

import csv
import io
from datetime import UTC, date, datetime, timedelta
from html import unescape
from itertools import chain

import pytest
from flask.testing import FlaskClient

from actors.messages import RecordEvent
from tests.web.conftest import Clock
from tests.web.fake_site import FakeSite
from web.formatting import zone_info
from web.pages.audit import AuditFilter

NAMES = ("olivia", "ursula", "CPO")


@pytest.fixture
def log(site: FakeSite, clock: Clock) -> list[RecordEvent]:
    """A hundred and twenty audit lines an hour apart, newest first, among lines of other types."""
    lines = []
    for n in range(120):
        at = clock() - timedelta(hours=n)
        station = f"CP-{n % 20:02}"
        lines.append(RecordEvent(at, station, "audit", f"Reset no {n}: accepted", NAMES[n % 3]))
        lines.append(RecordEvent(at, station, "system", "Link lost", "olivia"))
    site.events = lines
    return [line for line in lines if line.type == "audit"]


def shown(client: FlaskClient, query: str = "") -> list[str]:
    """The messages on the page."""
    answer = client.get(f"/audit?{query}")
    assert answer.status_code == 200
    cells = answer.text.split('<td class="message"')[1:]
    return [unescape(cell.split("<span>")[1].split("</span>")[0]) for cell in cells]


def test_the_log_comes_in_pages_and_holds_nothing_but_audit_lines(
    admin: FlaskClient, log: list[RecordEvent]
) -> None:
    """US-2, LG-1: newest first, none twice, none missing."""
    pages = [shown(admin, f"page={page}") for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    assert list(chain.from_iterable(pages)) == [line.message for line in log]
    assert "page=4" not in admin.get("/audit?page=3").text


@pytest.mark.parametrize(
    ("query", "person", "text", "first", "last"),
    [
        ("person=URSULA", "ursula", "", None, None),
        ("text=cp-07", "", "CP-07", None, None),
        ("text=no+11:", "", "no 11:", None, None),
        ("person=cpo&text=accepted&from=2026-11-21&to=2026-11-21", "CPO", "", "2026-11-21", "2026-11-21"),
        ("from=2026-11-22", "", "", "2026-11-22", None),
        ("to=2026-11-18", "", "", None, "2026-11-18"),
    ],
)
def test_a_filter_finds_what_it_says_and_nothing_else(
    admin: FlaskClient,
    log: list[RecordEvent],
    query: str,
    person: str,
    text: str,
    first: str | None,
    last: str | None,
) -> None:
    """US-2: person, text, and days of the site's zone, both included."""
    zone = zone_info("Europe/Paris")
    wanted = [
        line.message
        for line in log
        if person in ("", line.author)
        and (text in line.message or text in line.device)
        and (first is None or line.at.astimezone(zone).date() >= date.fromisoformat(first))
        and (last is None or line.at.astimezone(zone).date() <= date.fromisoformat(last))
    ]
    assert 0 < len(wanted) < 50
    assert shown(admin, query) == wanted


def test_the_days_of_the_filter_begin_at_the_site_s_midnight() -> None:
    """US-2: the last day is included whole, also the one on which the clocks change."""
    wanted = AuditFilter(first=date(2026, 10, 25), last=date(2026, 10, 25))
    question = wanted.question(zone_info("Europe/Paris"), 10, 20)
    assert question.since == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert question.before == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert (question.limit, question.offset, question.type) == (10, 20, "audit")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=yesterday", "“yesterday” is not a day"),
        ("from=2026-11-22&to=2026-11-21", "The last day is before the first."),
        ("page=0", "“0” is not a page number."),
        ("text=" + "x" * 101, "Search for at most 100 characters."),
        ("person=" + "x" * 101, "Search for at most 100 characters."),
    ],
)
def test_a_wrong_filter_is_said_and_finds_nothing(
    admin: FlaskClient, log: list[RecordEvent], query: str, said: str
) -> None:
    """RELIABILITY 3: inline, input preserved."""
    answer = admin.get(f"/audit?{query}")
    assert answer.status_code == 422
    assert said in answer.text
    assert log[0].message not in answer.text
    assert admin.get(f"/audit/export.csv?{query}").status_code == 400


def test_nothing_found_is_said(admin: FlaskClient, log: list[RecordEvent]) -> None:
    """US-2: no empty table."""
    assert log
    assert "No line of the audit log matches." in admin.get("/audit?person=nobody").text


def test_the_export_has_all_that_the_filter_finds(
    admin: FlaskClient, site: FakeSite, log: list[RecordEvent]
) -> None:
    """US-2: more than one stretch of the recorder's, and no cell that begins a formula."""
    bad = RecordEvent(log[0].at, "EVCE", "audit", "=cmd()", "olivia")
    site.events = [bad, *log * 20]
    answer = admin.get("/audit/export.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="audit.csv"'
    head, first, *rest = csv.reader(io.StringIO(answer.text))
    assert head == ["at", "person", "about", "action"]
    assert first == [log[0].at.strftime("%Y-%m-%dT%H:%M:%SZ"), "olivia", "EVCE", "'=cmd()"]
    assert [(row[1], row[2], row[3]) for row in rest] == [(e.author, e.device, e.message) for e in log * 20]
    some = admin.get("/audit/export.csv?person=ursula").text.splitlines()
    assert len(some) == 1 + 20 * 40


def test_the_whole_event_log_can_be_taken_away(
    admin: FlaskClient, user: FlaskClient, site: FakeSite, log: list[RecordEvent]
) -> None:
    """LG-1: every line, whatever the page shows of it; the log's audit lines are the administrator's."""
    site.events = [*log * 30, RecordEvent(log[0].at, "CP-01", "system", "boot", "")]
    head, *rest = csv.reader(io.StringIO(admin.get("/events-log/export.csv?type=alarm").text))
    assert head == ["at", "device", "type", "message", "person"]
    assert [(row[1], row[2], row[3]) for row in rest] == [(e.device, e.type, e.message) for e in site.events]
    assert "/events-log/export.csv" in admin.get("/events-log").text
    assert user.get("/events-log/export.csv").status_code == 403
    assert "/events-log/export.csv" not in user.get("/events-log").text


def test_only_administrators_are_led_to_it(admin: FlaskClient, user: FlaskClient) -> None:
    """US-2: by the menu and by the page of events."""
    assert admin.get("/events-log").text.count('href="/audit"') == 2
    assert 'href="/audit"' not in user.get("/events-log").text
    assert user.get("/audit").status_code == 403
    assert user.get("/audit/export.csv").status_code == 403


def test_a_silent_recorder_is_told(admin: FlaskClient, site: FakeSite) -> None:
    """RELIABILITY 3: before anything of a file was sent."""
    page = admin.get("/audit")
    assert page.status_code == 200
    real = site.ask

    def ask(name: str, question: object, timeout: float) -> object:
        if type(question).__name__ == "ListEvents":
            raise TimeoutError
        return real(name, question, timeout)  # type: ignore[arg-type]

    admin.application.extensions["evce_site"]._ask = ask
    assert admin.get("/audit").status_code == 503
    assert admin.get("/audit/export.csv").status_code == 503
