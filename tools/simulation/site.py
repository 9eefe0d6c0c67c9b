"""The simulated site as a running thing: real websockets, real Modbus TCP, in a thread of its own."""

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from evce.configuration.document import SiteDocument
from evce.units import Monotonic, PhaseAmps, Seconds, ZoneId
from tools.referee.books import BookedSession
from tools.simulation.client import BackOff, Fleet
from tools.simulation.control import ControlServer, obey
from tools.simulation.meters import MeterServer
from tools.simulation.world import World, WorldOptions

__all__ = ["SimulatedSite"]

_T = TypeVar("_T")

_PATIENCE: Seconds = 15.0


class SimulatedSite:
    """The site of a document on the wire.

    `start` opens the meters and lets the stations dial; everything then happens on one event loop in one
    daemon thread. The methods may be called from any thread. `free_ports` lets the meters listen on any
    free loopback port instead of the document's (see `meter_ports`); `control_port` opens the line
    protocol of `tools.simulation.control` on loopback, 0 takes any free port.
    """

    def __init__(
        self,
        document: SiteDocument,
        options: WorldOptions | None = None,
        *,
        free_ports: bool = False,
        control_port: int | None = None,
        back_off: BackOff | None = None,
        period: Seconds = 0.1,
        on_input: Callable[[int, bool], None] | None = None,
    ) -> None:
        clock_offset = time.time() - time.monotonic()
        self.options = options or WorldOptions(utc_at_zero=clock_offset)
        self.world = World(document, self.options)
        self.document = document
        self.meter_ports: dict[str, int] = {}
        self.control_port: int | None = None
        self.on_input = on_input
        self._free_ports = free_ports
        self._wanted_control = control_port
        self._back_off = back_off or BackOff()
        self._period = period
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._servers: dict[str, MeterServer] = {}
        self._fleet: Fleet | None = None
        self._control: ControlServer | None = None

    # ---- life ----

    def start_meters(self) -> dict[str, int]:
        """Open the meters and the control port; returns each meter's port.

        Apart from `start`, so that a document with the real ports can be written before the daemon runs.
        """
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=self._loop.run_forever, name="simulated-site", daemon=True)
            self._thread.start()
            self._run(self._open())
        return dict(self.meter_ports)

    def start(self, ocpp_url: str, secured_url: str = "") -> None:
        """Let the stations dial `ocpp_url` (`ws://host:port/ocpp`), and time pass.

        Those that have changed to TLS dial `secured_url`.
        """
        self.start_meters()
        self._run(self._dial(ocpp_url, secured_url))

    def stop(self) -> None:
        """Hang up, close the meters, end the thread. May be called twice."""
        loop, self._loop = self._loop, None
        if loop is None:
            return
        asyncio.run_coroutine_threadsafe(self._close(), loop).result(_PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        if self._thread is not None:
            self._thread.join(_PATIENCE)
        if not loop.is_running():
            loop.close()

    async def _open(self) -> None:
        for meter in self.document.meters:
            free = self._free_ports or meter.host is None
            host, port = ("127.0.0.1", 0) if free else (meter.host or "", meter.port)
            server = MeterServer(self.world.meters[meter.id], host, port, meter.unit)
            self.meter_ports[meter.id] = await server.start()
            self._servers[meter.id] = server
        if self._wanted_control is not None:
            self._control = ControlServer(self.obey_here)
            self.control_port = await self._control.start(self._wanted_control)

    async def _dial(self, url: str, secured_url: str) -> None:
        self._fleet = Fleet(
            self.world.stations.values(),
            url,
            secured_url=secured_url,
            seed=self.options.seed,
            back_off=self._back_off,
            period=self._period,
            on_tick=lambda now: self.world.tick(now, stations=False),
        )
        await self._fleet.start()

    async def _close(self) -> None:
        if self._control is not None:
            await self._control.stop()
        if self._fleet is not None:
            await self._fleet.stop()
        for server in self._servers.values():
            await server.stop()

    def _run(self, coroutine: Coroutine[Any, Any, _T]) -> _T:
        if self._loop is None:
            coroutine.close()
            raise RuntimeError("the simulated site is not running")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(_PATIENCE)

    def call(self, action: Callable[[], _T]) -> _T:
        """Run `action` on the site's own thread and return what it returns."""

        async def there() -> _T:
            return action()

        return self._run(there())

    # ---- what is true ----

    def truth(self) -> dict[ZoneId, PhaseAmps]:
        """A per grid phase through each zone's feeder right now."""
        return self.world.truth()

    def book(self, *, delivered_only: bool = False) -> list[BookedSession]:
        """Every session that ended, as it truly was."""
        return self.call(lambda: self.world.book(delivered_only=delivered_only))

    def complaints(self) -> list[str]:
        """What of the central system's frames broke OCPP, station by station."""
        return self.call(
            lambda: [
                f"{name}: {complaint}"
                for name, station in self.world.stations.items()
                for complaint in station.complaints
            ]
        )

    @property
    def now(self) -> Monotonic:
        return self.world.now

    # ---- orders ----

    def obey(self, line: str) -> str:
        """Carry out one line of the control language; returns what is to be said about it."""
        return self.call(lambda: self.obey_here(line))

    def obey_here(self, line: str) -> str:
        """The same, called on the site's own thread."""
        return obey(self.world, line, fleet=self._fleet, on_input=self.on_input)
