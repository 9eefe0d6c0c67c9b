"""Messages to and from the recorder, the one writer of the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actors.messages.base import Lane, Message, Question, Sample
from evce.departures import Forecast, Statement
from evce.energy_split import Split
from evce.records import (
    CardRecord,
    DailyEnergy,
    LimitRecord,
    OrphanStopRecord,
    PledgeRecord,
    RevisionRecord,
    SessionPoint,
    SessionRecord,
    StationMemory,
    WearRecord,
    ZoneHistoryPoint,
)
from evce.units import BoxIdentity, ConnectorKey, TransactionId, WattHours, ZoneId

__all__ = [
    "AppendRevision",
    "CardChecked",
    "CardRecord",
    "CardsChanged",
    "CardsFound",
    "CheckCard",
    "CommitPledges",
    "DailyEnergy",
    "DeleteCard",
    "FindCard",
    "FindCards",
    "FindForecast",
    "FindOpenTransactions",
    "FindPledges",
    "FindSession",
    "ForecastFound",
    "LimitRecord",
    "ListCards",
    "ListCourse",
    "ListDailyEnergy",
    "ListEvents",
    "ListLimits",
    "ListOrphanStops",
    "ListRevisions",
    "ListSessions",
    "ListZoneHistory",
    "NewestRevision",
    "OpenTransactionsFound",
    "OrphanStopRecord",
    "PledgeRecord",
    "PledgesCommitted",
    "PledgesFound",
    "RecordCourse",
    "RecordEvent",
    "RecordLimits",
    "RecordProgress",
    "RecordStart",
    "RecordStatement",
    "RecordStation",
    "RecordStop",
    "RecordWear",
    "RecordZoneSample",
    "RecordingFailed",
    "ReplaceCards",
    "RevisionRecord",
    "SaveCard",
    "SaveCards",
    "SessionPoint",
    "SessionRecord",
    "StartRecorded",
    "StopRecorded",
    "StorageState",
    "ZoneHistoryPoint",
]


# Transactions: answered after the commit (RELIABILITY invariants 11 and 12).


@dataclass(frozen=True, slots=True)
class RecordStart(Message):
    reply_to: str
    request: str
    connector: ConnectorKey
    station_name: str
    id_tag: str
    vip: bool
    started_at: datetime
    meter_start: WattHours
    flags: tuple[str, ...] = ()
    upstream: Mapping[str, Any] | None = None
    """What the operator is told of it (CPO-3), committed with it; None without an uplink."""


@dataclass(frozen=True, slots=True)
class StartRecorded(Message):
    """`duplicate` when this was a retry: same transaction, nothing new was written."""

    request: str
    session: SessionRecord
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class RecordStop(Message):
    """A StopTransaction; an unknown `transaction` (also -1) is kept as an orphan, never refused."""

    reply_to: str
    request: str
    station: BoxIdentity
    transaction: int
    stopped_at: datetime
    meter_stop: WattHours
    id_tag: str | None = None
    reason: str | None = None
    flags: tuple[str, ...] = ()
    upstream: Mapping[str, Any] | None = None
    """The station's own words for the operator, if it has one and knows of the start."""
    split: Split | None = None
    """When it charged; None where nobody saw it."""


@dataclass(frozen=True, slots=True)
class StopRecorded(Message):
    request: str
    session: SessionRecord | None
    orphan: bool = False
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class RecordingFailed(Message):
    """Nothing was committed: the station gets InternalError and tries again, raises stop.

    `request` is that of the RecordStart, RecordStop or CheckCard; for CommitPledges its plan as text.
    """

    request: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordProgress(Sample):
    """What a running session has charged since its start, in Wh; downsampled by the recorder."""

    transaction: TransactionId
    at: datetime
    energy: WattHours
    split: Split | None = None

    @property
    def coalesce_key(self) -> tuple[str, int]:
        return ("progress", self.transaction)


@dataclass(frozen=True, slots=True)
class FindOpenTransactions(Message):
    """A station actor (re)started: which of its sessions are still running?"""

    reply_to: str
    station: BoxIdentity


