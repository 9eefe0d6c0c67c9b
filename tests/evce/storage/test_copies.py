"""Tests of the copy of the database that a backup takes."""

import sqlite3
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from evce.errors import StorageError
from evce.records import CardRecord, UserRecord, WebSessionRecord
from evce.storage import Store
from evce.storage.copies import copy_database, counts
from evce.storage.engine import sound
from tests.evce.storage.builders import NOW, later, start


def test_a_copy_is_whole_while_writing_goes_on(store: Store, path: Path, tmp_path: Path) -> None:
    """SR-1: commits neither wait for the copy nor get into it by halves."""
    with store.group():
        for number in range(300):
            start(store, started_at=later(number), station_name="x" * 3000)
    began, shares = threading.Event(), []

    def progress(share: float) -> None:
        shares.append(share)
        if not began.is_set():
            began.set()
            start(store, started_at=later(9000))  # from another connection, in the middle of the copy

    copy_database(path, tmp_path / "copy.db", progress)
    assert began.is_set()
    assert all(0 <= share <= 1 for share in shares)
    assert sound(tmp_path / "copy.db")
    assert counts(tmp_path / "copy.db")["sessions"] == 300
    assert len(store.sessions(limit=1000)) == 301


def test_browsers_and_pledges_stay_at_home(store: Store, path: Path, tmp_path: Path) -> None:
    """SR-1: users and cards go with it, what opens a session in a browser doesn't."""
    store.save_user(UserRecord("olivia", "admin", "hash", NOW))
    store.save_user(UserRecord("ursula", "user", "hash", NOW))
    store.save_web_session(WebSessionRecord("token-hash-of-olivia", "olivia", NOW, NOW + timedelta(1)))
    store.save_card(CardRecord("ABCD", True), NOW)
    copy_database(path, tmp_path / "copy.db")
    assert counts(tmp_path / "copy.db") == {"users": 2, "admins": 1, "cards": 1, "sessions": 0, "events": 0}
    assert b"token-hash-of-olivia" not in (tmp_path / "copy.db").read_bytes()
    assert b"token-hash-of-olivia" in path.read_bytes() + path.with_name("evce.db-wal").read_bytes()


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    """SR-1."""
    with pytest.raises(StorageError, match="there is no database"):
        copy_database(tmp_path / "none.db", tmp_path / "copy.db")
    (tmp_path / "text.db").write_text("x" * 5000)
    with pytest.raises(StorageError, match="can't be copied"):
        copy_database(tmp_path / "text.db", tmp_path / "copy.db")
    sqlite3.connect(tmp_path / "empty.db").close()
    with pytest.raises(StorageError, match="can't be read"):
        counts(tmp_path / "empty.db")
