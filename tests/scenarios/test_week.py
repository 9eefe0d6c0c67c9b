"""A slice of an ordinary week: limits hold and nothing swings while cars report late."""

from pathlib import Path

import pytest

from tools.rehearsal.window import Window, play


@pytest.mark.scenario
@pytest.mark.parametrize(
    ("seed", "hour"),
    [(11, 10), (1, 9)],
    ids=["paused cars let in one by one", "a raise that the meter sees before a report"],
)
def test_setpoints_do_not_swing_while_reports_lag_behind_the_meter(
    tmp_path: Path, seed: int, hour: int
) -> None:
    """LM-8, LM-1: steps, clouds, reports up to a minute old.

    A setpoint turned four times in each: while a second raise after a reduction waited no longer than the
    first, and while what a car took of a raise was believed to be the building's by a report from before it.
    """
    begin = hour * 3600.0
    report = play(Window(seed, 520.0, "demo", arrivals_factor=3.0, weather=True, begin=begin), tmp_path)
    assert report.problems == ()
    assert report.turns <= 3
    assert report.sessions > 10
    assert report.hottest < 0.8
