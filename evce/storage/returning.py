"""What a site that takes an older database keeps of its present one: what an older one can't know."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evce.errors import StorageError
from evce.storage.id_floor import FILE_NAME, Floor, read_floor, write_floor
from evce.storage.ids import UNKNOWN_GAP
from evce.storage.pledges import NEWEST_PLAN

__all__ = ["carry_over", "raise_floor"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

_NEWER_WINS = ("wear", "station_security", "station_certificates", "cpo_notes")
"""Row by row the present one counts: flash writes that were made, passwords that stations have got since,
certificates that were revoked, keys that the operator has changed."""

_PRESENT_ALONE = ("stations",)
"""What was read from the stations themselves: an older answer says nothing of today's."""

_STATEMENTS = (
    # What the operator was told since must not be told again, what it hasn't been told yet still must.
    "DELETE FROM main.cpo_journal WHERE local_transaction IN"
    " (SELECT local_transaction FROM present.cpo_transactions)",
    # Sessions that ran at the backup have ended since, those that run now go on.
    "UPDATE main.sessions AS old SET (stopped_at, meter_stop, energy, stop_reason, flags, progress_at) ="
    " (SELECT stopped_at, meter_stop, energy, stop_reason, flags, progress_at FROM present.sessions AS new"
    "  WHERE new.id = old.id)"
    " WHERE stopped_at IS NULL AND EXISTS (SELECT 1 FROM present.sessions AS new WHERE new.id = old.id"
    "  AND new.station = old.station AND new.started_at = old.started_at)",
    # Limits that programs have set hold as they are now.
    "DELETE FROM main.meta WHERE key LIKE 'remote\\_ma/%' ESCAPE '\\'",
    "INSERT INTO main.meta SELECT * FROM present.meta WHERE key LIKE 'remote\\_ma/%' ESCAPE '\\'",
)


def carry_over(staged: Path, present: Path, made_at: datetime, *, users: bool) -> None:
    """Put into `staged`, a database with the newest tables, what must outlive the return to it.

    `present` is the database that it will replace; both are in nobody's use. `made_at` is when `staged`
    was current: later lines of the audit log are kept. Without `users` those of `present` stay. Raises
    StorageError, and nothing is changed then.
    """
    with _both(staged, present) as db:
        for table in _PRESENT_ALONE:
            db.execute(f"DELETE FROM main.{table}")  # noqa: S608
        for statement in _STATEMENTS:
            db.execute(statement)
        for table in (*_PRESENT_ALONE, *_NEWER_WINS, "cpo_transactions"):
            _copy(db, table, "INSERT OR REPLACE")
        _copy(db, "sessions", "INSERT OR IGNORE", "WHERE stopped_at IS NULL")
        _copy(db, "cpo_journal", "INSERT", "ORDER BY id", without="id")
        after = (made_at - _EPOCH) // _MICROSECOND
        _copy(db, "events", "INSERT", f"WHERE type = 'audit' AND at > {after} ORDER BY id", without="id")
        if not users:
            db.execute("DELETE FROM main.users")
            _copy(db, "users", "INSERT")
        db.execute(
            "INSERT OR REPLACE INTO main.meta (key, value) SELECT key, max(value) FROM"
            " (SELECT * FROM main.meta UNION ALL SELECT * FROM present.meta) WHERE key = ? GROUP BY key",
            (NEWEST_PLAN,),
        )


def raise_floor(folder: Path, *databases: Path) -> int:
    """Raise the floor of the transaction ids in this data folder above all that may have been given.

    Counted are its own side file, the databases, and a wide gap for what neither of them knows: another
    machine may have given ids after the backup. Returns the floor. Raises StorageError.
    """
    side = folder / FILE_NAME
    there = read_floor(side)
    highest, opening = 1, 1
    try:
        for database in databases:
            with closing(sqlite3.connect(database)) as db:
                meta = dict(db.execute("SELECT key, value FROM meta").fetchall())
                newest = db.execute("SELECT max(id) FROM sessions").fetchone()[0] or 0
            highest = max(highest, newest + 1, meta.get("id_floor", 1))
            opening = max(opening, meta.get("opening", 0))
        # The present database must not be taken for an older copy, should nothing come of the restore.
        kept = Floor(1, opening) if there is None else there
        floor = max(highest, kept.floor) + UNKNOWN_GAP
        write_floor(side, Floor(floor, kept.opening))
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"the floor of the transaction ids can't be raised: {error}") from error
    return floor


@contextmanager
def _both(staged: Path, present: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(staged, isolation_level=None)) as db:
            db.execute("ATTACH ? AS present", (str(present),))
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
    except sqlite3.Error as error:
        raise StorageError(f"what is newer can't be kept: {error}") from error


def _copy(db: sqlite3.Connection, table: str, how: str, which: str = "", without: str = "") -> None:
    columns = [row[1] for row in db.execute(f"PRAGMA main.table_info({table})") if row[1] != without]
    names = ", ".join(f'"{column}"' for column in columns)
    db.execute(f"{how} INTO main.{table} ({names}) SELECT {names} FROM present.{table} {which}")  # noqa: S608
