"""The plain frozen records that storage hands out and takes in, never a live row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from evce.departures import UNSTATED, Statement
from evce.energy_split import Split
from evce.units import Amps, BoxIdentity, ConnectorKey, PhaseAmps, Seconds, TransactionId, WattHours, ZoneId

__all__ = [
    "MATCHED_MINUS_ONE",
    "CardRecord",
    "DailyEnergy",
    "EventRecord",
    "JournalRecord",
    "LimitRecord",
    "LoginLockRecord",
    "OrphanStopRecord",
    "PledgeRecord",
    "RevisionRecord",
    "SessionPoint",
    "SessionRecord",
    "StationMemory",
    "UplinkMemory",
    "UserRecord",
    "WearRecord",
    "WebSessionRecord",
    "ZoneHistoryPoint",
]

MATCHED_MINUS_ONE: Final = "matched_by_station"
"""Flag of a session whose station ended it without its id."""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One charging session; `stopped_at` None while it runs. Energy in Wh, times in UTC.

    `statement` is what its driver stated while it ran. `split` tells when it charged, None for one of a time
    in which that wasn't kept; `progress_at` when its energy was last noted.
    """

    transaction: TransactionId
    connector: ConnectorKey
    station_name: str
    id_tag: str
    vip: bool
    started_at: datetime
    meter_start: WattHours
    stopped_at: datetime | None = None
    meter_stop: WattHours | None = None
    energy: WattHours = 0.0
    stop_reason: str | None = None
    flags: tuple[str, ...] = ()
    statement: Statement = UNSTATED
    split: Split | None = None
    progress_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CardRecord:
    """One RFID card (AU-4); `zones` None means all."""

    id_tag: str
    authorised: bool
    vip: bool = False
    comment: str = ""
    zones: tuple[ZoneId, ...] | None = None
    registered_at: datetime | None = None
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PledgeRecord:
    """What a connector may be drawing, written before the raise is sent (RELIABILITY invariant 10)."""

    connector: ConnectorKey
    amps: Amps
    lease: Seconds
    fallback: Amps | None
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StationMemory:
    """What a station has told of itself and how it takes limits: known again before it speaks.

    `keys` are its configuration keys, names in lower case, each with its value and whether it is read-only;
    those that hold secrets are left out. None: it hasn't been asked, or doesn't say.
    """

    station: BoxIdentity
    vendor: str = ""
    model: str = ""
    serial_number: str = ""
    firmware: str = ""
    keys: Mapping[str, tuple[str, bool]] | None = None
    whole_amps: bool = False
    in_watts: bool = False
    grain_known: bool = False
    no_composite: bool = False


@dataclass(frozen=True, slots=True)
class WearRecord:
    """How many charging profiles a connector was ever sent, and how many it may be sent in a row (`left`).

    `left` is None where its station's memory doesn't wear out; below 0 after many reductions. `today` are
    those of the 24 h before this was written.
    """

    connector: ConnectorKey
    total: int
    left: float | None = None
    today: int = 0


@dataclass(frozen=True, slots=True)
class RevisionRecord:
    """One revision of the configuration document, `document` as canonical JSON text."""

    number: int
    document: str
    author: str
    comment: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user of the web interface; `password_hash` is Argon2id."""

    login: str
    role: str
    password_hash: str
    created_at: datetime
    last_access_at: datetime | None = None
    language: str = ""
    """The locale that the user has chosen for the pages; empty: what the browser asks for."""


@dataclass(frozen=True, slots=True)
class LoginLockRecord:
    """Failed logins of one login (as told, folded) from one source since `locks` locks; all times UTC."""

    login: str
    source: str
    failures: int
    locks: int
    last: datetime
    locked_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class WebSessionRecord:
    """A browser's session; only the SHA-256 of its token is kept."""

    token_hash: str
    login: str
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class ZoneHistoryPoint:
    """A zone over one sampling interval: highest current per phase and the lowest limit, in A."""

    at: datetime
    measured: PhaseAmps | None
    setpoints: PhaseAmps
    limit: PhaseAmps


@dataclass(frozen=True, slots=True)
class SessionPoint:
    """A running session at one moment: what it may draw and what it draws on its busiest phase, in A.

    `drawn` is None while nobody knows. `energy` is Wh since its start, `state` the connector's OCPP status or
    `Away`, `reason` why it is allowed so much; None where that is as at the point before.
    """

    transaction: TransactionId
    at: datetime
    allowed: Amps
    drawn: Amps | None
    energy: WattHours
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class DailyEnergy:
    """What the sessions that began on one day of the site have charged, in Wh, and how many they are."""

    day: date
    energy: WattHours
    sessions: int


@dataclass(frozen=True, slots=True)
class LimitRecord:
    """One grid phase (0 = L1) of a zone in the hour or day that begins `at`, in A, with when and why.

    `peak` is the highest current through the feeder, whose fuse is `maximum`; where not `metered` it is the
    sum of what the stations told. `setpoint` is the highest sum of setpoints, under the limit that the
    zone's cars had at that moment. `lowest` is the lowest limit that they had. `…_bound_by` says
    what set a limit, as in `ZoneView.bound_by`.
    """

    zone: ZoneId
    at: datetime
    phase: int
    maximum: Amps
    metered: bool
    peak: Amps
    peak_at: datetime
    setpoint: Amps
    setpoint_at: datetime
    setpoint_limit: Amps
    setpoint_bound_by: str
    lowest: Amps
    lowest_at: datetime
    lowest_bound_by: str


@dataclass(frozen=True, slots=True)
class OrphanStopRecord:
    """A StopTransaction that belongs to no session we know; kept, listed, never refused."""

    station: BoxIdentity
    transaction: int
    stopped_at: datetime
    meter_stop: WattHours
    id_tag: str | None
    reason: str | None
    flags: tuple[str, ...]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class EventRecord:
    """A line of the event log (LG-1); `type` is system, transaction, meter value, alarm, audit, …"""

    at: datetime
    device: str
    type: str
    message: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class JournalRecord:
    """A transaction message on its way to the operator (CPO-3); `entry` gives the order.

    `payload` is as the station sent it. `transaction` is EVCE's id, `cpo_transaction` the operator's, None
    while it gave none. `attempts` counts the failures that the operator answered, `failure` the last of them.
    """

    entry: int
    station: BoxIdentity
    action: str
    transaction: TransactionId
    payload: Mapping[str, Any]
    kept_at: datetime
    cpo_transaction: int | None = None
    attempts: int = 0
    failure: str = ""
    given_up: bool = False


@dataclass(frozen=True, slots=True)
class UplinkMemory:
    """All that the disk knows of one station's uplink.

    `transactions` are EVCE's and the operator's ids of the sessions that run. `notes` are facts by kind and
    key: the operator's charging profiles, keys and cards, the station's last BootNotification.
    """

    station: BoxIdentity
    entries: tuple[JournalRecord, ...] = ()
    waiting: int = 0
    given_up: int = 0
    transactions: tuple[tuple[TransactionId, int], ...] = ()
    notes: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
