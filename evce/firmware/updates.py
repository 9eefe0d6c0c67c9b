"""The course of one station's update: when to begin, how often to try again, and when to give up."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from evce.facts import ConnectorStatus, Link
from evce.firmware.library import KeptFirmware
from evce.units import BoxIdentity
from evce.views import AlarmView, StationView

__all__ = [
    "AT_ONCE",
    "BACK_OFF",
    "FIRMWARE_ALARM",
    "FORGOTTEN",
    "MOST_ATTEMPTS",
    "SETTLES_WITHIN",
    "UpdateCourse",
    "begun",
    "failed",
    "new_course",
    "obstacle",
    "running",
    "still_runs",
    "update_alarm",
]

AT_ONCE: Final = 3
"""Stations of a site that are updated at the same time: a file that breaks them breaks no more than these."""

MOST_ATTEMPTS: Final = 5

BACK_OFF: Final = (
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=4),
)
"""After the first attempt, the second, …: a network that was down is back, a queue at the server has gone."""

SETTLES_WITHIN: Final = timedelta(minutes=20)
"""Between the end of an update and the station's BootNotification with the new version."""

FIRMWARE_ALARM: Final = "firmware_not_updated"

FORGOTTEN: Final = "nothing is known of the update any more"
"""EVCE was restarted in the middle, and the station has not come back with the new version."""

_FREE = (ConnectorStatus.AVAILABLE, ConnectorStatus.UNAVAILABLE)


@dataclass(frozen=True, slots=True)
class UpdateCourse:
    """What has been tried with one station and one file.

    `target` is the file's id, `version` what it brings; `action` the running action's id, empty between two
    attempts; nothing is tried before `due_at`. `said` is what became of the last attempt.
    """

    station: BoxIdentity
    target: str
    version: str
    due_at: datetime
    attempts: int = 0
    action: str = ""
    said: str = ""
    given_up: bool = False


def new_course(station: BoxIdentity, held: KeptFirmware, now: datetime) -> UpdateCourse:
    """Nothing was tried yet."""
    return UpdateCourse(station, held.id, held.version, now)


def begun(course: UpdateCourse, action: str, now: datetime) -> UpdateCourse:
    """An attempt is on its way."""
    return replace(course, action=action, attempts=course.attempts + 1, due_at=now + SETTLES_WITHIN)


def failed(course: UpdateCourse, why: str, now: datetime) -> UpdateCourse:
    """The attempt has failed: again later, and not for ever."""
    wait = BACK_OFF[min(course.attempts, len(BACK_OFF)) - 1]
    given_up = course.attempts >= MOST_ATTEMPTS
    return replace(course, action="", said=why, due_at=now + wait, given_up=given_up)


def obstacle(station: StationView) -> str:
    """Why the station can't be updated now, empty when it can: never while a car is plugged in (SR-5)."""
    if station.link is not Link.CONNECTED:
        return "the station is disconnected"
    if not station.connectors:
        return "nothing is known of its connectors yet"
    for connector in station.connectors:
        if connector.transaction is not None or connector.status not in _FREE:
            return f"connector {connector.key.number} is in use"
    return ""


def update_alarm(course: UpdateCourse, name: str, now: datetime) -> AlarmView:
    """What stands once nothing more is tried."""
    tried = f"in {course.attempts} attempts: {course.said}"
    message = f"{name} could not be updated to firmware {course.version} {tried}"
    advice = "Look at the station, then try again on the page of firmware, or remove the file there."
    return AlarmView("firmware_not_updated", course.station, message, advice, "warning", now)


def still_runs(version: str) -> str:
    """Why an update that the station called installed has failed all the same."""
    return f"the station still runs {version}"


def running(courses: Iterable[UpdateCourse]) -> int:
    """How many updates are on their way."""
    return sum(bool(course.action) for course in courses)
