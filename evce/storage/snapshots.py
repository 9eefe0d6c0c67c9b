"""Snapshots of the database file: taken in small steps, kept few, restored when the file is damaged."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from evce.storage.engine import sound, wal_files
from evce.storage.errors import StorageUnavailableError
from evce.storage.id_floor import sync_folder

__all__ = [
    "SnapshotCopy",
    "SnapshotPlan",
    "age_of_newest",
    "before_changes",
    "mark_restored",
    "newest_snapshots",
    "prune_snapshots",
    "put_back",
    "quarantine",
    "restore",
    "taken_at",
]

FOLDER = "snapshots"
STEP_BYTES = 1024 * 1024
"""One step's share, written through: about 0.1 s on a slow flash card, during which commits wait."""
QUARANTINED_KEPT = 2
"""Damaged files are for a person to look at, not to fill the disk."""

_SUFFIX = ".snapshot"
_PART = ".part"
_STAMP = "%Y%m%dT%H%M%SZ"


def _stamp(now: datetime) -> str:
    return now.astimezone(UTC).strftime(_STAMP)


class SnapshotCopy:
    """A copy of the database file on its way; `step` until it says True.

    The file stands still meanwhile because its owner holds back checkpoints: commits go to the write-ahead
    log. `finished` is called once, at the end or at a failure, to let checkpoints run again.

    `source` is the file as its owner has opened it, who closes it after the database. Closing any handle of
    a file ends all locks that the process has on it (fcntl(2)), those of SQLite too: the next program that
    reads the database and closes it would believe that it was the last one and remove the log under the
    owner's feet. Without it the file is opened here, which is right only while this process doesn't have
    the database open.
    """

    def __init__(
        self,
        database: Path,
        now: datetime,
        kind: str,
        finished: Callable[[], None],
        source: BinaryIO | None = None,
    ) -> None:
        folder = database.parent / FOLDER
        folder.mkdir(exist_ok=True)
        for leftover in folder.glob(f"*{_PART}"):
            leftover.unlink()
        self.target = folder / f"{database.stem}-{kind}{_stamp(now)}{_SUFFIX}"
        self._part = self.target.with_name(self.target.name + _PART)
        self._database = database
        self._finished = finished
        self._owns_source = source is None
        self._source = database.open("rb") if source is None else source
        self._source.seek(0)
        self._before = self._fingerprint()
        self._copy = self._part.open("wb")

    def step(self, limit: int = STEP_BYTES) -> bool:
        """Copies at most `limit` bytes; True once the snapshot is complete and durable.

        Raises StorageUnavailableError, after cleaning up, when the copy can't be finished.
        """
        try:
            block = self._source.read(limit)
            self._copy.write(block)
            self._copy.flush()
            os.fsync(self._copy.fileno())
            if len(block) == limit:
                return False
            if self._fingerprint() != self._before:
                raise StorageUnavailableError("the database file changed while it was copied")
            self._copy.close()
            self._part.replace(self.target)
            sync_folder(self.target.parent)
        except OSError as error:
            self.cancel()
            if isinstance(error, StorageUnavailableError):
                raise
            raise StorageUnavailableError(f"the snapshot could not be written: {error}") from error
        self._end()
        return True

    def cancel(self) -> None:
        """Gives the copy up and removes what there is of it."""
        self._end()
        with suppress(OSError):
            self._part.unlink(missing_ok=True)

    def _end(self) -> None:
        with suppress(OSError):
            self._copy.close()
        if self._owns_source:
            self._source.close()
        finished, self._finished = self._finished, _nothing
        finished()

    def _fingerprint(self) -> tuple[int, int, int]:
        status = self._database.stat()
        return status.st_ino, status.st_size, status.st_mtime_ns


@dataclass(frozen=True, slots=True)
class SnapshotPlan:
    """How often to take a snapshot and how many to keep; what a day's snapshots write is bounded."""

    every: timedelta = timedelta(hours=1)
    keep: int = 3
    bytes_a_day: int = 512 * 1024 * 1024

    def due(self, database: Path, now: datetime) -> bool:
        """Whether the newest regular snapshot is too old; a large database waits longer."""
        age = age_of_newest(database, now)
        share = database.stat().st_size / self.bytes_a_day
        return age is None or age >= max(self.every, timedelta(days=1) * share)


