"""The store: every question and every write that the database is for, as plain synchronous calls."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from evce.departures import VISITS, Statement, Visit
from evce.errors import StorageError
from evce.records import (
    CardRecord,
    DailyEnergy,
    EventRecord,
    JournalRecord,
    LimitRecord,
    OrphanStopRecord,
    PledgeRecord,
    RevisionRecord,
    SessionRecord,
    UplinkMemory,
    UserRecord,
    WebSessionRecord,
    ZoneHistoryPoint,
)
from evce.security.standing import CertificateRecord, StationSecurity
from evce.storage import (
    accounts,
    cards,
    energy,
    events,
    history,
    limits,
    pledges,
    security,
    statements,
    transactions,
    uplinks,
)
from evce.storage.columns import finite
from evce.storage.engine import checkpoint, database_path, database_url, hold_checkpoints, open_engine
from evce.storage.errors import NewerSchemaError, StorageUnavailableError
from evce.storage.ids import IdSource
from evce.storage.migration import HEAD, migrate, schema_version
from evce.storage.snapshots import SnapshotCopy
from evce.storage.transactions import StartOutcome, StopOutcome
from evce.storage.unit import UnitOfWork
from evce.storage.uplinks import JournalState
from evce.units import BoxIdentity, ConnectorKey, TransactionId, WattHours, ZoneId

__all__ = ["Store"]

EVENTS_KEPT = 100_000
AUDIT_KEPT = 20_000
PRUNE_AFTER = 1000
"""The log and the history may grow by this many lines before they are cut again."""


class Store:
    """The database of one site. One thread at a time; one writing store for a file.

    Each call is one transaction, durable when it returns; calls inside `with store.group():` are one
    transaction together, durable when the block ends. StorageUnavailableError means that nothing of it
    was kept. Records go in and come out, rows never.
    """

    def __init__(
        self,
        where: str | Path,
        now: datetime,
        *,
        read_only: bool = False,
        events_kept: int = EVENTS_KEPT,
        audit_kept: int = AUDIT_KEPT,
        fault: Callable[[], None] | None = None,
    ) -> None:
        """Opens the database at `where` (a path or an SQLAlchemy URL), made or migrated as need be.

        `now` names the snapshot taken before a migration. `read_only` neither migrates nor writes; it is
        for programs beside the daemon. `fault` is called before each commit and may raise: a test's disk.

        Raises NewerSchemaError, StorageUnavailableError, CorruptDatabaseError.
        """
        self.url = database_url(where)
        self.path = database_path(self.url)
        self.recovery = ""
        """What was done to a damaged file before this store was opened, for people; else empty."""
        self._kept = (events_kept, audit_kept)
        self._appended = PRUNE_AFTER
        self._engine = open_engine(self.url, read_only=read_only, fault=fault)
        self._ids = IdSource(self.path)
        self._unit = UnitOfWork(self._engine, self._ids.begin, self._ids.begun)
        try:
            with self._unit.translated():
                if read_only:
                    self._check_schema()
                else:
                    migrate(self._engine, lambda version: self._snapshot_before(version, now))
            with self._unit.reading() as db:
                self._ids.look(db)
        except BaseException:
            self._engine.dispose()
            raise

    def close(self) -> None:
        """Ends the connection. Whatever was committed is safe with or without this."""
        with suppress(OSError):
            self._ids.end()
        self._engine.dispose()

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    @contextmanager
    def group(self) -> Iterator[None]:
        """Makes one transaction of all calls inside; an exception leaves nothing of them."""
        with self._unit.writing():
            yield

    def probe(self) -> None:
        """Writes something small durably, to find out whether the disk takes writes (again)."""
        with self._unit.writing() as db:
            self._ids.touch(db)

    # Transactions.

    def record_start(
        self,
        connector: ConnectorKey,
        *,
        station_name: str,
        id_tag: str,
        started_at: datetime,
        meter_start: WattHours,
        vip: bool = False,
        flags: tuple[str, ...] = (),
    ) -> StartOutcome:
        """Keeps a StartTransaction and gives its transaction id; see `transactions.record_start`."""
        start = SessionRecord(
            transaction=TransactionId(0),
            connector=connector,
            station_name=station_name,
            id_tag=id_tag,
            vip=vip,
            started_at=started_at,
            meter_start=finite(meter_start),
            flags=flags,
        )
        with self._unit.writing() as db:
            return transactions.record_start(db, lambda: self._ids.next_id(db), start)

    def record_stop(
        self,
        station: BoxIdentity,
        transaction: int,
        *,
        stopped_at: datetime,
        meter_stop: WattHours,
        now: datetime,
        id_tag: str | None = None,
        reason: str | None = None,
        flags: tuple[str, ...] = (),
    ) -> StopOutcome:
        """Keeps a StopTransaction, whatever its id; see `transactions.record_stop` for the rules."""
        stop = OrphanStopRecord(
            station, transaction, stopped_at, finite(meter_stop), id_tag, reason, flags, received_at=now
        )
        with self._unit.writing() as db:
            return transactions.record_stop(db, stop)

    def record_progress(self, transaction: TransactionId, at: datetime, energy: WattHours) -> bool:
        """Notes what a running session has charged since its start; False if it runs no more."""
        with self._unit.writing() as db:
            return transactions.record_progress(db, transaction, at, finite(energy))

    def record_statement(self, transaction: TransactionId, statement: Statement) -> bool:
        """Keeps what the driver of a running session states; False if it runs no more."""
        with self._unit.writing() as db:
            return statements.record_statement(db, transaction, statement)

    def visits(self, limit: int = VISITS) -> list[Visit]:
        """The newest sessions that have ended, for forecasts."""
        with self._unit.reading() as db:
            return statements.visits(db, limit)

    def open_transactions(self, station: BoxIdentity | None = None) -> list[SessionRecord]:
        """The sessions still running, of one station or of all."""
        with self._unit.reading() as db:
            return transactions.open_sessions(db, station)

    def session(self, transaction: TransactionId) -> SessionRecord | None:
        """The session of that id."""
        with self._unit.reading() as db:
            return transactions.session_of(db, transaction)

    def sessions(
        self,
        *,
        running_only: bool = False,
        started_from: datetime | None = None,
        started_before: datetime | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[SessionRecord]:
        """A page of the sessions, newest first (CDR-3)."""
        with self._unit.reading() as db:
            return transactions.sessions(
                db,
                running_only=running_only,
                started_from=started_from,
                started_before=started_before,
                limit=limit,
                offset=offset,
            )

    def every_session(
        self, started_from: datetime | None = None, started_before: datetime | None = None
    ) -> Iterator[SessionRecord]:
        """All sessions of a period, oldest first: for exports, in a process of their own."""
        with self._unit.reading() as db:
            yield from transactions.every_session(db, started_from, started_before)

    def daily_energy(
        self, since: datetime, zone: ZoneInfo, stations: Collection[BoxIdentity] | None = None
    ) -> list[DailyEnergy]:
        """What was charged on each day of the site from `since` on, oldest first (UI-8)."""
        with self._unit.reading() as db:
            return energy.daily_energy(db, since, zone, stations)

    def orphan_stops(self, limit: int = 100) -> list[OrphanStopRecord]:
        """The stops that belong to no session, newest first."""
        with self._unit.reading() as db:
            return transactions.orphan_stops(db, limit)

    # Uplinks to a remote operator (CPO-3).

    def open_uplink(self, station: BoxIdentity, now: datetime) -> UplinkMemory:
        """All that is known of a station's uplink, after what happened without it has been put in."""
        with self._unit.writing() as db:
            return uplinks.open_uplink(db, station, now)

    def keep_start(self, session: SessionRecord, payload: Mapping[str, Any], now: datetime) -> bool:
        """Puts a session's start into the journal, once."""
        with self._unit.writing() as db:
            return uplinks.keep_start(db, session, payload, now)

    def keep_stop(self, session: SessionRecord, payload: Mapping[str, Any] | None, now: datetime) -> bool:
        """Puts the end of a session that the operator knows of into the journal, once."""
        with self._unit.writing() as db:
            return uplinks.keep_stop(db, session, payload, now)

    def keep_message(
        self, station: BoxIdentity, action: str, transaction: int, payload: Mapping[str, Any], now: datetime
    ) -> bool:
        """Puts another message of a running session into the journal."""
        with self._unit.writing() as db:
            return uplinks.keep_message(db, station, action, transaction, payload, now)

    def message_taken(self, station: BoxIdentity, entry: int, cpo_transaction: int | None = None) -> bool:
        """The operator has a message of the journal; False when it was not there any more."""
        with self._unit.writing() as db:
            return uplinks.message_taken(db, station, entry, cpo_transaction)

    def message_failed(
        self, station: BoxIdentity, entry: int, attempts: int, failure: str, *, given_up: bool = False
    ) -> None:
        """The operator answered a message of the journal with an error."""
        with self._unit.writing() as db:
            uplinks.message_failed(db, station, entry, attempts, failure, given_up=given_up)

    def clear_given_up(self, station: BoxIdentity) -> int:
        """Forgets the messages of a station that were given up; how many there were."""
        with self._unit.writing() as db:
            return uplinks.clear_given_up(db, station)

    def keep_cpo_note(
        self, station: BoxIdentity, kind: str, key: str, value: Mapping[str, Any] | None, now: datetime
    ) -> None:
        """Keeps a fact of an uplink, or with None removes it."""
        with self._unit.writing() as db:
            uplinks.keep_note(db, station, kind, key, value, now)

    def journal_state(self, station: BoxIdentity) -> JournalState:
        """The head of a station's journal and its length."""
        with self._unit.reading() as db:
            return uplinks.journal_state(db, station)

    def journal(
        self, station: BoxIdentity | None = None, *, given_up: bool | None = None, limit: int = 100
    ) -> list[JournalRecord]:
        """The messages on their way to the operator, oldest first."""
        with self._unit.reading() as db:
            return uplinks.journal(db, station, given_up=given_up, limit=limit)

    def cpo_transactions(self, station: BoxIdentity | None = None) -> dict[TransactionId, int | None]:
        """The operator's id of each session that it is told of, by ours; None while it gave none."""
        with self._unit.reading() as db:
            return uplinks.cpo_transactions(db, station)

    # The stations' security.

    def station_security(self) -> list[StationSecurity]:
        """Keys and profiles of all stations that have any."""
        with self._unit.reading() as db:
            return security.station_security(db)

    def keep_station_security(self, record: StationSecurity) -> None:
        """Keeps one station's in the place of what was known."""
        with self._unit.writing() as db:
            security.keep_station_security(db, record)

    def station_certificates(self) -> list[CertificateRecord]:
        """Every certificate made for a station, newest first."""
        with self._unit.reading() as db:
            return security.station_certificates(db)

    def keep_certificate(self, record: CertificateRecord) -> None:
        """Adds a certificate, or notes that it was revoked."""
        with self._unit.writing() as db:
            security.keep_certificate(db, record)

    # Cards.

    def find_card(self, id_tag: str) -> CardRecord | None:
        """The card of that IdTag, upper or lower case (AU-7)."""
        with self._unit.reading() as db:
            return cards.find_card(db, id_tag)

    def collect_card(self, id_tag: str, now: datetime) -> CardRecord:
        """Puts an unknown card on the list, not authorised (AU-5); a known one stays as it is."""
        with self._unit.writing() as db:
            return cards.find_card(db, id_tag) or cards.collect_card(db, id_tag, now)

    def note_seen(self, seen: Mapping[str, datetime]) -> None:
        """Notes when these cards, by IdTag, were last swiped."""
        with self._unit.writing() as db:
            cards.note_seen(db, seen)

    def save_card(self, card: CardRecord, now: datetime) -> CardRecord:
        """Adds or changes a card."""
        with self._unit.writing() as db:
            return cards.save_card(db, card, now)

    def replace_cards(self, records: Iterable[CardRecord], now: datetime) -> int:
        """Replaces the whole list, all or nothing (AU-6)."""
        with self._unit.writing() as db:
            return cards.replace_cards(db, records, now)

    def delete_card(self, id_tag: str) -> bool:
        """Removes a card; False if there was none."""
        with self._unit.writing() as db:
            return cards.delete_card(db, id_tag)

    def list_cards(
        self,
        *,
        text: str = "",
        zone: ZoneId | None = None,
        vip: bool | None = None,
        authorised: bool | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[CardRecord]:
        """The cards by IdTag, filtered (AU-4)."""
        with self._unit.reading() as db:
            return cards.list_cards(
                db, text=text, zone=zone, vip=vip, authorised=authorised, limit=limit, offset=offset
            )

    # Pledges.

    def commit_pledges(self, plan: int, records: Iterable[PledgeRecord], now: datetime) -> None:
        """Writes what connectors may be drawing under this plan, before its raises are sent."""
        with self._unit.writing() as db:
            pledges.commit_pledges(db, plan, records, now)

    def pledges(self, station: BoxIdentity | None = None) -> list[PledgeRecord]:
        """What was pledged last, at one station if named.

        Nothing from a restored database: it can't know what came after it.
        """
        with self._unit.reading() as db:
            return [] if self._ids.lost else pledges.pledges(db, station)

    def newest_plan(self) -> int:
        """The highest plan number that may ever have been sent."""
        with self._unit.reading() as db:
            return self._ids.newest_plan(db)

    # Events and history.

    def append_events(self, records: Iterable[EventRecord]) -> None:
        """Adds lines to the event log and keeps it bounded (LG-1)."""
        with self._unit.writing() as db:
            self._grown(db, events.append_events(db, records))

    def list_events(
        self, *, limit: int = 200, device: str | None = None, type_: str | None = None
    ) -> list[EventRecord]:
        """The newest lines of the log first."""
        with self._unit.reading() as db:
            return events.list_events(db, limit=limit, device=device, type_=type_)

    def append_history(self, samples: Iterable[tuple[ZoneId, ZoneHistoryPoint]]) -> None:
        """Folds zone samples into the history."""
        with self._unit.writing() as db:
            folded = list(samples)
            history.append_history(db, folded)
            self._grown(db, len(folded))

    def zone_history(
        self, zone: ZoneId, since: datetime, points: int, now: datetime
    ) -> list[ZoneHistoryPoint]:
        """The history of a zone, oldest first, at most `points` points."""
        with self._unit.reading() as db:
            return history.zone_history(db, zone, since, points, now)

    def record_limits(self, records: Iterable[LimitRecord]) -> None:
        """Folds what is known of the newest hours into the limit ledger."""
        with self._unit.writing() as db:
            folded = list(records)
            limits.record_limits(db, folded)
            self._grown(db, len(folded))

    def limits(
        self, since: datetime, before: datetime | None = None, zone: ZoneId | None = None
    ) -> list[LimitRecord]:
        """The hours of the limit ledger that begin in a period, oldest first."""
        with self._unit.reading() as db:
            return limits.limits(db, since, before, zone)

    # Configuration, users, browser sessions.

    def append_revision(self, record: RevisionRecord) -> None:
        """Adds a revision. Raises RevisionConflictError unless its number is the newest plus one."""
        with self._unit.writing() as db:
            accounts.append_revision(db, record)

    def revisions(self) -> list[RevisionRecord]:
        """All revisions, newest first."""
        with self._unit.reading() as db:
            return accounts.revisions(db)

    def newest_revision(self) -> RevisionRecord | None:
        """The revision in force."""
        with self._unit.reading() as db:
            return accounts.newest_revision(db)

    def revision(self, number: int) -> RevisionRecord | None:
        """The revision of that number."""
        with self._unit.reading() as db:
            return accounts.revision(db, number)

    def save_user(self, user: UserRecord) -> None:
        """Adds or changes a user; a new password hash ends that user's browser sessions."""
        with self._unit.writing() as db:
            accounts.save_user(db, user)

    def find_user(self, login: str) -> UserRecord | None:
        """The user of that login."""
        with self._unit.reading() as db:
            return accounts.find_user(db, login)

    def users(self) -> list[UserRecord]:
        """All users by login."""
        with self._unit.reading() as db:
            return accounts.users(db)

    def delete_user(self, login: str) -> bool:
        """Removes a user with all browser sessions; False if there was none."""
        with self._unit.writing() as db:
            return accounts.delete_user(db, login)

    def save_web_session(self, record: WebSessionRecord) -> bool:
        """Adds or renews a browser session; False when its user is gone."""
        with self._unit.writing() as db:
            return accounts.save_web_session(db, record)

    def find_web_session(self, token_hash: str) -> WebSessionRecord | None:
        """The browser session of that token's hash."""
        with self._unit.reading() as db:
            return None if self._ids.lost else accounts.find_web_session(db, token_hash)

    def delete_web_session(self, token_hash: str) -> bool:
        """Ends one browser session; False if there was none."""
        with self._unit.writing() as db:
            return accounts.delete_web_session(db, token_hash)

    def delete_web_sessions(self, login: str | None = None, last_used_before: datetime | None = None) -> None:
        """Ends the browser sessions of a user, or those not used since a time, or all."""
        with self._unit.writing() as db:
            accounts.delete_web_sessions(db, login, last_used_before)

    # Snapshots.

    def begin_snapshot(self, now: datetime, kind: str = "") -> SnapshotCopy | None:
        """Starts a copy of the database file; None for a database that isn't a file.

        Until the copy has ended, commits stay in the write-ahead log: step it to its end soon, and cancel
        it when a write fails.
        """
        if self.path is None:
            return None
        with self._unit.translated():
            if not checkpoint(self._engine):
                raise StorageUnavailableError("the database is read by another program; no snapshot now")
            hold_checkpoints(self._engine, True)
            try:
                return SnapshotCopy(self.path, now, kind, self._let_checkpoints_run)
            except BaseException:
                self._let_checkpoints_run()
                raise

    def take_snapshot(self, now: datetime, kind: str = "") -> Path | None:
        """The whole snapshot in one go, for command-line tools."""
        copy = self.begin_snapshot(now, kind)
        if copy is None:
            return None
        while not copy.step():
            pass
        return copy.target

    def _let_checkpoints_run(self) -> None:
        with suppress(DBAPIError, sqlite3.Error):  # a connection that can't be reached has the default anyway
            hold_checkpoints(self._engine, False)

    def _snapshot_before(self, version: str, now: datetime) -> None:
        self.take_snapshot(now, kind=f"v{version}-")

    def _check_schema(self) -> None:
        version, where = schema_version(self._engine), self._engine.url.render_as_string()
        if version is None or version < HEAD:
            raise StorageError(f"{where} is not migrated yet: start the daemon once")
        if version != HEAD:
            raise NewerSchemaError(f"{where} has tables of version {version}, this EVCE knows {HEAD}")

    def _grown(self, db: Session, lines: int) -> None:
        self._appended += lines
        if self._appended >= PRUNE_AFTER:
            events.prune_events(db, *self._kept)
            history.prune_history(db)
            limits.prune_limits(db)
            self._appended = 0
