"""The wear of a station's memory: how many profiles each connector is sent, and how that stays within bounds.

Stations may keep charging profiles in flash, which bears some ten thousand writes. Where that is not known to
be otherwise, a connector has so many writes a day (DESIGN §4, leases in OCPP 1.6). They are drawn from a
store that fills evenly: as it empties leases lengthen, so that renewals become rarer, and raises wait for
one another. A reduction never waits.
"""

from collections import deque
from dataclasses import dataclass, field
from math import inf
from typing import Final

from evce.records import WearRecord
from evce.station_control.settings import RENEW_AT
from evce.units import ConnectorKey, Monotonic, Seconds

__all__ = ["Wear", "longest_lease"]

_HOUR: Final[Seconds] = 3_600.0
_DAY: Final[Seconds] = 24.0 * _HOUR

_STORED: Final = 0.39
"""Share of a day's writes that may come in a row; with what flows in during 24 h it stays below the whole."""

_FLOWS: Final = 0.6
"""Share of a day's writes that flows in, evenly, in 24 h."""

_AMPLE: Final = 0.5
"""While so much of the store is left, nothing is spared."""

_KEPT_FOR_STARTS: Final = 0.06
"""Share of the store for cars that have nothing yet: neither renewals nor other raises live on it."""

_BEFORE_RENEWAL: Final = 0.9
"""A raise may go so far into the time until the next renewal: in its stead, not beside it."""

_IN_A_LEASE: Final = 1.0 / (RENEW_AT * _BEFORE_RENEWAL) + 2.0
"""Writes in the time of a lease: raises in the stead of its renewals, and the renewals of the leased default
beside it, which holds half as long again (DESIGN §4)."""


def longest_lease(base: Seconds, budget: int | None) -> Seconds:
    """Return the longest lease of a connector with `budget` writes a day (None: as many as it takes).

    With it, what is written anyway uses no more than what flows in.
    """
    return base if budget is None else max(base, float(round(_IN_A_LEASE * _DAY / (_FLOWS * budget))))


@dataclass(slots=True)
class Wear:
    """One connector's writes. Times are monotonic.

    `budget` is how many it has a day, None where they do no harm. `total` counts all that this site's
    controller ever sent. `level` is what the store held at `_at`; reductions may take it below nothing.
    """

    budget: int | None = None
    total: int = 0
    level: float | None = None
    _at: Monotonic = 0.0
    _said_at: Monotonic = -inf
    """When the setpoint was written last."""
    _hours: deque[tuple[int, int]] = field(default_factory=deque)
    """Writes of each of the last 25 hours that had any, by the hour's number."""

    @property
    def stored(self) -> float:
        """What the store holds when it is full, writes."""
        return inf if self.budget is None else _STORED * self.budget

    def spend(self, now: Monotonic, *, setpoint: bool) -> None:
        """A profile was put on the wire; `setpoint`: the one that says what the car may draw now."""
        self.total += 1
        hour = int(now // _HOUR)
        if self._hours and self._hours[-1][0] == hour:
            self._hours[-1] = (hour, self._hours[-1][1] + 1)
        else:
            self._hours.append((hour, 1))
        while self._hours[0][0] < hour - 24:
            self._hours.popleft()
        if setpoint:
            self._said_at = now
        if self.budget is not None:
            self.level, self._at = self.left(now) - 1.0, now

    def of_a_day(self, now: Monotonic) -> int:
        """Return the writes of the last 24 h, counted by whole hours: those of the oldest one included."""
        return sum(count for hour, count in self._hours if hour >= int(now // _HOUR) - 24)

    def left(self, now: Monotonic) -> float:
        """Return what the store holds."""
        if self.budget is None or self.level is None:
            return self.stored
        return min(self.stored, self.level + max(now - self._at, 0.0) * self._flow)

    def lease(self, base: Seconds, now: Monotonic) -> Seconds:
        """Return how long a setpoint shall hold: `base` while there is plenty, longer as it empties."""
        most = longest_lease(base, self.budget)
        return float(round(most - (most - base) * self._ease(now)))

    def saves(self, base: Seconds, now: Monotonic, *, has: bool) -> bool:
        """Whether a raise has to wait now; `has`: its car has current, and only wants more."""
        return now < self._free_at(base, now, has=has)

    def changes_at(self, base: Seconds, now: Monotonic, *, has: bool) -> Monotonic:
        """Return when a raise that has to wait may go; inf where none has to."""
        at = self._free_at(base, now, has=has)
        return at if at > now else inf

    def record(self, connector: ConnectorKey, now: Monotonic) -> WearRecord | None:
        """Return what outlives this process; None where nothing was ever sent."""
        if not self.total:
            return None
        left = None if self.budget is None else self.left(now)
        return WearRecord(connector, self.total, left, self.of_a_day(now))

    def resume(self, record: WearRecord, now: Monotonic) -> None:
        """Go on with what was kept: nothing has flowed in since, and the day's writes are as of now."""
        self.total += record.total
        if record.today:
            self._hours.appendleft((int(now // _HOUR), record.today))
        if record.left is not None:
            spent = self.stored - self.left(now) if self.budget is not None else 0.0
            self.level, self._at = record.left - spent, now

    @property
    def _flow(self) -> float:
        """Writes that flow in, per second."""
        return 0.0 if self.budget is None else _FLOWS * self.budget / _DAY

    def _ease(self, now: Monotonic) -> float:
        """1 while there is plenty, 0 once nothing is left."""
        if self.budget is None:
            return 1.0
        spare = self.left(now) - _KEPT_FOR_STARTS * self.stored
        return min(max(spare / (_AMPLE * self.stored), 0.0), 1.0)

    def _free_at(self, base: Seconds, now: Monotonic, *, has: bool) -> Monotonic:
        if self._ease(now) >= 1.0:
            return -inf
        in_its_stead = self._said_at + self.lease(base, now) * RENEW_AT * _BEFORE_RENEWAL
        missing = 1.0 - self.left(now)
        return in_its_stead if has else min(in_its_stead, now + missing / self._flow)
