"""No transaction id is ever given twice, and an older copy of the database is found out."""

import shutil
from pathlib import Path

import pytest

from evce.records import PledgeRecord, UserRecord, WebSessionRecord
from evce.storage import StorageUnavailableError, Store, ids, mark_restored
from evce.storage.id_floor import FILE_NAME, Floor, read_floor, write_floor
from tests.evce.storage.builders import CP1, NOW, Disk, later, start, write_raw


def fill(store: Store, number: int, begin: int = 0) -> list[int]:
    return [start(store, started_at=later(begin + n)).session.transaction for n in range(number)]


def remember(store: Store) -> None:
    store.commit_pledges(50, [PledgeRecord(CP1, 32.0, 120.0, None)], NOW)
    store.save_user(UserRecord("ann", "administrator", "hash", NOW))
    store.save_web_session(WebSessionRecord("token", "ann", NOW, NOW))


def test_ids_are_positive_rise_and_go_on_after_an_orderly_stop(path: Path) -> None:
    """OC-6"""
    with Store(path, NOW) as store:
        assert fill(store, 3) == [1, 2, 3]
    with Store(path, NOW) as store:
        assert fill(store, 2, begin=10) == [4, 5]


def test_a_store_that_died_skips_what_it_had_reserved(path: Path) -> None:
    fill(Store(path, NOW), 3)  # never closed
    with Store(path, NOW) as store:
        assert fill(store, 1, begin=10) == [1 + ids.BLOCK]


def test_ids_of_deleted_sessions_are_not_given_again(path: Path) -> None:
    with Store(path, NOW) as store:
        fill(store, 250)
    write_raw(path, "DELETE FROM sessions")
    with Store(path, NOW) as store:
        assert fill(store, 1) == [251]


def test_an_older_copy_gives_no_id_twice_and_forgets_what_it_can_t_know(path: Path, tmp_path: Path) -> None:
    """OC-6: after a restore, ids go on above all that were given, pledges and browser sessions are void."""
    with Store(path, NOW) as store:
        fill(store, 3)
        remember(store)
    shutil.copy(path, tmp_path / "old.db")
    with Store(path, NOW) as store:
        given = fill(store, 5, begin=100)
    shutil.copy(tmp_path / "old.db", path)
    with Store(path, NOW) as store:
        for _ in range(2):  # before the first write and after it
            assert store.pledges() == []
            assert store.find_web_session("token") is None
            assert store.newest_plan() == 50 + ids.PLANS_SKIPPED
            store.probe()
        assert fill(store, 1, begin=200)[0] > max(given)
        remember(store)
    with Store(path, NOW) as store:
        assert len(store.pledges()) == 1
        assert store.newest_plan() == 50 + ids.PLANS_SKIPPED


def test_a_copy_taken_and_put_back_in_one_run_is_told_by_its_mark(path: Path, tmp_path: Path) -> None:
    store = Store(path, NOW)
    given = fill(store, 3)
    remember(store)
    snapshot = store.take_snapshot(later(60))
    assert snapshot is not None
    given += fill(store, 150, begin=100)
    store.close()
    shutil.copy(snapshot, path)
    mark_restored(path)
    with Store(path, NOW) as restored:
        assert len(restored.sessions(limit=999)) == 3
        assert restored.pledges() == []
        assert fill(restored, 1, begin=900)[0] > max(given)


@pytest.mark.parametrize("content", [None, b"damaged"])
def test_a_copy_on_a_new_machine_leaves_a_wide_gap(path: Path, content: bytes | None) -> None:
    """OC-6: without the side file nobody knows how many ids the copy misses."""
    with Store(path, NOW) as store:
        fill(store, 3)
        remember(store)
    floor = path.with_name(FILE_NAME)
    floor.unlink()
    if content is not None:
        floor.write_bytes(content)
    with Store(path, NOW) as store:
        assert store.pledges() == []
        assert fill(store, 1, begin=10)[0] > ids.UNKNOWN_GAP


def test_an_empty_database_beside_an_old_side_file_goes_on_above_it(path: Path) -> None:
    write_floor(path.with_name(FILE_NAME), Floor(701, 3))
    with Store(path, NOW) as store:
        assert store.newest_plan() == ids.PLANS_SKIPPED
        assert fill(store, 1) == [701]


def test_another_program_that_writes_lowers_nothing(path: Path) -> None:
    with Store(path, NOW) as store:
        fill(store, 1)
        with Store(path, NOW) as tool:
            fill(store, 150, begin=10)
            tool.save_user(UserRecord("ann", "administrator", "hash", NOW))
        found = read_floor(path.with_name(FILE_NAME))
        assert found is not None
        assert found.floor > 151
        assert fill(store, 1, begin=900) == [152]
    with Store(path, NOW) as store:
        store.commit_pledges(1, [PledgeRecord(CP1, 6.0, 60.0, None)], NOW)
    with Store(path, NOW) as store:
        assert len(store.pledges()) == 1


def test_no_id_is_given_when_its_floor_can_t_be_kept(path: Path) -> None:
    with Store(path, NOW) as store:
        fill(store, ids.BLOCK)
        blocked = path.with_name(f"{FILE_NAME}.part")
        blocked.mkdir()
        for _ in range(2):
            with pytest.raises(StorageUnavailableError):
                fill(store, 1, begin=500)
        blocked.rmdir()
        assert fill(store, 1, begin=500)[0] > ids.BLOCK
        assert len(store.sessions(limit=999)) == ids.BLOCK + 1


def test_an_id_whose_commit_failed_is_not_given_again(path: Path) -> None:
    disk = Disk()
    with Store(path, NOW, fault=disk) as store:
        fill(store, 1)
        disk.full = True
        with pytest.raises(StorageUnavailableError):
            fill(store, 1, begin=10)
        disk.full = False
        assert fill(store, 1, begin=20) == [3]
