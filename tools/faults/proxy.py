"""A loopback proxy before stations, meters and the operator, which disturbs connections as it is told."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from evce.units import Seconds
from tools.faults.framing import Framing, Splitter, asked_for
from tools.faults.lane import CALM, Lane, Piece, Trouble

__all__ = ["Proxies"]

_T = TypeVar("_T")

_PATIENCE: Final[Seconds] = 10.0
_CHUNK: Final = 65536
_WAITING: Final = 256
"""Packets that may wait in one direction; then nothing more is read, as when a window is full."""

_OVERTAKEN_WITHIN: Final[Seconds] = 0.5
"""A message that is to be overtaken waits so long for the next one."""

_SLICES: Final = 10
"""A slow line gives its bytes in so many portions a second."""

_ABORTIVE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends a reset, and throws away what isn't sent yet (socket(7))."""

EVERYBODY: Final = ""


@dataclass(frozen=True, slots=True)
class _Setting:
    """What is done to connections: towards the server, back to the client, and whether new ones are reset."""

    onward: Trouble = CALM
    back: Trouble = CALM
    refuse: bool = False


class _Connection:
    """One client, and its way to the server; belongs to the loop."""

    def __init__(
        self, door: "_Door", number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.who = EVERYBODY
        self.half_dead = False
        """One side has ended, and the other wasn't told."""
        self._door = door
        self._reader, self._writer = reader, writer
        self._server: asyncio.StreamWriter | None = None
        seed = f"{door.seed}/{door.name}/{number}"
        self.onward = Lane(door.framing, Random(f"{seed}/onward"))  # noqa: S311 - chance, no secret
        self.back = Lane(door.framing, Random(f"{seed}/back"))  # noqa: S311 - chance, no secret

    def obey(self) -> None:
        """Take over what is set for it now."""
        setting = self._door.setting(self.who)
        self.onward.trouble, self.back.trouble = setting.onward, setting.back
        if self.half_dead and not (setting.onward.swallow or setting.back.swallow):
            self.reset()

    def reset(self) -> None:
        """RST to both sides."""
        for writer in (self._writer, self._server):
            if writer is not None and not writer.transport.is_closing():
                sock = writer.get_extra_info("socket")
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORTIVE)
                writer.transport.abort()

    async def live(self) -> None:
        """From the first bytes to the end of both directions."""
        try:
            first = await self._introduced()
            self.obey()
            if self._door.setting(self.who).refuse:
                self.reset()
                return
            if self.onward.trouble.swallow:
                # Nobody is dialled: the server never hears of it.
                self.onward.take(first)
                await self._swallowed()
                return
            reader, self._server = await asyncio.open_connection(*self._door.target)
            await asyncio.gather(
                self._carry(self._reader, self._server, self.onward, first),
                self._carry(reader, self._writer, self.back, b""),
            )
        except OSError:
            self.reset()
        finally:
            for writer in (self._writer, self._server):
                if writer is not None:
                    writer.close()

    async def _introduced(self) -> bytes:
        """Read until it is known who calls, which the path of a WebSocket's handshake tells."""
        data = b""
        if self._door.framing is Framing.WEBSOCKET:
            splitter = Splitter(self._door.framing)
            while True:
                packet = await self._reader.read(_CHUNK)
                data += packet
                units = splitter.feed(packet)
                if units or not packet:
                    break
            self.who = unquote(asked_for(data))
        return data

    async def _swallowed(self) -> None:
        self.half_dead = True
        while data := await self._reader.read(_CHUNK):
            self.onward.take(data)
        # It has hung up; nobody is left who could be told.

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, lane: Lane, first: bytes
    ) -> None:
        """One direction, to its end."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Queue[tuple[float, Piece] | None] = asyncio.Queue(_WAITING)
        delivering = asyncio.create_task(self._deliver(waiting, writer, lane))

        async def queue(pieces: list[Piece]) -> None:
            for piece in pieces:
                if not delivering.done():
                    await waiting.put((loop.time() + piece.after, piece))

        try:
            data = first or await reader.read(_CHUNK)
            while data:
                await queue(lane.take(data))
                if lane.holds:
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(_OVERTAKEN_WITHIN):
                            data = await reader.read(_CHUNK)
                        continue
                    await queue(lane.release())
                data = await reader.read(_CHUNK)
            await queue(lane.finish())
            if not delivering.done():
                await waiting.put(None)
                await delivering
        except OSError:
            if lane.trouble.swallow:
                self.half_dead = True
            else:
                self.reset()
        finally:
            delivering.cancel()

    async def _deliver(
        self,
        waiting: "asyncio.Queue[tuple[float, Piece] | None]",
        writer: asyncio.StreamWriter,
        lane: Lane,
    ) -> None:
        """Pass on what is due, in its order and no faster than allowed; then the end."""
        loop = asyncio.get_running_loop()
        try:
            while (item := await waiting.get()) is not None:
                due, piece = item
                if due > loop.time():
                    await asyncio.sleep(due - loop.time())
                await self._write(piece.data, writer, lane)
                if piece.reset:
                    raise ConnectionAbortedError
        except OSError:
            self.reset()
            while not waiting.empty():  # whoever waits for room may go on
                waiting.get_nowait()
            return
        if lane.trouble.swallow:
            self.half_dead = True
        elif not writer.transport.is_closing():
            writer.write_eof()

    @staticmethod
    async def _write(data: bytes, writer: asyncio.StreamWriter, lane: Lane) -> None:
        while data:
            rate = lane.trouble.rate
            size = max(1, int(rate / _SLICES)) if rate else len(data)
            portion, data = data[:size], data[size:]
            writer.write(portion)
            await writer.drain()
            if rate:
                await asyncio.sleep(len(portion) / rate)


class _Door:
    """One port that is listened on, and whoever came in by it."""

    def __init__(self, name: str, framing: Framing, target: tuple[str, int], seed: int) -> None:
        self.name, self.framing, self.target, self.seed = name, framing, target, seed
        self.settings: dict[str, _Setting] = {}
        self.living: dict[_Connection, asyncio.Task[None]] = {}
        self.past: dict[str, Counter[str]] = {}
        self._numbers = 0
        self._server: asyncio.Server | None = None

    def setting(self, who: str) -> _Setting:
        return self.settings.get(who, self.settings.get(EVERYBODY, _Setting()))

    def of(self, who: str) -> list[_Connection]:
        return [each for each in self.living if who in (EVERYBODY, each.who)]

    async def open(self) -> int:
        self._server = await asyncio.start_server(self._come, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        tasks = list(self.living.values())
        for connection, task in list(self.living.items()):
            connection.reset()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def change(self, who: str, how: Callable[[_Setting], _Setting]) -> None:
        if who == EVERYBODY:
            self.settings = {EVERYBODY: how(self.settings.get(EVERYBODY, _Setting()))}
        else:
            self.settings[who] = how(self.setting(who))
        for connection in list(self.living):
            connection.obey()

    def seen(self, who: str) -> Counter[str]:
        total: Counter[str] = Counter()
        for name, past in self.past.items():
            if who in (EVERYBODY, name):
                total += past
        for connection in self.of(who):
            total += connection.onward.seen + connection.back.seen
        return total

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._numbers += 1
        connection = _Connection(self, self._numbers, reader, writer)
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # the stream's own
        self.living[connection] = task
        try:
            await connection.live()
        except asyncio.CancelledError:
            pass  # the proxy is closed, and asyncio would print whatever else this task ended with
        finally:
            del self.living[connection]
            told = self.past.setdefault(connection.who, Counter())
            told.update(connection.onward.seen + connection.back.seen)
            told["connections"] += 1


class Proxies:
    """Any number of proxies on loopback, in a thread of their own; the methods may be called from any.

    `onward` is from who dials to who listens, `back` the other way. On a WebSocket `who` is the last part of
    the path that is asked for: a station's box identity. Without it everybody is meant, and whatever was
    set for one is over. The same seed does the same to the same messages of the same connections.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._doors: dict[str, _Door] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxies", daemon=True)
        self._thread.start()

    def open(self, name: str, framing: Framing, port: int, host: str = "127.0.0.1") -> int:
        """Listen on a free port for what is passed on to `host:port`, which need not answer yet."""
        door = self._doors[name] = _Door(name, framing, (host, port), self.seed)
        return self._run(door.open())

    def disturb(self, name: str, who: str = "", *, onward: Trouble = CALM, back: Trouble = CALM) -> None:
        """From now on this happens to messages, of the connections that there are as well."""
        self._change(name, who, lambda setting: replace(setting, onward=onward, back=back))

    def refuse(self, name: str, who: str = "", *, refused: bool = True) -> None:
        """Reset whoever comes, and let go on who is here."""
        self._change(name, who, lambda setting: replace(setting, refuse=refused))

    def reset(self, name: str, who: str = "") -> None:
        """RST to both sides of the connections that there are."""

        async def there() -> None:
            for connection in self._doors[name].of(who):
                connection.reset()

        self._run(there())

    def calm(self, name: str) -> None:
        """Disturb nobody any more; a half-open connection that one side has given up is reset."""
        self._change(name, EVERYBODY, lambda _: _Setting())

    def seen(self, name: str, who: str = "") -> Counter[str]:
        """What was done to messages so far, by the trouble's names; `frames` and `connections` that came."""

        async def there() -> Counter[str]:
            return self._doors[name].seen(who)

        return self._run(there())

    def close(self) -> None:
        """Reset everybody and end the thread. May be called twice."""
        if self._loop.is_closed():
            return

        async def there() -> None:
            for door in self._doors.values():
                await door.close()

        self._run(there())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()

    def _change(self, name: str, who: str, how: Callable[[_Setting], _Setting]) -> None:
        async def there() -> None:
            self._doors[name].change(who, how)

        self._run(there())

    def _run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_PATIENCE)
