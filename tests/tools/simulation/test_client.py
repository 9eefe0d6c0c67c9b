"""Stations on real websockets with a scripted central system."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.tools.simulation.scripted import Central, car, station
from tools.simulation.client import BackOff, Fleet
from tools.simulation.station import Station

QUICK = BackOff(0.01, 0.05)


class Server:
    """Websocket server that hands each frame to the script and tells when something was seen."""

    def __init__(self, central: Central) -> None:
        self.central = central
        self.paths: list[str] = []
        self.sockets: list[ServerConnection] = []
        self.protocols: list[str | None] = []
        self._news = asyncio.Condition()

    async def handle(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.paths.append(socket.request.path)
        self.sockets.append(socket)
        self.protocols.append(socket.subprotocol)
        async for frame in socket:
            answer = self.central.take(str(frame))
            if answer is not None:
                await socket.send(answer)
            async with self._news:
                self._news.notify_all()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20), self._news:
            await self._news.wait_for(condition)


@asynccontextmanager
async def running(at: Station, central: Central) -> AsyncIterator[tuple[Server, Fleet]]:
    server = Server(central)
    async with serve(server.handle, "127.0.0.1", 0, subprotocols=[Subprotocol("ocpp1.6")]) as listening:
        port = next(iter(listening.sockets)).getsockname()[1]
        fleet = Fleet([at], f"ws://127.0.0.1:{port}/ocpp/", back_off=QUICK, period=0.02)
        await fleet.start()
        try:
            yield server, fleet
        finally:
            await fleet.stop()


def play(scene: Callable[[Server, Fleet, Station], Awaitable[None]], **quirks: object) -> Central:
    at, central = station(**quirks), Central()

    async def run() -> None:
        async with running(at, central) as (server, fleet):
            await server.until(lambda: bool(central.statuses()))
            await scene(server, fleet, at)

    asyncio.run(run())
    assert at.complaints == []
    return central


def test_a_whole_session_over_the_wire() -> None:
    """OC-1: subprotocol, path, boot, session and samples on a real socket."""

    async def scene(server: Server, fleet: Fleet, at: Station) -> None:
        assert (server.paths, server.protocols) == (["/ocpp/CP-01"], ["ocpp1.6"])
        at.keys.change("MeterValueSampleInterval", "1")
        at.plug(1, car(), "CARD-A", fleet.clock(), delay=0.0)
        await server.until(lambda: len(server.central.seen("MeterValues")) >= 2)
        message_id, frame = server.central.call("RemoteStopTransaction", {"transactionId": 100})
        await server.sockets[0].send(frame)
        await server.until(lambda: bool(server.central.seen("StopTransaction")))
        assert server.central.results[message_id] == {"status": "Accepted"}

    assert play(scene).seen("StopTransaction")[0]["reason"] == "Remote"


def test_a_station_comes_back_by_itself_without_booting_again() -> None:
    """OC-6: what almost every station does when the central system restarts."""

    async def scene(server: Server, _fleet: Fleet, at: Station) -> None:
        await server.sockets[0].close()
        at.fault(1, True, 0.0)
        await server.until(lambda: server.central.statuses()[-1] == "Faulted")

    central = play(scene)
    assert len(central.seen("BootNotification")) == 1


def test_a_cut_link_stays_cut_until_it_is_restored() -> None:
    async def scene(server: Server, fleet: Fleet, at: Station) -> None:
        fleet.cut("CP-01")
        await server.sockets[0].wait_closed()
        at.fault(1, True, 0.0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await server.until(lambda: len(server.sockets) > 1)
        fleet.restore("CP-01")
        await server.until(lambda: server.central.statuses()[-1] == "Faulted")

    play(scene)


def test_a_reset_drops_the_link_and_boots_again() -> None:
    """OC-3: a reboot as the central system sees it."""

    async def scene(server: Server, _fleet: Fleet, _at: Station) -> None:
        _, frame = server.central.call("Reset", {"type": "Hard"})
        await server.sockets[0].send(frame)
        await server.until(lambda: len(server.central.seen("BootNotification")) == 2)

    play(scene, reboot_time=0.2)


def test_the_wait_before_a_reconnect_is_within_its_range() -> None:
    rng = random.Random(1)
    waits = [BackOff(1.0, 35.0).draw(rng) for _ in range(200)]
    assert 1.0 <= min(waits) < 3.0
    assert 33.0 < max(waits) <= 35.0
