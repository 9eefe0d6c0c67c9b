"""The store: every question and every write that the database is for, as plain synchronous calls."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from evce.errors import StorageError
from evce.records import (
    EventRecord,
    LimitRecord,
    PledgeRecord,
    SessionPoint,
    StationMemory,
    WearRecord,
    ZoneHistoryPoint,
)
from evce.storage import audit_seals, courses, events, history, limits, pledges, remote, stations, wear
from evce.storage.accounts import AccountsPart
from evce.storage.audit_seals import SealReport
from evce.storage.cards import CardsPart
from evce.storage.engine import checkpoint, database_path, database_url, hold_checkpoints, open_engine
from evce.storage.errors import NewerSchemaError, StorageUnavailableError
from evce.storage.ids import IdSource
from evce.storage.migration import HEAD, migrate, schema_version
from evce.storage.security import SecurityPart
from evce.storage.sessions import SessionsPart
from evce.storage.snapshots import SnapshotCopy
from evce.storage.unit import UnitOfWork
from evce.storage.uplinks import UplinksPart
from evce.units import Amps, BoxIdentity, TransactionId, ZoneId

__all__ = ["Store"]

EVENTS_KEPT = 100_000
AUDIT_KEPT = 20_000
PRUNE_AFTER = 1000
"""The log and the history may grow by this many lines before they are cut again."""


class Store(SessionsPart, UplinksPart, SecurityPart, CardsPart, AccountsPart):
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
        self._file: BinaryIO | None = None
        """What snapshots are copied from; `SnapshotCopy` tells why it stays open as long as the database."""
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
            self._let_go()
            raise

    def close(self) -> None:
        """Ends the connection. Whatever was committed is safe with or without this."""
        with suppress(OSError):
            self._ids.end()
        self._let_go()

    def _let_go(self) -> None:
        self._engine.dispose()
        if self._file is not None:
            self._file.close()

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

    # Remote energy management.

    def keep_remote_limits(self, limits: Mapping[ZoneId, Amps]) -> None:
        """Writes the limits that were set from elsewhere, A per phase, over all those before."""
        with self._unit.writing() as db:
            remote.keep_remote_limits(db, limits)

    def remote_limits(self) -> dict[ZoneId, Amps]:
        """The limits that were set from elsewhere, A per phase, as they were written last."""
        with self._unit.reading() as db:
            return remote.remote_limits(db)

    # What stations have told of themselves.

    def keep_stations(self, memories: Iterable[StationMemory]) -> None:
        """Keeps the newest of each station."""
        with self._unit.writing() as db:
            stations.keep_stations(db, memories)

    def station_memory(self, station: BoxIdentity) -> StationMemory | None:
        """What one station had told, None if it has never spoken."""
        with self._unit.reading() as db:
            return stations.station_memory(db, station)

    # Wear.

    def keep_wear(self, records: Iterable[WearRecord]) -> None:
        """Writes how many profiles connectors were sent."""
        with self._unit.writing() as db:
            wear.keep_wear(db, records)

    def wear(self, station: BoxIdentity) -> list[WearRecord]:
        """How many profiles each connector of a station was ever sent."""
        with self._unit.reading() as db:
            return wear.wear(db, station)

    # Events and history.

    def append_events(self, records: Iterable[EventRecord]) -> None:
        """Adds lines to the event log and keeps it bounded (LG-1)."""
        with self._unit.writing() as db:
            self._grown(db, events.append_events(db, records))

    def list_events(
        self,
        *,
        limit: int = 200,
        devices: Collection[str] = (),
        type_: str | None = None,
        author: str = "",
        text: str = "",
        since: datetime | None = None,
        before: datetime | None = None,
        offset: int = 0,
        audit: bool = True,
    ) -> list[EventRecord]:
        """The newest lines of the log first; see `events.list_events`."""
        with self._unit.reading() as db:
            return events.list_events(
                db,
                limit=limit,
                devices=devices,
                type_=type_,
                author=author,
                text=text,
                since=since,
                before=before,
                offset=offset,
                audit=audit,
            )

    def newest_seal(self) -> str:
        """The seal of the newest audit line, empty where there is none."""
        with self._unit.reading() as db:
            return audit_seals.newest_seal(db)

    def check_seals(self, wanted: str = "") -> SealReport:
        """What the seals of the audit lines say; see `audit_seals.check_seals`."""
        with self._unit.reading() as db:
            return audit_seals.check_seals(db, wanted)

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

    def record_course(self, points: Iterable[SessionPoint]) -> None:
        """Adds points to the courses of sessions."""
        with self._unit.writing() as db:
            self._grown(db, courses.record_course(db, points))

    def course(self, transaction: TransactionId) -> list[SessionPoint]:
        """The points of a session, oldest first."""
        with self._unit.reading() as db:
            return courses.course(db, transaction)

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
                if self._file is None:
                    self._file = self.path.open("rb")
                return SnapshotCopy(self.path, now, kind, self._let_checkpoints_run, self._file)
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
            courses.prune_courses(db)
            self._appended = 0
