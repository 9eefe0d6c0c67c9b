"""The folder that holds everything a site has stored."""

import os
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evce.errors import StorageError
from tools.data_folder import DataFolder, FolderInUseError

NOW = datetime(2026, 3, 29, tzinfo=UTC)

HOLD_UNTIL_TOLD = """
import sys
from pathlib import Path
from tools.data_folder import DataFolder
with DataFolder(Path(sys.argv[1])).hold():
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_held_folder_is_refused_to_another_program_and_free_after_its_death(tmp_path: Path) -> None:
    """OC-6, CF-1: one writer on a data folder; a killed one leaves nothing locked."""
    root = Path(__file__).parents[2]
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD_UNTIL_TOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=root,
        text=True,
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with (
            pytest.raises(FolderInUseError, match=f"in use by process {other.pid}"),
            DataFolder(tmp_path).hold(),
        ):
            pass
    finally:
        other.kill()
        other.communicate(timeout=10)
    with DataFolder(tmp_path).hold():
        assert (tmp_path / "evce.lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_is_made_and_its_lock_is_nobody_elses(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "new" / "site")
    with folder.hold():
        assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder.path / "evce.lock").stat().st_mode) == 0o600
        with pytest.raises(FolderInUseError), folder.hold():
            pass
    with folder.hold():
        pass


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="file/site"), DataFolder(tmp_path / "file" / "site").hold():
        pass


def test_reading_makes_nothing(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with pytest.raises(StorageError, match="holds no site"):
        folder.read(NOW)
    assert list(tmp_path.iterdir()) == []


def test_what_was_written_is_read_beside_the_writer(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    with folder.hold(), folder.write(NOW), folder.read(NOW) as reading:
        assert reading.newest_revision() is None


def test_a_reset_deletes_what_evce_made_and_nothing_else(tmp_path: Path) -> None:
    """SR-3: ids are never given twice, so their floor stays."""
    folder = DataFolder(tmp_path)
    for name in ("evce.db", "evce.db-wal", "evce.db.corrupt-1", "form-secret", "ids.floor", "holiday.jpg"):
        (tmp_path / name).write_text("x")
    for name in ("snapshots", "authority", "station-files", "station-firmware", "reports"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "one").write_text("x")
    with folder.hold():
        folder.forget_everything()
        assert sorted(path.name for path in tmp_path.iterdir()) == ["evce.lock", "holiday.jpg", "ids.floor"]


def test_a_reset_that_a_power_cut_broke_off_is_finished_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SR-3: a snapshot that was left must not bring the site back."""
    folder = DataFolder(tmp_path)
    for name in ("evce.db", "form-secret"):
        (tmp_path / name).write_text("x")
    (tmp_path / "snapshots").mkdir()

    def cut(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with folder.hold(), monkeypatch.context() as patched:
        patched.setattr("shutil.rmtree", cut)
        with pytest.raises(StorageError, match="Input/output"):
            folder.forget_everything()
    assert (tmp_path / "snapshots").exists()
    with folder.hold():
        assert [path.name for path in tmp_path.iterdir()] == ["evce.lock"]
