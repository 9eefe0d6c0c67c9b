"""Hundreds of charging stations lose their daemon and come back at the same time, over and over."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from evce.configuration.document import SiteDocument
from evce.units import PhaseAmps, Seconds, ZoneId
from tools.benchmarks.fleet import Fleet
from tools.benchmarks.light_station import LightStation
from tools.benchmarks.machine import cores, on_core
from tools.benchmarks.servers import Server, running_daemon
from tools.benchmarks.site import HEADROOM, RATING, bench_site
from tools.control.client import ControlError, control
from tools.referee.page import as_html
from tools.referee.referee import Referee

__all__ = ["BACK_WITHIN", "StormReport", "raise_storm"]

BACK_WITHIN: Seconds = 60.0
"""From the kill until the last station is in service again (RELIABILITY, safety chain)."""

_GIVE_UP: Seconds = 180.0

_ROOT = ZoneId("main")

_SHARE = 20.0
"""A per phase that the building leaves each car: less than it could take, so that the limit is felt."""

_NEARLY = 0.9
_RESTARTED_AFTER: Seconds = 1.0
_REDIALS = (0.2, 1.5)
"""Seconds until a station dials again, drawn anew each time."""

_REPORTS_EVERY: Seconds = 5.0
_OBSERVED_EVERY: Seconds = 0.1
_LOOKED_EVERY: Seconds = 0.5
_AFTERWARDS: Seconds = 15.0


@dataclass(frozen=True, slots=True)
class StormReport:
    """Seconds from each kill until the last station was accepted, and until the daemon had verified all.

    `longest_above` is how long a current was above a limit at a stretch. `page` is the referee's.
    """

    stations: int
    accepted: tuple[Seconds, ...]
    in_service: tuple[Seconds, ...]
    longest_above: Seconds
    problems: tuple[str, ...]
    page: str


def raise_storm(
    stations: int, storms: int, seed: int, folder: Path, told: Callable[[str], object]
) -> StormReport:
    """Kill the daemon of a site in full use `storms` times; `told` hears what is going on."""
    pinned = cores()
    with on_core(pinned.load):
        return asyncio.run(_Storm(stations, seed, folder, pinned.server, told).run(storms))


class _Storm:
    """The fleet, the daemon in `folder`, and the referee."""

    def __init__(self, count: int, seed: int, folder: Path, core: int, told: Callable[[str], object]) -> None:
        # Cars that follow at once: a light station reports what it offers, which must be what is drawn.
        self._fleet = Fleet(count, rises_after=0.0)
        self._fleet.building = HEADROOM + count * (RATING - _SHARE)
        self._chance = random.Random(seed)  # noqa: S311  # moments, no secrets
        self._folder, self._core, self._told, self._seed = folder, core, told, seed
        self._port = 0
        self._known: set[str] = set()
        self._accepted: dict[str, Seconds] = {}
        self._problems: list[str] = []

    async def run(self, storms: int) -> StormReport:
        """See `raise_storm`."""
        count = len(self._fleet.stations)
        document = bench_site(count, await self._fleet.open_meter())
        self._referee = Referee(document.model())
        living: list[asyncio.Task[None]] = []
        accepted, in_service = [], []
        with ExitStack() as stack:
            try:
                server = await self._started(document, stack)
                living = [asyncio.ensure_future(self._live(station)) for station in self._fleet.stations]
                self._told(f"{count} stations connect and charge")
                await self._until_in_service(server)
                await self._fleet.plug_in()
                if not await self._fleet.until(self._busy, _GIVE_UP):
                    self._problems.append(f"the cars got {self._fleet.total:.0f} A in {_GIVE_UP:.0f} s")
                living.append(asyncio.ensure_future(self._observe(document)))
                for number in range(1, storms + 1):
                    await asyncio.sleep(self._chance.uniform(1.0, 4.0))
                    self._told(f"storm {number} of {storms}")
                    killed = time.monotonic()
                    self._accepted.clear()
                    server.process.kill()
                    await asyncio.sleep(_RESTARTED_AFTER)
                    server = await self._started(document, stack)
                    await self._until_in_service(server)
                    in_service.append(time.monotonic() - killed)
                    accepted.append(max(self._accepted.values(), default=killed) - killed)
                    if in_service[-1] > BACK_WITHIN:
                        self._problems.append(f"storm {number}: not all back within {BACK_WITHIN:g} s")
                await asyncio.sleep(_AFTERWARDS)
            finally:
                for task in living:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
                await self._fleet.close()
        self._referee.note(self._problems)
        return StormReport(
            count,
            tuple(accepted),
            tuple(in_service),
            max(record.longest_above for record in self._referee.zones.values()),
            (*map(str, self._referee.violations), *self._problems),
            as_html(self._referee, f"{storms} storms of {count} stations, seed {self._seed}"),
        )

    async def _started(self, document: SiteDocument, stack: ExitStack) -> Server:
        running = running_daemon(document, self._core, self._folder)
        server = await asyncio.to_thread(stack.enter_context, running)
        self._port = server.port
        return server

    def _busy(self) -> bool:
        return self._fleet.total >= _NEARLY * _SHARE * len(self._fleet.stations)

    async def _live(self, station: LightStation) -> None:
        """Stay connected, and tell what the meter reads, until cancelled."""
        while True:
            with suppress(OSError, TimeoutError):
                await station.connect("127.0.0.1", self._port)
                # One that only lost its link doesn't boot again (OCPP-J 1.6 §5.4).
                await (station.resume() if station.identity in self._known else station.boot())
                self._known.add(station.identity)
                self._accepted[station.identity] = time.monotonic()
                while True:
                    await asyncio.sleep(self._chance.uniform(0.5, 1.5) * _REPORTS_EVERY)
                    await station.report()
            await asyncio.sleep(self._chance.uniform(*_REDIALS))

    async def _until_in_service(self, server: Server) -> None:
        """Wait until the daemon says that it knows everybody again."""
        deadline = time.monotonic() + _GIVE_UP
        missing = len(self._fleet.stations)
        while missing and time.monotonic() < deadline:
            await asyncio.sleep(_LOOKED_EVERY)
            with suppress(ControlError):
                assert server.data is not None  # noqa: S101  # it is the daemon, no rival
                known = (await asyncio.to_thread(control, server.data, "stations"))["stations"]
                missing = sum(not (each["verified"] and each["link"] == "connected") for each in known)
        if missing:
            self._problems.append(f"{missing} stations were not in service after {_GIVE_UP:.0f} s")

    async def _observe(self, document: SiteDocument) -> None:
        """Let the referee see what flows, until cancelled."""
        stations = {station.identity: station for station in self._fleet.stations}
        rows: dict[ZoneId, list[LightStation]] = {}
        for settings in document.stations:
            rows.setdefault(ZoneId(str(settings.zone)), []).append(stations[str(settings.box_identity)])
        while True:
            truth = {zone: _on_each_phase(sum(s.current for s in row)) for zone, row in rows.items()}
            truth[_ROOT] = _on_each_phase(self._fleet.building + self._fleet.total)
            self._referee.observe(truth, time.monotonic())
            await asyncio.sleep(_OBSERVED_EVERY)


def _on_each_phase(amps: float) -> PhaseAmps:
    return (amps, amps, amps)
