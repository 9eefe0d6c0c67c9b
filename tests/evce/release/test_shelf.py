"""Tests of the folder of the releases."""

from datetime import timedelta
from pathlib import Path

import pytest

from evce.errors import StorageError
from evce.release.course import Course
from evce.release.package import Manifest, Wheel
from evce.release.shelf import Installed, ReleaseShelf
from tests.evce.release.packages import MADE_AT


def manifest(version: str, days: int = 0) -> Manifest:
    wheel = Wheel("evce-1-py3-none-any.whl", 3, "")
    return Manifest(
        version, MADE_AT + timedelta(days=days), "3.11", "x86_64", "0012", (wheel,), "What is *new*."
    )


def put(shelf: ReleaseShelf, version: str, days: int = 0) -> Installed:
    with shelf.placing(version) as folder:
        program = folder / "venv" / "bin" / "evce"
        program.parent.mkdir(parents=True)
        program.touch()
        return shelf.complete(manifest(version, days))


@pytest.fixture
def shelf(tmp_path: Path) -> ReleaseShelf:
    return ReleaseShelf(tmp_path)


def test_without_a_folder_the_first_installation_runs(shelf: ReleaseShelf) -> None:
    """SR-4"""
    assert shelf.course() == Course()
    assert shelf.installed() == []
    assert shelf.find("1.0") is None


def test_a_release_is_there_once_it_is_complete_the_newest_first(shelf: ReleaseShelf) -> None:
    """SR-4"""
    put(shelf, "1.0")
    put(shelf, "1.1", days=1)
    assert [one.manifest.version for one in shelf.installed()] == ["1.1", "1.0"]
    found = shelf.find("1.0")
    assert found is not None
    assert found.program.is_file()
    assert found.python.name == "python"
    found.program.unlink()
    assert shelf.find("1.0") is None
    assert shelf.find("../1.1") is None


def test_what_was_not_completed_goes(shelf: ReleaseShelf) -> None:
    """SR-4: with its failure, and after a power cut with the next installation."""

    def fail() -> None:
        with shelf.placing("1.0") as folder:
            (folder / "half").touch()
            raise ValueError("no room")

    with pytest.raises(ValueError, match="no room"):
        fail()
    assert not (shelf.folder / "1.0").exists()
    (shelf.folder / "0.9" / "venv").mkdir(parents=True)
    put(shelf, "1.0")
    assert not (shelf.folder / "0.9").exists()


def test_two_installations_at_a_time_are_one_too_many(shelf: ReleaseShelf) -> None:
    """SR-4"""
    with shelf.placing("1.0") as folder:
        with pytest.raises(StorageError, match="at this moment"), shelf.placing("1.1"):
            pass
        assert folder.is_dir()


def test_what_is_in_use_is_not_written_over(shelf: ReleaseShelf) -> None:
    """SR-4"""
    put(shelf, "1.0")
    shelf.change(lambda _: Course("1.0"))
    with pytest.raises(StorageError, match="installed already"), shelf.placing("1.0"):
        pass
    assert shelf.find("1.0") is not None


def test_only_what_runs_and_the_way_back_are_kept(shelf: ReleaseShelf) -> None:
    """SR-4"""
    for version in ("1.0", "1.1", "1.2", "1.3"):
        put(shelf, version)
    shelf.change(lambda _: Course("1.2", "1.1", MADE_AT).wanted("1.3", "", MADE_AT))
    (shelf.folder / "9.9").mkdir()  # somebody is installing it
    shelf.prune()
    assert {one.manifest.version for one in shelf.installed()} == {"1.1", "1.2", "1.3"}
    assert (shelf.folder / "9.9").is_dir()


def test_a_damaged_state_is_told_and_nothing_is_guessed(shelf: ReleaseShelf) -> None:
    """RELIABILITY 3"""
    shelf.change(lambda _: Course("1.0"))
    (shelf.folder / "state.json").write_text("{")
    with pytest.raises(StorageError, match="is damaged: remove it"):
        shelf.course()
    with pytest.raises(StorageError, match="is damaged"):
        shelf.change(Course.told)
    (shelf.folder / "state.json").write_bytes(b"\xff")
    with pytest.raises(StorageError, match="can't be read"):
        shelf.course()


def test_a_folder_that_refuses_is_told(tmp_path: Path) -> None:
    """RELIABILITY 3"""
    (tmp_path / "releases").write_text("no folder")
    with pytest.raises(StorageError, match="releases"):
        ReleaseShelf(tmp_path).change(lambda _: Course("1.0"))
