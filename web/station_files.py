"""File transfers of stations over HTTP: PUT or POST a file to its address, GET one from its address."""

import asyncio
import os
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import ExitStack, suppress
from email.message import Message as Header
from pathlib import Path
from typing import Any, BinaryIO

from werkzeug.exceptions import HTTPException
from werkzeug.sansio.multipart import Data, Epilogue, File, MultipartDecoder, NeedData

from evce.units import Seconds
from web.file_exchange import FileExchange, FileExchangeError, Incoming, Ticket
from web.stream import Receive, Scope, Send

__all__ = ["PREFIX", "StationFiles"]

PREFIX = "/files/"

_CHUNK = 256 * 1024
_SILENT_FOR: Seconds = 60.0
"""A station on a slow modem still sends something each minute."""
_AT_ONCE = 8
_LINGER: Seconds = 2.0
"""A refused sender is listened to for this long: hung up on while it sends, it would never see the answer."""


class _Body:
    """What a request brings, piece by piece; `ended` once nothing more is to come."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.ended = False

    async def next(self) -> dict[str, Any]:
        message: dict[str, Any] = await self._receive()
        self.ended = not message.get("more_body", False)
        return message

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while not self.ended:
            message = await asyncio.wait_for(self.next(), _SILENT_FOR)
            if message["type"] == "http.disconnect":
                raise ConnectionResetError("the station hung up")
            if message.get("body"):
                yield message["body"]


class StationFiles:
    """An ASGI application. Who has no valid address learns nothing: everything else is not found."""

    def __init__(self, exchange: FileExchange) -> None:
        self._exchange = exchange
        self._busy = 0

    def start(self) -> None:
        """Nothing to begin: see `web.server.Application`."""

    def stop(self) -> None:
        """Nothing to end: what is on its way breaks off with its connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        body = _Body(receive)
        token, _, name = str(scope["path"]).removeprefix(PREFIX).partition("/")
        method = str(scope["method"])
        ticket = None
        if str(scope["path"]).startswith(PREFIX) and method in ("GET", "HEAD", "POST", "PUT"):
            ticket = self._exchange.ticket(token, to_serve=method in ("GET", "HEAD"))
        if ticket is None:
            await _refuse(body, send, 404, "There is no such file.")
        elif self._busy >= _AT_ONCE:
            await _refuse(body, send, 503, "Others are served now; come again.")
        else:
            self._busy += 1
            try:
                if ticket.source is None:
                    await self._take(ticket, name, scope, body, send)
                else:
                    await self._give(ticket, ticket.source, scope, send)
            finally:
                self._busy -= 1

    async def _take(self, ticket: Ticket, name: str, scope: Scope, body: _Body, send: Send) -> None:
        headers = {key: value.decode("latin-1") for key, value in scope["headers"]}
        kind = Header()
        kind["content-type"] = headers.get(b"content-type", "application/octet-stream")
        boundary = kind.get_boundary() if kind.get_content_type() == "multipart/form-data" else None
        pieces = aiter(body) if boundary is None else _first_file(body, boundary)
        try:
            incoming = await self._keep(ticket, name, pieces)
        except FileExchangeError as error:
            await _refuse(body, send, 413, f"{error}.")
        except (ConnectionError, HTTPException, TimeoutError, ValueError):
            await _refuse(body, send, 400, "The file did not arrive whole.")
        else:
            await asyncio.to_thread(self._exchange.arrived, ticket, incoming)
            await _answer(send, 201, "Received.")

    async def _keep(self, ticket: Ticket, name: str, pieces: AsyncIterator[bytes | str]) -> Incoming:
        """Write what comes; a file that breaks off leaves nothing behind."""
        with ExitStack() as stack:
            incoming = None
            async for piece in pieces:
                if isinstance(piece, str):
                    name = name or piece
                    continue
                if incoming is None:
                    incoming = stack.enter_context(self._exchange.incoming(ticket, name))
                await asyncio.to_thread(incoming.write, piece)
            if incoming is None or incoming.size == 0:
                raise ValueError("there was no file")
            return incoming

    async def _give(self, ticket: Ticket, source: Path, scope: Scope, send: Send) -> None:
        """The whole file, or its end from an offset: a download that broke off goes on (RFC 9110 §14)."""
        try:
            file = source.open("rb")
        except FileNotFoundError:  # fetched for the last time this moment
            await _answer(send, 404, "There is no such file.")
            return
        with file:
            await self._send_file(ticket, file, scope, send)

    async def _send_file(self, ticket: Ticket, file: BinaryIO, scope: Scope, send: Send) -> None:
        size = os.fstat(file.fileno()).st_size
        if scope["method"] == "GET":
            self._exchange.taken(ticket)
        begin = _offset({k: v.decode("latin-1") for k, v in scope["headers"]}.get(b"range", ""), size)
        headers = [
            (b"content-type", b"application/octet-stream"),
            (b"content-length", str(size - begin).encode()),
            (b"accept-ranges", b"bytes"),
        ]
        if begin:
            headers.append((b"content-range", f"bytes {begin}-{size - 1}/{size}".encode()))
        await send({"type": "http.response.start", "status": 206 if begin else 200, "headers": headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        file.seek(begin)
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await asyncio.to_thread(self._exchange.fetched, ticket, size)
        await send({"type": "http.response.body", "body": b""})


def _offset(header: str, size: int) -> int:
    unit, _, span = header.partition("=")
    first, _, last = span.partition("-")
    wanted = unit.strip() == "bytes" and first.strip().isdigit() and not last.strip()
    return int(first) if wanted and 0 < int(first) < size else 0


async def _first_file(body: AsyncIterable[bytes], boundary: str) -> AsyncIterator[bytes | str]:
    """The name and the bytes of the first file of a form."""
    decoder = MultipartDecoder(boundary.encode("latin-1"), max_form_memory_size=65_536, max_parts=16)
    within, done = False, False
    async for chunk in body:
        decoder.receive_data(chunk)
        while not isinstance(event := decoder.next_event(), NeedData):
            if isinstance(event, File) and not done:
                within = True
                yield event.filename
            elif isinstance(event, Data) and within:
                yield bytes(event.data)
                if not event.more_data:
                    within, done = False, True
    decoder.receive_data(None)
    if not isinstance(decoder.next_event(), Epilogue):
        raise ConnectionResetError("the form has no end")


async def _refuse(body: _Body, send: Send, status: int, text: str) -> None:
    """Let what is still being sent pass by, within bounds, and answer then (RFC 9112 §9.6)."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LINGER):
            while not body.ended:
                await body.next()
    await _answer(send, status, text)


async def _answer(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})
