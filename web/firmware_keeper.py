"""Brings stations to the newest firmware that is kept for them: one look at the site after another."""

import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from actors.messages import AlarmCleared, AlarmRaised, RecordEvent
from evce.errors import EvceError
from evce.firmware.library import Comparison, FirmwareRefusedError, KeptFirmware, Standing, compare
from evce.firmware.updates import (
    AT_ONCE,
    FIRMWARE_ALARM,
    FORGOTTEN,
    SETTLES_WITHIN,
    UpdateCourse,
    begun,
    failed,
    new_course,
    obstacle,
    running,
    still_runs,
    update_alarm,
)
from evce.station_control.action_kinds import UPDATES
from evce.station_control.action_state import ActionState
from evce.units import BoxIdentity, Seconds
from evce.views import SiteSnapshot, StationView
from web.file_exchange import FileExchange
from web.firmware_shelf import FirmwareShelf
from web.revisions import RunningRevisions, document_of
from web.site import NoAnswerError, Site
from web.station_actions import ActionRefusedError, NamedFile, actions_of, begin

__all__ = ["BY_ITSELF", "FirmwareKeeper", "StationFirmware", "plain_file", "plain_station"]

log = logging.getLogger(__name__)

BY_ITSELF = "evce"
"""Who asks for an update that nobody has asked for."""

_LOOKS_EVERY: Seconds = 10.0
_STOP_WITHIN: Seconds = 5.0


@dataclass(frozen=True, slots=True)
class StationFirmware:
    """One station: what it runs, what is held for it, and what is tried; `waits_for` may be empty."""

    station: StationView
    comparison: Comparison
    course: UpdateCourse | None
    waits_for: str


