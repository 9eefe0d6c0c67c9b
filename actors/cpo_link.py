"""The sockets to the operator's system: one thread with an asyncio loop for the uplinks of all stations."""

import asyncio
import base64
import logging
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import broadcast
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from actors.gateway_protocol import SUBPROTOCOL
from actors.messages import Message, UplinkConnected, UplinkHeard, UplinkLost
from evce.cpo.settings import UplinkSettings
from evce.ocppj import MAX_FRAME, parse
from evce.units import BoxIdentity, Seconds

__all__ = ["CpoConnector", "password_of"]

logger = logging.getLogger(__name__)

_OPEN_WITHIN: Final[Seconds] = 15.0
_PONG_WITHIN: Final[Seconds] = 30.0
_CLOSE_WITHIN: Final[Seconds] = 2.0

_FRAMES_A_SECOND: Final = 20.0
_BURST: Final = 100.0
"""An operator that says more is read more slowly: what it can't say waits at its own end."""

_WRITE_BUFFER_MOST: Final = 1024 * 1024
"""Bytes that the operator may leave unread before its socket counts as dead."""


class _NoRedirect(connect):
    """The operator's address is what the site says, not what somebody there answers."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


@dataclass(slots=True, eq=False)
class _Line:
    """One connection, or an attempt at one."""

    session: int
    task: "asyncio.Task[None] | None" = None
    socket: ClientConnection | None = None
    reason: str = ""


class CpoConnector:
    """A `CpoLink` over websockets. The thread starts with the first connection and ends with `close`.

    `folder` is where relative file names of the configuration begin.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._lines: dict[BoxIdentity, _Line] = {}
        self._contexts: dict[tuple[object, ...], ssl.SSLContext] = {}
        self._tasks: dict[asyncio.Task[None], None] = {}

    # From any thread.

    def dial(
        self,
        station: BoxIdentity,
        session: int,
        settings: UplinkSettings,
        ping_interval: Seconds,
        deliver: Callable[[Message], object],
    ) -> None:
        """See `CpoLink.dial`."""
        self._post(lambda: self._dial(station, session, settings, ping_interval, deliver))

    def send(self, station: BoxIdentity, session: int, text: str) -> None:
        """See `CpoLink.send`."""
        self._post(lambda: self._send(station, session, text))

    def hang_up(self, station: BoxIdentity, session: int | None, reason: str) -> None:
        """See `CpoLink.hang_up`."""
        with self._lock:
            if self._loop is None:
                return
        self._post(lambda: self._hang_up(station, session, reason))

    def close(self, timeout: float = 5.0) -> None:
        """Close every socket and end the thread; waits for at most `timeout` seconds."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is None or thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._close_all(), loop).add_done_callback(
            lambda _: loop.call_soon_threadsafe(loop.stop)
        )
        thread.join(timeout)

    def _post(self, work: Callable[[], None]) -> None:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_run, args=(self._loop,), name="cpo-link", daemon=True)
                self._thread.start()
            self._loop.call_soon_threadsafe(work)

    # On the loop's thread from here on.

    def _dial(
        self,
        station: BoxIdentity,
        session: int,
        settings: UplinkSettings,
        ping_interval: Seconds,
        deliver: Callable[[Message], object],
    ) -> None:
        self._hang_up(station, None, "another connection takes its place")
        line = self._lines[station] = _Line(session)
        line.task = asyncio.ensure_future(self._live(line, station, settings, ping_interval, deliver))
        self._tasks[line.task] = None
        line.task.add_done_callback(lambda task: self._tasks.pop(task, None))

    async def _live(
        self,
        line: _Line,
        station: BoxIdentity,
        settings: UplinkSettings,
        ping_interval: Seconds,
        deliver: Callable[[Message], object],
    ) -> None:
        """The whole life of one connection; whatever happens, its end is told once."""
        reason, unauthorised = "closed", False
        try:
            await self._converse(line, station, settings, ping_interval, deliver)
        except ConnectionClosed as closed:
            reason = str(closed)
        except InvalidStatus as refused:
            reason = f"refused with HTTP status {refused.response.status_code}"
            unauthorised = refused.response.status_code in (401, 403)
        except (WebSocketException, OSError, TimeoutError, ValueError, ssl.SSLError) as error:
            reason = str(error) or type(error).__name__
        except asyncio.CancelledError:
            reason = line.reason or "hung up"
        except Exception as error:
            logger.exception("the connection of %s to the operator failed", station)
            reason = type(error).__name__
        finally:
            if self._lines.get(station) is line:
                del self._lines[station]
            deliver(UplinkLost(line.session, (line.reason or reason)[:200], unauthorised))

    async def _converse(
        self,
        line: _Line,
        station: BoxIdentity,
        settings: UplinkSettings,
        ping_interval: Seconds,
        deliver: Callable[[Message], object],
    ) -> None:
        headers = {}
        password = settings.key
        if password is None and settings.credentials_file is not None:
            password = password_of(station, self._path(settings.credentials_file)).encode()
        if password is not None:
            token = base64.b64encode(f"{station}:".encode() + password).decode()
            headers["Authorization"] = f"Basic {token}"
        async with _NoRedirect(
            f"{settings.url}/{quote(station, safe='')}",
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            additional_headers=headers,
            user_agent_header="EVCE",
            proxy=settings.proxy,
            open_timeout=_OPEN_WITHIN,
            ping_interval=ping_interval or None,
            ping_timeout=_PONG_WITHIN,
            close_timeout=_CLOSE_WITHIN,
            max_size=MAX_FRAME,
            max_queue=4,
            logger=_websockets_logger,
            ssl=self._context(settings) if settings.url.startswith("wss:") else None,
        ) as socket:
            if socket.subprotocol != SUBPROTOCOL:
                raise ValueError(f"the operator's system doesn't speak {SUBPROTOCOL}")
            line.socket = socket
            deliver(UplinkConnected(line.session))
            await self._listen(line, socket, deliver)

    async def _listen(
        self, line: _Line, socket: ClientConnection, deliver: Callable[[Message], object]
    ) -> None:
        """Read frames until the socket is gone, no faster than a station could be told."""
        clock = asyncio.get_running_loop().time
        allowance, looked_at = _BURST, clock()
        while True:
            data = await socket.recv(decode=False)
            now = clock()
            allowance = min(_BURST, allowance + (now - looked_at) * _FRAMES_A_SECOND) - 1.0
            looked_at = now
            deliver(UplinkHeard(line.session, parse(data)))
            if allowance < 0.0:
                await asyncio.sleep(-allowance / _FRAMES_A_SECOND)

    def _send(self, station: BoxIdentity, session: int, text: str) -> None:
        line = self._lines.get(station)
        if line is None or line.session != session or line.socket is None:
            return
        broadcast((line.socket,), text)
        if line.socket.transport.get_write_buffer_size() > _WRITE_BUFFER_MOST:
            line.socket.transport.abort()

    def _hang_up(self, station: BoxIdentity, session: int | None, reason: str) -> None:
        line = self._lines.get(station)
        if line is None or session not in (None, line.session):
            return
        line.reason = reason
        del self._lines[station]
        if line.task is not None:
            line.task.cancel()

    async def _close_all(self) -> None:
        for station in list(self._lines):
            self._hang_up(station, None, "the daemon ends")
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=_CLOSE_WITHIN + 1.0)

    def _path(self, name: str) -> Path:
        return self._folder / name

    def _context(self, settings: UplinkSettings) -> ssl.SSLContext:
        """One for each set of files, made anew when one of them changes."""
        names = (settings.ca_file, settings.certificate_file, settings.key_file)
        paths = [None if name is None else self._path(name) for name in names]
        key = tuple(None if path is None else (str(path), path.stat().st_mtime_ns) for path in paths)
        context = self._contexts.get(key)
        if context is None:
            authorities, certificate, private = paths
            context = ssl.create_default_context(cafile=None if authorities is None else str(authorities))
            context.minimum_version = ssl.TLSVersion.TLSv1_2
            if certificate is not None:
                context.load_cert_chain(certificate, private)
            self._contexts = {key: context}
        return context


def password_of(station: BoxIdentity, path: Path) -> str:
    """The password of a station in a credentials file: its own line, else that of `*`.

    Raises `ValueError` when there is none, `OSError` when the file can't be read; neither tells a secret.
    """
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        identity, _, password = line.strip().partition(" ")
        if identity and not identity.startswith("#") and password.strip():
            found[identity] = password.strip()
    password = found.get(station, found.get("*", ""))
    if not password:
        raise ValueError(f"{path.name} has no line for {station}")
    return password


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
    loop.close()


_websockets_logger = logging.getLogger("evce.websockets")
_websockets_logger.setLevel(logging.CRITICAL)
"""What goes wrong on a socket is told as the reason of its end."""
