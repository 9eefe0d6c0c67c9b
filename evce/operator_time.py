"""What the operator's answers say of the time, and whether that is to be believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median_low
from typing import Final

from evce.site_time import time_fault
from evce.units import BoxIdentity, Monotonic, Seconds

__all__ = [
    "CONFIRMED_AFTER",
    "FRESH",
    "JUMP_STANDS",
    "SAME",
    "SLEWED",
    "Follow",
    "OperatorTime",
    "Refuse",
    "Wait",
]

SAME: Final[Seconds] = 1.0
"""Operators tell whole seconds, and the way is not the same in both directions: less is no difference."""

SLEWED: Final[Seconds] = 5.0
"""Up to this the site's time is led to the operator's within 17 min: no record comes before an older one."""

DRIFT: Final = 100e-6
"""Seconds a second by which a cheap clock goes wrong while nobody corrects it."""

AGREE: Final[Seconds] = 3.0
"""Answers that are no further apart say the same: seconds are cut off, ways differ."""

SLOWEST: Final[Seconds] = 10.0
"""An answer that took longer says nothing about the time."""

CONFIRMED_AFTER: Final[Seconds] = 10.0
"""A first word is followed when it is said again so much later, or by another station's connection."""

JUMP_STANDS: Final[Seconds] = 3600.0
"""An operator whose time jumps is followed once it has said the new one for so long."""

UNSTEADY: Final = 3
"""So many times in a row the second answer has not confirmed the first."""

FARTHEST: Final[Seconds] = 366 * 86_400.0
"""A clock that is off by more than a year isn't off: something is wrong that a person must look at."""

FRESH: Final[Seconds] = 3600.0
"""For so long an answer says what time it is, beside newer ones of other stations."""


@dataclass(frozen=True, slots=True)
class Follow:
    """Move the site's time by so many seconds; 0: it is right. `slowly`: without a jump."""

    seconds: Seconds
    slowly: bool


@dataclass(frozen=True, slots=True)
class Refuse:
    """Don't follow, and tell people why. Of one `kind` the figures in `why` may change."""

    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Wait:
    """It may be right: ask again before following."""


@dataclass(slots=True)
class _Said:
    """What one connection was told: the operator's time less the monotonic one, since when, and last.

    `changes` counts how often it became another one.
    """

    value: Seconds
    since: Monotonic
    at: Monotonic
    changes: int = 0


class OperatorTime:
    """Pure: `heard` takes each answer, `judge` says what to make of all of them.

    Compared is the operator's time with the monotonic clock, so that what was done to the host's or the
    site's time meanwhile plays no part.
    """

    def __init__(self) -> None:
        self._said: dict[BoxIdentity, _Said] = {}
        self._unreadable: BoxIdentity | None = None
        self.followed_at: Monotonic | None = None
        """When the site's time last agreed with the operator's; None: not since the start."""

    @property
    def stations(self) -> int:
        """How many connections have told the time."""
        return len(self._said)

    def heard(self, station: BoxIdentity, time: datetime | None, round_trip: Seconds, now: Monotonic) -> None:
        """Take in an answer that came at `now`, so long after its question; None: it couldn't be read."""
        if round_trip > SLOWEST:
            return
        if time is None:
            self._unreadable = station
            return
        self._unreadable = None
        value = time.timestamp() + round_trip / 2.0 - now
        before = self._said.get(station)
        if before is None:
            self._said[station] = _Said(value, now, now)
        elif abs(before.value - value) <= AGREE + DRIFT * (now - before.at):
            before.value, before.at = value, now
            if now - before.since >= JUMP_STANDS:
                before.changes = 0
        else:
            self._said[station] = _Said(value, now, now, before.changes + 1)

    def forget(self) -> None:
        """Another operator, or none: what was heard counts no more."""
        self._said.clear()
        self._unreadable = None
        self.followed_at = None

    def judge(self, site: datetime, now: Monotonic, *, sound: bool = True) -> Follow | Refuse | Wait | None:
        """What to do when the site's time is `site`; None while nobody has said anything.

        `sound`: nothing speaks against the site's own time, which is how a year's difference is judged.
        """
        if self._unreadable is not None:
            return Refuse("unreadable", f"what it tells {self._unreadable} is no time")
        fresh = [said for said in self._said.values() if now - said.at <= FRESH]
        if not fresh:
            return None
        middle = median_low(said.value for said in fresh)
        agreeing = [said for said in fresh if abs(said.value - middle) <= AGREE]
        if 2 * len(agreeing) <= len(fresh):
            values = [said.value for said in fresh]
            apart = max(values) - min(values)
            return Refuse("apart", f"it tells {len(fresh)} stations times that are up to {apart:.0f} s apart")
        told = now + median_low(said.value for said in agreeing)
        moment = datetime.fromtimestamp(0.0, UTC) + timedelta(seconds=told)
        fault = time_fault(moment)
        if fault:
            return Refuse("impossible", fault)
        return self._compared(told - site.timestamp(), agreeing, now, sound=sound)

    def _compared(
        self, ahead: Seconds, agreeing: Sequence[_Said], now: Monotonic, *, sound: bool
    ) -> Follow | Refuse | Wait:
        alone = 0.0 if self.followed_at is None else now - self.followed_at
        if abs(ahead) <= SAME:
            return Follow(0.0, slowly=True)
        if abs(ahead) <= SLEWED + DRIFT * alone:
            return Follow(ahead, slowly=True)
        if abs(ahead) > FARTHEST and sound:
            return Refuse("far", f"it is {abs(ahead) / 86_400.0:.0f} days away from the site's time")
        standing = now - min(said.since for said in agreeing)
        if self.followed_at is None:
            if standing >= CONFIRMED_AFTER or len(agreeing) > 1:
                return Follow(ahead, slowly=False)
            unsteady = max(said.changes for said in agreeing) >= UNSTEADY
            return Refuse("unsteady", "it is another one with every answer") if unsteady else Wait()
        if standing >= JUMP_STANDS:
            return Follow(ahead, slowly=False)
        return Refuse("jumped", f"it jumped by {ahead:+.0f} s; it is followed once it has stood for an hour")
