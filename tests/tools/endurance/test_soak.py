"""Tests of the soak: what is judged, and a short one on the real daemon."""

from dataclasses import replace

import pytest

from tools.endurance.soak import SoakReport, judged, soak

GOOD = SoakReport(
    stations=100,
    seconds=3_600.0,
    memory=tuple(100.0 + n % 3 for n in range(60)),
    deepest=tuple(n % 7 for n in range(60)),
    reactions=tuple(300.0 + n % 250 for n in range(500)),
    missed=0,
    sessions=140,
    problems=(),
)


def test_what_stays_flat_is_good() -> None:
    """RELIABILITY: peaks are no growth."""
    assert judged(GOOD) == ()
    assert judged(replace(GOOD, memory=(*range(50, 65), *GOOD.memory))) == ()
    assert judged(replace(GOOD, memory=(), deepest=(), reactions=())) == ()


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (replace(GOOD, memory=tuple(100.0 + n for n in range(60))), "memory grew by"),
        (replace(GOOD, deepest=tuple(20 * n for n in range(60))), "mailboxes grow: 1180"),
        (replace(GOOD, reactions=tuple(300.0 + n for n in range(500))), "reactions slow down"),
        (replace(GOOD, missed=2), "2 steps of the building were not followed"),
        (replace(GOOD, problems=("zone/main shed samples at its bound",)), "zone/main shed"),
    ],
)
def test_what_grows_is_told(report: SoakReport, told: str) -> None:
    """RELIABILITY: memory flat, no growing mailbox, p99 of reactions flat."""
    (problem,) = judged(report)
    assert told in problem


@pytest.mark.scenario
def test_a_daemon_is_watched_under_load() -> None:
    """AC-2: a very short one, with cars that come and go."""
    heard: list[float] = []
    report = soak(2, 14.0, 1, heard.append)
    assert report.problems == ()
    assert report.missed == 0
    assert len(report.reactions) >= 1
    assert len(report.memory) == len(report.deepest) == len(heard) >= 1
    assert 20.0 < report.memory[0] < 500.0
