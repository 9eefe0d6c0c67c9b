"""A whole house on a simulated site: the real actors and disk under a virtual clock, with the referee."""

import hashlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from actors.messages import AlarmRaised, GetSnapshot, Message, StationShown
from actors.runtime import SimulatedRuntime
from actors.site import InForce, SiteEdges, SiteInForce
from actors.supervisor import Supervisor
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision
from evce.electrical import SiteModel
from evce.facts import Link
from evce.records import CardRecord, RevisionRecord, SessionRecord
from evce.storage import Store, open_store
from evce.units import Amps, PhaseAmps, Seconds, ZoneId
from evce.views import AlarmView, SiteSnapshot, StationView
from tools.demo import demo_document
from tools.referee.books import booked, compare_sessions
from tools.referee.referee import Referee
from tools.rehearsal.operator import VirtualOperator
from tools.rehearsal.wires import Disturbance, InputWires, MeterWire, StationWires
from tools.simulation.arrivals import Arrival, Badge
from tools.simulation.links import InProcessSite
from tools.simulation.outlet import Outlet
from tools.simulation.station import Station
from tools.simulation.vehicle import VehicleSpec
from tools.simulation.world import World, WorldOptions
from tools.tree import site_tree
from web.revisions import RunningRevisions

__all__ = ["FULL", "LOOK_EVERY", "START", "Disk", "House", "RehearsalError"]

START = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
"""A Monday afternoon: the recorded arrivals are at their busiest."""

LOOK_EVERY: Seconds = 0.25
"""How often the site moves on and the referee looks: ten times within the reaction of the fastest car."""

FULL = "database or disk is full"


class RehearsalError(AssertionError):
    """The house didn't do what was expected of it, in the time that it had."""


class Disk:
    """Called before each commit; `trouble` is what the database says then, in SQLite's words."""

    def __init__(self) -> None:
        self.trouble = ""
        self.committing: Callable[[], None] | None = None

    @property
    def full(self) -> bool:
        return self.trouble == FULL

    @full.setter
    def full(self, full: bool) -> None:
        self.trouble = FULL if full else ""

    def __call__(self) -> None:
        if self.committing is not None:
            self.committing()
        if self.trouble:
            raise sqlite3.OperationalError(self.trouble)


