"""Tests of the page of the message trace."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import Clock
from tests.web.fake_sources import FakeSources, some_messages
from web.watching import LONGEST


def start(admin: FlaskClient, **form: str) -> str:
    answer = admin.post("/system/trace", data={"deed": "start", **form})
    assert answer.status_code == 200
    return answer.text


def test_a_trace_is_started_with_a_filter_and_shows_what_it_hears(
    admin: FlaskClient, watched: FakeSources
) -> None:
    """AC-4: time in the site's zone, sender, receiver, type, content."""
    assert "No trace is running" in admin.get("/system/trace").text
    assert watched.messages == []
    text = start(admin, name=" zone/* ", type="station*")
    assert 'hx-trigger="load, every 1s"' in text
    assert watched.messages[0].subject == ("zone/*", "station*")
    watched.messages[0].coming = some_messages()
    rows = admin.get("/system/trace/rows")
    assert rows.status_code == 200
    newest, middle, oldest = rows.text.split("<tr id=")[1:]
    assert 'traced-3"' in newest
    assert "18:59:58.250" in newest
    assert "zone/garage" in newest
    for words in ("station/CP-01", "zone/garage", "<b>StationReported</b>", "7 messages before it"):
        assert words in middle
    assert "outside" in oldest
    assert "{action: MeterValues, payload: {connectorId: 1" in oldest
    assert "Sample.Periodic" in oldest
    assert "<b>StationReported</b>" in admin.get("/system/trace").text  # also after a reload


def test_it_is_paused_resumed_and_stopped(admin: FlaskClient, watched: FakeSources) -> None:
    """AC-4: the page asks no more while nothing comes."""
    start(admin)
    paused = admin.post("/system/trace", data={"deed": "pause"}).text
    assert "hx-trigger" not in paused
    assert "Paused" in paused
    assert not watched.messages[0].running
    assert admin.get("/system/trace/rows").status_code == 286
    assert "hx-trigger" in admin.post("/system/trace", data={"deed": "resume"}).text
    assert watched.messages[1].running
    stopped = admin.post("/system/trace", data={"deed": "stop"}).text
    assert "Stopped." in stopped
    assert "hx-trigger" not in stopped
    assert not watched.messages[1].running


def test_it_ends_by_itself(admin: FlaskClient, watched: FakeSources, clock: Clock) -> None:
    """AC-4: after its time, or when nobody looked."""
    start(admin)
    watched.messages[0].running = False
    answer = admin.get("/system/trace/rows", headers={"HX-Trigger": "trace-rows"})
    assert (answer.status_code, "nobody looked" in answer.text) == (286, True)
    assert answer.headers["HX-Retarget"] == "#trace-watch"  # the buttons go, too
    assert 'id="trace-watch"' in answer.text
    assert "Pause" not in answer.text
    start(admin)
    clock.advance(LONGEST.total_seconds())
    answer = admin.get("/system/trace/rows", headers={"X-EVCE-Live": "1"})
    assert (answer.status_code, "ended by itself" in answer.text) in ((286, True), (401, False))
    assert not watched.messages[1].running or answer.status_code == 401


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "station/CP-0x"}, "did you mean station/CP-"),
        ({"name": "qqqq"}, "“qqqq” is not the name of an actor; a pattern such as qqqq* fits several"),
        ({"type": "StationReport"}, "did you mean StationReported?"),
        ({"type": "x" * 101}, "At most 100 printable characters"),
        ({"name": "a\x07"}, "At most 100 printable characters"),
        ({"deed": "jump"}, "deed=jump: use start, pause, resume or stop."),
        ({"deed": "pause"}, "No trace is running."),
    ],
)
def test_what_won_t_do_is_said_and_what_was_typed_stays(
    admin: FlaskClient, watched: FakeSources, form: dict[str, str], words: str
) -> None:
    """RELIABILITY 3: names the field, the value, and what is allowed."""
    answer = admin.post("/system/trace", data={"deed": "start", **form})
    assert answer.status_code == 422
    assert words in answer.text
    assert watched.messages == []
    if form.get("name", "").isprintable() and "deed" not in form:
        assert f'value="{form.get("name") or form.get("type")}"' in answer.text


def test_patterns_may_fit_nobody_yet_and_case_does_not_matter(
    admin: FlaskClient, watched: FakeSources
) -> None:
    start(admin, name="station/new-*", type="Not?ing*")
    start(admin, name="VIEW", type="stationreported")
    assert [each.subject for each in watched.messages] == [
        ("station/new-*", "Not?ing*"),
        ("VIEW", "stationreported"),
    ]
    assert not watched.messages[0].running


def test_where_the_actors_run_elsewhere_the_page_says_so(app: Flask, admin: FlaskClient) -> None:
    app.extensions["evce_sources"] = None
    assert "Nothing can be traced here" in admin.get("/system/trace").text
    answer = admin.post("/system/trace", data={"deed": "start"})
    assert answer.status_code == 422
    assert "Nothing can be traced here" in answer.text


def test_it_is_for_administrators_alone(user: FlaskClient, admin: FlaskClient) -> None:
    """US-2: and reached from the page of the system."""
    assert user.get("/system/trace").status_code == 403
    assert user.post("/system/trace", data={"deed": "start"}).status_code == 403
    assert 'href="/system/trace"' in admin.get("/system").text
