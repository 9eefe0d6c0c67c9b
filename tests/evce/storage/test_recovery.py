"""Whatever state the file is in, there is a store, and it says what happened."""

import os
from pathlib import Path

import pytest

from evce.records import PledgeRecord
from evce.storage import NewerSchemaError, StorageUnavailableError, Store, open_store
from tests.evce.storage.builders import CP1, NOW, later, start, write_raw


def damage(path: Path) -> None:
    """Overwrites the middle of the file, as a failing flash card does."""
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(path.stat().st_size - 8192))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:6000])


def replace_by_text(path: Path) -> None:
    path.write_text("this is no database\n" * 1000)


def test_a_new_folder_is_made(tmp_path: Path) -> None:
    with open_store(tmp_path / "data" / "evce.db", NOW) as store:
        assert store.recovery == ""
        assert start(store).session.transaction == 1


@pytest.mark.parametrize("harm", [damage, truncate, replace_by_text, Path.unlink])
def test_a_broken_file_gives_way_to_the_last_snapshot(path: Path, harm) -> None:  # type: ignore[no-untyped-def]
    """OC-6: what the snapshot holds goes on; ids don't repeat, pledges are void."""
    with open_store(path, NOW) as store:
        kept = start(store).session
        store.commit_pledges(5, [PledgeRecord(CP1, 32.0, 120.0, None)], NOW)
        store.take_snapshot(NOW)
        lost = start(store, started_at=later(5)).session
    harm(path)
    with open_store(path, later(60)) as store:
        assert "evce-20261101T120000Z.snapshot" in store.recovery
        assert store.sessions() == [kept]
        assert store.pledges() == []
        assert start(store, started_at=later(70)).session.transaction > lost.transaction
    aside = [entry.name for entry in path.parent.glob("*.corrupt-*Z")]
    assert aside == ([] if harm is Path.unlink else ["evce.db.corrupt-20261101T120100Z"])
    with open_store(path, later(120)) as store:
        assert store.recovery == ""


def test_without_a_snapshot_an_empty_database_goes_on(path: Path) -> None:
    """OC-6: even then no id is given twice."""
    with open_store(path, NOW) as store:
        lost = start(store).session
    replace_by_text(path)
    with open_store(path, NOW) as store:
        assert "empty database" in store.recovery
        assert start(store).session.transaction > lost.transaction


def test_a_newer_database_is_neither_quarantined_nor_touched(path: Path) -> None:
    open_store(path, NOW).close()
    write_raw(path, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerSchemaError):
        open_store(path, NOW)
    assert path.exists()


def test_a_folder_that_can_t_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageUnavailableError):
        open_store(tmp_path / "file" / "evce.db", NOW)


def test_a_database_in_use_by_a_tool_is_not_taken_for_damaged(path: Path) -> None:
    with Store(path, NOW) as tool, tool.group():
        start(tool)
        with open_store(path, NOW) as store:
            assert store.recovery == ""
            assert store.sessions() == []
