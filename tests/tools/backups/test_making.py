"""Tests of making a backup of a data folder."""

import shutil
from pathlib import Path

import pytest

from evce.errors import StorageError
from tests.tools.backups.builders import LATER, NOW, PHRASE, back_up, fill
from tools.backups import making
from tools.backups.unpacking import unpack
from tools.data_folder import DataFolder


def test_everything_of_the_site_is_in_it_and_nothing_readable(tmp_path: Path) -> None:
    """SR-1: settings, users, cards, sessions, what stations and the operator know; what isn't is named."""
    folder = fill(DataFolder(tmp_path / "data"), "harbour")
    target, shares = tmp_path / "site.evce", list[float]()
    manifest = making.make_backup(folder, target, PHRASE, LATER, shares.append)
    assert (manifest.site, manifest.made_at, manifest.revision) == ("harbour", LATER, 1)
    assert {"users": 1, "admins": 1, "zones": 1, "cards": 1, "sessions": 3}.items() <= manifest.counts.items()
    assert manifest.files == ("authority/harbour.pem", "authority/root.pem", "operator.txt")
    assert manifest.left_out == ("/etc/ssl/certs/ca.pem",)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    content = target.read_bytes()
    assert not [word for word in (b"harbour", b"SQLite", b"hash of", b"key of") if word in content]
    assert target.stat().st_mode & 0o077 == 0
    new = unpack(target, PHRASE, tmp_path / "unpacked", LATER).folder / "new"
    assert (new / "operator.txt").read_text() == "key of harbour"
    assert not list(folder.path.glob("backup-*"))


def test_while_the_folder_is_in_use_it_works_as_well(old: DataFolder, tmp_path: Path) -> None:
    """SR-1: the daemon holds the folder and has the database open."""
    with old.hold(), old.write(NOW) as store:
        assert store.users()
        assert back_up(old, tmp_path / "site.evce").counts["sessions"] == 5


def test_a_link_is_not_followed_out_of_the_folder(old: DataFolder, tmp_path: Path) -> None:
    """SR-1: RELIABILITY §3."""
    folder = old
    (tmp_path / "secret").write_text("of the machine")
    for name in ("operator.txt", "authority/root.pem"):
        (folder.path / name).unlink()
        (folder.path / name).symlink_to(tmp_path / "secret")
    manifest = back_up(folder, tmp_path / "site.evce")
    assert manifest.files == ("authority/old.pem",)
    assert "operator.txt" in manifest.left_out


def test_what_goes_wrong_is_told_and_leaves_nothing(
    old: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-1: no half a backup, and the one before stays."""
    target = tmp_path / "site.evce"
    with pytest.raises(StorageError, match="can't be made"):
        back_up(DataFolder(tmp_path / "none"), target)
    empty = DataFolder(tmp_path / "empty")
    with empty.hold(), empty.write(NOW):
        pass
    with pytest.raises(StorageError, match="holds no site yet"):
        back_up(empty, target)
    folder = old
    with pytest.raises(ValueError, match="pass phrase has 5"):
        making.make_backup(folder, target, "short", NOW)
    assert not target.exists()
    back_up(folder, target)
    before = target.read_bytes()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, 1000))  # type: ignore[attr-defined]
    with pytest.raises(StorageError, match="the backup needs"):
        back_up(folder, target)
    assert target.read_bytes() == before
    assert not [path.name for path in tmp_path.rglob("*") if path.name.startswith(("backup-", ".site"))]
