"""Tests of the event stream, over the real server."""

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from tests.web.conftest import Clock
from tests.web.fake_site import FakeSite
from tests.web.serving import connection, request, served
from web import stream as stream_module
from web.app import create_app
from web.passwords import Passwords
from web.settings import WebSettings
from web.stream import cookie_of


@contextmanager
def listening(port: int, folder: Path, token: str) -> Iterator[http.client.HTTPResponse]:
    link = connection(port, folder)
    link.request("GET", "/events", headers={"Cookie": f"other=1; __Host-evce-session={token}"})
    try:
        yield link.getresponse()
    finally:
        link.close()


def events(answer: http.client.HTTPResponse) -> Iterator[tuple[str, dict[str, int]]]:
    name = ""
    while raw := answer.readline():
        line = raw.decode().strip()
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def following(answer: http.client.HTTPResponse, wanted: str) -> dict[str, int]:
    return next(data for name, data in events(answer) if name == wanted)


@pytest.fixture
def quick(site: FakeSite, settings: WebSettings, passwords: Passwords) -> Flask:
    return create_app(site.ask, site.tell, replace(settings, poll_interval=0.02), passwords=passwords)


def test_a_change_of_the_site_is_told_with_its_version(quick: Flask, site: FakeSite, tmp_path: Path) -> None:
    """UI-4: event `changed`."""
    token = quick.extensions["evce_sessions"].begin("olivia")
    with served(quick, tmp_path) as port, listening(port, tmp_path, token) as answer:
        assert answer.status == 200
        assert answer.getheader("Content-Type") == "text/event-stream"
        assert answer.getheader("Cache-Control") == "no-store"
        site.change()
        assert any(data["version"] == 2 for name, data in events(answer) if name == "changed")


def test_a_silent_view_is_told(quick: Flask, site: FakeSite, tmp_path: Path) -> None:
    """UI-11: the server lives, the site doesn't answer."""
    token = quick.extensions["evce_sessions"].begin("olivia")
    with served(quick, tmp_path) as port, listening(port, tmp_path, token) as answer:
        following(answer, "changed")
        site.silent.add("view")
        following(answer, "silent")


def test_a_quiet_site_says_that_it_is_alive(
    quick: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UI-11: a half-open connection is noticed by what doesn't come."""
    monkeypatch.setattr(stream_module, "ALIVE_EVERY", 0.05)
    token = quick.extensions["evce_sessions"].begin("olivia")
    with served(quick, tmp_path) as port, listening(port, tmp_path, token) as answer:
        following(answer, "alive")


@pytest.mark.parametrize("token", ["", "x" * 43])
def test_nobody_listens_without_a_session(quick: Flask, tmp_path: Path, token: str) -> None:
    """RELIABILITY 4.12: the one route that Flask doesn't guard."""
    with served(quick, tmp_path) as port, listening(port, tmp_path, token) as answer:
        assert answer.status == 401


def test_a_stream_ends_with_its_session(
    quick: Flask, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """US-3: listening is no use of the session, and a revoked one hears no more."""
    monkeypatch.setattr(stream_module, "ALIVE_EVERY", 0.05)
    monkeypatch.setattr(stream_module, "CHECKED_EVERY", 0.1)
    token = quick.extensions["evce_sessions"].begin("olivia")
    with served(quick, tmp_path) as port, listening(port, tmp_path, token) as answer:
        following(answer, "alive")
        clock.advance(601)
        following(answer, "ended")
        assert answer.read().strip() == b""


def test_the_number_of_streams_is_bounded(
    site: FakeSite, settings: WebSettings, passwords: Passwords, tmp_path: Path
) -> None:
    """RELIABILITY 4.19: one browser can't take them all from memory."""
    app = create_app(site.ask, site.tell, replace(settings, max_streams=1), passwords=passwords)
    token = app.extensions["evce_sessions"].begin("olivia")
    with served(app, tmp_path) as port, listening(port, tmp_path, token) as first:
        following(first, "changed")
        with listening(port, tmp_path, token) as second:
            assert second.status == 503


def test_only_get_is_answered(quick: Flask, tmp_path: Path) -> None:
    """A stream changes nothing, so it takes nothing."""
    with served(quick, tmp_path) as port:
        assert request(port, tmp_path, "/events", method="POST")[0] == 405


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ([(b"cookie", b"a=1; b=2")], "2"),
        ([(b"cookie", b"a=1"), (b"cookie", b"b=2")], "2"),
        ([(b"host", b"b=2")], ""),
        ([(b"cookie", b"\xff;;=;b")], ""),
    ],
)
def test_a_cookie_is_found_among_others(headers: list[tuple[bytes, bytes]], value: str) -> None:
    """Malformed ones are no error."""
    assert cookie_of(headers, "b") == value
