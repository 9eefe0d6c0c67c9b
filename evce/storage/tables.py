"""The tables, one class each; rows never leave `evce.storage`, plain records do."""

from datetime import datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from evce.storage.columns import FiniteFloat, SafeText, UtcTime

__all__ = [
    "CardRow",
    "CpoNoteRow",
    "CpoTransactionRow",
    "EventRow",
    "JournalRow",
    "LimitRow",
    "LoginLockRow",
    "MetaRow",
    "OrphanStopRow",
    "PledgeRow",
    "RevisionRow",
    "SessionPointRow",
    "SessionRow",
    "StationCertificateRow",
    "StationRow",
    "StationSecurityRow",
    "UserRow",
    "WearRow",
    "WebSessionRow",
    "ZoneHistoryRow",
]

_AUDIT = text("type = 'audit'")
_RUNNING = text("stopped_at IS NULL")


class SessionRow(SQLModel, table=True):
    """A charging session. The unique key is what makes a retried StartTransaction find its own record."""

    __tablename__ = "sessions"
    __table_args__ = (
        UniqueConstraint(
            "station", "connector", "started_at", "meter_start", "id_tag_key", name="sessions_start_once"
        ),
        Index("sessions_by_start", "started_at"),
        Index("sessions_running", "station", sqlite_where=_RUNNING, postgresql_where=_RUNNING),
    )

    id: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    station: str = Field(sa_type=SafeText)
    connector: int
    station_name: str = Field(sa_type=SafeText)
    id_tag: str = Field(sa_type=SafeText)
    id_tag_key: str = Field(sa_type=SafeText)
    vip: bool
    started_at: datetime = Field(sa_type=UtcTime)
    meter_start: float = Field(sa_type=FiniteFloat)
    stopped_at: datetime | None = Field(default=None, sa_type=UtcTime)
    meter_stop: float | None = Field(default=None, sa_type=FiniteFloat)
    energy: float = Field(default=0.0, sa_type=FiniteFloat)
    stop_reason: str | None = Field(default=None, sa_type=SafeText)
    flags: list[str] = Field(default_factory=list, sa_type=JSON)
    progress_at: datetime | None = Field(default=None, sa_type=UtcTime)
    stated_departure: datetime | None = Field(default=None, sa_type=UtcTime)
    stated_energy: float | None = Field(default=None, sa_type=FiniteFloat)
    charged: float | None = Field(default=None, sa_type=FiniteFloat)
    periods: dict[str, float] | None = Field(default=None, sa_type=JSON)


