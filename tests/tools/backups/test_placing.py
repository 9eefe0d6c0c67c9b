"""Tests of putting a restored site in place: old or new as a whole, wherever the power is cut."""

import contextlib
import itertools
import os
import shutil
from pathlib import Path

import pytest

from evce.errors import StorageError
from tests.tools.backups.builders import LATER, site_of
from tools.backups import placing, restoring
from tools.data_folder import DataFolder

OLD = {
    "site": "old",
    "users": ["admin of old"],
    "cards": ["CARD-old"],
    "sessions": {"old"},
    "operator": "key of old",
    "authority": ["old.pem", "root.pem"],
    "root": "root of old",
}
NEW = {
    "site": "new",
    "users": ["admin of new"],
    "cards": ["CARD-new"],
    "sessions": {"new"},
    "operator": "key of new",
    "authority": ["new.pem", "root.pem"],
    "root": "root of new",
}


class PowerCut(BaseException):
    """The process is gone: nothing of ours runs any more."""


def prepared(folder: DataFolder, staged: Path, patch: pytest.MonkeyPatch) -> None:
    """Everything that a restore does before the one step that decides."""
    patch.setattr(restoring, "commit", lambda *_: None)
    restoring.restore_site(folder, staged, "olivia", LATER, users=True)
    patch.undo()


def test_a_power_cut_at_any_step_leaves_the_old_site_or_the_new_one(
    old: DataFolder, staged: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-2: RELIABILITY §2 and invariant 19; every change of a name and every sync is the last one once."""
    prepared(old, staged, monkeypatch)
    shutil.copytree(old.path, tmp_path / "before")
    outcomes: list[str] = []
    for step in itertools.count():
        shutil.rmtree(old.path)
        shutil.copytree(tmp_path / "before", old.path)
        with monkeypatch.context() as patch:
            _cut_after(patch, step)
            try:
                placing.commit(old.path, staged)
                break  # the whole way, without a cut
            except PowerCut:
                pass
        with monkeypatch.context() as patch:  # and once more, while the next start finishes it
            _cut_after(patch, step % 7)
            with contextlib.suppress(PowerCut):
                placing.finish(old.path)
        with old.hold():
            found = site_of(old)
        assert found in (OLD, NEW), (step, found)
        assert not list(old.path.glob("restor*")), step
        outcomes.append(str(found["site"]))
    assert site_of(old) == NEW
    assert outcomes == sorted(outcomes, reverse=True)  # old until the one rename, new ever after
    assert {"old", "new"} == set(outcomes)
    assert outcomes.count("new") > 15


def _cut_after(patch: pytest.MonkeyPatch, step: int) -> None:
    """The power goes at the change of a name or the sync after `step` others."""
    left = step

    def counted(name: str, owner: object) -> None:
        original = getattr(owner, name)

        def maybe(*arguments: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left < 0:
                raise PowerCut
            return original(*arguments, **named)

        patch.setattr(owner, name, maybe)

    patch.setattr(os, "fsync", lambda _: None)  # a test can't lose what wasn't synced
    counted("replace", Path)
    counted("fsync", os)


def test_what_was_replaced_is_kept_once(old: DataFolder, staged: Path, made: Path) -> None:
    """SR-2: a person can look at it; its snapshots are out of the way of the new site."""
    restoring.restore_site(old, staged, "olivia", LATER, users=True)
    aside = old.path / placing.REPLACED / placing.ASIDE
    assert (aside / "operator.txt").read_text() == "key of old"
    assert (aside / "evce.db").is_file()
    assert list((aside / "snapshots").iterdir())
    assert not (old.path / "snapshots").exists()
    shutil.copytree(made / "restore-1", staged)
    restoring.restore_site(old, staged, "olivia", LATER, users=True)
    assert (aside / "operator.txt").read_text() == "key of new"
    with old.hold():
        old.forget_everything()  # SR-3
        assert not (old.path / placing.REPLACED).exists()


def test_leftovers_of_what_was_never_decided_go_at_the_next_start(old: DataFolder, staged: Path) -> None:
    """SR-2: the old site is whole."""
    (old.path / "backup-1").mkdir()
    (old.path / "backup-upload").write_text("x")
    (old.path / "release-room").mkdir()
    with old.hold():
        assert site_of(old) == OLD
    assert not staged.exists()
    assert not list(old.path.glob("backup-*"))
    assert not (old.path / "release-room").exists()


def test_nothing_is_written_through_a_link(old: DataFolder, staged: Path, tmp_path: Path) -> None:
    """SR-2: RELIABILITY §3, symlink."""
    (tmp_path / "elsewhere").mkdir()
    (old.path / "certs").symlink_to(tmp_path / "elsewhere")
    (staged / "new" / "certs").mkdir()
    (staged / "new" / "certs" / "x.pem").write_text("x")
    with pytest.raises(StorageError, match="is a link"):
        placing.commit(old.path, staged)
    assert not list((tmp_path / "elsewhere").iterdir())
    assert site_of(old) == OLD


def test_a_disk_that_refuses_leaves_the_old_site(
    old: DataFolder, staged: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-2: RELIABILITY §2."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left"):
        placing.commit(old.path, staged)
    assert site_of(old) == OLD
