"""Tests of the course of one station's update."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from evce.facts import ConnectorStatus, Link
from evce.firmware.updates import (
    BACK_OFF,
    MOST_ATTEMPTS,
    SETTLES_WITHIN,
    begun,
    failed,
    new_course,
    obstacle,
    running,
    update_alarm,
)
from evce.units import BoxIdentity, ConnectorKey
from evce.views import ConnectorView, StationView
from tests.evce.firmware.test_library import kept

BOX = BoxIdentity("CP-01")
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def station(status: ConnectorStatus, link: Link = Link.CONNECTED, connectors: int = 1) -> StationView:
    outlets = tuple(
        ConnectorView(ConnectorKey(BOX, number), "TRI123", 32.0, status, 0.0, None, None)
        for number in range(1, connectors + 1)
    )
    return StationView(BOX, "Garage 1", "parking", None, False, link, True, connectors=outlets)


def test_attempts_are_bounded_and_further_and_further_apart() -> None:
    """SR-5: retried on failure, and given up with an alarm."""
    course, now, waits = new_course(BOX, kept("3.4.0"), NOW), NOW, []
    while not course.given_up:
        course = begun(course, "a", now)
        assert (course.due_at - now, running([course])) == (SETTLES_WITHIN, 1)
        course = failed(course, "Download failed.", now)
        waits.append(course.due_at - now)
        now = course.due_at
    assert (len(waits), running([course])) == (MOST_ATTEMPTS, 0)
    assert waits[:4] == list(BACK_OFF)
    assert waits == sorted(waits)
    alarm = update_alarm(course, "Garage 1", now)
    assert (alarm.code, alarm.source, alarm.severity) == ("firmware_not_updated", "CP-01", "warning")
    assert alarm.message == "Garage 1 could not be updated to firmware 3.4.0 in 5 attempts: Download failed."
    assert now - NOW < timedelta(days=1)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (status, "" if status in ("Available", "Unavailable") else "connector 1 is in use")
        for status in ConnectorStatus
    ],
)
def test_a_station_in_use_waits(status: ConnectorStatus, words: str) -> None:
    """SR-5: never while a car charges, or may any moment."""
    assert obstacle(station(status)) == words


def test_a_station_that_is_away_or_not_known_waits() -> None:
    """SR-5."""
    assert obstacle(station(ConnectorStatus.AVAILABLE, Link.LOST)) == "the station is disconnected"
    assert "nothing is known" in obstacle(station(ConnectorStatus.AVAILABLE, connectors=0))
    two = station(ConnectorStatus.AVAILABLE, connectors=2)
    busy = replace(two.connectors[1], status=ConnectorStatus.CHARGING)
    assert obstacle(replace(two, connectors=(two.connectors[0], busy))) == "connector 2 is in use"