@dataclass(frozen=True, slots=True)
class OpenTransactionsFound(Message):
    """Also what the station's connectors might have been drawing when an earlier process ended.

    `wear` is how many profiles they were sent, `memory` what the station had told of itself.
    """

    station: BoxIdentity
    sessions: tuple[SessionRecord, ...]
    pledges: tuple[PledgeRecord, ...] = ()
    wear: tuple[WearRecord, ...] = ()
    memory: StationMemory | None = None


@dataclass(frozen=True, slots=True)
class FindForecast(Message):
    """What is to be expected of a running session, by what its driver stated and the sessions before it?"""

    reply_to: str
    transaction: TransactionId


@dataclass(frozen=True, slots=True)
class ForecastFound(Message):
    """`forecast` None: nothing to go by."""

    transaction: TransactionId
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class RecordStatement(Message):
    """What the driver states of a running session; `reply_to` (its station) gets the new ForecastFound."""

    reply_to: str
    transaction: TransactionId
    statement: Statement


# Cards.


@dataclass(frozen=True, slots=True)
class CheckCard(Message):
    """Asks for a card and notes that it was seen; an unknown one is collected (AU-5)."""

    reply_to: str
    request: str
    id_tag: str
    station: BoxIdentity


@dataclass(frozen=True, slots=True)
class CardChecked(Message):
    """`card` None: unknown until now."""

    request: str
    card: CardRecord | None


@dataclass(frozen=True, slots=True)
class FindCards(Message):
    """Asks for all cards that may charge somewhere, for a station's own list."""

    reply_to: str
    request: str


@dataclass(frozen=True, slots=True)
class CardsFound(Message):
    request: str
    cards: tuple[CardRecord, ...]


@dataclass(frozen=True, slots=True)
class CardsChanged(Message):
    """Cards were added, changed or removed, and are on disk; `withdrawn`: one may charge less than before."""

    withdrawn: bool


@dataclass(frozen=True, slots=True)
class SaveCard(Message):
    """Adds or changes a card; its registration date stays, its last seen only moves on."""

    card: CardRecord


@dataclass(frozen=True, slots=True)
class SaveCards(Message):
    """As `SaveCard` for each of them, all or none (a bulk change)."""

    cards: tuple[CardRecord, ...]


@dataclass(frozen=True, slots=True)
class DeleteCard(Message):
    id_tag: str


@dataclass(frozen=True, slots=True)
class ReplaceCards(Message):
    """An import (AU-6): the whole list, all or nothing; every row has been checked."""

    cards: tuple[CardRecord, ...]


# Pledges: the disk's worst case after a restart.


@dataclass(frozen=True, slots=True)
class CommitPledges(Message):
    reply_to: str
    plan: int
    pledges: tuple[PledgeRecord, ...]

    @property
    def lane(self) -> Lane:
        return Lane.EVENT


@dataclass(frozen=True, slots=True)
class PledgesCommitted(Message):
    plan: int


@dataclass(frozen=True, slots=True)
class FindPledges(Message):
    """A root zone (re)started: what was written before, and which plan number comes next?"""

    reply_to: str


@dataclass(frozen=True, slots=True)
class PledgesFound(Message):
    pledges: tuple[PledgeRecord, ...]
    newest_plan: int


# Events, history, configuration, users.


@dataclass(frozen=True, slots=True)
class RecordEvent(Message):
    """A line of the event log (LG-1); `type` is system, transaction, meter value, alarm, audit, …"""

    at: datetime
    device: str
    type: str
    message: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class RecordZoneSample(Sample):
    zone: ZoneId
    point: ZoneHistoryPoint

    @property
    def coalesce_key(self) -> tuple[str, str, datetime]:
        return ("history", self.zone, self.point.at)


@dataclass(frozen=True, slots=True)
class RecordLimits(Sample):
    """The three phases of one zone's hour for the limit ledger, all that is known of it so far."""

    records: tuple[LimitRecord, ...]

    @property
    def coalesce_key(self) -> tuple[str, str, datetime]:
        return ("limits", self.records[0].zone, self.records[0].at)


@dataclass(frozen=True, slots=True)
class RecordWear(Sample):
    """How many profiles the connectors of a station were sent, to be kept for a successor."""

    station: BoxIdentity
    records: tuple[WearRecord, ...]

    @property
    def coalesce_key(self) -> tuple[str, str]:
        return ("wear", self.station)


