"""Tests of many windows."""

import tempfile
from pathlib import Path

import pytest

from tools.rehearsal.series import over_cores, play_all, play_in_its_own_folder, virtual_disk
from tools.rehearsal.window import Window


def test_every_window_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """AC-5: each in a process of its own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    windows = [Window(seed, 60.0, mishap_every=1e9) for seed in (1, 2)]
    passed: list[float] = []
    reports = list(play_all(windows, 2, passed.append))
    assert sorted(report.window.seed for report in reports) == [1, 2]
    assert all(report.problems == () for report in reports)
    assert passed == sorted(passed)
    assert passed[-1] == 120.0, "of both, told by the minute"
    assert list(tmp_path.iterdir()) == []


def test_work_goes_on_when_a_process_has_done_its_share() -> None:
    """AC-5: more than one process does in its life."""
    assert sorted(over_cores(abs, range(-25, 0), 1)) == list(range(1, 26))


def test_a_disk_is_in_memory_unless_a_place_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """AC-5: nothing in virtual time waits for a real disk."""
    memory = tmp_path / "memory"
    memory.mkdir()
    monkeypatch.setattr("tools.rehearsal.series._MEMORY", memory)
    monkeypatch.delenv("TMPDIR", raising=False)
    with virtual_disk() as folder:
        assert Path(folder).parent == memory
    assert list(memory.iterdir()) == []
    named = tmp_path / "named"
    named.mkdir()
    monkeypatch.setenv("TMPDIR", str(named))
    monkeypatch.setattr(tempfile, "tempdir", None)
    with virtual_disk() as folder:
        assert Path(folder).parent == named


def test_a_window_leaves_no_folder_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert play_in_its_own_folder(Window(1, 1.0, mishap_every=1e9)).simulated > 1.0
    assert list(tmp_path.iterdir()) == []
