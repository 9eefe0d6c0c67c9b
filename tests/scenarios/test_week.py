"""A slice of an ordinary week: limits hold and nothing swings while cars report late."""

from pathlib import Path

import pytest

from tools.rehearsal.window import Window, play


@pytest.mark.scenario
def test_setpoints_do_not_swing_while_reports_lag_behind_the_meter(tmp_path: Path) -> None:
    """LM-8, LM-1: steps, clouds, reports up to a minute old.

    A setpoint turned four times here, as paused cars were let in one by one, while a second raise after a
    reduction waited no longer than the first.
    """
    report = play(Window(11, 520.0, "demo", arrivals_factor=3.0, weather=True, begin=10 * 3600.0), tmp_path)
    assert report.problems == ()
    assert report.turns <= 3
    assert report.sessions > 10
    assert report.hottest < 0.8
