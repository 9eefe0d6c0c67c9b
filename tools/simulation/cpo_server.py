"""The simulated operator as a program: a websocket server for the uplinks of a site, with a book."""

import argparse
import asyncio
import base64
import contextlib
import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from tools.simulation.cpo import Habits, Operator
from tools.simulation.cpo_book import Book
from tools.simulation.wire import Answer, ErrorAnswer

__all__ = ["CpoServer", "main", "obey"]

_PATIENCE = 10.0

HELP = """\
slow SECONDS              every answer waits so long
ahead SECONDS             its clock is wrong by so much
mute on|off               no answers at all
wrong on|off              answers that OCPP doesn't know
errors N                  the next N transaction messages are answered with InternalError
refuse CARD [STATUS]      this card is Invalid from now on, or Blocked, ConcurrentTx, Expired
boot Accepted|Pending|Rejected
call STATION ACTION JSON  a command; its answer is printed
stations | book | faults  what is so, as JSON"""


class CpoServer:
    """Listens on loopback in a thread of its own; its methods may be called from any thread.

    `password`: stations must show it, by HTTP basic authentication. `ssl` as websockets takes it.
    """

    def __init__(
        self, book: Path, port: int = 0, habits: Habits | None = None, *, password: str = "", ssl: Any = None
    ) -> None:
        self.operator = Operator(Book(book), habits)
        self.port = port
        self.sockets: dict[str, ServerConnection] = {}
        self.paths: list[str] = []
        self._password = password
        self.keys: dict[str, bytes] = {}
        """Stations whose password isn't the common one."""
        self._ssl = ssl
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="simulated-cpo", daemon=True)
        self._server: Server | None = None

    def start(self) -> int:
        """Listen; returns the port."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._open(), self._loop).result(_PATIENCE)
        return self.port

    def stop(self) -> None:
        """End at once, as a power cut would: sockets are dropped, the book has what was answered."""
        if not self._thread.is_alive():
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(_PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()
        self.operator.book.close()

    def call(
        self, station: str, action: str, payload: dict[str, Any], timeout: float = _PATIENCE
    ) -> Answer | ErrorAnswer:
        """Command a station and wait for its answer. Raises TimeoutError, or LookupError when it is away."""
        return asyncio.run_coroutine_threadsafe(
            self._call(station, action, payload, timeout), self._loop
        ).result(timeout + _PATIENCE)

    def send_raw(self, station: str, text: str) -> None:
        """Put any text on a station's socket, however wrong; one that is just connecting is waited for."""
        asyncio.run_coroutine_threadsafe(self._send_raw(station, text), self._loop).result(2.0 * _PATIENCE)

    async def _send_raw(self, station: str, text: str) -> None:
        # The station knows of its connection a moment before this side has come to it.
        async with asyncio.timeout(_PATIENCE):
            while station not in self.sockets:
                await asyncio.sleep(0.01)
        await self.sockets[station].send(text)

    async def _open(self) -> None:
        self._server = await serve(
            self._converse,
            "127.0.0.1",
            self.port,
            ssl=self._ssl,
            subprotocols=[Subprotocol("ocpp1.6")],
            process_request=self._admit,
            compression=None,
            ping_interval=None,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        for socket in list(self.sockets.values()):
            socket.transport.abort()
        if self._server is not None:
            self._server.close()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._server.wait_closed(), _PATIENCE / 2)

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        station = unquote(request.path.rpartition("/")[2])
        self.paths.append(request.path)
        password = self.keys.get(station, self._password.encode())
        if password:
            token = base64.b64encode(f"{station}:".encode() + password).decode()
            if request.headers.get("Authorization") != f"Basic {token}":
                return connection.respond(401, "who are you?\n")
        return None

    async def _converse(self, socket: ServerConnection) -> None:
        path = "" if socket.request is None else socket.request.path
        station = unquote(path.rpartition("/")[2])
        self.sockets[station] = socket
        try:
            async for frame in socket:
                if self.operator.habits.slow:
                    await asyncio.sleep(self.operator.habits.slow)
                reply = self.operator.receive(station, frame)
                if reply is not None:
                    await socket.send(reply)
        except ConnectionClosed:
            pass
        finally:
            if self.sockets.get(station) is socket:
                del self.sockets[station]

    async def _call(
        self, station: str, action: str, payload: dict[str, Any], timeout: float
    ) -> Answer | ErrorAnswer:
        message_id, text = self.operator.command(action, payload)
        await self.sockets[station].send(text)
        deadline = self._loop.time() + timeout
        while message_id not in self.operator.answers:
            if self._loop.time() > deadline:
                raise TimeoutError(f"{station} doesn't answer {action}")
            await asyncio.sleep(0.01)
        return self.operator.answers.pop(message_id)


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGINT, SIGTERM or the end of `--seconds`; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="evce simulate cpo",
        description="Plays a remote operator's system for the uplinks of a site, and keeps its book.",
        epilog=f"Orders on standard input:\n{HELP}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, metavar="PORT", help="where to listen (0: any free)")
    parser.add_argument("--book", type=Path, required=True, metavar="FILE", help="file of the book")
    parser.add_argument("--slow", type=float, default=0.0, metavar="S", help="every answer waits S seconds")
    parser.add_argument("--password", default="", help="password that stations must show")
    parser.add_argument("--seconds", type=float, metavar="S", help="end by itself after S seconds")
    arguments = parser.parse_args(argv)
    server = CpoServer(
        arguments.book, arguments.port, Habits(slow=arguments.slow), password=arguments.password
    )
    over = threading.Event()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(ValueError):
            signal.signal(wanted, lambda *_: over.set())
    print(f"operator at ws://127.0.0.1:{server.start()}/", flush=True)
    threading.Thread(target=_listen, args=(server,), name="orders", daemon=True).start()
    try:
        over.wait(arguments.seconds)
    finally:
        server.stop()
    return 0


def obey(server: CpoServer, line: str) -> str:
    """Carry out one order; what is to be said about it begins with `error` where it is wrong."""
    operator = server.operator
    habits, book = operator.habits, operator.book
    try:
        match line.split(maxsplit=3):
            case ["slow", seconds]:
                habits.slow = float(seconds)
            case ["ahead", seconds]:
                habits.ahead = float(seconds)
            case ["mute", "on" | "off" as switch]:
                habits.mute = switch == "on"
            case ["wrong", "on" | "off" as switch]:
                habits.wrong = switch == "on"
            case ["errors", count]:
                habits.errors = int(count)
            case ["refuse", card]:
                habits.cards[card.upper()] = "Invalid"
            case ["refuse", card, "Invalid" | "Blocked" | "ConcurrentTx" | "Expired" as status]:
                habits.cards[card.upper()] = status
            case ["boot", "Accepted" | "Pending" | "Rejected" as status]:
                habits.boot = status
            case ["call", station, action, payload]:
                return str(server.call(station, action, json.loads(payload)))
            case ["stations"]:
                return json.dumps(sorted(server.sockets))
            case ["book"]:
                return json.dumps(book.order)
            case ["faults"]:
                return json.dumps([*book.faults, *operator.complaints])
            case _:
                return f"error: don't know {line!r}; orders are\n{HELP}"
    except (LookupError, TimeoutError, ValueError) as problem:
        return f"error: {problem}"
    return "ok"


def _listen(server: CpoServer) -> None:
    """Orders from standard input, until it ends."""
    for line in sys.stdin:
        if line.strip():
            print(obey(server, line.strip()), flush=True)
