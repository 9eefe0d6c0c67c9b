"""Tests of the way back to the release before."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from evce.release.course import BASE, Course
from evce.release.shelf import ReleaseShelf
from evce.release.way_back import WayBack, way_back
from evce.storage import open_store
from evce.storage.migration import HEAD

SINCE = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    open_store(tmp_path / "evce.db", SINCE).close()
    return tmp_path / "evce.db"


def ask(database: Path, course: Course, base_schema: str = HEAD) -> WayBack | None:
    return way_back(ReleaseShelf(database.parent), course, database, base_schema)


def test_there_is_none_without_a_release_before_or_while_one_is_on_trial(database: Path) -> None:
    """SR-4"""
    assert ask(database, Course()) is None
    assert ask(database, Course("1.1", BASE, SINCE).wanted("1.2", "", SINCE)) is None


def test_nothing_is_lost_where_both_know_the_same_tables(database: Path) -> None:
    """SR-4"""
    assert ask(database, Course("1.1", BASE, SINCE)) == WayBack(BASE)


def test_what_came_after_the_tables_changed_would_be_lost(database: Path) -> None:
    """SR-4: and without the snapshot from before there is no way back."""
    course = Course("1.1", BASE, SINCE)
    barred = ask(database, course, "0001")
    assert barred is not None
    assert "no snapshot" in barred.barred
    at = SINCE + timedelta(seconds=20)
    with open_store(database, at) as store:
        store.take_snapshot(at, kind="v0001-")
    assert ask(database, course, "0001") == WayBack(BASE, at)


def test_a_release_whose_files_are_gone_can_t_come_back(database: Path) -> None:
    """SR-4"""
    gone = ask(database, Course("1.1", "1.0", SINCE))
    assert gone is not None
    assert "not there" in gone.barred
