"""What the parts of a station's control share: its connectors, its link, and what is to be done."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from evce.electrical import Station
from evce.facts import Link, Takes
from evce.profiles import Limit, RateUnit, floor_tenth
from evce.station_control.calls import CallDesk, Order
from evce.station_control.capabilities import Capabilities
from evce.station_control.clock import StationClock
from evce.station_control.connector import ConnectorControl
from evce.station_control.effects import AlarmCeased, AlarmStands, Close, Effect, Log
from evce.station_control.settings import StationSettings
from evce.station_control.traffic import Traffic
from evce.station_control.ways import Ways
from evce.units import Amps, Monotonic

__all__ = [
    "ChangeKey",
    "Command",
    "Identity",
    "Learn",
    "Moment",
    "Purpose",
    "ReadComposite",
    "Relayed",
    "SetProfile",
    "State",
    "WishProfile",
]


class Moment(NamedTuple):
    """When an input arrived: monotonic seconds for control, UTC for records."""

    now: Monotonic
    utc: datetime


@dataclass(frozen=True, slots=True)
class WishProfile:
    """A profile that waits to be sent; it is worked out at the last moment, when its lease begins."""

    connector: int
    slot: str


@dataclass(frozen=True, slots=True)
class SetProfile:
    """A profile on the wire to a slot of a connector; `serial` is the slot's number for it."""

    connector: int
    slot: str
    serial: int
    limit: Limit


@dataclass(frozen=True, slots=True)
class ReadComposite:
    """Does the station mean to do what it accepted? With `grain`, only: what does it make of its tenths?"""

    connector: int
    grain: Limit | None = None


@dataclass(frozen=True, slots=True)
class Learn:
    """A question whose answer is welcome and not needed."""

    step: str


@dataclass(frozen=True, slots=True)
class ChangeKey:
    """A configuration key on its way; `then` is tried when the value is refused."""

    key: str
    value: str
    then: str | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """What somebody asked for; `action` is the id of the action that waits for the answer."""

    requested_by: str
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Relayed:
    """A command whose answer goes back as it is; `author` asked for it."""

    request: str
    author: str


Purpose = WishProfile | SetProfile | ReadComposite | Learn | ChangeKey | Command | Relayed


@dataclass(slots=True)
class Identity:
    """What a BootNotification tells about the device."""

    vendor: str = ""
    model: str = ""
    serial_number: str = ""
    firmware: str = ""


@dataclass(slots=True)
class State:
    """One station. Only the parts of `StationControl` change it, on one thread."""

    station: Station
    settings: StationSettings
    prefix: str
    moment: Moment
    connectors: dict[int, ConnectorControl] = field(default_factory=dict)
    desk: CallDesk[Purpose] = field(init=False)
    clock: StationClock = field(default_factory=StationClock)
    capabilities: Capabilities | None = None
    ways: Ways = field(default_factory=Ways)
    link: Link = Link.NEVER_SEEN
    incarnation: int = 0
    peer: str = ""
    """Where the newest connection came from."""
    opened_at: Monotonic | None = None
    lost_at: Monotonic | None = None
    accepted: bool = True
    sessions_known: bool = False
    closing_incarnation: int = 0
    identity: Identity = field(default_factory=Identity)
    boot: Mapping[str, Any] | None = None
    """The last BootNotification, as it came."""
    last_seen: datetime | None = None
    effects: list[Effect] = field(default_factory=list)
    traffic: Traffic = field(default_factory=Traffic)
    alarms: dict[tuple[str, str], str] = field(default_factory=dict)
    news: bool = True
    """Something changed that the zone should know at once, not only a measurement."""
    echo: bool = False
    """The station was told something, and its answer will be the news."""

    def __post_init__(self) -> None:
        self.desk = CallDesk(self.prefix, self.settings.call_timeout)
        self.accepted = self.settings.accepted
        self.connectors = {c.key.number: ConnectorControl(c) for c in self.station.connectors}

    @property
    def now(self) -> Monotonic:
        return self.moment.now

    @property
    def connected(self) -> bool:
        return self.link is Link.CONNECTED

    @property
    def name(self) -> str:
        return self.station.box_identity

    @property
    def unit(self) -> RateUnit:
        """The unit in which this station takes limits, by its own word or by what it took."""
        if self.capabilities is None:
            return RateUnit.AMPS
        if self.ways.in_watts and not self.capabilities.tells_unit:
            return RateUnit.WATTS
        return self.capabilities.rate_unit

    @property
    def takes(self) -> Takes:
        """How it takes setpoints; the phases of a limit in W are the connector's to know."""
        watts_on = 1 if self.unit is RateUnit.WATTS else None
        return Takes(self.ways.whole_amps, watts_on, self.switches_phases)

    @property
    def switches_phases(self) -> bool:
        """Whether it may switch a car between one and three phases by itself."""
        return self.capabilities is not None and self.capabilities.switches_phases

    def fallback(self, number: int) -> Amps:
        """The degraded current of a connector; a station without a zone has none (EL-8)."""
        if self.station.zone is None:
            return 0.0
        fallback = self.settings.fallback.get(number, 0.0)
        return floor_tenth(min(fallback, self.connectors[number].connector.rating))

    def source(self, number: int) -> str:
        """How alarms name a connector."""
        return f"{self.name}/{number}"

    def do(self, effect: Effect) -> None:
        self.effects.append(effect)

    def close(self, code: int, reason: str) -> None:
        """Close the socket; the link counts as lost once the edge says that it is."""
        if self.closing_incarnation != self.incarnation:
            self.closing_incarnation = self.incarnation
            self.log(f"closing the connection: {reason}")
            self.do(Close(self.incarnation, code, reason))

    def call(
        self, action: str, payload: Mapping[str, Any], order: Order, purpose: Purpose, key: object = None
    ) -> None:
        """Queue a CALL that needs no working out at the last moment."""
        self.desk.submit(action, payload, order, purpose, self.now, key)

    def log(self, message: str, kind: str = "system", author: str = "") -> None:
        self.do(Log(kind, message, author))

    def alarm(self, code: str, source: str, message: str, advice: str, severity: str = "warning") -> None:
        """Raise an alarm unless it stands with the same words."""
        if self.alarms.get((code, source)) == message:
            return
        self.alarms[code, source] = message
        self.do(AlarmStands(code, source, message, advice, severity))
        self.log(f"{source}: {message}", "alarm")

    def cease(self, code: str, source: str) -> None:
        """Take an alarm back that stands."""
        if self.alarms.pop((code, source), None) is not None:
            self.do(AlarmCeased(code, source))
