"""One connection, with the pragmas that make a commit durable and the disk's wear bounded."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import exc

from evce.storage.engine import (
    AUTOCHECKPOINT_PAGES,
    BUSY_TIMEOUT_MS,
    JOURNAL_LIMIT_BYTES,
    checkpoint,
    database_path,
    database_url,
    hold_checkpoints,
    open_engine,
    reading,
    sound,
    wal_files,
    writing,
)
from tests.evce.storage.builders import Disk


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),
        ("foreign_keys", 1),
        ("busy_timeout", BUSY_TIMEOUT_MS),
        ("journal_size_limit", JOURNAL_LIMIT_BYTES),
        ("wal_autocheckpoint", AUTOCHECKPOINT_PAGES),
    ],
)
def test_the_connection_has_its_pragmas(path: Path, pragma: str, value: object) -> None:
    """OC-6: synchronous FULL, so that what was answered survives a power cut."""
    engine = open_engine(database_url(path))
    with engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    engine.dispose()


def test_a_reader_can_t_write(path: Path) -> None:
    sqlite3.connect(path).execute("CREATE TABLE t (x)").connection.close()
    engine = open_engine(database_url(path), read_only=True)
    with engine.connect() as connection, pytest.raises(exc.OperationalError, match="readonly"):
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    engine.dispose()


def test_there_is_one_connection(path: Path) -> None:
    engine = open_engine(database_url(path))
    with engine.connect() as one, engine.connect() as other:
        assert one.connection.driver_connection is other.connection.driver_connection
    engine.dispose()


def test_a_write_takes_the_lock_at_its_beginning_and_a_read_doesn_t(path: Path) -> None:
    engine = open_engine(database_url(path))
    other = sqlite3.connect(path, timeout=0)
    with engine.connect() as connection, reading(connection).begin():
        other.execute("BEGIN IMMEDIATE").connection.rollback()
    with (
        engine.connect() as connection,
        writing(connection).begin(),
        pytest.raises(sqlite3.OperationalError, match="locked"),
    ):
        other.execute("BEGIN IMMEDIATE")
    other.close()
    engine.dispose()


def test_the_fault_hook_sees_the_commits_of_writes_only(path: Path) -> None:
    disk = Disk(2)
    engine = open_engine(database_url(path), fault=disk)
    with engine.connect() as connection, reading(connection).begin():
        pass
    with engine.connect() as connection, writing(connection).begin():
        connection.exec_driver_sql("CREATE TABLE t (x)")
    with pytest.raises(sqlite3.OperationalError), engine.connect() as connection, writing(connection).begin():
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
    assert disk.commits == 2
    engine.dispose()


def test_held_checkpoints_leave_the_file_alone(path: Path) -> None:
    engine = open_engine(database_url(path))
    with engine.connect() as connection, writing(connection).begin():
        connection.exec_driver_sql("CREATE TABLE t (x)")
    assert checkpoint(engine)
    before = path.read_bytes()
    assert wal_files(path)[0].stat().st_size == 0
    hold_checkpoints(engine, True)
    with engine.connect() as connection, writing(connection).begin():
        connection.exec_driver_sql("INSERT INTO t SELECT randomblob(10000000)")
    assert path.read_bytes() == before
    hold_checkpoints(engine, False)
    assert checkpoint(engine)
    assert path.stat().st_size > 10_000_000
    engine.dispose()


def test_a_reader_holds_a_checkpoint_back(path: Path) -> None:
    engine = open_engine(database_url(path))
    with engine.connect() as connection, writing(connection).begin():
        connection.exec_driver_sql("CREATE TABLE t (x)")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM t").fetchall()
    with engine.connect() as connection, writing(connection).begin():
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    assert not checkpoint(engine)
    reader.close()
    assert checkpoint(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("where", "url", "file"),
    [
        ("/srv/evce.db", "sqlite:////srv/evce.db", Path("/srv/evce.db")),
        (Path("evce.db"), "sqlite:///evce.db", Path("evce.db")),
        ("sqlite:////srv/evce.db", "sqlite:////srv/evce.db", Path("/srv/evce.db")),
        ("postgresql+psycopg://host/evce", "postgresql+psycopg://host/evce", None),
        ("sqlite://", "sqlite://", None),
    ],
)
def test_a_path_or_a_url_names_the_database(where: str | Path, url: str, file: Path | None) -> None:
    assert database_url(where) == url
    assert database_path(url) == file


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"", True), (b"text, no database at all" * 50, False), (b"SQLite format 3\0", False)],
)
def test_a_file_is_sound_or_not(path: Path, content: bytes, expected: bool) -> None:
    path.write_bytes(content)
    assert sound(path) is expected


def test_a_file_that_can_t_be_looked_at_is_not_called_damaged(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        sound(tmp_path / "missing" / "evce.db")