@dataclass(frozen=True, slots=True)
class RecordStation(Sample):
    """What a station has told of itself, to be kept for a successor."""

    memory: StationMemory

    @property
    def coalesce_key(self) -> tuple[str, str]:
        return ("station", self.memory.station)


@dataclass(frozen=True, slots=True)
class RecordCourse(Sample):
    """Points of the sessions of one tree of zones, told by its root `source` at a moment."""

    source: str
    at: datetime
    points: tuple[SessionPoint, ...]

    @property
    def coalesce_key(self) -> tuple[str, str, datetime]:
        return ("course", self.source, self.at)


@dataclass(frozen=True, slots=True)
class AppendRevision(Message):
    """Told, not asked; `number` must be the newest plus one or nothing is written."""

    revision: RevisionRecord


@dataclass(frozen=True, slots=True)
class StorageState(Message):
    """The recorder tells the root zones and the view whether it can commit.

    It is also the answer to any question to the recorder that the database can't answer now.
    """

    writable: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ListSessions(Question):
    """Answer: `list[SessionRecord]`, newest first; with a `station` its own alone."""

    running_only: bool = False
    started_from: datetime | None = None
    started_before: datetime | None = None
    limit: int = 100
    offset: int = 0
    station: BoxIdentity | None = None


@dataclass(frozen=True, slots=True)
class ListDailyEnergy(Question):
    """Answer: `list[DailyEnergy]` by day in `time_zone`, oldest first; `stations` None for all of them."""

    since: datetime
    time_zone: str
    stations: tuple[BoxIdentity, ...] | None = None


@dataclass(frozen=True, slots=True)
class ListEvents(Question):
    """Answer: `list[RecordEvent]`, newest first.

    `author` and `text` are looked for anywhere, in small or capital letters, `text` in device and message;
    `since` is included, `before` is not. Without `devices` the lines of all are told. Without `audit`, no
    audit line is among them, whatever `type` says.
    """

    limit: int = 200
    devices: tuple[str, ...] = ()
    type: str | None = None
    author: str = ""
    text: str = ""
    since: datetime | None = None
    before: datetime | None = None
    offset: int = 0
    audit: bool = True


@dataclass(frozen=True, slots=True)
class FindSession(Question):
    """Answer: `SessionRecord | None`."""

    transaction: int


@dataclass(frozen=True, slots=True)
class ListCourse(Question):
    """What a session was allowed and what it drew. Answer: `list[SessionPoint]`, oldest first."""

    transaction: int


@dataclass(frozen=True, slots=True)
class ListOrphanStops(Question):
    """The stops that belong to no session. Answer: `list[OrphanStopRecord]`, newest first."""

    limit: int = 100


@dataclass(frozen=True, slots=True)
class FindCard(Question):
    """Answer: `CardRecord | None`; the IdTag in any case."""

    id_tag: str


@dataclass(frozen=True, slots=True)
class ListCards(Question):
    """Answer: `list[CardRecord]` by IdTag, those that fit: `text` in IdTag or comment, `zone` opened."""

    limit: int = 100
    offset: int = 0
    text: str = ""
    zone: ZoneId | None = None
    vip: bool | None = None
    authorised: bool | None = None


@dataclass(frozen=True, slots=True)
class ListRevisions(Question):
    """Answer: `list[RevisionRecord]`, newest first."""


@dataclass(frozen=True, slots=True)
class NewestRevision(Question):
    """Answer: `RevisionRecord | None`."""


@dataclass(frozen=True, slots=True)
class ListZoneHistory(Question):
    """Answer: `list[ZoneHistoryPoint]`, oldest first, at most `points` of them."""

    zone: ZoneId
    since: datetime
    points: int = 600


@dataclass(frozen=True, slots=True)
class ListLimits(Question):
    """The limit ledger of a zone, or of all: what each phase carried at most, and what limited it.

    Answer: `list[LimitRecord]`, oldest first, by zone and phase: the hours that begin from `since` up to
    `before` (aware), or the days of `time_zone` (IANA) that they belong to.
    """

    since: datetime
    before: datetime | None = None
    zone: ZoneId | None = None
    time_zone: str | None = None
