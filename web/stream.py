"""Server-sent events: tells each logged-in browser that something changed, and that the site is alive."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from contextlib import suppress
from http.cookies import CookieError, SimpleCookie
from typing import Any

from evce.units import Seconds
from web.changes import Change, ChangeFeed
from web.sessions import COOKIE, SessionTable
from web.site import NoAnswerError

__all__ = ["ChangeStream", "Receive", "Scope", "Send", "cookie_of"]

Scope = Any  # ASGI's own mappings; their shape is a matter of the ASGI specification
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

ALIVE_EVERY: Seconds = 3.0
"""A browser that hears nothing for three of these says that the connection is lost (UI-11)."""
CHECKED_EVERY: Seconds = 15.0
"""So long at most a stream outlives the session that it belongs to."""
_RETRY_MS = 1000


class ChangeStream:
    """The one native ASGI endpoint: a stream must not occupy a worker thread as long as a page is open.

    Runs on the server's event loop; the session is looked up on `executor`.
    """

    def __init__(self, feed: ChangeFeed, sessions: SessionTable, executor: Executor, most: int) -> None:
        self._feed = feed
        self._sessions = sessions
        self._executor = executor
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one `GET /events`."""
        token = cookie_of(scope["headers"], COOKIE)
        if refusal := await self._refusal(scope["method"], token):
            await _refuse(send, refusal)
            return
        await send(_start(200, b"text/event-stream"))
        queue = self._feed.listen()
        gone = asyncio.ensure_future(_until_gone(receive))
        try:
            await self._tell(send, queue, gone, token)
        finally:
            self._feed.leave(queue)
            gone.cancel()
        with suppress(OSError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(
        self, send: Send, queue: asyncio.Queue[Change | None], gone: asyncio.Future[None], token: str
    ) -> None:
        loop = asyncio.get_running_loop()
        checked_at = loop.time()
        await _write(send, f"retry: {_RETRY_MS}\n\n")
        while not gone.done():
            news = asyncio.ensure_future(queue.get())
            await asyncio.wait((news, gone), timeout=ALIVE_EVERY, return_when=asyncio.FIRST_COMPLETED)
            if not news.done():
                news.cancel()
                await _write(send, "event: alive\ndata: {}\n\n")
            else:
                change = news.result()
                if change is None:
                    return
                name = "changed" if change.answering else "silent"
                await _write(send, f"event: {name}\ndata: {json.dumps({'version': change.version})}\n\n")
            if loop.time() - checked_at > CHECKED_EVERY:
                checked_at = loop.time()
                with suppress(NoAnswerError):
                    if not await self._valid(token):
                        await _write(send, "event: ended\ndata: {}\n\n")
                        return

    async def _refusal(self, method: str, token: str) -> int:
        """The status of a refusal, 0 when the browser may listen."""
        if method != "GET":
            return 405
        try:
            valid = bool(token) and await self._valid(token)
        except NoAnswerError:
            return 503
        if not valid:
            return 401
        return 503 if self._feed.listeners >= self._most else 0

    async def _valid(self, token: str) -> bool:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._executor, lambda: self._sessions.find(token, touch=False))
        return found is not None


def cookie_of(headers: Iterable[tuple[bytes, bytes]], name: str) -> str:
    """The value of a cookie in ASGI headers, empty when it isn't there."""
    for key, value in headers:
        if key == b"cookie":
            with suppress(CookieError):
                morsel = SimpleCookie(value.decode("latin-1")).get(name)
                if morsel is not None:
                    return morsel.value
    return ""


def _start(status: int, kind: bytes) -> dict[str, object]:
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", kind),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
            (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
            (b"strict-transport-security", b"max-age=31536000"),
        ],
    }


async def _refuse(send: Send, status: int) -> None:
    await send(_start(status, b"text/plain"))
    await send({"type": "http.response.body", "body": b""})


async def _write(send: Send, text: str) -> None:
    await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
