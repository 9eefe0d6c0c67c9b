"""Tests of handing a command over to the release that runs a site."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import pytest

from evce.release.course import BASE, Course
from evce.release.shelf import ReleaseShelf
from evce.storage import open_store
from evce.storage.migration import HEAD
from tests.evce.release.test_shelf import put
from tools.data_folder import DataFolder, FolderInUseError
from tools.releases import launching
from tools.releases.launching import base_schema, hand_over, running_release, start_again, start_release

AT = datetime(2026, 11, 23, tzinfo=UTC)


class BecomeError(Exception):
    """In place of another program: what this one would have become."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        super().__init__(command)
        self.command = command
        self.environment = environment


def execute(_: str, command: list[str], environment: dict[str, str]) -> NoReturn:
    raise BecomeError(command, environment)


@pytest.fixture(autouse=True)
def _no_other_program(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (launching.RUNNING, "EVCE_LAUNCHER", "EVCE_BASE_SCHEMA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "execve", execute)
    monkeypatch.setattr(os, "execvpe", execute)
    monkeypatch.setattr(sys, "argv", ["evce", "run", "--data", "x"])


@pytest.fixture
def shelf(tmp_path: Path) -> ReleaseShelf:
    return ReleaseShelf(tmp_path)


def runnable(shelf: ReleaseShelf, version: str) -> None:
    python = put(shelf, version).python
    python.touch()
    python.chmod(0o700)


def test_without_releases_a_command_goes_on_as_it_is(tmp_path: Path) -> None:
    """SR-4: and nothing is written for the sake of it."""
    hand_over(tmp_path)
    start_release(tmp_path)
    start_again(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_command_is_done_by_the_release_that_is_kept(tmp_path: Path, shelf: ReleaseShelf) -> None:
    """SR-4: with the same arguments; not by one that is only on trial."""
    runnable(shelf, "1.1")
    shelf.change(lambda _: Course("1.1"))
    with pytest.raises(BecomeError) as become:
        hand_over(tmp_path)
    folder = tmp_path / "releases" / "1.1" / "venv" / "bin"
    assert become.value.command == [str(folder / "python"), str(folder / "evce"), "run", "--data", "x"]
    assert become.value.environment[launching.RUNNING] == "1.1"
    assert become.value.environment["EVCE_BASE_SCHEMA"] == HEAD
    shelf.change(lambda _: Course().wanted("1.1", "", AT))
    hand_over(tmp_path)


def test_root_runs_nothing_that_another_user_has_written(
    tmp_path: Path, shelf: ReleaseShelf, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """SR-4, RELIABILITY 4: a unit that runs as root reads the same data folder."""
    runnable(shelf, "1.1")
    shelf.change(lambda _: Course("1.1"))
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    hand_over(tmp_path)
    start_release(tmp_path)
    assert capsys.readouterr().err.count("another user's") == 2


def test_a_release_hands_nothing_over(
    tmp_path: Path, shelf: ReleaseShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-4: it is what runs."""
    runnable(shelf, "1.1")
    shelf.change(lambda _: Course("1.1"))
    monkeypatch.setenv(launching.RUNNING, "1.1")
    hand_over(tmp_path)
    start_release(tmp_path)
    start_again(tmp_path)
    assert running_release() == "1.1"


def test_each_start_counts_for_a_release_on_trial_until_the_former_one_is_back(
    tmp_path: Path, shelf: ReleaseShelf, capsys: pytest.CaptureFixture[str]
) -> None:
    """SR-4: with the database of before, where the release has changed its tables."""
    since = AT
    database = tmp_path / "evce.db"
    with open_store(database, since) as store:
        store.take_snapshot(since + timedelta(seconds=1), kind=f"v{HEAD}-")
    mark = database.read_bytes()
    runnable(shelf, "1.1")
    shelf.change(lambda course: course.wanted("1.1", "", since))
    for count in (1, 2):
        with pytest.raises(BecomeError):
            start_release(tmp_path)
        trial = shelf.course().trial
        assert trial is not None
        assert trial.starts == count
    database.write_bytes(b"newer tables")
    start_release(tmp_path)
    assert shelf.course().to_run == BASE
    assert shelf.course().undo is None
    assert len(database.read_bytes()) == len(mark)
    assert "from before the update" in capsys.readouterr().err
    open_store(database, AT).close()


def test_a_power_cut_in_the_middle_of_a_rollback_changes_nothing(tmp_path: Path, shelf: ReleaseShelf) -> None:
    """SR-4: the database is put back at the next start, before anything reads it."""
    database = tmp_path / "evce.db"
    with open_store(database, AT) as store:
        store.take_snapshot(AT, kind="v0001-")
    database.write_bytes(b"newer tables")
    shelf.change(lambda course: course.wanted("1.1", "", AT).rolled_back("", AT))
    start_release(tmp_path)
    open_store(database, AT).close()
    assert shelf.course().undo is None


@pytest.mark.parametrize("kept", [True, False])
def test_a_release_whose_files_are_gone_gives_way_at_once(
    tmp_path: Path, shelf: ReleaseShelf, kept: bool
) -> None:
    """SR-4"""
    course = Course("1.1") if kept else Course().wanted("1.1", "", AT)
    shelf.change(lambda _: course)
    start_release(tmp_path)
    ended = shelf.course()
    assert (ended.to_run, ended.trial) == (BASE, None)
    assert ended.last is not None
    assert "missing" in ended.last.why


def test_a_release_without_its_python_gives_way_at_once(tmp_path: Path, shelf: ReleaseShelf) -> None:
    """SR-4: as after an update of the machine's Python."""
    put(shelf, "1.1")
    shelf.change(lambda course: course.wanted("1.1", "", AT))
    start_release(tmp_path)
    last = shelf.course().last
    assert last is not None
    assert "no Python" in last.why


def test_a_second_daemon_neither_counts_nor_starts_anything(tmp_path: Path, shelf: ReleaseShelf) -> None:
    """SR-4"""
    runnable(shelf, "1.1")
    shelf.change(lambda course: course.wanted("1.1", "", AT))
    with DataFolder(tmp_path).hold():
        # A second lock of one process would be granted: another one asks.
        code = (
            "import sys; from pathlib import Path; from tools.releases.launching import start_release as s\n"
        )
        code += "from tools.data_folder import FolderInUseError\n"
        code += "try: s(Path(sys.argv[1]))\nexcept FolderInUseError: sys.exit(9)"
        done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert done.returncode == 9
    trial = shelf.course().trial
    assert trial is not None
    assert trial.starts == 0
    assert issubclass(FolderInUseError, OSError)


def test_a_damaged_state_leaves_commands_to_the_first_installation(
    tmp_path: Path, shelf: ReleaseShelf, capsys: pytest.CaptureFixture[str]
) -> None:
    """RELIABILITY 3"""
    shelf.change(lambda _: Course("1.1"))
    (shelf.folder / "state.json").write_text("{")
    hand_over(tmp_path)
    assert "is damaged" in capsys.readouterr().err


def test_beginning_anew_is_the_first_installation_s(
    tmp_path: Path, shelf: ReleaseShelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-4: it counts the starts; the release that ends leaves nothing of itself in the environment."""
    first: list[Any] = ["/opt/evce/.venv/bin/python", "/opt/evce/.venv/bin/evce", "run"]
    shelf.change(lambda course: course.wanted("1.2", "", AT))
    monkeypatch.setenv(launching.RUNNING, "1.1")
    monkeypatch.setenv("EVCE_LAUNCHER", json.dumps(first))
    monkeypatch.setenv("EVCE_BASE_SCHEMA", "0001")
    assert base_schema() == "0001"
    with pytest.raises(BecomeError) as become:
        start_again(tmp_path)
    assert become.value.command == first
    assert not {launching.RUNNING, "EVCE_LAUNCHER", "EVCE_BASE_SCHEMA"} & set(become.value.environment)
