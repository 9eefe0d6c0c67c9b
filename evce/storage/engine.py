"""The one connection to the database: pragmas, transactions, and whether the file is sound."""

import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.pool import StaticPool

from evce.storage.errors import StorageUnavailableError

__all__ = [
    "checkpoint",
    "database_path",
    "database_url",
    "hold_checkpoints",
    "open_engine",
    "reading",
    "sound",
    "wal_files",
    "writing",
]

BUSY_TIMEOUT_MS = 1000
"""How long a write waits for another process's: a command-line tool's write takes milliseconds."""
JOURNAL_LIMIT_BYTES = 8 * 1024 * 1024
"""What the write-ahead log shrinks to after a burst."""
CACHE_KIB = 8192
AUTOCHECKPOINT_PAGES = 1000
"""SQLite's own default: the log goes into the file every 4 MB."""

_BEGIN = "evce_begin"
_TO_WRITE = "BEGIN IMMEDIATE"
_TO_READ = "BEGIN"


def database_url(where: str | Path) -> str:
    """`where` as an SQLAlchemy URL: itself if it is one, else SQLite's of that file."""
    if isinstance(where, str) and "://" in where:
        return where
    return f"sqlite:///{Path(where)}"


def database_path(url: str) -> Path | None:
    """The file of an SQLite URL; None for another database or one in memory."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def wal_files(path: Path) -> tuple[Path, Path]:
    """The two files that SQLite keeps beside `path`; they belong to it and to no other file."""
    return path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")


def open_engine(url: str, *, read_only: bool = False, fault: Callable[[], None] | None = None) -> Engine:
    """An engine that holds exactly one connection.

    SQLite before 3.51 can lose the write-ahead log when several connections of a process write and
    checkpoint, so there is one. `fault` is called before each
    commit of a write, where a full disk would show.
    """
    if make_url(url).get_backend_name() == "sqlite":
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
        event.listen(engine, "connect", _read_only_pragmas if read_only else _pragmas)
        event.listen(engine, "begin", _begin)
    else:
        engine = create_engine(url, pool_size=1, max_overflow=0, pool_pre_ping=True)
    if fault is not None:
        event.listen(engine, "commit", partial(_perhaps_fail, fault))
    return engine


def writing(connection: Connection) -> Connection:
    """`connection` set to take the write lock when its transaction begins, not in its middle."""
    return connection.execution_options(**{_BEGIN: _TO_WRITE})


def reading(connection: Connection) -> Connection:
    """`connection` set to begin without a lock: reading goes on when the disk takes no writes."""
    return connection.execution_options(**{_BEGIN: _TO_READ})


def sound(path: Path) -> bool:
    """Whether the file is a database without damage (SQLite's quick check, about 0.3 s for 100 MB)."""
    try:
        connection = sqlite3.connect(path)
        try:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        # Locked or unreadable says nothing about the content.
        if isinstance(error, sqlite3.OperationalError):
            raise
        return False


def checkpoint(engine: Engine) -> bool:
    """Moves the whole write-ahead log into the database file; False if another program holds it back."""
    busy = _execute(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
    return busy is None or not busy[0]


def hold_checkpoints(engine: Engine, hold: bool) -> None:
    """Keeps commits in the write-ahead log while the database file is copied, or lets them through again."""
    _execute(engine, f"PRAGMA wal_autocheckpoint={0 if hold else AUTOCHECKPOINT_PAGES}")


def _execute(engine: Engine, pragma: str) -> tuple[Any, ...] | None:
    """Outside a transaction, where SQLAlchemy would begin one."""
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if driver is None:
            raise StorageUnavailableError("the connection to the database is gone")
        row: tuple[Any, ...] | None = driver.execute(pragma).fetchone()
        return row


def _pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the module would begin transactions late, and none before DDL
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA cache_size=-{CACHE_KIB}")
    # A disk that takes no writes can still be read, with whatever journal the file has.
    try:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute(f"PRAGMA journal_size_limit={JOURNAL_LIMIT_BYTES}")
    except sqlite3.OperationalError as error:
        if (error.sqlite_errorcode & 0xFF) != sqlite3.SQLITE_READONLY:
            raise
    cursor.close()


def _read_only_pragmas(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _perhaps_fail(fault: Callable[[], None], connection: Connection) -> None:
    if connection.get_execution_options().get(_BEGIN) == _TO_WRITE:
        fault()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, _TO_READ))
