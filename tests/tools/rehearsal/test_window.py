"""Tests of one window."""

from pathlib import Path

import pytest

from tools.rehearsal.mishaps import Mishap
from tools.rehearsal.window import Window, play


def test_the_same_window_is_the_same_run_to_the_last_message(tmp_path: Path) -> None:
    """AC-5: with mishaps in it."""
    runs = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        heard: list[str] = []
        report = play(Window(5, 40.0, mishap_every=10.0), folder, heard.append)
        assert report.problems == ()
        runs.append((heard, report.mishaps, report.sessions))
    assert runs[0] == runs[1]
    assert len(runs[0][0]) > 100
    assert runs[0][1]


def test_a_window_without_mishaps_ends_well(tmp_path: Path) -> None:
    report = play(Window(1, 20.0, mishap_every=1e9), tmp_path)
    assert (report.problems, report.mishaps, report.page) == ((), (), "")
    assert report.simulated >= 30.0


def test_what_goes_wrong_for_good_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-5: a search that finds nothing must be one that could have."""

    def pulled(at: float) -> Mishap:
        return Mishap(at, "link", "G1 never dials again", 0.0, lambda house: house.site.cut("G1", house.now))

    monkeypatch.setattr("tools.rehearsal.window.mishaps", lambda *_: [pulled(1.0)])
    report = play(Window(1, 10.0), tmp_path)
    problem = "not within 240 s: every station is back after the last mishap"
    assert report.problems == (problem,)
    for told in ("seed 1", problem, "G1 never dials again"):
        assert told in report.page
