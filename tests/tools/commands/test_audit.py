"""`evce audit`."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from evce.records import EventRecord
from tools.cli import main
from tools.data_folder import DataFolder

NOW = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    data = DataFolder(tmp_path / "data")
    with data.hold(), data.write(NOW) as store:
        store.append_events(
            [EventRecord(NOW, "EVCE", "audit", f"deed {number}", "ann") for number in range(3)]
        )
    return data.path


def checked(folder: Path, *arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["audit", "check", "--data", str(folder), *arguments])
    return result.exit_code, result.output


def newest(told: str) -> str:
    return next(line.split(": ")[1] for line in told.splitlines() if line.startswith("newest seal: "))


def test_a_whole_log_is_told_with_its_newest_seal(folder: Path) -> None:
    """RELIABILITY 4.23"""
    code, told = checked(folder)
    assert (code, told.splitlines()[0], told.splitlines()[-1]) == (0, "3 lines", "every seal fits")
    assert checked(folder, "--seal", newest(told).upper()) == (0, told)


def test_a_changed_line_is_named(folder: Path) -> None:
    """RELIABILITY 4.23"""
    with sqlite3.connect(folder / "evce.db") as db:
        db.execute("UPDATE events SET author = 'bob' WHERE message = 'deed 1'")
    db.close()
    code, told = checked(folder)
    assert code == 1
    assert "not as it was written: 2026-11-01 00:00:00 UTC bob: deed 1" in told


def test_a_log_that_was_cut_lacks_the_seal(folder: Path) -> None:
    """RELIABILITY 4.23"""
    noted = newest(checked(folder)[1])
    with sqlite3.connect(folder / "evce.db") as db:
        db.execute("DELETE FROM events WHERE message = 'deed 2'")
    db.close()
    code, told = checked(folder, "--seal", noted)
    assert code == 1
    assert "the line with that seal is gone" in told


@pytest.mark.parametrize("seal", ["12", "x" * 64])
def test_what_is_no_seal_is_refused(folder: Path, seal: str) -> None:
    code, told = checked(folder, "--seal", seal)
    assert code == 2
    assert "64 digits 0-9 and a-f" in told


def test_a_folder_without_a_site_is_said(tmp_path: Path) -> None:
    code, told = checked(tmp_path)
    assert code == 1
    assert "holds no site" in told
