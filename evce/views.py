"""What people see: immutable views of the site's parts, gathered by the view actor into one snapshot."""

from dataclasses import dataclass, field
from datetime import datetime

from evce.facts import ConnectorStatus, Link
from evce.units import (
    NO_AMPS,
    Amps,
    BoxIdentity,
    ConnectorKey,
    MeterId,
    PhaseAmps,
    Seconds,
    TransactionId,
    WattHours,
    Watts,
    ZoneId,
)

__all__ = [
    "ActorView",
    "AlarmView",
    "ConnectorView",
    "DrillView",
    "InputView",
    "MeterView",
    "ObedienceView",
    "RemoteLimitView",
    "RemoteView",
    "SiteSnapshot",
    "StationView",
    "TransactionView",
    "UplinkView",
    "WearView",
    "ZoneView",
]


@dataclass(frozen=True, slots=True)
class TransactionView:
    """A running session (UI-1). Times are UTC; `energy` Wh since its start."""

    id: TransactionId
    connector: ConnectorKey
    id_tag: str
    vip: bool
    started_at: datetime
    energy: WattHours


@dataclass(frozen=True, slots=True)
class ConnectorView:
    """One outlet. `measured` is on grid phases, None while nothing was measured; `setpoint` A per phase."""

    key: ConnectorKey
    wiring: str
    rating: Amps
    status: ConnectorStatus
    setpoint: Amps | None
    measured: PhaseAmps | None
    transaction: TransactionView | None
    reason: str = ""
    """Why it has this setpoint, one sentence (UI-9); set by the zone."""


@dataclass(frozen=True, slots=True)
class ObedienceView:
    """How well a station follows its setpoints (LM-10), since EVCE runs.

    `score` is 0 to 100. `commands` counts the reductions that could be judged; `delay` is the time from the
    command to the amperes in s, None before the first, `error` by how much is drawn above the setpoint, A;
    both are running means. The zone's meter `confirmed` or `contradicted` what the station reports.
    """

    score: int
    commands: int
    delay: float | None
    error: Amps
    confirmed: int = 0
    contradicted: int = 0


@dataclass(frozen=True, slots=True)
class WearView:
    """How many charging profiles a connector was sent: in the last 24 h, and ever.

    `a_day` is what it may be sent in a day, None where its station's memory doesn't wear out; `lease` is
    how long a setpoint holds without word from EVCE, s.
    """

    connector: int
    today: int
    total: int
    a_day: int | None
    lease: Seconds


@dataclass(frozen=True, slots=True)
class StationView:
    """A charging station as the dashboard shows it."""

    box_identity: BoxIdentity
    name: str
    family: str
    zone: ZoneId | None
    vip: bool
    link: Link
    verified: bool
    registered: bool = True
    vendor: str = ""
    model: str = ""
    serial_number: str = ""
    firmware: str = ""
    last_seen_at: datetime | None = None
    connectors: tuple[ConnectorView, ...] = ()
    obedience: ObedienceView | None = None
    """Told by its zone; None while it has shown nothing."""
    wear: tuple[WearView, ...] = ()
    """As it was when anything else was told last: a renewal alone is no news."""
    address: str = ""
    """Where a station that isn't registered called from last."""


@dataclass(frozen=True, slots=True)
class ZoneView:
    """A zone: limits and sums in A per grid phase (UI-2).

    `limit` is what protects now (maximum, or what the building leaves), `setpoints` the sum of what is
    granted, `pledged` the sum of what may be drawn, `lost` the part set aside for lost stations,
    `measured` what its feeder carries by the meter, local production taken off (None without one),
    `stations_measured` the sum of the stations' own reports.
    """

    id: ZoneId
    name: str
    parent: ZoneId | None
    maximum: Amps
    dynamic: bool
    meter: MeterId | None
    limit: PhaseAmps
    setpoints: PhaseAmps
    pledged: PhaseAmps
    lost: PhaseAmps = NO_AMPS
    measured: PhaseAmps | None = None
    stations_measured: PhaseAmps = NO_AMPS
    bound_by: str = ""
    """What sets the limit now: maximum, meter, meter lost, input, tariff, remote."""
    optimal: int = 0
    reduced: int = 0
    suspended: int = 0
    reasons: dict[ConnectorKey, str] = field(default_factory=dict)
    obedience: dict[BoxIdentity, ObedienceView] = field(default_factory=dict)
    """Of the stations that hang directly on it."""


@dataclass(frozen=True, slots=True)
class MeterView:
    """A power meter; `role` is zone, reporting or production. None where nothing valid was read."""

    id: MeterId
    name: str
    role: str
    model: str
    connection: str
    zone: ZoneId | None
    state: str
    """connected, not connected, suspect"""
    amps: PhaseAmps | None = None
    power: Watts | None = None
    energy: WattHours | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class InputView:
    """One digital input (DI-1)."""

    name: str
    enabled: bool
    active: bool
    percent: int
    board_lost: bool = False


@dataclass(frozen=True, slots=True)
class ActorView:
    """One actor of the supervision tree, as its supervisor knows it."""

    name: str
    supervisor: str
    state: str
    """starting, running, backing off, stopped, given up"""
    restarts: int = 0
    last_failure: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlarmView:
    """An alarm that stands: `code` tells the kind, `source` the part, `advice` what to do.

    `acknowledged_by` is the login of who has seen it, empty while nobody has.
    """

    code: str
    source: str
    message: str
    advice: str
    severity: str
    raised_at: datetime
    acknowledged_by: str = ""
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class UplinkView:
    """A station's connection to the remote operator (CPO-1).

    `waiting` counts the transaction messages on disk that the operator doesn't have yet, `given_up` those
    that it never took.
    """

    station: BoxIdentity
    state: str
    """away, waiting, dialling, booting, online"""
    waiting: int = 0
    given_up: int = 0
    failure: str = ""
    """Why it is not connected, in the words of the network or of the operator; empty while it is."""


@dataclass(frozen=True, slots=True)
class DrillView:
    """A drill that is running: what is cut off on purpose, by whom, and until when at the latest."""

    what: str
    by: str
    until: datetime


@dataclass(frozen=True, slots=True)
class RemoteLimitView:
    """A zone's limit that was set from elsewhere, A per phase.

    Before `raised_from` (None: at once) a higher value isn't taken. `dropped`: nobody stands behind it any
    more, and it rises until it no longer binds.
    """

    zone: ZoneId
    amps: Amps
    raised_from: datetime | None = None
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class RemoteView:
    """How it stands with remote energy management (API-3). Periods in s."""

    state: str
    """off, never heard, waiting, active, silent"""
    login: str
    heard_at: datetime | None
    minimum_period: Seconds
    heartbeat_period: Seconds
    limits: tuple[RemoteLimitView, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteSnapshot:
    """Everything the pages show, at one `version` (rises with each change)."""

    version: int
    site_name: str
    time_zone: str
    taken_at: datetime
    revision: int = 0
    zones: dict[ZoneId, ZoneView] = field(default_factory=dict)
    stations: dict[BoxIdentity, StationView] = field(default_factory=dict)
    meters: dict[MeterId, MeterView] = field(default_factory=dict)
    inputs: tuple[InputView, ...] = ()
    uplinks: dict[BoxIdentity, UplinkView] = field(default_factory=dict)
    actors: dict[str, ActorView] = field(default_factory=dict)
    alarms: tuple[AlarmView, ...] = ()
    drill: DrillView | None = None
    remote: RemoteView | None = None
    """None while remote energy management was never switched on."""
