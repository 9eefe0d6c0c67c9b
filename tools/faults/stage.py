"""The house on which faults are played: cars charge, and whatever is said and shown is written down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from actors.messages import AlarmRaised, Message, RecordEvent
from evce.configuration.document import SiteDocument
from evce.facts import Link
from evce.units import Amps, Seconds
from evce.views import AlarmView, StationView
from tools.rehearsal.house import House
from tools.rehearsal.operator import VirtualOperator
from tools.rehearsal.sites import small_site
from tools.simulation.world import WorldOptions

__all__ = ["CARS", "Line", "Site", "Stage", "build"]

CARS = ("G1", "G2", "O1", "S1", "S2")
"""Three that share what the building leaves of 100 A, two that share the street's 40 A."""

LEASE = 60
"""Seconds; short, so that a lost station's whole course is seen."""

SETTLED: Seconds = 45.0
"""After this every car has its share."""


def _small() -> SiteDocument:
    return small_site(lease_dynamic=LEASE, lease_static=LEASE)


@dataclass(frozen=True, slots=True)
class Site:
    """Where a fault is played. `cars` charge when it strikes, `settled` s after they came."""

    document: Callable[[], SiteDocument] = _small
    cars: tuple[str, ...] = CARS
    settled: Seconds = SETTLED
    operated: bool = False
    """Beside a remote operator."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the event log, with the site's time."""

    at: Seconds
    device: str
    kind: str
    text: str


@dataclass
class Stage:
    """One fault's view of a house.

    `station`, `meter` and `actor` are its victims; `struck` and `mended` when it happened; `before` what each
    car was offered and `sessions` which transactions ran right before. `notes` is the fault's own.
    """

    house: House
    station: str = "O1"
    meter: str = "main-meter"
    zone: str = "main"
    variant: str = ""
    struck: Seconds = 0.0
    mended: Seconds | None = None
    before: Mapping[str, Amps] = field(default_factory=dict)
    sessions: Mapping[str, int | None] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    alarms: list[tuple[Seconds, AlarmView]] = field(default_factory=list)
    orders: list[tuple[Seconds, str]] = field(default_factory=list)
    """Each charging profile that was sent, and to whom."""
    notes: dict[str, Any] = field(default_factory=dict)

    def listen(self) -> None:
        """Begin to write down what is said and shown."""
        self.house.heard.append(self._hear)
        self.house.disturbances.append(self._overhear)

    def _overhear(self, name: str, frame: str, upward: bool, _: float) -> Seconds:
        if not upward and '"SetChargingProfile"' in frame:
            self.orders.append((self.house.now, name))
        return 0.0

    def _hear(self, at: Seconds, name: str, message: Message) -> None:
        match message:
            case RecordEvent() if name == "recorder":
                self.lines.append(Line(at, message.device, message.type, message.message))
            case AlarmRaised(alarm=alarm) if name == "view":
                self.alarms.append((at, alarm))

    def begin(self) -> None:
        """The fault strikes now."""
        self.struck = self.house.now
        self.before = {where: self.pilot(where) for where in self.cars()}
        self.sessions = {
            where: number for where, number in self.house.running().items() if number is not None
        }

    # ---- what is to be seen ----

    def cars(self) -> list[str]:
        """The outlets with a car, by station."""
        return [
            name
            for name, station in self.house.world.stations.items()
            if station.outlets[1].vehicle is not None
        ]

    def pilot(self, where: str) -> Amps:
        """What an outlet offers its car, A."""
        return self.house.outlet(where).pilot

    def others(self) -> list[str]:
        """The cars at other stations than the victim."""
        return [where for where in self.before if where != self.station]

    def nobody_rises(self, by: Amps = 1.0) -> bool:
        """Whether no other car is offered more than before; the building's drift gives some tenths."""
        return all(self.pilot(where) <= self.before[where] + by for where in self.others())

    def nobody_falls(self, by: Amps = 1.0) -> bool:
        """Whether no car is offered less than before."""
        return all(self.pilot(where) >= self.before[where] - by for where in self.before)

    def stands(self, code: str, source: str = "") -> bool:
        """Whether such an alarm stands now, of this source (or an outlet of it) where one is named."""
        standing = self.house.standing()
        return any(known == code and _is_of(of, source) for known, of in standing)

    def told(self) -> set[str]:
        """The stations that were sent a charging profile since it struck."""
        return {name for at, name in self.orders if at >= self.struck}

    def raised(self, code: str, source: str = "") -> int:
        """How many such alarms were raised since it struck, of this source where one is named."""
        return sum(
            alarm.code == code and at >= self.struck and _is_of(alarm.source, source)
            for at, alarm in self.alarms
        )

    def said(self, text: str) -> bool:
        """Whether the event log has had a line with these words since it struck."""
        return any(text in line.text and line.at >= self.struck for line in self.lines)

    def station_view(self, name: str = "") -> StationView | None:
        """The victim as the pages show it, or another station."""
        stations = self.house.snapshot().stations
        return next((view for key, view in stations.items() if str(key) == (name or self.station)), None)

    def linked(self) -> bool:
        """Whether the victim is connected and verified."""
        view = self.station_view()
        return view is not None and view.verified and view.link is Link.CONNECTED

    def same_sessions(self) -> bool:
        """Whether the transactions that ran before run on."""
        return self.sessions.items() <= self.house.running().items()

    def restarts(self, name: str) -> int:
        """How often the pages say that this actor was restarted."""
        view = self.house.snapshot().actors.get(name)
        return 0 if view is None else view.restarts


def _is_of(source: str, wanted: str) -> bool:
    """Whether an alarm's source is what is wanted, or an outlet of it."""
    return not wanted or source.partition("/")[0] == wanted


def build(folder: Path, site: Site, seed: int, options: WorldOptions | None = None) -> House:
    """A house in which the cars of the site have charged for a while."""
    document, operator = site.document(), None
    if site.operated:
        operator = VirtualOperator(folder)
        plain = document.plain()
        plain["cpo"] = {"enabled": True, "url": "ws://operator.example/ocpp", "retry_interval_s": 5}
        document = SiteDocument.parse(plain)
    house = House(folder, document=document, options=options, seed=seed, operator=operator)
    house.settle_in()
    for number, where in enumerate(site.cars):
        house.plug(where, badge=10 + number % 40)
    house.run(site.settled)
    return house