def _nothing() -> None:
    pass


def newest_snapshots(database: Path, kind: str = "*") -> list[Path]:
    """The snapshots of `database`, newest first, by the time in their names."""
    found = (database.parent / FOLDER).glob(f"{database.stem}-{kind}{_SUFFIX}")
    return sorted(found, key=_taken, reverse=True)


def _taken(snapshot: Path) -> str:
    """When, as in its name."""
    return snapshot.name.removesuffix(_SUFFIX).rpartition("-")[2]


def age_of_newest(database: Path, now: datetime) -> timedelta | None:
    """How old the newest regular snapshot is; None without one, or when its name is from the future."""
    for path in newest_snapshots(database, "[0-9]*")[:1]:
        taken = taken_at(path)
        return now - taken if taken is not None and taken <= now else None
    return None


def taken_at(snapshot: Path) -> datetime | None:
    """When a snapshot was taken, as its name tells; None where it doesn't."""
    with suppress(ValueError):
        return datetime.strptime(_taken(snapshot), _STAMP).replace(tzinfo=UTC)
    return None


def prune_snapshots(database: Path, keep: int) -> None:
    """Removes all but the newest `keep` of the regular ones, and of those taken before migrations."""
    every = newest_snapshots(database)
    regular = newest_snapshots(database, "[0-9]*")
    for group in (regular, [path for path in every if path not in regular]):
        for path in group[keep:]:
            path.unlink(missing_ok=True)


def quarantine(database: Path, now: datetime) -> Path:
    """Moves a damaged database with its log out of the way, for a person to look at; returns its new name."""
    target = database.with_name(f"{database.name}.corrupt-{_stamp(now)}")
    for path in (*wal_files(database), database):
        if path.exists():
            path.replace(path.with_name(path.name.replace(database.name, target.name, 1)))
    sync_folder(database.parent)
    older = sorted(database.parent.glob(f"{database.name}.corrupt-*Z"), reverse=True)[QUARANTINED_KEPT:]
    for path in older:
        for part in (*wal_files(path), path):
            part.unlink(missing_ok=True)
    return target


def restore(database: Path) -> Path | None:
    """Puts the newest sound snapshot in the place of a database that is gone; None if there is none.

    The copy is marked as restored before it takes the place, so that whoever opens it believes no
    pledge in it, gives no id again, and a power cut on the way changes nothing.
    """
    for snapshot in newest_snapshots(database):
        if sound(snapshot):
            _place(snapshot, database)
            return snapshot
    return None


def before_changes(database: Path, since: datetime) -> Path | None:
    """The sound snapshot that was taken before the tables were first changed since then; None without one."""
    stamp = _stamp(since)
    regular = newest_snapshots(database, "[0-9]*")
    for snapshot in reversed([path for path in newest_snapshots(database) if path not in regular]):
        if _taken(snapshot) >= stamp and sound(snapshot):
            return snapshot
    return None


def put_back(database: Path, since: datetime, now: datetime) -> Path | None:
    """Puts the snapshot of `before_changes` in the place of the database; None where there is none.

    The database as it was is kept as a damaged one is. Later snapshots, with tables that nobody here knows,
    go.
    """
    snapshot = before_changes(database, since)
    if snapshot is not None:
        if database.exists():
            quarantine(database, now)
        _place(snapshot, database)
        for path in newest_snapshots(database):
            if _taken(path) > _taken(snapshot):
                path.unlink(missing_ok=True)
    return snapshot


def _place(snapshot: Path, database: Path) -> None:
    part = database.with_name(database.name + _PART)
    shutil.copyfile(snapshot, part)
    mark_restored(part)
    with part.open("rb") as file:
        os.fsync(file.fileno())
    for stale in wal_files(database):
        stale.unlink(missing_ok=True)
    part.replace(database)
    sync_folder(database.parent)


def mark_restored(database: Path) -> None:
    """Marks a database file, not in use, as an older copy: see `evce.storage.id_floor`."""
    connection = sqlite3.connect(database)
    try:
        connection.execute("PRAGMA journal_mode=DELETE")  # a copy travels without a log beside it
        with connection:
            connection.execute("UPDATE meta SET value = 0 WHERE key = 'opening'")
    finally:
        connection.close()