class FirmwareKeeper:
    """Looks every ten seconds on a thread of its own, between `start` and `stop`.

    What it does is what a person could do on the page of a station; each attempt is an action there.
    """

    def __init__(
        self,
        site: Site,
        files: FileExchange,
        shelf: FirmwareShelf,
        revisions: RunningRevisions,
        now: Callable[[], datetime],
    ) -> None:
        self.shelf = shelf
        self._site = site
        self._files = files
        self._revisions = revisions
        self._now = now
        self._ended = threading.Event()
        self._looks = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._keep_on, name="firmware-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more; an update that is on its way goes on at its station."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(_STOP_WITHIN)

    # What people see and ask for.

    @property
    def by_itself(self) -> bool:
        """Whether stations are updated without being asked to (`ocpp.update_firmware`)."""
        return document_of(self._revisions.newest().document).ocpp.update_firmware

    def stations(self, snapshot: SiteSnapshot) -> list[StationFirmware]:
        """Every registered station, those first that need something."""
        courses, kept = self.shelf.courses(), self.shelf.files()
        found = []
        for identity, view in snapshot.stations.items():
            if view.registered:
                comparison = compare(view.family, view.model, view.firmware, kept)
                found.append(StationFirmware(view, comparison, courses.get(identity), obstacle(view)))
        return sorted(found, key=lambda one: (_rank(one), one.station.name))

    def add(self, family: str, version: str, model: str, file: NamedFile, author: str) -> KeptFirmware:
        """Keep a file. Raises FirmwareRefusedError with everything that is wrong, by field."""
        kept = self.shelf.add(family, version, model, file.name, file.content, author)
        words = f"firmware {kept.version} for {kept.family} was added ({kept.name}, SHA-256 {kept.sha256})"
        self._site.tell("recorder", RecordEvent(self._now(), "evce", "audit", words, author))
        return kept

    def remove(self, file: str, author: str) -> KeptFirmware | None:
        """Keep a file no longer; what is on its way to a station still arrives there."""
        kept = self.shelf.remove(file)
        if kept is not None:
            words = f"firmware {kept.version} for {kept.family} was removed ({kept.name})"
            self._site.tell("recorder", RecordEvent(self._now(), "evce", "audit", words, author))
        return kept

    def send(self, station: BoxIdentity, file: str, author: str) -> str:
        """Have a station install a kept file now, whatever it runs; returns the action's id.

        Raises ActionRefusedError, FirmwareRefusedError, LookupError for no such file or NoAnswerError.
        """
        kept = self.shelf.find(file)
        if kept is None:
            raise LookupError(f"file={file[:30]!r}: no such firmware is kept")
        view = self._site.snapshot().stations.get(station)
        if (
            view is None
            or view.family != kept.family
            or kept.model.casefold() not in ("", view.model.casefold())
        ):
            meant = f"{kept.family} {kept.model}".strip()
            raise FirmwareRefusedError({"file": f"{kept.name} is for stations of {meant}"})
        if why := obstacle(view):
            raise ActionRefusedError({"station": why})
        return self._begin(station, kept, author)

    def try_again(self, station: BoxIdentity, author: str) -> bool:
        """Begin anew with a station that was given up; False where nothing is tried with it."""
        with self._looks:
            course = self.shelf.courses().get(station)
            if course is None or course.action:
                return False
            self._drop(course)
        self._tell_log(station, f"the update to {course.version} is tried again", author)
        return True

    # One look.

    def look(self) -> None:
        """Begin what is due, and see what has become of what was begun."""
        with self._looks:
            snapshot, by_itself = self._site.snapshot(), self.by_itself
            known = {one.station.box_identity: one for one in self.stations(snapshot)}
            for identity, course in self.shelf.courses().items():
                if identity not in known:
                    self._drop(course)
            for identity, one in known.items():
                try:
                    self._look_at(identity, one, by_itself=by_itself)
                except NoAnswerError:
                    continue  # its control is being replaced

    def _look_at(self, station: BoxIdentity, one: StationFirmware, *, by_itself: bool) -> None:
        course, comparison, now = one.course, one.comparison, self._now()
        held = comparison.held if comparison.standing is Standing.OLDER else None
        if comparison.standing is Standing.UNKNOWN:
            return  # it hasn't said what it runs since EVCE began
        if course is not None and (held is None or not (by_itself or course.action)):
            if comparison.standing is Standing.CURRENT:
                self._tell_log(station, f"runs firmware {one.station.firmware}", BY_ITSELF)
            self._drop(course)
            return
        if held is None or not (by_itself or course):
            return
        if course is not None and course.target != held.id and not course.action:
            self._drop(course)
            course = None
        if course is None:
            course = new_course(station, held, now)
        if course.action:
            course = self._follow(course, one.station, now)
        elif not course.given_up and now >= course.due_at and self._may_begin(one):
            course = self._try(course, held, now)
        self.shelf.follow(station, course)
        if course.given_up:
            self._site.tell("view", AlarmRaised(update_alarm(course, one.station.name, now)))

    def _may_begin(self, one: StationFirmware) -> bool:
        """Not while it is in use, while too many others are updated, or while somebody updates it already."""
        if one.waits_for or running(self.shelf.courses().values()) >= AT_ONCE:
            return False
        asked = actions_of(self._site, one.station.box_identity)
        return not any(action.kind in UPDATES and not action.state.ended for action in asked)

    def _try(self, course: UpdateCourse, held: KeptFirmware, now: datetime) -> UpdateCourse:
        try:
            action = self._begin(course.station, held, BY_ITSELF)
        except (EvceError, OSError) as error:
            return failed(begun(course, "", now), str(error), now)
        return begun(course, action, now)

    def _follow(self, course: UpdateCourse, view: StationView, now: datetime) -> UpdateCourse:
        """What has become of the attempt: done is what the station says of itself afterwards."""
        found = actions_of(self._site, course.station, course.action)
        if not found:  # EVCE was restarted meanwhile
            return course if now < course.due_at else failed(course, FORGOTTEN, now)
        (action,) = found
        if not action.state.ended or action.ended_at is None:
            return course
        if action.state is not ActionState.DONE:
            return failed(course, str(action.said), now)
        if now < action.ended_at + SETTLES_WITHIN:
            return course
        return failed(course, still_runs(view.firmware), now)

    def _begin(self, station: BoxIdentity, kept: KeptFirmware, author: str) -> str:
        with self.shelf.open(kept.id) as content:
            file = NamedFile(kept.name, content, Path(content.name))
            return begin(self._site, self._files, station, "firmware", {}, author, file)

    def _drop(self, course: UpdateCourse) -> None:
        self.shelf.follow(course.station, None)
        if course.given_up:
            self._site.tell("view", AlarmCleared(FIRMWARE_ALARM, course.station, self._now()))

    def _tell_log(self, station: BoxIdentity, words: str, author: str) -> None:
        self._site.tell("recorder", RecordEvent(self._now(), station, "station", words, author))

    def _keep_on(self) -> None:
        while not self._ended.wait(_LOOKS_EVERY):
            try:
                self.look()
            except NoAnswerError:
                continue  # somebody is being replaced
            except Exception:
                log.exception("a look at the stations' firmware has failed")


def _rank(one: StationFirmware) -> int:
    """What people should see first."""
    if one.course is not None:
        return 0 if one.course.given_up else 1
    if one.comparison.compatible is False:
        return 2
    return 3 if one.comparison.standing is Standing.OLDER else 4


def plain_file(kept: KeptFirmware) -> dict[str, Any]:
    """A kept file, for programs."""
    return {**asdict(kept), "family": kept.family.value, "added_at": kept.added_at.isoformat()}


def plain_station(one: StationFirmware) -> dict[str, Any]:
    """How far a station is, for programs: words in English, times in UTC."""
    held, course = one.comparison.held, one.course
    return {
        "station": one.station.box_identity,
        "name": one.station.name,
        "family": one.station.family,
        "model": one.station.model,
        "firmware": one.station.firmware,
        "lowest_compatible": one.comparison.lowest,
        "compatible": one.comparison.compatible,
        "held": None if held is None else held.version,
        "standing": one.comparison.standing.value,
        "waits_for": one.waits_for,
        "update": None if course is None else {**asdict(course), "due_at": course.due_at.isoformat()},
    }
