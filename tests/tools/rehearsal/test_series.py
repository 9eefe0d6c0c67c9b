"""Tests of many windows."""

import tempfile
from pathlib import Path

import pytest

from tools.rehearsal.series import play_all, play_in_its_own_folder
from tools.rehearsal.window import Window


def test_every_window_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """AC-5: each in a process of its own."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    windows = [Window(seed, 5.0, mishap_every=1e9) for seed in (1, 2)]
    reports = list(play_all(windows, 2))
    assert sorted(report.window.seed for report in reports) == [1, 2]
    assert all(report.problems == () for report in reports)
    assert list(tmp_path.iterdir()) == []


def test_a_window_leaves_no_folder_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert play_in_its_own_folder(Window(1, 1.0, mishap_every=1e9)).simulated > 1.0
    assert list(tmp_path.iterdir()) == []