class House:
    """The daemon's own tree of actors beside a site that outlives it, both in virtual time.

    `now` is the site's time in seconds. `options` say how the site behaves; without any nobody comes by
    themselves and the building is quiet. What reached the view is kept in `alarms_heard`.
    """

    def __init__(
        self,
        folder: Path,
        *,
        document: SiteDocument | None = None,
        options: WorldOptions | None = None,
        seed: int = 1,
        in_transit: bool = False,
        traced: bool = False,
        operator: VirtualOperator | None = None,
    ) -> None:
        self.document = document or demo_document()
        self.seed = seed
        self.disk = Disk()
        self.referee = Referee(self.document.model())
        self.alarms_heard: list[tuple[Seconds, AlarmView]] = []
        self.watchers: list[Callable[[], None]] = []
        self.heard: list[Callable[[Seconds, str, Message], None]] = []
        self.disturbances: list[Disturbance] = []
        self.peers: dict[str, str] = {}
        self.operator = operator
        self.gave_up: list[str] = []
        self._wall_shift: Seconds = 0.0
        self.database = folder / "evce.db"
        self._in_transit = in_transit
        self._traced = hashlib.sha256() if traced else None
        self._begun_at: Seconds = 0.0
        self._shown: dict[str, StationView] = {}
        self._overdrawing: set[str] = set()
        self._stores: list[Store] = []
        self._inside: dict[str, list[Station]] = {}
        self._agenda: dict[int, tuple[Seconds, Callable[[], object]]] = {}
        self._planned = 0
        quiet = WorldOptions(seed=seed, arrivals_factor=0.0, building_share=0.2, solar_share=0.0)
        chosen = replace(options or quiet, utc_at_zero=START.timestamp())
        self._revision = next_revision(None, self.document, author="test", comment="", now=START)
        with open_store(self.database, START) as store:
            store.append_revision(self._revision)
        self.site = InProcessSite(
            self.document,
            chosen,
            deliver=lambda name, frame: self.wires.from_station(name, frame),
            opened=lambda name: self.wires.opened(name),
            closed=lambda name: self.wires.closed(name),
        )
        with open_store(self.database, START) as store:
            for badge in self.world.drivers:
                store.save_card(CardRecord(badge.id_tag, authorised=True, vip=badge.vip), START)
        self._begin()

    # ---- life ----

    def _begin(self) -> None:
        """Start the actors; their clock begins at zero, as after a restart of the machine."""
        self.runtime = runtime = SimulatedRuntime(
            self.seed,
            start=START + timedelta(seconds=self._begun_at + self._wall_shift),
            in_transit=self._in_transit,
            on_give_up=self.gave_up.append,
        )
        runtime.on_delivery(self._hear)
        self.wires = StationWires(runtime, self.disturbances, self.peers)
        self.wires.site, self.wires.site_now = self.site, lambda: self.now
        self.inputs = InputWires(runtime)
        self._shown.clear()
        in_force = InForce.of(self._revision)
        if self.operator is not None:
            self.operator.serve(runtime, lambda: START + timedelta(seconds=self.now))
        edges = SiteEdges(
            self.wires,
            lambda meter: MeterWire(runtime, lambda: self.site, meter),
            self.inputs,
            self.operator,
        )
        site = SiteInForce(in_force, edges)
        runtime.spawn(
            "supervisor",
            lambda context: Supervisor(context, site_tree(site, self._open_store, lambda _: None)),
        )
        runtime.settle()
        for number in list(self._agenda):
            self._plan(number)
        self._look()

    def _open_store(self, now: datetime) -> Store:
        store = open_store(self.database, now, fault=self.disk)
        self._stores.append(store)
        return store

    def crash(self, away: Seconds = 2.0, meddle: Callable[[Path], None] | None = None) -> None:
        """`kill -9`, then a new process on the same database `away` s later; the site goes on meanwhile.

        `meddle` may do to the database's file what a bad disk does.
        """
        self.wires.pulled = True
        began = self.now
        for store in self._stores:
            store._engine.dispose()
        self._stores.clear()
        for name in self.site.world.stations:
            self.site.hang_up(name, began)
        for step in range(round(away / LOOK_EVERY)):
            moment = began + (step + 1) * LOOK_EVERY
            for name, station in self.world.stations.items():
                station.tick(moment)
                self.site.hang_up(name, moment)
            self.world.tick(moment, stations=False)
            self.referee.observe(self.site.truth(), moment)
        self._begun_at = began + away
        if meddle is not None:
            meddle(self.database)
        self._begin()

    def close(self) -> None:
        """Stop in good order: whatever waits is written."""
        if not self.runtime.stop(60.0):
            raise RehearsalError("not everything ended within 60 s")

    def _look(self) -> None:
        """The site moves on, the referee looks at what truly flows."""
        self.site.tick(self.now)
        self.referee.observe(self.site.truth(), self.now)
        for name, station in self.world.stations.items():
            for number, outlet in station.outlets.items():
                if outlet.vehicle is not None and outlet.vehicle.spec.overdraw > 0.0:
                    self._overdrawing.add(f"{name}/{number}")
        for watcher in self.watchers:
            watcher()
        self.runtime.call_after(LOOK_EVERY, self._look)

    def _hear(self, at: float, name: str, message: Message, _: str) -> None:
        if self._traced is not None:
            self._traced.update(f"{at!r} {name} {message!r}\n".encode())
        if name == "view":
            match message:
                case AlarmRaised(alarm):
                    self.alarms_heard.append((self.now, alarm))
                case StationShown(station, view) if view is not None:
                    self._shown[str(station)] = view
        for listener in self.heard:
            listener(self.now, name, message)

    # ---- time ----

    @property
    def now(self) -> Seconds:
        return self._begun_at + self.runtime.clock.monotonic()

    def run(self, seconds: Seconds) -> None:
        """Let this much virtual time pass."""
        self.runtime.run_for(seconds)

    def run_until(self, condition: Callable[[], bool], seconds: Seconds, what: str) -> Seconds:
        """Run until it is so, looked at as often as the site moves; returns how long that took.

        Fails when it is not so within `seconds`.
        """
        began = self.now
        while not condition():
            if self.now - began >= seconds:
                raise RehearsalError(f"not within {seconds:g} s: {what}")
            self.run(LOOK_EVERY)
        return self.now - began

    def later(self, seconds: Seconds, do: Callable[[], object]) -> None:
        """Something happens at the site then, whatever becomes of the process meanwhile."""
        self._planned += 1
        self._agenda[self._planned] = (self.now + seconds, do)
        self._plan(self._planned)

    def _plan(self, number: int) -> None:
        at, _ = self._agenda[number]
        self.runtime.call_after(max(0.0, at - self.now), lambda: self._happens(number))

    def _happens(self, number: int) -> None:
        _, do = self._agenda.pop(number)
        do()

    @property
    def trace_hash(self) -> str:
        """Of every message handled so far, with its moment and receiver."""
        if self._traced is None:
            raise ValueError("this house was not built with traced=True")
        return self._traced.hexdigest()

    def shift_wall(self, seconds: Seconds) -> None:
        """Set the clock on the wall forward or back, also for the processes to come."""
        self._wall_shift += seconds
        self.runtime.shift_wall(seconds)

    # ---- the site ----

    @property
    def world(self) -> World:
        return self.site.world

    @property
    def model(self) -> SiteModel:
        return self.world.model

    def outlet(self, where: str) -> Outlet:
        """The outlet of "GN-01/2"."""
        name, _, number = where.partition("/")
        return self.world.stations[name].outlets[int(number or 1)]

    def plug(self, where: str, vehicle: VehicleSpec | None = None, *, badge: int = 10) -> None:
        """A hungry car comes for the whole day."""
        name, _, number = where.partition("/")
        spec = vehicle or VehicleSpec(phases=3, maximum=32.0, battery=200_000.0)
        arrival = Arrival(0.0, 86_400.0, 150_000.0, Badge(self.world.drivers[badge].id_tag), spec)
        self.world.plug(name, int(number or 1), arrival)

    def drawn(self, where: str) -> Amps:
        """A on the busiest phase, truly."""
        return max(self.outlet(where).currents)

    def truth(self, zone: str) -> PhaseAmps:
        """A per grid phase into a zone, truly."""
        return self.site.truth()[ZoneId(zone)]

    def cars(self, zone: str) -> PhaseAmps:
        """A per grid phase that the cars of a zone draw, truly."""
        stations = self._inside.get(zone)
        if stations is None:
            inside = set(self.model.subtree(ZoneId(zone)))
            stations = self._inside[zone] = [
                self.world.stations[str(name)]
                for name, station in self.model.stations.items()
                if station.zone in inside
            ]
        first = second = third = 0.0
        for station in stations:
            amps = station.grid_currents
            first, second, third = first + amps[0], second + amps[1], third + amps[2]
        return (first, second, third)

    def overdrew(self, where: str) -> bool:
        """Whether this outlet has ever held a car that draws more than it is offered."""
        return where in self._overdrawing

    def running(self) -> dict[str, int | None]:
        """Transaction of each session that runs at the stations."""
        return {
            f"{name}/{number}": outlet.session.transaction
            for name, station in self.world.stations.items()
            for number, outlet in station.outlets.items()
            if outlet.session is not None
        }

    # ---- the house ----

    def apply(self, document: SiteDocument) -> None:
        """Put another document in force, as the pages do. Raises what refuses it."""
        revisions = RunningRevisions(self.runtime.ask, self.runtime.tell, self.runtime.clock.utc_now)
        record = next_revision(
            revisions.newest(), document, author="test", comment="", now=self.runtime.clock.utc_now()
        )
        revisions.append(record)
        self._revision = record

    def take_up(self, revision: RevisionRecord) -> None:
        """The next process begins with this revision, as with the newest one that it finds on its disk."""
        self._revision = revision

    def kill(self, name: str, how: str = "exception") -> None:
        """The actor fails at its next turn."""
        if not self.runtime.kill(name, how):
            raise ValueError(f"nobody is named {name}")

    def incarnation(self, name: str) -> int:
        """How often this name was given; 0 while nobody has it."""
        entry = self.runtime.directory.find(name)
        return 0 if entry is None else entry.incarnation

    def snapshot(self) -> SiteSnapshot:
        """What the pages show."""
        snapshot: SiteSnapshot = self.runtime.ask("view", GetSnapshot(), 5.0)
        return snapshot

    def verified_now(self) -> set[str]:
        """The stations that are known at this moment; may be asked between two steps of the simulation."""
        return {
            str(name) for name, view in self._shown.items() if view.verified and view.link is Link.CONNECTED
        }

    def all_verified(self) -> bool:
        """Whether every station is connected and verified."""
        stations = self.snapshot().stations
        return len(stations) == len(self.model.stations) and all(
            station.verified and station.link is Link.CONNECTED for station in stations.values()
        )

    def settle_in(self) -> None:
        """Run until every station is known."""
        self.run_until(self.all_verified, 60.0, "every station verified")

    def deaths(self) -> list[str]:
        """Which actors failed, and why."""
        return [f"{died.name}: {died.reason}" for died in self.runtime.failures]

    def standing(self) -> set[tuple[str, str]]:
        """Code and source of the alarms that stand."""
        return {(alarm.code, alarm.source) for alarm in self.snapshot().alarms}

    # ---- the books ----

    def sessions(self) -> list[SessionRecord]:
        """Every session on the disk, the newest first."""
        with Store(self.database, START, read_only=True) as store:
            return store.sessions(limit=1_000_000)

    def differences(self) -> list[str]:
        """How what the cars truly took differs from what is on the disk."""
        truth = self.site.book(delivered_only=True)
        return [str(found) for found in compare_sessions(truth, booked(self.sessions()))]
