"""The two clocks: the machine's, and a virtual one that only moves when told."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from evce.steady_time import SteadyTime

__all__ = ["Clock", "SystemClock", "VirtualClock"]


class Clock(Protocol):
    """Monotonic seconds for leases and time-outs, wall clock for what people and records see."""

    def monotonic(self) -> float:
        """Seconds since some moment; never jumps."""

    def utc_now(self) -> datetime:
        """Aware UTC; may jump when somebody sets the clock."""

    def steady_utc(self) -> datetime:
        """Aware UTC for stations; never jumps."""


class SystemClock:
    """The machine's own. Safe to use from any thread."""

    def __init__(self) -> None:
        self._steady = SteadyTime(self.monotonic(), self.utc_now())
        self._lock = threading.Lock()

    def monotonic(self) -> float:
        """Seconds of the system's monotonic clock."""
        return time.monotonic()

    def utc_now(self) -> datetime:
        """The system's wall clock, aware UTC."""
        return datetime.now(UTC)

    def steady_utc(self) -> datetime:
        """The system's wall clock without its jumps."""
        with self._lock:
            return self._steady.at(self.monotonic(), self.utc_now())


class VirtualClock:
    """Stands still until `advance_to`. `start` is the wall clock's aware UTC at monotonic 0."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError(f"start {start!r} has no time zone: give an aware UTC datetime")
        self._monotonic = 0.0
        self._start = start.astimezone(UTC)
        self._steady = SteadyTime(0.0, self._start)

    def monotonic(self) -> float:
        """Virtual seconds since the start of the simulation."""
        return self._monotonic

    def utc_now(self) -> datetime:
        """The virtual wall clock, aware UTC."""
        return self._start + timedelta(seconds=self._monotonic)

    def steady_utc(self) -> datetime:
        """The virtual wall clock without its jumps."""
        return self._steady.at(self._monotonic, self.utc_now())

    def advance_to(self, moment: float) -> None:
        """Move the monotonic clock, and the wall clock with it; never backwards."""
        self._monotonic = max(self._monotonic, moment)

    def shift_wall(self, seconds: float) -> None:
        """Set the wall clock forward, or back when negative; the monotonic clock doesn't notice."""
        self._start += timedelta(seconds=seconds)
