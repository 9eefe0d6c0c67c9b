"""How far a station's clock is off, estimated from the times in its messages."""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from evce.station_control.settings import SKEW_TOLERATED
from evce.units import Monotonic, Seconds

__all__ = ["StationClock"]

_SPAN: Final[Seconds] = 30.0
_ENOUGH: Final = 3


class StationClock:
    """The offset (theirs less ours) in seconds.

    A message can be late, never early, so the highest offset seen is the best: one that is higher
    counts at once. A lower one may be a replay of something old, so the estimate falls only when all of
    several messages over half a minute agree; no more of them are kept than that takes.
    """

    def __init__(self) -> None:
        self.offset: Seconds = 0.0
        self.known = False
        self._seen: deque[tuple[Monotonic, Seconds]] = deque(maxlen=64)

    @property
    def wrong(self) -> bool:
        """Whether the clock is so far off that its leases can't be relied upon."""
        return self.known and abs(self.offset) > SKEW_TOLERATED

    def observe(
        self, station_time: datetime, utc_now: datetime, now: Monotonic, *, replayable: bool = False
    ) -> bool:
        """Fold one time in; True when the estimate moved by 2 s or more.

        `replayable` is the time of a transaction message, which a station may have kept for hours: it can
        show that the clock is ahead, never that it is behind.
        """
        offset = (station_time - utc_now).total_seconds()
        if replayable and offset < self.offset:
            return False
        self._seen.append((now, offset))
        while len(self._seen) > _ENOUGH and now - self._seen[1][0] >= _SPAN:
            self._seen.popleft()
        before = self.offset
        if not self.known or offset > self.offset:
            self.offset = offset
        elif len(self._seen) >= _ENOUGH and now - self._seen[0][0] >= _SPAN:
            self.offset = max(seen for _, seen in self._seen)
        first, self.known = not self.known, True
        return abs(self.offset - before) >= 2.0 or (first and self.wrong)

    def time(self, utc_now: datetime) -> datetime:
        """What the station's clock shows at `utc_now`."""
        return utc_now + timedelta(seconds=self.offset)

    def age(self, station_time: datetime, utc_now: datetime) -> Seconds:
        """How long ago the station's clock showed this, never negative."""
        return max(0.0, (self.time(utc_now) - station_time).total_seconds())

    def forget(self) -> None:
        """The station restarted: its clock may show anything."""
        self._seen.clear()
        self.known = False
        self.offset = 0.0
