"""What the disk refuses is told from what the code does wrong."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import exc

from evce.errors import RevisionConflictError, StorageError
from evce.storage.errors import (
    CorruptDatabaseError,
    NewerSchemaError,
    StorageUnavailableError,
    storage_error,
)


def wrapped(error: sqlite3.Error) -> exc.DBAPIError:
    kind = exc.OperationalError if isinstance(error, sqlite3.OperationalError) else exc.DatabaseError
    return kind("SELECT 1", {}, error)


def error_of(path: Path, *statements: str) -> sqlite3.Error:
    connection = sqlite3.connect(path)
    *before, last = statements
    for statement in before:
        connection.execute(statement)
    with pytest.raises(sqlite3.Error) as caught:
        connection.execute(last)
    connection.close()
    return caught.value


def test_a_full_disk_is_unavailable(tmp_path: Path) -> None:
    fills = "INSERT INTO t SELECT randomblob(100000)"
    error = error_of(tmp_path / "a.db", "CREATE TABLE t (b)", "PRAGMA max_page_count = 3", fills)
    assert type(storage_error(wrapped(error))) is StorageUnavailableError
    assert type(storage_error(error)) is StorageUnavailableError


def test_a_file_that_is_no_database_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database, but long enough to look at" * 100)
    error = error_of(tmp_path / "a.db", "SELECT * FROM sqlite_master")
    assert isinstance(storage_error(wrapped(error)), CorruptDatabaseError)


def test_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError) as caught:
        sqlite3.connect(tmp_path / "missing" / "a.db")
    assert type(storage_error(caught.value)) is StorageUnavailableError


@pytest.mark.parametrize("statement", ["SELECT nothing", "INSERT INTO sqlite_master VALUES (1)", "SELEC"])
def test_a_wrong_statement_is_no_trouble_of_the_disk(tmp_path: Path, statement: str) -> None:
    assert storage_error(wrapped(error_of(tmp_path / "a.db", statement))) is None


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError("No space left on device"), StorageUnavailableError),
        (exc.TimeoutError("no connection"), StorageUnavailableError),
        (exc.OperationalError("SELECT 1", {}, Exception("server gone")), StorageUnavailableError),
        (sqlite3.OperationalError("disk I/O error"), StorageUnavailableError),
        (CorruptDatabaseError("broken"), CorruptDatabaseError),
        (NewerSchemaError("newer"), type(None)),
        (RevisionConflictError("late"), type(None)),
        (exc.IntegrityError("INSERT", {}, Exception("constraint")), type(None)),
        (KeyError("mistake"), type(None)),
    ],
)
def test_each_error_is_sorted(error: Exception, expected: type) -> None:
    assert type(storage_error(error)) is expected


def test_all_of_them_are_storage_errors() -> None:
    for kind in (StorageUnavailableError, CorruptDatabaseError, NewerSchemaError):
        assert issubclass(kind, StorageError)
        assert issubclass(kind, OSError)
