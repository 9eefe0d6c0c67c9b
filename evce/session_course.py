"""The course of each running session: what it was allowed, what it drew and why, kept where it changed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from evce.facts import ConnectorFacts, ConnectorStatus, Link
from evce.records import SessionPoint
from evce.units import Amps, ConnectorKey, Monotonic, Seconds, TransactionId

__all__ = ["AWAY", "SessionCourses"]

AWAY: Final = "Away"
"""State of a point while the station is not connected; otherwise it is the connector's OCPP status."""

SPACING: Seconds = 10.0
"""Between two points at least, as in the history of the zones."""

OF_ITS_AGE: Final = 1 / 200
"""Longer sessions are kept coarser: a day has a thousand points at most, a week not twice as many."""

AT_ONCE: Final = 1 / 10
"""Of the spacing for what is a key moment: another state, a pause, its end."""

QUIET: Seconds = 600.0
"""A session of which nothing changes has a point this often."""

SWING: Amps = 1.0
"""By how much a draw must differ to be worth a point."""

GRAIN: Amps = 0.05

FRESH: Seconds = 60.0
"""When its plug went in is known of a session that began no longer ago: nobody was restarted since."""


@dataclass(slots=True)
class _Course:
    """The newest point of a session, when it was noted, and the reason told last."""

    point: SessionPoint
    noted_at: Monotonic
    reason: str


class SessionCourses:
    """Looks at the sessions as often as it is called; what it found is taken out to be written.

    A course that is lost (a restart) goes on with a point that tells everything anew.
    """

    def __init__(self) -> None:
        self._courses: dict[ConnectorKey, _Course] = {}
        self._found: list[SessionPoint] = []

    def look(
        self, sessions: Iterable[tuple[ConnectorFacts, Amps, str]], now: Monotonic, at: datetime
    ) -> None:
        """Fold in all sessions that run: facts, what is allowed now (A per phase), and why.

        `now` is monotonic, `at` the same moment, aware.
        """
        courses: dict[ConnectorKey, _Course] = {}
        for facts, allowed, reason in sessions:
            if facts.transaction is None:
                continue
            point = _point(facts, facts.transaction, allowed, reason, at)
            known = self._courses.get(facts.key)
            if known is None or known.point.transaction != facts.transaction:
                self._found.extend(_plugged_in(facts, facts.transaction, now, at))
                known = None
            elif not _worth(known, point, reason, now, facts.charging_since):
                courses[facts.key] = known
                continue
            told = point if known is None or known.reason != reason else replace(point, reason=None)
            self._found.append(told)
            courses[facts.key] = _Course(point, now, reason)
        self._courses = courses

    def take(self) -> tuple[SessionPoint, ...]:
        """What was found since it was taken last, in its order."""
        taken, self._found = tuple(self._found), []
        return taken


def _point(
    facts: ConnectorFacts, transaction: TransactionId, allowed: Amps, reason: str, at: datetime
) -> SessionPoint:
    away = facts.link is not Link.CONNECTED
    drawn = None if away or facts.draw is None else max(facts.draw)
    state = AWAY if away else facts.status.value
    return SessionPoint(transaction, at, allowed, drawn, facts.energy, state, reason)


def _plugged_in(
    facts: ConnectorFacts, transaction: TransactionId, now: Monotonic, at: datetime
) -> tuple[SessionPoint, ...]:
    """When the plug went in, as the first point of a session that is seen from its beginning."""
    began, plugged = facts.charging_since, facts.plugged_at
    if began is None or plugged is None or now - began > FRESH or plugged >= now:
        return ()
    there = at - timedelta(seconds=now - plugged)
    return (SessionPoint(transaction, there, 0.0, 0.0, 0.0, ConnectorStatus.PREPARING.value, None),)


def _worth(known: _Course, point: SessionPoint, reason: str, now: Monotonic, began: Monotonic | None) -> bool:
    """Whether so much has changed that it is kept."""
    last, since = known.point, now - known.noted_at
    spacing = max(SPACING, (now - began) * OF_ITS_AGE if began is not None else 0.0)
    paused = (last.allowed > 0.0) != (point.allowed > 0.0)
    if paused or last.state != point.state:
        return since >= spacing * AT_ONCE
    if since < spacing:
        return False
    if abs(last.allowed - point.allowed) >= GRAIN or since >= QUIET:
        return True
    if (last.drawn is None) != (point.drawn is None):
        return True
    if last.drawn is not None and point.drawn is not None and abs(last.drawn - point.drawn) >= SWING:
        return True
    return known.reason != reason and since >= 6 * spacing
