"""The time that stations are served: it follows the clock on the wall, whose jumps never get through."""

from datetime import datetime, timedelta
from typing import Final

from evce.units import Monotonic

__all__ = ["SLEW", "SteadyTime"]

SLEW: Final = 0.005
"""Seconds a second by which it may approach the clock on the wall: 0.6 s in a lease of two minutes."""


class SteadyTime:
    """Begins at the clock on the wall and follows it slowly (DESIGN: leases in OCPP 1.6).

    A station that was served a new time all at once would find the profiles it holds not yet in force, or
    over. A jump is made up for in the course of hours or weeks, or at the next start of the process.
    """

    def __init__(self, now: Monotonic, wall: datetime) -> None:
        self._now = now
        self._time = wall

    def at(self, now: Monotonic, wall: datetime) -> datetime:
        """Return the steady time (aware UTC) when the clock on the wall shows `wall`."""
        passed = max(0.0, now - self._now)
        time = self._time + timedelta(seconds=passed)
        error = (wall - time).total_seconds()
        most = SLEW * passed
        time += timedelta(seconds=max(-most, min(most, error)))
        self._now, self._time = max(now, self._now), time
        return time
