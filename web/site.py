"""The one door of the pages to the running site: typed questions with a time-out, and commands."""

import logging
from collections.abc import Callable
from datetime import datetime
from math import inf
from threading import Lock
from time import monotonic
from typing import TypeVar

from actors.messages import (
    CardRecord,
    DailyEnergy,
    FindSession,
    GetSnapshot,
    GetZoneTrail,
    ListCards,
    ListCourse,
    ListDailyEnergy,
    ListEvents,
    ListSessions,
    ListZoneHistory,
    Message,
    Question,
    RecordEvent,
    SessionPoint,
    SessionRecord,
    ZoneHistoryPoint,
)
from evce.units import Seconds, ZoneId
from evce.views import SiteSnapshot

__all__ = ["Ask", "NoAnswerError", "Site", "Tell"]

Ask = Callable[[str, Question, float], object]
"""`ask(name, question, timeout in s)`; raises when no answer came."""
Tell = Callable[[str, Message], bool]
"""`tell(name, message)`; False when nobody has that name."""

T = TypeVar("T")
log = logging.getLogger(__name__)

_WHOLE_EVERY: Seconds = 2.0
_RECENT_FOR: Seconds = 1.0
"""Two turns of the change feed: while it polls, no open page has to."""


class NoAnswerError(RuntimeError):
    """An actor did not answer in time, or not at all; a page turns it into 503."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} did not answer")
        self.name = name


class Site:
    """Questions and commands to the actors. Safe to use from any thread."""

    def __init__(self, ask: Ask, tell: Tell, timeout: Seconds) -> None:
        self._ask = ask
        self._tell = tell
        self._timeout = timeout
        self._silent: set[str] = set()
        self._newest: SiteSnapshot | None = None
        self._whole_at = 0.0
        self._asked_at = -inf
        self._lock = Lock()

    def ask(self, name: str, question: Question, timeout: Seconds | None = None) -> object:
        """Whatever the actor answers; `NoAnswerError` for every way in which it did not."""
        try:
            answer = self._ask(name, question, self._timeout if timeout is None else timeout)
        except Exception as error:
            if name not in self._silent:  # said once, not with every poll
                self._silent.add(name)
                log.warning("No answer from %s to %s: %r", name, type(question).__name__, error)
            raise NoAnswerError(name) from error
        if name in self._silent:
            self._silent.discard(name)
            log.info("%s answers again", name)
        return answer

    def tell(self, name: str, message: Message) -> bool:
        """Whether somebody has that name and was told; what comes of it is not in an earlier snapshot."""
        with self._lock:
            self._asked_at = -inf
        return self._tell(name, message)

    def snapshot(self) -> SiteSnapshot:
        """The newest snapshot of the whole site; an unchanged one is not sent again.

        Once in a while the whole is asked for whatever its version: a view that was restarted counts
        its versions anew, and would have nothing newer to offer for a long time.
        """
        with self._lock:
            known, fresh = self._newest, monotonic() - self._whole_at < _WHOLE_EVERY
        newer_than = known.version if known is not None and fresh else -1
        asked_at = monotonic()
        answer = self.ask("view", GetSnapshot(newer_than))
        if answer is None and known is not None:
            with self._lock:
                self._asked_at = max(self._asked_at, asked_at)
            return known
        if not isinstance(answer, SiteSnapshot):
            raise NoAnswerError("view")
        with self._lock:
            if asked_at >= self._asked_at:  # else somebody has asked later, and was answered sooner
                self._newest, self._asked_at = answer, asked_at
            if newer_than < 0:
                self._whole_at = monotonic()
        return answer

    def recent(self) -> SiteSnapshot:
        """The snapshot that was asked for last, if that is a moment ago: what open pages show.

        They were told of a change by the feed, which has asked; twenty browsers see the same moment then.
        """
        with self._lock:
            known, asked_at = self._newest, self._asked_at
        if known is not None and monotonic() - asked_at < _RECENT_FOR:
            return known
        return self.snapshot()

    def trail(self, zone: ZoneId, since: datetime | None = None) -> list[ZoneHistoryPoint]:
        """The last hour of a zone, oldest first."""
        return _list_of(ZoneHistoryPoint, self.ask("view", GetZoneTrail(zone, since)), "view")

    def zone_history(self, zone: ZoneId, since: datetime, points: int = 600) -> list[ZoneHistoryPoint]:
        """A zone's recorded history, oldest first."""
        return _list_of(
            ZoneHistoryPoint, self.ask("recorder", ListZoneHistory(zone, since, points)), "recorder"
        )

    def sessions(self, question: ListSessions) -> list[SessionRecord]:
        """Charging sessions, newest first."""
        return _list_of(SessionRecord, self.ask("recorder", question), "recorder")

    def session(self, transaction: int) -> SessionRecord | None:
        """The session of that number; None when there is none."""
        answer = self.ask("recorder", FindSession(transaction))
        if answer is not None and not isinstance(answer, SessionRecord):
            raise NoAnswerError("recorder")
        return answer

    def course(self, transaction: int) -> list[SessionPoint]:
        """What a session was allowed and what it drew, oldest first."""
        return _list_of(SessionPoint, self.ask("recorder", ListCourse(transaction)), "recorder")

    def cards(self, question: ListCards) -> list[CardRecord]:
        """The cards that fit."""
        return _list_of(CardRecord, self.ask("recorder", question), "recorder")

    def daily_energy(self, question: ListDailyEnergy) -> list[DailyEnergy]:
        """What was charged on each day, oldest first."""
        return _list_of(DailyEnergy, self.ask("recorder", question), "recorder")

    def event_log(self, question: ListEvents) -> list[RecordEvent]:
        """Lines of the event log, newest first."""
        return _list_of(RecordEvent, self.ask("recorder", question), "recorder")


def _list_of(kind: type[T], answer: object, name: str) -> list[T]:
    if not isinstance(answer, list | tuple):
        raise NoAnswerError(name)
    return [item for item in answer if isinstance(item, kind)]
