"""Whether the release that runs is kept: it must go on well for a while after an update."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from evce.errors import StorageError
from evce.records import EventRecord
from evce.release.course import KEPT_AFTER, Course, End, Outcome
from evce.release.shelf import ReleaseShelf
from evce.units import Monotonic

__all__ = ["ReleaseTrial", "untold_event"]

logger = logging.getLogger(__name__)

_SENTENCES = {
    Outcome.KEPT: "release {version} has run well and is kept",
    Outcome.ROLLED_BACK: "release {version} was rolled back: {why}",
    Outcome.GONE_BACK: "went back from release {version}",
}


class ReleaseTrial:
    """One run of the daemon: `well` is called as long as it answers, `ended` when it ends in good order."""

    def __init__(self, shelf: ReleaseShelf, running: str, monotonic: Callable[[], Monotonic]) -> None:
        self._shelf = shelf
        self._running = running
        self._monotonic = monotonic
        self._well_since: Monotonic | None = None
        self._over = not running

    def well(self) -> EventRecord | None:
        """It answers at this moment; what to write into the log of events, once it has for long enough."""
        if self._over:
            return None
        now = self._monotonic()
        if self._well_since is None:
            self._well_since = now
        if now - self._well_since < KEPT_AFTER:
            return None
        self._over = True
        self._change(lambda course: course.kept(datetime.now(UTC)))
        try:
            self._shelf.prune()
            return untold_event(self._shelf)
        except StorageError as error:
            logger.error("the state of the release can't be kept: %s", error)
            return None

    def unwell(self) -> None:
        """It doesn't answer: the time begins anew."""
        self._well_since = None

    def ended(self) -> None:
        """A person has ended it: that says nothing about the release."""
        if not self._over:
            self._change(Course.ended_in_order)

    def failed(self, why: str) -> None:
        """It has ended by itself."""
        if not self._over:
            self._change(lambda course: course.failed(why))

    def _change(self, step: Callable[[Course], Course]) -> None:
        def of_this(course: Course) -> Course:
            trial = course.trial
            return step(course) if trial is not None and trial.version == self._running else course

        try:
            self._shelf.change(of_this)
        except StorageError as error:
            logger.error("the state of the release can't be kept: %s", error)


def untold_event(shelf: ReleaseShelf) -> EventRecord | None:
    """What to write into the log of events about the last change of the release, once."""
    course = shelf.course()
    if course.last is None or course.last.told:
        return None
    shelf.change(Course.told)
    return _event(course.last)


def _event(end: End) -> EventRecord:
    text = _SENTENCES[end.outcome].format(version=end.version, why=end.why)
    return EventRecord(end.at, "EVCE", "audit", text, end.by or "EVCE")