class OrphanStopRow(SQLModel, table=True):
    """A StopTransaction without a session. The claimed id is text: a station may send any integer."""

    __tablename__ = "orphan_stops"
    __table_args__ = (
        UniqueConstraint(
            "station", "claimed_transaction", "stopped_at", "meter_stop", name="orphan_stops_once"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    station: str = Field(sa_type=SafeText)
    claimed_transaction: str = Field(sa_type=SafeText)
    stopped_at: datetime = Field(sa_type=UtcTime)
    meter_stop: float = Field(sa_type=FiniteFloat)
    id_tag: str | None = Field(default=None, sa_type=SafeText)
    reason: str | None = Field(default=None, sa_type=SafeText)
    flags: list[str] = Field(default_factory=list, sa_type=JSON)
    received_at: datetime = Field(sa_type=UtcTime)


class CardRow(SQLModel, table=True):
    """A card under its folded IdTag (AU-7); `collected`: seen at a station, not yet accepted (AU-5)."""

    __tablename__ = "cards"

    key: str = Field(primary_key=True, sa_type=SafeText)
    id_tag: str = Field(sa_type=SafeText)
    authorised: bool
    vip: bool = False
    comment: str = Field(default="", sa_type=SafeText)
    zones: list[str] | None = Field(default=None, sa_type=JSON)
    registered_at: datetime | None = Field(default=None, sa_type=UtcTime)
    last_seen_at: datetime | None = Field(default=None, sa_type=UtcTime)
    collected: bool = False


class PledgeRow(SQLModel, table=True):
    """What a connector may be drawing after a restart."""

    __tablename__ = "pledges"

    station: str = Field(primary_key=True, sa_type=SafeText)
    connector: int = Field(primary_key=True)
    amps: float = Field(sa_type=FiniteFloat)
    lease: float = Field(sa_type=FiniteFloat)
    fallback: float | None = Field(default=None, sa_type=FiniteFloat)
    written_at: datetime = Field(sa_type=UtcTime)


class EventRow(SQLModel, table=True):
    """A line of the event log; `id` gives the order. `seal` is empty for all but audit lines."""

    __tablename__ = "events"
    __table_args__ = (Index("events_audit", "id", sqlite_where=_AUDIT, postgresql_where=_AUDIT),)

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcTime)
    device: str = Field(sa_type=SafeText)
    type: str = Field(sa_type=SafeText)
    message: str = Field(sa_type=SafeText)
    author: str = Field(default="", sa_type=SafeText)
    seal: str = Field(default="", sa_type=SafeText)


class ZoneHistoryRow(SQLModel, table=True):
    """A zone over `resolution` seconds from `at`: highest currents, lowest limit, A per grid phase."""

    __tablename__ = "zone_history"
    __table_args__ = {"sqlite_with_rowid": False}

    zone: str = Field(primary_key=True, sa_type=SafeText)
    resolution: int = Field(primary_key=True)
    at: datetime = Field(primary_key=True, sa_type=UtcTime)
    measured_1: float | None = Field(default=None, sa_type=FiniteFloat)
    measured_2: float | None = Field(default=None, sa_type=FiniteFloat)
    measured_3: float | None = Field(default=None, sa_type=FiniteFloat)
    setpoint_1: float = Field(sa_type=FiniteFloat)
    setpoint_2: float = Field(sa_type=FiniteFloat)
    setpoint_3: float = Field(sa_type=FiniteFloat)
    limit_1: float = Field(sa_type=FiniteFloat)
    limit_2: float = Field(sa_type=FiniteFloat)
    limit_3: float = Field(sa_type=FiniteFloat)


class LimitRow(SQLModel, table=True):
    """One grid phase (0 = L1) of a zone in the hour that begins `at`; see `LimitRecord`."""

    __tablename__ = "limit_ledger"
    __table_args__ = {"sqlite_with_rowid": False}

    zone: str = Field(primary_key=True, sa_type=SafeText)
    at: datetime = Field(primary_key=True, sa_type=UtcTime)
    phase: int = Field(primary_key=True)
    maximum: float = Field(sa_type=FiniteFloat)
    metered: bool
    peak: float = Field(sa_type=FiniteFloat)
    peak_at: datetime = Field(sa_type=UtcTime)
    setpoint: float = Field(sa_type=FiniteFloat)
    setpoint_at: datetime = Field(sa_type=UtcTime)
    setpoint_limit: float = Field(sa_type=FiniteFloat)
    setpoint_bound_by: str = Field(sa_type=SafeText)
    lowest: float = Field(sa_type=FiniteFloat)
    lowest_at: datetime = Field(sa_type=UtcTime)
    lowest_bound_by: str = Field(sa_type=SafeText)


class SessionPointRow(SQLModel, table=True):
    """A session at one moment; see `SessionPoint`."""

    __tablename__ = "session_course"
    __table_args__ = {"sqlite_with_rowid": False}

    transaction: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    at: datetime = Field(primary_key=True, sa_type=UtcTime)
    allowed: float = Field(sa_type=FiniteFloat)
    drawn: float | None = Field(default=None, sa_type=FiniteFloat)
    energy: float = Field(sa_type=FiniteFloat)
    state: str = Field(sa_type=SafeText)
    reason: str | None = Field(default=None, sa_type=SafeText)


class StationRow(SQLModel, table=True):
    """What a station has told of itself; see `StationMemory`."""

    __tablename__ = "stations"

    station: str = Field(primary_key=True, sa_type=SafeText)
    vendor: str = Field(sa_type=SafeText)
    model: str = Field(sa_type=SafeText)
    serial_number: str = Field(sa_type=SafeText)
    firmware: str = Field(sa_type=SafeText)
    keys: dict[str, list[str | bool]] | None = Field(default=None, sa_type=JSON)
    whole_amps: bool = False
    in_watts: bool = False
    grain_known: bool = False
    no_composite: bool = False


class WearRow(SQLModel, table=True):
    """What a connector's profile memory has borne; see `WearRecord`."""

    __tablename__ = "wear"

    station: str = Field(primary_key=True, sa_type=SafeText)
    connector: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    total: int = Field(sa_type=BigInteger)
    left: float | None = Field(default=None, sa_type=FiniteFloat)
    today: int = 0


class StationSecurityRow(SQLModel, table=True):
    """What opens for a station; see `StationSecurity`."""

    __tablename__ = "station_security"

    station: str = Field(primary_key=True, sa_type=SafeText)
    keys: list[str] = Field(default_factory=list, sa_type=JSON)
    reached: int = 0
    changed_at: datetime | None = Field(default=None, sa_type=UtcTime)


class StationCertificateRow(SQLModel, table=True):
    """A certificate made for a station; see `CertificateRecord`."""

    __tablename__ = "station_certificates"

    serial: str = Field(primary_key=True, sa_type=SafeText)
    station: str = Field(sa_type=SafeText)
    issued_at: datetime = Field(sa_type=UtcTime)
    expires_at: datetime = Field(sa_type=UtcTime)
    fingerprint: str = Field(sa_type=SafeText)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcTime)


