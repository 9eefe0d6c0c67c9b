"""What is believed of a station while the successor of its actor gets to know it again."""

from dataclasses import dataclass, replace
from typing import Final

from evce.facts import ConnectorFacts, Link
from evce.units import ConnectorKey, Monotonic, Seconds

__all__ = ["GRACE", "RETURNS_WITHIN", "Successions"]

GRACE: Final[Seconds] = 5.0
"""A restarted actor finds its link and verifies its station within a second, with some tries within this."""

RETURNS_WITHIN: Final[Seconds] = 2.0
"""So long a session keeps its share by what its actor said last: twice what an unhurried verification takes.
It can't be told anything meanwhile, and this comes off the 10 s in which a limit that fell is made good."""

CERTAIN: Final[Seconds] = 10.0
"""So long before the latest end of its lease a station can't have fallen to its fall-back: twice the error
of the estimate of its clock."""


@dataclass(slots=True)
class _Before:
    """The last facts of an actor that has died; `since` when its successor was first looked at."""

    facts: ConnectorFacts
    since: Monotonic | None = None


class Successions:
    """An actor's death changes nothing at its station: for a moment its last word counts on.

    Without this, the fall-back of every station whose actor restarts would be set aside at once, and the
    cars beside it cut for nothing.
    """

    def __init__(self) -> None:
        self._before: dict[ConnectorKey, _Before] = {}
        self._orphans: dict[ConnectorKey, Monotonic | None] = {}

    @property
    def nobody_returns(self) -> bool:
        """Whether every connector counts by its own facts; nearly always so."""
        return not self._before

    @property
    def no_orphans(self) -> bool:
        """Whether every actor has its link; nearly always so."""
        return not self._orphans

    def orphaned(self, known: ConnectorFacts, report: ConnectorFacts) -> bool:
        """Note an actor that has no link to a station that was connected; True when that is news.

        The link may have broken while nobody was there to be told.
        """
        news = (
            report.link is Link.NEVER_SEEN
            and known.link is Link.CONNECTED
            and report.key not in self._orphans
        )
        if news:
            self._orphans[report.key] = None
        return news

    def learned(self, known: ConnectorFacts, report: ConnectorFacts) -> None:
        """A report takes the place of what was known."""
        self._orphans.pop(report.key, None)
        begins_anew = known.verified and not report.verified and report.fallback is None
        if begins_anew and report.link is Link.CONNECTED and report.incarnation == known.incarnation:
            self._before[report.key] = _Before(known)
        elif report.verified or report.link is not Link.CONNECTED or report.incarnation != known.incarnation:
            self._before.pop(report.key, None)

    def believed(self, facts: ConnectorFacts, now: Monotonic) -> ConnectorFacts | None:
        """Return the facts that still hold for a connector whose actor begins anew, None where none do.

        Only while nothing was in flight and no lease can have lapsed.
        """
        before = self._before.get(facts.key)
        if before is None:
            return None
        if before.since is None:
            before.since = now
        ends_at = before.facts.lease_ends_at
        certain = not before.facts.outstanding and ends_at is not None and now < ends_at - CERTAIN
        return before.facts if certain and now - before.since < GRACE else None

    def returning(self, facts: ConnectorFacts, now: Monotonic) -> ConnectorFacts | None:
        """Return the facts by which a connector keeps its share, because its actor will be back at once.

        Else the others would be cut for all that it has, and suspended ones pause for half a minute.
        """
        if facts.key not in self._before:
            return None
        before = self.believed(facts, now)
        since = None if before is None else self._before[facts.key].since
        return before if since is not None and now - since < RETURNS_WITHIN else None

    def lost(self, facts: ConnectorFacts, now: Monotonic) -> ConnectorFacts | None:
        """Return the facts of a connector whose new actor has found no link for too long; else None."""
        if facts.key not in self._orphans:
            return None
        since = self._orphans[facts.key]
        if since is None:
            self._orphans[facts.key] = now
        elif now - since >= GRACE:
            del self._orphans[facts.key]
            return replace(facts, link=Link.LOST, link_lost_at=since, verified=False)
        return None
