"""A small site around the daemon's own process, with a proxy on each of its links, to play faults on."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import write_toml
from evce.degraded import degraded_currents
from evce.units import Amps, Monotonic, Seconds, ZoneId
from tools.control.client import ControlError, control
from tools.data_folder import DataFolder
from tools.demo import free_port
from tools.endurance.kills import lost
from tools.faults.framing import Framing
from tools.faults.proxy import Proxies
from tools.referee.books import BookedSession, booked, compare_sessions
from tools.referee.referee import Referee
from tools.rehearsal.sites import small_site
from tools.service import Service
from tools.simulation.client import BackOff
from tools.simulation.cpo_book import BookedTransaction
from tools.simulation.cpo_server import CpoServer
from tools.simulation.outlet import Outlet
from tools.simulation.site import SimulatedSite
from tools.simulation.world import WorldOptions

__all__ = ["CARS", "LEASE", "METER", "OPERATOR", "STATIONS", "Glance", "Ground"]

STATIONS: Final = "stations"
METER: Final = "meter"
OPERATOR: Final = "operator"
"""The names of the three proxies."""

CARS: Final = ("G1", "G2", "O1", "S1", "S2")

LEASE: Final = 30
"""Seconds, the shortest that there may be: what a lost station falls to is soon seen."""

_BUILDING_SHARE: Final = 0.3
_LOOKED_EVERY: Final[Seconds] = 0.1
_ANSWERS_WITHIN: Final[Seconds] = 1.0
_STARTS_WITHIN: Final[Seconds] = 60.0
_TRIES: Final = 2
"""A daemon that has ended so often before it answered doesn't start."""

_BATTERY_KWH: Final = 400
"""No car is full before all is over."""


@dataclass(frozen=True, slots=True)
class Glance:
    """What could be seen at one moment: of the cars, and by asking the daemon (`up`: it answered)."""

    at: Monotonic
    pilots: Mapping[str, Amps]
    running: Mapping[str, int | None]
    """The transactions, by station."""
    up: bool = False
    connected: frozenset[str] = frozenset()
    verified: frozenset[str] = frozenset()
    alarms: frozenset[tuple[str, str]] = frozenset()
    """Code and source."""
    waiting: int = 0
    """Messages for the operator that are on the disk."""
    online: int = 0
    """Stations that the operator has accepted."""


