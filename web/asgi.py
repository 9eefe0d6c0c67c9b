"""The ASGI application: Flask behind worker threads, the event stream beside it, bodies read before both."""

import asyncio
import functools
import tempfile
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast

from a2wsgi import WSGIMiddleware
from flask import Flask

from evce.units import Seconds
from web.changes import ChangeFeed
from web.sessions import COOKIE, SessionTable
from web.settings import WebSettings
from web.site import NoAnswerError
from web.stream import ChangeStream, Receive, Scope, Send, cookie_of
from web.uploads import large_upload

__all__ = ["WebApplication"]

_WORKERS = 8
_BODY_WITHIN: Seconds = 10.0
"""A body that takes longer is given up, before it could hold a worker thread (slowloris)."""

_IN_MEMORY = 8 * 1024 * 1024
_PIECE = 1 << 20
"""Bytes of a body that are kept in memory, and those that a worker is given at a time."""


class WebApplication:
    """What a `WebServer` serves; it owns the change feed and the worker threads of a Flask application."""

    def __init__(self, app: Flask) -> None:
        settings: WebSettings = app.extensions["evce_settings"]
        self._feed: ChangeFeed = app.extensions["evce_changes"]
        self._most = settings.max_request_bytes
        self._sessions: SessionTable = app.extensions["evce_sessions"]
        self._wsgi = WSGIMiddleware(cast(Any, app.wsgi_app), workers=_WORKERS)
        self._lookups = ThreadPoolExecutor(2, "web-sessions")
        self._stream = ChangeStream(self._feed, self._sessions, self._lookups, settings.max_streams)
        self._stopped = False

    def start(self) -> None:
        """Begin to follow the site; called by the server's thread before it accepts anybody."""
        self._feed.start()

    def stop(self) -> None:
        """End the event streams and the workers; called before the server waits for its connections."""
        self._stopped = True
        self._feed.stop()
        self._lookups.shutdown(wait=False, cancel_futures=True)
        self._wsgi.executor.shutdown(wait=False, cancel_futures=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        if scope["path"] == "/events":
            await self._stream(scope, receive, send)
            return
        most, within = self._most, _BODY_WITHIN
        upload = large_upload(str(scope["path"]))
        if upload is not None and _declared_length(scope) > most and await self._is_logged_in(scope):
            most, within = upload.most, upload.within
        if _declared_length(scope) > most:
            await self._work(scope, _nothing_more(), send)  # Flask refuses it by its declared length
            return
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as body:
            try:
                await asyncio.wait_for(_read(receive, most, body), within)
            except TimeoutError:
                await _refuse(send, 408, b"The request took too long to arrive.")
            except _TooLargeError:
                await _refuse(send, 413, b"The request is too large.")
            except _GoneError:
                return
            else:
                body.seek(0)
                await self._work(scope, _given(body), send)

    async def _work(self, scope: Scope, receive: Any, send: Send) -> None:
        """Have a worker do it; who comes while they end hears that EVCE does."""
        if self._stopped:
            await _refuse(send, 503, b"EVCE ends or starts anew at this moment.")
        else:
            await self._wsgi(scope, receive, send)

    async def _is_logged_in(self, scope: Scope) -> bool:
        """Whether somebody is who hands over a large file; Flask asks for the role."""
        token = cookie_of(scope["headers"], COOKIE)
        if not token:
            return False
        look_up = functools.partial(self._sessions.find, token, touch=False)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._lookups, look_up) is not None
        except NoAnswerError:
            return False


class _TooLargeError(Exception):
    pass


class _GoneError(Exception):
    pass


def _declared_length(scope: Scope) -> int:
    for key, value in scope["headers"]:
        if key == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def _read(receive: Receive, most: int, body: IO[bytes]) -> None:
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        piece = message.get("body", b"")
        size += len(piece)
        if size > most:
            raise _TooLargeError
        body.write(piece)
        if not message.get("more_body", False):
            return


def _nothing_more() -> Any:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


def _given(body: IO[bytes]) -> Any:
    """Hands a whole body on, piece by piece."""

    async def receive() -> dict[str, object]:
        piece = body.read(_PIECE)
        return {"type": "http.request", "body": piece, "more_body": len(piece) == _PIECE}

    return receive


async def _refuse(send: Send, status: int, text: bytes) -> None:
    headers = [(b"content-type", b"text/plain"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text})
