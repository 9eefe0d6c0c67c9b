"""All light stations of a benchmark and the meter above them: what they draw is what the meter reads."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import suppress
from itertools import cycle

from evce.planning.settings import TURNS_REST
from tools.benchmarks.light_station import RISES_AFTER, LightStation
from tools.benchmarks.site import RATING, identities
from tools.simulation.meters import MeterServer, Reading, SimulatedMeter

__all__ = ["Fleet", "Reduction", "WatchedMeter"]

_AT_ONCE = 20
"""Stations that connect at the same time; after a power cut real ones come back over seconds as well."""

_NEARLY = 0.995
"""The last tenths of an ampere are handed out slowly: small raises wait, to spare the stations' flash."""

_REPORTS_EVERY = 5.0

_CURRENTS = 2999
"""Wire address of a PM5320's first current."""

_VOLTS = 230.0

Reduction = tuple[LightStation, float]
"""Who was reduced, and when the frame arrived (monotonic)."""


class WatchedMeter(SimulatedMeter):
    """Notes when its currents were read for the first time since `watch`."""

    def __init__(self, source: Callable[[], Reading]) -> None:
        super().__init__("pm5320", source)
        self.seen_at: float | None = None

    def watch(self) -> None:
        """The registers change now."""
        self.seen_at = None

    def read(self, address: int, count: int) -> list[int]:
        """See `SimulatedMeter.read`."""
        if self.seen_at is None and address <= _CURRENTS < address + count:
            self.seen_at = time.monotonic()
        return super().read(address, count)


class Fleet:
    """`total` is what all cars draw, `building` everything else, both A on each phase."""

    def __init__(self, count: int, rises_after: float = RISES_AFTER) -> None:
        self.total = 0.0
        self.building = 0.0
        self.reductions: list[Reduction] = []
        self.stations = [
            LightStation(identity, RATING, self._changed, rises_after) for identity in identities(count)
        ]
        self.meter = WatchedMeter(self._reading)
        self._server = MeterServer(self.meter)
        self._reporting: list[asyncio.Task[None]] = []

    async def open_meter(self) -> int:
        """Let the meter answer; returns its port on 127.0.0.1."""
        # A client that hangs up or comes late is nothing to tell whoever reads the table.
        logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
        return await self._server.start()

    async def connect(self, port: int) -> None:
        """Every station connects to 127.0.0.1 and boots."""

        async def arrive(station: LightStation) -> None:
            await station.connect("127.0.0.1", port)
            await station.boot()

        await self._each(arrive)

    async def plug_in(self) -> None:
        """A car at every station."""
        await self._each(LightStation.plug_in)

    async def report(self) -> None:
        """Every station sends its meter values once, one after another."""
        for station in self.stations:
            await station.report()

    def keep_reporting(self, every: float) -> None:
        """From now on each station sends its meter values this often (s), evenly spread."""
        self._keep(LightStation.report, every)

    def keep_alive(self, every: float) -> None:
        """From now on each station sends a heartbeat this often (s), evenly spread."""
        self._keep(LightStation.heartbeat, every)

    async def charge_up(self) -> None:
        """Take the building off and wait until every car has (nearly) all it can take.

        Everybody reports all the while: an old report counts for less and less. Raises `RuntimeError` when
        it takes longer than the slowest rise that the site file allows.
        """
        self.building = 0.0
        full = len(self.stations) * RATING
        # A small raise may wait for all of `TURNS_REST` after the turns of the blocks before.
        deadline = time.monotonic() + TURNS_REST + 120.0 + 1.5 * len(self.stations)
        while self.total < _NEARLY * full:
            if time.monotonic() > deadline:
                raise RuntimeError(f"the cars got {self.total:.1f} A of {full:g} A, with nothing else on")
            await self.report()
            await self.until(lambda: self.total >= _NEARLY * full, _REPORTS_EVERY)

    async def until(self, condition: Callable[[], bool], patience: float) -> bool:
        """Wait for the condition, for at most `patience` seconds; False when it didn't come true."""
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.02)
        return True

    async def close(self) -> None:
        """Everybody hangs up; the meter falls silent."""
        for task in self._reporting:
            task.cancel()
            with suppress(asyncio.CancelledError, ConnectionError, TimeoutError):
                await task
        for station in self.stations:
            station.close()
        await self._server.stop()

    def _keep(self, what: Callable[[LightStation], Awaitable[None]], every: float) -> None:
        self._reporting.append(asyncio.ensure_future(self._spread(what, every)))

    async def _spread(self, what: Callable[[LightStation], Awaitable[None]], every: float) -> None:
        step, due = every / len(self.stations), time.monotonic()
        for station in _round(self.stations):
            due += step
            await asyncio.sleep(max(due - time.monotonic(), 0.0))
            station.energy += 3.0 * _VOLTS * station.current * every / 3600.0
            await what(station)

    async def _each(self, what: Callable[[LightStation], Awaitable[None]]) -> None:
        turn = asyncio.Semaphore(_AT_ONCE)

        async def one(station: LightStation) -> None:
            async with turn:
                await what(station)

        await asyncio.gather(*map(one, self.stations))

    def _changed(self, station: LightStation, before: float, after: float, at: float) -> None:
        self.total += after - before
        if after < before:
            self.reductions.append((station, at))

    def _reading(self) -> Reading:
        amps = self.building + self.total
        return Reading((amps, amps, amps), 3.0 * _VOLTS * amps, 1000.0 * time.monotonic())


def _round(stations: Iterable[LightStation]) -> Iterator[LightStation]:
    return cycle(stations)
