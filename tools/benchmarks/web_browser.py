"""A browser without a screen: it logs in, listens for changes, and fetches its page anew as live.js does."""

import asyncio
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

__all__ = ["Answer", "EventParser", "LightBrowser", "Looked", "log_in", "parse_head"]

REST_RATIO = 3.0
LONGEST_REST = 1.0
"""Seconds; as live.js has it: a refresh that took long is followed by a rest."""

_ANSWERED_WITHIN = 30.0
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said; `headers` by their names in lower case, `cookies` as set, `took` in s."""

    status: int
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: bytes
    took: float


@dataclass(frozen=True, slots=True)
class Looked:
    """One refresh of the live part: the change that it answers arrived at `told`, the page at `shown`."""

    told: float
    shown: float
    text: str


class EventParser:
    """Takes a stream of server-sent events apart (HTML Living Standard, §9.2.6), however it arrives."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[str, str]]:
        """The name and the data of each event that is complete now."""
        *events, self._rest = (self._rest + data).replace(b"\r\n", b"\n").split(b"\n\n")
        for event in events:
            name, told = "message", ""
            for line in event.decode().split("\n"):
                key, _, value = line.partition(":")
                if key == "event":
                    name = value.strip()
                elif key == "data":
                    told += value.removeprefix(" ")
            if told:
                yield name, told


def parse_head(head: bytes) -> tuple[int, dict[str, str], dict[str, str]]:
    """Status, headers and cookies of an HTTP/1.1 answer. Raises `ConnectionError` for anything else."""
    first, *lines = head.decode("latin-1").split("\r\n")
    version, _, rest = first.partition(" ")
    if version != "HTTP/1.1" or not rest[:3].isdecimal():
        raise ConnectionError(f"this is no HTTP/1.1: {first[:60]!r}")
    headers: dict[str, str] = {}
    cookies: dict[str, str] = {}
    for line in lines:
        key, _, value = line.partition(":")
        if key.lower() == "set-cookie":
            name, _, content = value.strip().partition(";")[0].partition("=")
            cookies[name] = content
        elif key:
            headers[key.lower()] = value.strip()
    return int(rest[:3]), headers, cookies


@dataclass
class _Wire:
    """One kept-alive connection over TLS."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def open(cls, port: int, trust: ssl.SSLContext) -> "_Wire":
        """Connect to 127.0.0.1. Raises `OSError`."""
        return cls(*await asyncio.open_connection("127.0.0.1", port, ssl=trust, server_hostname="localhost"))

    async def begin(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, dict[str, str], dict[str, str]]:
        """Ask, and read the head of the answer."""
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
        lines += [f"{key}: {value}" for key, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        await self.writer.drain()
        return parse_head((await self.reader.readuntil(b"\r\n\r\n"))[:-4])

    async def chunk(self) -> bytes:
        """The next piece of a chunked answer; empty at its end."""
        size = int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16)
        return (await self.reader.readexactly(size + 2))[:-2]

    async def body(self, headers: Mapping[str, str]) -> bytes:
        """The whole of an answer."""
        if headers.get("transfer-encoding", "").lower() != "chunked":
            return await self.reader.readexactly(int(headers.get("content-length", "0")))
        pieces = []
        while piece := await self.chunk():
            pieces.append(piece)
        return b"".join(pieces)

    def close(self) -> None:
        """Hang up."""
        self.writer.close()


async def log_in(port: int, trust: ssl.SSLContext, login: str, password: str) -> dict[str, str]:
    """The cookies of somebody who is logged in. Raises `ConnectionError` when the password is wrong."""
    wire = await _Wire.open(port, trust)
    try:
        _, headers, cookies = await wire.begin("GET", "/login", {})
        token = _TOKEN.search((await wire.body(headers)).decode())
        if token is None:
            raise ConnectionError("the login form has no token")
        form = {"login": login, "password": password, "csrf_token": token[1]}
        status, headers, more = await wire.begin(
            "POST",
            "/login",
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": _cookie(cookies),
                "Referer": "https://localhost/login",
            },
            urlencode(form).encode(),
        )
        await wire.body(headers)
        if status != 302:
            raise ConnectionError(f"the login was answered with {status}")
        return {**cookies, **more}
    finally:
        wire.close()


@dataclass
class LightBrowser:
    """One open window on `path`; all times are monotonic.

    `looked` is called with each refresh of the live part, `answers` holds the times of all of them in s,
    `refused` the answers that were no page.
    """

    port: int
    trust: ssl.SSLContext
    cookies: Mapping[str, str]
    path: str
    newest: Looked | None = None
    heard: int = 0
    answers: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _told: float = 0.0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        """Fetch the whole page once and listen from now on. Raises `ConnectionError` for no page."""
        wire = await _Wire.open(self.port, self.trust)
        answer = await self._get(wire, live=False)
        if answer.status != 200:
            wire.close()
            raise ConnectionError(f"{self.path} was answered with {answer.status}")
        self._tasks = [asyncio.ensure_future(self._listen()), asyncio.ensure_future(self._refresh(wire))]

    async def visit(self, path: str) -> float:
        """Fetch another whole page on a new connection, as a person does; how long that took, in s."""
        wire = await _Wire.open(self.port, self.trust)
        try:
            answer = await self._get(wire, live=False, path=path)
        finally:
            wire.close()
        if answer.status != 200:
            self.refused.append(answer.status)
        return answer.took

    async def close(self) -> None:
        """Close the window."""
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task

    def check(self) -> None:
        """Raise what ended the stream or the refreshing, if anything did."""
        for task in self._tasks:
            if task.done():
                task.result()
                raise ConnectionError(f"the window on {self.path} was closed from the other side")

    async def _listen(self) -> None:
        wire = await _Wire.open(self.port, self.trust)
        try:
            headers = {"Accept": "text/event-stream", "Cookie": _cookie(self.cookies)}
            status, _, _ = await wire.begin("GET", "/events", headers)
            if status != 200:
                raise ConnectionError(f"the stream was answered with {status}")
            parser = EventParser()
            while piece := await wire.chunk():
                for name, _ in parser.feed(piece):
                    if name == "changed":
                        self.heard += 1
                        self._told = time.monotonic()
                        self._news.set()
        finally:
            wire.close()

    async def _refresh(self, wire: _Wire) -> None:
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                told = self._told
                answer = await self._get(wire, live=True)
                self.answers.append(answer.took)
                if answer.status == 200:
                    self.newest = Looked(told, time.monotonic(), answer.body.decode())
                else:
                    self.refused.append(answer.status)
                await asyncio.sleep(min(LONGEST_REST, REST_RATIO * answer.took))
        finally:
            wire.close()

    async def _get(self, wire: _Wire, *, live: bool, path: str = "") -> Answer:
        headers = {"Cookie": _cookie(self.cookies), **({"X-EVCE-Live": "1"} if live else {})}
        sent = time.monotonic()
        async with asyncio.timeout(_ANSWERED_WITHIN):
            status, answered, cookies = await wire.begin("GET", path or self.path, headers)
            body = await wire.body(answered)
        return Answer(status, answered, cookies, body, time.monotonic() - sent)


def _cookie(cookies: Mapping[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())
