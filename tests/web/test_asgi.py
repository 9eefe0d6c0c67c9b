"""Tests of the ASGI application: bodies, sizes, the way to the pages and to the stream."""

import asyncio
from typing import Any

import pytest
from flask import Flask

from web import asgi
from web.asgi import WebApplication


def call(
    app: Flask,
    path: str,
    parts: list[Any],
    headers: list[tuple[bytes, bytes]] | None = None,
    stopped: bool = False,
) -> list[Any]:
    """Everything that is sent for one POST whose body arrives in these parts; None waits for ever."""

    async def story() -> list[Any]:
        application = WebApplication(app)
        if stopped:
            application.stop()
        sent: list[Any] = []
        left = list(parts)

        async def receive() -> Any:
            if not left or (part := left.pop(0)) is None:
                await asyncio.Event().wait()
            return part

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "headers": headers or [],
            "http_version": "1.1",
            "scheme": "https",
        }
        try:
            await asyncio.wait_for(application(scope, receive, send), 10)
        finally:
            application.stop()
        return sent

    return asyncio.run(story())


def part(body: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


FORM = [(b"content-type", b"application/x-www-form-urlencoded")]


def test_a_body_in_parts_reaches_the_page_whole(app: Flask) -> None:
    """The login form, byte by byte."""
    body = b"login=olivia&password=Harbour-car-park-1"
    parts = [part(bytes([byte]), more=True) for byte in body] + [part(b"", more=False)]
    headers = [*FORM, (b"content-length", str(len(body)).encode()), (b"host", b"localhost")]
    sent = call(app, "/login", parts, headers)
    assert sent[0]["status"] == 302
    assert b"__Host-evce-session=" in dict(sent[0]["headers"])[b"set-cookie"]


def test_a_body_that_never_ends_is_given_up(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY 4.19: it can't hold a worker thread."""
    monkeypatch.setattr(asgi, "_BODY_WITHIN", 0.05)
    assert call(app, "/login", [part(b"login=", more=True), None])[0]["status"] == 408


def test_a_body_without_a_declared_length_is_bounded(app: Flask) -> None:
    """RELIABILITY 4.19: chunked."""
    assert call(app, "/login", [part(b"x" * 600_000, more=True)] * 3)[0]["status"] == 413


@pytest.mark.parametrize(("logged_in", "status"), [(True, 404), (False, 401)])
def test_a_backup_may_be_large_for_whoever_is_logged_in(app: Flask, logged_in: bool, status: int) -> None:
    """SR-2: RELIABILITY 4.19; it goes through the disk, not through memory (404: no room here)."""
    token = app.extensions["evce_sessions"].begin("olivia") if logged_in else "nobody"
    body = (
        b'--x\r\nContent-Disposition: form-data; name="pass_phrase"\r\n\r\nphrase\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.evce"\r\n\r\n'
        + b"y" * 12_000_000
        + b"\r\n--x--\r\n"
    )
    headers = [
        (b"content-type", b"multipart/form-data; boundary=x"),
        (b"content-length", str(len(body)).encode()),
        (b"host", b"localhost"),
        (b"cookie", f"__Host-evce-session={token}".encode()),
    ]
    parts = [part(body[:7_000_000], more=True), part(body[7_000_000:], more=False)]
    assert call(app, "/configuration/backup/check", parts, headers)[0]["status"] == status


def test_a_declared_length_beyond_the_limit_is_refused_unread(app: Flask) -> None:
    """RELIABILITY 4.19: with Flask's own page."""
    sent = call(app, "/login", [None], [*FORM, (b"content-length", b"9000000"), (b"host", b"localhost")])
    assert sent[0]["status"] == 413


@pytest.mark.parametrize(
    "path", ["/stations/CP-01/actions", "/configuration/firmware/add", "/configuration/release/install"]
)
def test_a_file_may_be_larger_than_other_bodies(app: Flask, path: str) -> None:
    """SR-4, SR-5: from who is logged in; anybody else's is refused unread."""
    body = (
        b'--X\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\n'
        + b"x" * (2 << 20)
        + b"\r\n--X--\r\n"
    )
    headers = [
        (b"content-type", b"multipart/form-data; boundary=X"),
        (b"content-length", str(len(body)).encode()),
        (b"host", b"localhost"),
    ]
    assert call(app, path, [None], headers)[0]["status"] in (401, 413)
    token = app.extensions["evce_sessions"].begin("olivia")
    headers.append((b"cookie", f"__Host-evce-session={token}".encode()))
    assert call(app, path, [part(body, more=False)], headers)[0]["status"] not in (302, 400, 401, 403, 413)


def test_a_browser_that_leaves_gets_no_answer(app: Flask) -> None:
    """Nothing is done with half a form."""
    assert call(app, "/login", [part(b"login=", more=True), {"type": "http.disconnect"}]) == []


def test_the_stream_is_no_page(app: Flask) -> None:
    """UI-4: /events is answered natively, by GET only."""
    assert call(app, "/events", [])[0]["status"] == 405


def test_who_comes_while_it_ends_hears_so(app: Flask) -> None:
    """SR-3: a page that reloads itself while EVCE starts anew is no error of a program."""
    for headers in ([], [(b"content-length", b"9000000")]):
        assert call(app, "/login", [part(b"", more=False)], headers, stopped=True)[0]["status"] == 503
