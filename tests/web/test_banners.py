"""Tests of the notes in the status bar."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from evce.release.course import Course
from evce.units import ZoneId
from evce.views import DrillView, InputView
from tests.web.fake_document import fake_document
from tests.web.fake_site import FakeSite
from web.banners import banners

MONDAY_EVENING = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
MONDAY_NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
MONDAY_NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "texts"),
    [
        (MONDAY_EVENING, ["Times of use “Evening peak”: 60 %"]),
        (MONDAY_NOON, []),
        (MONDAY_NIGHT, ["Times of use “Night”: 90 % in Garage, Quay street"]),
    ],
)
def test_the_times_of_use_that_are_on_are_told(
    app: Flask, site: FakeSite, at: datetime, texts: list[str]
) -> None:
    """TOU-3, UI-2: by the clock of the site; none where nothing is lowered."""
    site.change()
    snapshot = replace(site.snapshot, taken_at=at)
    with app.test_request_context():
        assert [one.text for one in banners(snapshot, fake_document(at))] == texts


def test_an_active_input_comes_before_the_times_of_use(app: Flask, site: FakeSite) -> None:
    """DI-2, TOU-5: while one is active the times of use are ignored."""
    inputs = (InputView("Grid operator", enabled=True, active=True, percent=50),)
    snapshot = replace(site.snapshot, taken_at=MONDAY_EVENING, inputs=inputs)
    with app.test_request_context():
        texts = [one.text for one in banners(snapshot, fake_document(MONDAY_EVENING))]
    assert texts == ["Input “Grid operator”: 50 % of every maximum"]


def test_degraded_operation_and_a_lost_board_are_told(app: Flask, site: FakeSite) -> None:
    """UI-2: DG-3 by its zone; without a document all but the times of use."""
    main = replace(site.snapshot.zones[ZoneId("main")], bound_by="meter lost, 4 A produced")
    inputs = (InputView("Fire", enabled=True, active=False, percent=0, board_lost=True),)
    snapshot = replace(site.snapshot, zones={**site.snapshot.zones, main.id: main}, inputs=inputs)
    with app.test_request_context():
        found = banners(snapshot, None)
    assert [(one.kind, one.text) for one in found] == [
        ("bad", "Degraded: the meter of Main switchboard is lost"),
        ("warn", "The digital inputs can't be read"),
    ]


def test_a_drill_is_told_first_with_who_runs_it_and_the_time_left(app: Flask, site: FakeSite) -> None:
    """AC-4."""
    drill = DrillView("station CP-1", "erika", MONDAY_NOON + timedelta(seconds=41.6))
    snapshot = replace(site.snapshot, taken_at=MONDAY_NOON, drill=drill)
    with app.test_request_context():
        first = banners(snapshot, None)[0]
    assert (first.text, first.address) == ("Drill by erika: station CP-1 cut off, 42 s left", "/alarms")


def test_an_update_of_evce_is_told_until_it_is_over(app: Flask, site: FakeSite) -> None:
    """SR-4: one on trial, and one that was rolled back until somebody has read of it."""

    def texts(course: Course) -> list[str]:
        return [one.text for one in banners(snapshot, None, release=course)]

    site.change()
    snapshot, wanted = site.snapshot, Course().wanted("1.1", "", MONDAY_NOON)
    with app.test_request_context():
        assert texts(Course()) == []
        assert texts(wanted) == ["Release 1.1 is on trial"]
        assert texts(wanted.kept(MONDAY_NOON)) == []
        rolled_back = wanted.rolled_back("why", MONDAY_NOON)
        assert texts(rolled_back) == ["Release 1.1 did not run, and was rolled back"]
        assert texts(rolled_back.told().seen()) == []
