"""Many stations on real websockets in one event loop, each reconnecting by itself as stations do."""

import asyncio
import contextlib
import random
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.typing import Subprotocol

from evce.units import Monotonic, Seconds
from tools.simulation.station import Station
from tools.simulation.transfers import Transfer

__all__ = ["BackOff", "Fleet"]


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long a station waits before it dials again: a random time in this range, s."""

    shortest: Seconds = 1.0
    longest: Seconds = 35.0

    def draw(self, rng: random.Random) -> Seconds:
        return rng.uniform(self.shortest, self.longest)


@dataclass
class _Line:
    station: Station
    task: "asyncio.Task[None] | None" = None
    socket: ClientConnection | None = None
    cut: bool = False
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    to_send: asyncio.Event = field(default_factory=asyncio.Event)


class Fleet:
    """Runs stations against a central system at `url` (`ws://host:port/ocpp`).

    Those whose security profile asks for TLS dial `secured_url` (`wss://…`).

    Everything happens on the event loop it was started on. `clock` gives the monotonic time that the
    stations live by; `period` is how often their physics are computed.
    """

    def __init__(
        self,
        stations: Iterable[Station],
        url: str,
        *,
        secured_url: str = "",
        seed: int = 0,
        back_off: BackOff | None = None,
        clock: Callable[[], Monotonic] = time.monotonic,
        period: Seconds = 0.1,
        on_tick: Callable[[Monotonic], None] | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.secured_url = secured_url.rstrip("/")
        self.clock = clock
        self.period = period
        self._rng = random.Random(seed)  # noqa: S311 - a simulation, no secret
        self._back_off = back_off or BackOff()
        self._lines = {s.spec.box_identity: _Line(s) for s in stations}
        for line in self._lines.values():
            line.station.transfers = deque()
        self._carried: set[asyncio.Task[None]] = set()
        self._ticker: asyncio.Task[None] | None = None
        self._on_tick = on_tick

    @property
    def stations(self) -> dict[str, Station]:
        return {name: line.station for name, line in self._lines.items()}

    async def start(self) -> None:
        """Begin to dial and to let time pass."""
        for line in self._lines.values():
            line.task = asyncio.create_task(self._live(line))
        self._ticker = asyncio.create_task(self._tick_for_ever())

    async def stop(self) -> None:
        """Hang up everywhere and wait until it is done."""
        sockets = [line.socket for line in self._lines.values() if line.socket is not None]
        await asyncio.gather(*(socket.close(1001) for socket in sockets), return_exceptions=True)
        tasks = [line.task for line in self._lines.values() if line.task is not None]
        if self._ticker is not None:
            tasks.append(self._ticker)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def cut(self, box_identity: str) -> None:
        """Break this station's link without a word and keep it broken."""
        line = self._lines[box_identity]
        line.cut = True
        if line.socket is not None:
            line.socket.transport.abort()

    def restore(self, box_identity: str) -> None:
        """The link works again; the station dials at once."""
        line = self._lines[box_identity]
        line.cut = False
        line.wake.set()

    async def _live(self, line: _Line) -> None:
        station = line.station
        await asyncio.sleep(self._rng.uniform(0, min(1.0, self._back_off.shortest)))
        while True:
            if not line.cut and not station.dark:
                with contextlib.suppress(WebSocketException, InvalidHandshake, OSError, TimeoutError):
                    await self._converse(line)
            if station.dark:
                await asyncio.sleep(self.period)
                continue
            line.wake.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(line.wake.wait(), self._back_off.draw(self._rng))

    async def _converse(self, line: _Line) -> None:
        station = line.station
        identity, defences = station.spec.box_identity, station.defences
        authorization, tls = defences.authorization(identity), defences.context()
        defences.reconnects = False
        async with connect(
            f"{self.url if tls is None else self.secured_url}/{quote(identity, safe='')}",
            ssl=tls,
            additional_headers={} if authorization is None else {"Authorization": authorization},
            subprotocols=[Subprotocol("ocpp1.6")],
            compression=None,
            open_timeout=10,
            proxy=None,
        ) as socket:
            line.socket = socket
            station.connected(self.clock())
            sender = asyncio.create_task(self._send(line, socket))
            line.to_send.set()
            try:
                async for frame in socket:
                    station.receive(frame, self.clock())
                    if station.dark:
                        break
                    line.to_send.set()
            finally:
                line.socket = None
                sender.cancel()
                station.disconnected(self.clock())

    async def _send(self, line: _Line, socket: ClientConnection) -> None:
        """Put on the wire what the station has to say; a peer that doesn't read holds up only this one."""
        with contextlib.suppress(WebSocketException, OSError):
            while True:
                await line.to_send.wait()
                line.to_send.clear()
                for frame in line.station.frames(self.clock()):
                    await socket.send(frame)
                if line.station.defences.reconnects:
                    await socket.close()

    def _carry(self, transfer: Transfer) -> None:
        """Have a file sent or fetched; the station hears how it went."""

        async def carry() -> None:
            content = await asyncio.to_thread(transfer.run)
            transfer.done(content, self.clock())

        task = asyncio.create_task(carry())
        self._carried.add(task)
        task.add_done_callback(self._carried.discard)

    async def _tick_for_ever(self) -> None:
        while True:
            now = self.clock()
            for line in self._lines.values():
                line.station.tick(now)
                while line.station.transfers:
                    self._carry(line.station.transfers.popleft())
                if line.station.dark and line.socket is not None:
                    line.socket.transport.abort()
                line.to_send.set()
            if self._on_tick is not None:
                self._on_tick(now)
            await asyncio.sleep(self.period)
