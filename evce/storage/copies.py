"""A copy of the database for a backup, made beside the daemon without holding it up, and what it counts."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from evce.errors import StorageError

__all__ = ["copy_database", "counts"]

_LOOK_EVERY = 5_000
"""Steps of SQLite between two looks at how far the copy is."""

_NOT_FOR_OTHERS = ("pledges", "web_sessions", "login_locks")
"""What is true of this moment and this process alone."""

_COUNTED = {
    "users": "SELECT count(*) FROM users",
    "admins": "SELECT count(*) FROM users WHERE role = 'admin'",
    "cards": "SELECT count(*) FROM cards WHERE NOT collected",
    "sessions": "SELECT count(*) FROM sessions",
    "events": "SELECT count(*) FROM events",
}


def copy_database(source: Path, target: Path, progress: Callable[[float], None] = lambda _: None) -> None:
    """Writes the database as it is at this moment to the new file `target`, without browsers and pledges.

    Commits of a daemon go on meanwhile: the copy reads one state of the write-ahead log. `progress` gets
    the share that is done, 0 to 1. Raises StorageError; what there is of the copy the caller removes.
    """
    if not source.is_file():
        raise StorageError(f"there is no database {source}")
    try:
        connection = sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None)
        try:
            whole = max(1, source.stat().st_size)

            def look() -> int:
                progress(min(1.0, _size(target) / whole))
                return 0  # go on

            connection.set_progress_handler(look, _LOOK_EVERY)
            connection.execute("VACUUM INTO ?", (str(target),))
        finally:
            connection.close()
        _strip(target)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"the database can't be copied: {error}") from error


def counts(database: Path) -> dict[str, int]:
    """How many users, admins, cards, sessions and events a database file, not in use, holds."""
    connection = sqlite3.connect(database)
    try:
        return {name: int(connection.execute(query).fetchone()[0]) for name, query in _COUNTED.items()}
    except sqlite3.Error as error:
        raise StorageError(f"{database.name} can't be read: {error}") from error
    finally:
        connection.close()


def _strip(database: Path) -> None:
    connection = sqlite3.connect(database)
    try:
        connection.execute("PRAGMA secure_delete=ON")
        with connection:
            for table in _NOT_FOR_OTHERS:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608
    finally:
        connection.close()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
