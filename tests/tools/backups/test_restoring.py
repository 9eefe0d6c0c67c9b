"""Tests of a restore as a whole: who may log in, what is written down, and what is kept."""

import shutil
from pathlib import Path

import pytest

from evce.configuration.document import SiteDocument
from evce.errors import StorageError
from tests.tools.backups.builders import LATER, PHRASE, back_up, site_of
from tools.backups.restoring import restore_site
from tools.backups.unpacking import unpack
from tools.commands.site_file import SITE_FILE_AUTHOR
from tools.data_folder import DataFolder


@pytest.mark.parametrize("users", [True, False])
def test_a_site_is_restored_with_or_without_its_users(old: DataFolder, staged: Path, users: bool) -> None:
    """SR-2: everything else is the backup's; the audit log and the history say who did it."""
    restore_site(old, staged, "olivia", LATER, users=users)
    found = site_of(old)
    assert found["users"] == (["admin of new"] if users else ["admin of old"])
    assert (found["site"], found["cards"], found["operator"]) == ("new", ["CARD-new"], "key of new")
    with old.read(LATER) as store:
        audit = [event for event in store.list_events(type_="audit") if event.author == "olivia"]
        assert "the backup of new, made 2026-11-01 12:00 UTC, was restored" in audit[0].message
        assert [(r.number, r.author) for r in store.revisions()] == [(2, "olivia"), (1, "new")]


def test_an_empty_folder_takes_a_backup_only_with_its_users(made: Path, tmp_path: Path) -> None:
    """SR-2: nobody could log in otherwise."""
    folder = DataFolder(tmp_path / "data")
    with folder.hold():
        staged = Path(shutil.copytree(made / "restore-1", folder.path / "restore-1"))
        with pytest.raises(StorageError, match="no users here"):
            restore_site(folder, staged, "olivia", LATER, users=False)
        assert not folder.database.exists()
        restore_site(folder, staged, "olivia", LATER, users=True)
        assert site_of(folder)["site"] == "new"


def test_a_backup_without_an_administrator_keeps_the_users_that_are_there(
    made: Path, old: DataFolder, tmp_path: Path
) -> None:
    """SR-2, US-2: the last administrator can't be lost."""
    other = DataFolder(Path(shutil.copytree(made / "new", tmp_path / "other")))
    with other.hold(), other.write(LATER) as store:
        store.delete_user("admin of new")
    back_up(other, tmp_path / "site.evce")
    staged = unpack(tmp_path / "site.evce", PHRASE, old.path / "restore-2", LATER).folder
    with pytest.raises(StorageError, match="no administrator in the backup"):
        restore_site(old, staged, "olivia", LATER, users=True)
    assert site_of(old)["site"] == "old"
    restore_site(old, staged, "olivia", LATER, users=False)
    assert site_of(old)["users"] == ["admin of old"]


def test_the_site_file_of_the_start_stays_out_until_it_changes(old: DataFolder, staged: Path) -> None:
    """SR-2: as after a reset; else the next start would undo the restore."""
    document = SiteDocument.parse({"site": {"name": "old"}})
    restore_site(old, staged, "olivia", LATER, users=True, site_file=document)
    with old.read(LATER) as store:
        assert [r.author for r in store.revisions()] == ["olivia", SITE_FILE_AUTHOR, "new"]
    assert site_of(old)["site"] == "new"
