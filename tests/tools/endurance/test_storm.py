"""The storm: a small one on the real daemon."""

from pathlib import Path

import pytest

from tools.endurance import storm
from tools.endurance.storm import BACK_WITHIN, raise_storm


@pytest.mark.scenario
def test_everybody_comes_back_and_no_limit_is_missed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AC-2: RELIABILITY, safety chain; the daemon itself says when it knows them all again."""
    monkeypatch.setattr(storm, "_AFTERWARDS", 1.0)
    said: list[object] = []
    report = raise_storm(3, 1, 1, tmp_path, said.append)
    assert report.problems == ()
    assert (report.stations, len(report.accepted), len(report.in_service)) == (3, 1, 1)
    assert 0.0 < report.accepted[0] <= report.in_service[0] < BACK_WITHIN
    assert "<svg" in report.page
    assert said[-1] == "storm 1 of 1"
