"""Snapshots are whole, few, taken while writing goes on, and found again when the file is damaged."""

import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from evce.storage import StorageUnavailableError, Store
from evce.storage.engine import sound, wal_files
from evce.storage.snapshots import (
    QUARANTINED_KEPT,
    SnapshotPlan,
    age_of_newest,
    before_changes,
    newest_snapshots,
    prune_snapshots,
    put_back,
    quarantine,
    restore,
    taken_at,
)
from tests.evce.storage.builders import NOW, later, start


def count(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM sessions").fetchone()[0])
    finally:
        connection.close()


def fill(store: Store, number: int, begin: int = 0) -> None:
    with store.group():
        for n in range(number):
            start(store, started_at=later(begin + n), station_name="x" * 500)


def test_a_snapshot_holds_what_was_committed_when_it_began(store: Store) -> None:
    fill(store, 300)
    copy = store.begin_snapshot(NOW)
    assert copy is not None
    steps = 0
    while not copy.step(16 * 1024):
        # More than the log holds before SQLite would move it into the file.
        start(store, started_at=later(1000 + steps), station_name="x" * 1_000_000)
        steps += 1
    assert steps > 5
    assert copy.target.name == "evce-20261101T120000Z.snapshot"
    assert sound(copy.target)
    assert count(copy.target) == 300
    assert len(store.sessions(limit=100_000)) == 300 + steps


READS = (
    "import sqlite3, sys; reader = sqlite3.connect(sys.argv[1]); "
    "print(*reader.execute('SELECT count(*) FROM sessions').fetchone()); reader.close()"
)


def read_by_another_program(path: Path) -> int:
    """The sessions that a program beside this one sees, which then closes the database."""
    told = subprocess.run(
        [sys.executable, "-c", READS, str(path)], capture_output=True, text=True, check=True
    )
    return int(told.stdout)


@pytest.mark.parametrize("ends", ["taken", "cancelled"])
def test_after_a_snapshot_no_other_program_takes_the_log_away(store: Store, path: Path, ends: str) -> None:
    """CDR-2: whoever reads beside the daemon and closes must not believe that he was the last one.

    He would remove the write-ahead log, and whatever is committed afterwards would be gone at the next start.
    """
    fill(store, 2)
    copy = store.begin_snapshot(NOW)
    assert copy is not None
    if ends == "taken":
        assert copy.step(10**9)
    else:
        copy.cancel()
    fill(store, 3, begin=10)
    log = wal_files(path)[0].stat().st_ino
    assert read_by_another_program(path) == 5
    assert wal_files(path)[0].stat().st_ino == log
    fill(store, 4, begin=20)
    assert read_by_another_program(path) == 9


def test_checkpoints_run_again_after_a_snapshot(store: Store, path: Path) -> None:
    fill(store, 10)
    store.take_snapshot(NOW)
    size = path.stat().st_size
    for number in range(30):
        start(store, started_at=later(20_000 + number), station_name="x" * 200_000)
    assert path.stat().st_size > size + 1_000_000


def test_a_cancelled_snapshot_leaves_nothing(store: Store, path: Path) -> None:
    fill(store, 300)
    copy = store.begin_snapshot(NOW)
    assert copy is not None
    assert not copy.step(1024)
    copy.cancel()
    assert list((path.parent / "snapshots").iterdir()) == []


def test_a_file_that_changed_meanwhile_gives_no_snapshot(store: Store, path: Path) -> None:
    fill(store, 300)
    copy = store.begin_snapshot(NOW)
    assert copy is not None
    assert not copy.step(1024)
    path.touch()
    with pytest.raises(StorageUnavailableError, match="changed"):
        copy.step(10**9)
    assert list((path.parent / "snapshots").iterdir()) == []


def test_leftovers_of_a_snapshot_that_never_ended_go(store: Store, path: Path) -> None:
    folder = path.parent / "snapshots"
    folder.mkdir()
    (folder / "evce-20200101T000000Z.snapshot.part").write_bytes(b"half")
    taken = store.take_snapshot(NOW)
    assert list(folder.iterdir()) == [taken]


def test_the_newest_few_of_each_kind_are_kept(store: Store, path: Path) -> None:
    for hour in range(5):
        store.take_snapshot(later(3600 * hour))
        store.take_snapshot(later(3600 * hour + 1), kind="v0001-")
    prune_snapshots(path, 2)
    assert [entry.name for entry in newest_snapshots(path)] == [
        "evce-v0001-20261101T160001Z.snapshot",
        "evce-20261101T160000Z.snapshot",
        "evce-v0001-20261101T150001Z.snapshot",
        "evce-20261101T150000Z.snapshot",
    ]


@pytest.mark.parametrize(
    ("age", "plan", "due"),
    [
        (None, SnapshotPlan(), True),
        (3599, SnapshotPlan(), False),
        (3600, SnapshotPlan(), True),
        (-60, SnapshotPlan(), True),
        (7200, SnapshotPlan(bytes_a_day=100_000), False),
        (7 * 86400, SnapshotPlan(bytes_a_day=100_000), True),
        (60, SnapshotPlan(every=timedelta(seconds=60), bytes_a_day=2**30), True),
    ],
)
def test_a_snapshot_is_due_when_the_newest_is_too_old_for_the_size(
    store: Store, path: Path, age: float | None, plan: SnapshotPlan, due: bool
) -> None:
    fill(store, 300)
    if age is not None:
        store.take_snapshot(NOW)
    else:
        store.take_snapshot(NOW, kind="v0001-")
        assert age_of_newest(path, NOW) is None
    assert plan.due(path, later(age or 0)) is due


def test_the_newest_sound_snapshot_takes_the_place_of_a_lost_file(store: Store, path: Path) -> None:
    for hour in range(3):
        fill(store, 1, begin=hour)
        store.take_snapshot(later(3600 * hour))
    store.close()
    newest, middle, _ = newest_snapshots(path)
    newest.write_bytes(newest.read_bytes()[:5000])
    path.unlink()
    wal_files(path)[0].write_bytes(b"the log of another file")
    assert restore(path) == middle
    assert sound(path)
    assert count(path) == 2


def test_without_a_sound_snapshot_nothing_is_restored(path: Path) -> None:
    assert restore(path) is None
    assert not path.exists()


def test_a_damaged_file_is_kept_aside_but_not_for_ever(path: Path) -> None:
    for number in range(QUARANTINED_KEPT + 2):
        path.write_bytes(b"damaged")
        wal_files(path)[0].write_bytes(b"log")
        aside = quarantine(path, later(number))
        assert aside.read_bytes() == b"damaged"
        assert wal_files(aside)[0].read_bytes() == b"log"
        assert not path.exists()
    assert len(list(path.parent.iterdir())) == 2 * QUARANTINED_KEPT


def test_the_database_of_before_an_update_is_put_back(tmp_path: Path) -> None:
    """SR-4: of before the first change of the tables since; what came after is kept aside."""
    path = tmp_path / "evce.db"
    with Store(path, NOW) as store:
        fill(store, 3)
        store.take_snapshot(later(-60), kind="v0009-")
        store.take_snapshot(later(0))
        before = store.take_snapshot(later(10), kind="v0010-")
        fill(store, 2, begin=3)
        store.take_snapshot(later(20), kind="v0011-")
        store.take_snapshot(later(30))
    assert before is not None
    assert before_changes(path, later(5)) == before
    assert taken_at(before) == later(10)
    assert put_back(path, later(5), later(40)) == before
    assert count(path) == 3
    assert [count(kept) for kept in tmp_path.glob("evce.db.corrupt-*Z")] == [5]
    assert [taken_at(one) for one in newest_snapshots(path)] == [later(10), later(0), later(-60)]
    with Store(path, later(50)) as store:
        assert start(store, started_at=later(50)).session.transaction > 5  # no id is given twice


def test_without_a_change_of_the_tables_the_database_stays(tmp_path: Path) -> None:
    """SR-4: nothing is lost by leaving a release that has changed nothing."""
    path = tmp_path / "evce.db"
    with Store(path, NOW) as store:
        fill(store, 3)
        store.take_snapshot(later(-60), kind="v0009-")
        store.take_snapshot(later(10))
    assert put_back(path, later(0), later(40)) is None
    assert count(path) == 3
    assert list(tmp_path.glob("evce.db.corrupt-*")) == []
