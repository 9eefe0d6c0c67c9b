"""The plain frozen records that storage hands out and takes in, never a live row."""

from dataclasses import dataclass
from datetime import datetime

from evce.units import Amps, BoxIdentity, ConnectorKey, PhaseAmps, Seconds, TransactionId, WattHours, ZoneId

__all__ = [
    "CardRecord",
    "EventRecord",
    "OrphanStopRecord",
    "PledgeRecord",
    "RevisionRecord",
    "SessionRecord",
    "UserRecord",
    "WebSessionRecord",
    "ZoneHistoryPoint",
]


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One charging session; `stopped_at` None while it runs. Energy in Wh, times in UTC."""

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