@dataclass
class Ground:
    """The daemon as a process of its own, the simulated site and its operator, and the referee.

    `watchdog` is what the service manager gives the daemon. Whoever made it calls `start`, and in any case
    `stop`.
    """

    folder: Path
    seed: int = 1
    watchdog: Seconds | None = None
    glances: list[Glance] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.data = self.folder / "data"
        self.document = _document()
        self.model = self.document.model()
        clock_offset = time.time() - time.monotonic()
        self.site = SimulatedSite(
            self.document,
            WorldOptions(
                seed=self.seed,
                arrivals_factor=0.0,
                building_share=_BUILDING_SHARE,
                utc_at_zero=clock_offset,
            ),
            free_ports=True,
            back_off=BackOff(0.3, 1.5),
        )
        self.proxies = Proxies(self.seed)
        self.operator = CpoServer(self.folder / "operator")
        self.referee = Referee(self.model)
        self.ocpp_port = free_port("127.0.0.1")
        ports = ("--host", "127.0.0.1", "--ocpp-port", str(self.ocpp_port), "--web-port", "0")
        self.service = Service(
            [*_RUN, str(self.folder / "site.toml"), "--data", str(self.data), *ports],
            log=self.folder / "log",
            watchdog=self.watchdog,
        )
        self._ending = threading.Event()
        self._looked = threading.Condition()
        self._watch = threading.Thread(target=self._look_on, name="watch", daemon=True)

    # ---- life ----

    def start(self) -> None:
        """Start everything; the stations dial, and a car comes to each.

        Raises RuntimeError where the daemon doesn't start.
        """
        # A meter's server prints whatever it finds odd, and here all of it is.
        logging.getLogger("pymodbus.logging").setLevel(logging.CRITICAL)
        uplink = self.proxies.open(OPERATOR, Framing.WEBSOCKET, self.operator.start())
        meter = self.proxies.open(METER, Framing.MODBUS, self.site.start_meters()["main-meter"])
        plain = self.document.plain()
        plain["meters"][0]["port"] = meter
        plain["cpo"] = plain.get("cpo", {}) | _UPLINK | {"url": f"ws://127.0.0.1:{uplink}/ocpp"}
        (self.folder / "site.toml").write_text(write_toml(SiteDocument.parse(plain)))
        self.service.start()
        self._watch.start()
        self.wait(lambda glance: glance.up or self.service.starts > _TRIES, _STARTS_WITHIN)
        if not self.now.up:
            raise RuntimeError(f"the daemon doesn't start; its log ends with\n{self._log_end()}")
        port = self.proxies.open(STATIONS, Framing.WEBSOCKET, self.ocpp_port)
        self.site.start(f"ws://127.0.0.1:{port}/ocpp")
        self.referee.watch(self.site.truth)
        # A badge that is shown to a station without a connection is turned away.
        if not self.wait(lambda glance: glance.verified == set(CARS), _STARTS_WITHIN):
            raise RuntimeError(f"the stations are not in service; the log ends with\n{self._log_end()}")
        for name in CARS:
            self.plug(name)

    def stop(self) -> None:
        """Stop everything in reverse order; leaves no process behind."""
        self._ending.set()
        if self._watch.is_alive():
            self._watch.join()
        self.referee.stop()
        self.service.stop()
        self.site.stop()
        self.operator.stop()
        self.proxies.close()

    def calm(self) -> None:
        """Whatever the proxies do to anybody is over."""
        for name in (STATIONS, METER, OPERATOR):
            self.proxies.calm(name)

    # ---- what one can do to it ----

    def plug(self, station: str) -> None:
        """A car comes that charges for a long time."""
        self._obey(f"plug {station}/1 EV{CARS.index(station) + 16:06X} 3 {_BATTERY_KWH}")

    def unplug(self, station: str) -> None:
        """The car drives away."""
        self._obey(f"unplug {station}/1")

    def step(self, amps: Amps, seconds: Seconds) -> None:
        """The building takes more for a while."""
        self.site.call(lambda: self.site.world.step(ZoneId("main"), amps, seconds))

    def _obey(self, order: str) -> None:
        told = self.site.obey(order)
        if told.startswith("error"):
            raise RuntimeError(f"{order}: {told}")

    # ---- what is to be seen ----

    @property
    def now(self) -> Glance:
        """What was seen last."""
        return self.glances[-1]

    def next(self, after: Glance | None = None) -> Glance:
        """Wait for a glance later than this one."""
        with self._looked:
            known = -1.0 if after is None else after.at
            self._looked.wait_for(lambda: bool(self.glances) and self.glances[-1].at > known, _STARTS_WITHIN)
            return self.glances[-1]

    def wait(self, so: Callable[[Glance], bool], within: Seconds) -> bool:
        """Wait until a glance shows it; False when none did in this time."""
        deadline = time.monotonic() + within
        glance = self.next()
        while not so(glance):
            if time.monotonic() > deadline:
                return False
            glance = self.next(glance)
        return True

    def since(self, at: Monotonic) -> list[Glance]:
        """All glances from then on, in order."""
        later = []
        for glance in reversed(self.glances):
            if glance.at < at:
                break
            later.append(glance)
        return later[::-1]

    def fallback(self, station: str) -> Amps:
        """What a station allows its car once its lease has run out and it heard nothing more, A."""
        falls = degraded_currents(self.model, self.document.load_shedding.floor_standard)
        return next(amps for key, amps in falls.items() if key.station == station)

    def _outlet(self, station: str) -> Outlet:
        return self.site.world.stations[station].outlets[1]

    def _look_on(self) -> None:
        while not self._ending.wait(_LOOKED_EVERY):
            glance = self._look()
            with self._looked:
                self.glances.append(glance)
                self._looked.notify_all()

    def _look(self) -> Glance:
        try:
            stations = control(self.data, "stations", timeout=_ANSWERS_WITHIN)["stations"]
            alarms = control(self.data, "alarms", timeout=_ANSWERS_WITHIN)["alarms"]
            uplinks = control(self.data, "uplinks", timeout=_ANSWERS_WITHIN)["uplinks"]
        except ControlError:
            stations, alarms, uplinks = None, [], []
        outlets = {name: self._outlet(name) for name in CARS}
        pilots = {name: outlet.pilot for name, outlet in outlets.items()}
        sessions = {name: outlet.session for name, outlet in outlets.items()}
        running = {name: each.transaction for name, each in sessions.items() if each is not None}
        if stations is None:
            return Glance(time.monotonic(), pilots, running)
        connected = {each["box_identity"] for each in stations if each["link"] == "connected"}
        return Glance(
            time.monotonic(),
            pilots,
            running,
            up=True,
            connected=frozenset(connected),
            verified=frozenset(each["box_identity"] for each in stations if each["verified"]) & connected,
            alarms=frozenset((each["code"], each["source"]) for each in alarms),
            waiting=sum(each["waiting"] for each in uplinks),
            online=sum(each["state"] == "online" for each in uplinks),
        )

    # ---- the books ----

    def all_told(self) -> bool:
        """Whether every station has told what it had to tell."""
        stations = self.site.world.stations.values()
        return self.site.call(lambda: all(s.delivered for station in stations for s in station.sessions))

    def disagreements(self) -> list[str]:
        """How the daemon's records and the operator's book differ from what the stations truly did."""
        truth = self.site.book()
        with DataFolder(self.data).read(datetime.now(UTC)) as store:
            recorded = booked(store.sessions(limit=1_000_000))
        book = _ended(self.operator.operator.book.transactions.values())
        return [
            *lost(self.site, self.data),
            *(f"EVCE's records: {found}" for found in compare_sessions(truth, recorded)),
            *(f"the operator's book: {found}" for found in compare_sessions(truth, book)),
            *(f"the operator's book: {fault}" for fault in self.operator.operator.book.faults),
        ]

    def complaints(self) -> list[str]:
        """What stations and operator found wrong with EVCE's frames, so far."""
        return [*self.site.complaints(), *self.operator.operator.complaints]

    def _log_end(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""


_RUN: Final = (sys.executable, "-m", "tools", "run")

_UPLINK: Final = {"enabled": True, "retry_interval_s": 2, "ping_interval_s": 5, "meter_interval_s": 5}


def _document() -> SiteDocument:
    return small_site(lease_dynamic=LEASE, lease_static=LEASE)


def _ended(transactions: Iterable[BookedTransaction]) -> list[BookedSession]:
    return [
        BookedSession(
            each.station,
            each.connector,
            each.id_tag,
            datetime.fromisoformat(each.started).timestamp(),
            datetime.fromisoformat(each.stopped).timestamp(),
            float(each.meter_stop - each.meter_start),
        )
        for each in transactions
        if each.stopped is not None and each.meter_stop is not None
    ]