class RevisionRow(SQLModel, table=True):
    """A revision of the configuration document."""

    __tablename__ = "revisions"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    document: str = Field(sa_type=SafeText)
    author: str = Field(sa_type=SafeText)
    comment: str = Field(sa_type=SafeText)
    created_at: datetime = Field(sa_type=UtcTime)


class UserRow(SQLModel, table=True):
    """A user of the web interface."""

    __tablename__ = "users"

    login: str = Field(primary_key=True, sa_type=SafeText)
    role: str = Field(sa_type=SafeText)
    password_hash: str = Field(sa_type=SafeText)
    created_at: datetime = Field(sa_type=UtcTime)
    last_access_at: datetime | None = Field(default=None, sa_type=UtcTime)
    language: str = Field(default="", sa_type=SafeText)


class LoginLockRow(SQLModel, table=True):
    """Failed logins of one login from one source; see `LoginLockRecord`."""

    __tablename__ = "login_locks"

    login: str = Field(primary_key=True, sa_type=SafeText)
    source: str = Field(primary_key=True, sa_type=SafeText)
    failures: int
    locks: int
    last: datetime = Field(sa_type=UtcTime, index=True)
    locked_until: datetime | None = Field(default=None, sa_type=UtcTime)


class WebSessionRow(SQLModel, table=True):
    """A browser's session; it goes with its user."""

    __tablename__ = "web_sessions"

    token_hash: str = Field(primary_key=True, sa_type=SafeText)
    login: str = Field(
        sa_type=SafeText, index=True, sa_column_args=[ForeignKey("users.login", ondelete="CASCADE")]
    )
    created_at: datetime = Field(sa_type=UtcTime)
    last_used_at: datetime = Field(sa_type=UtcTime)


class JournalRow(SQLModel, table=True):
    """A transaction message that the operator doesn't have yet, or never took; no id is given twice."""

    __tablename__ = "cpo_journal"
    __table_args__ = (
        Index("cpo_journal_by_station", "station", "given_up", "id"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True)
    station: str = Field(sa_type=SafeText)
    action: str = Field(sa_type=SafeText)
    local_transaction: int = Field(sa_type=BigInteger)
    payload: str = Field(sa_type=SafeText)
    kept_at: datetime = Field(sa_type=UtcTime)
    attempts: int = 0
    failure: str = Field(default="", sa_type=SafeText)
    given_up: bool = False


class CpoTransactionRow(SQLModel, table=True):
    """A session that the operator is told of; `stop_kept`: its end is in the journal or delivered."""

    __tablename__ = "cpo_transactions"
    __table_args__ = (
        Index(
            "cpo_transactions_running",
            "station",
            sqlite_where=text("NOT stop_kept"),
            postgresql_where=text("NOT stop_kept"),
        ),
    )

    local_transaction: int = Field(
        primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False}
    )
    station: str = Field(sa_type=SafeText)
    cpo_transaction: int | None = Field(default=None, sa_type=BigInteger)
    stop_kept: bool = False


class CpoNoteRow(SQLModel, table=True):
    """A fact of a station's uplink, by kind and key."""

    __tablename__ = "cpo_notes"

    station: str = Field(primary_key=True, sa_type=SafeText)
    kind: str = Field(primary_key=True, sa_type=SafeText)
    key: str = Field(primary_key=True, sa_type=SafeText)
    value: dict[str, object] = Field(sa_type=JSON)
    written_at: datetime = Field(sa_type=UtcTime)


class MetaRow(SQLModel, table=True):
    """What the database knows of itself: the newest plan, the floor of ids, how often it was opened."""

    __tablename__ = "meta"

    key: str = Field(primary_key=True, sa_type=SafeText)
    value: int = Field(sa_type=BigInteger)
