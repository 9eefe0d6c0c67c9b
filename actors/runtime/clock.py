"""The two clocks: the machine's, and a virtual one that only moves when told."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from evce.site_time import KeptTime, Machine, restored
from evce.steady_time import SteadyTime

__all__ = ["Clock", "SystemClock", "VirtualClock"]

_BOOT = Path("/proc/sys/kernel/random/boot_id")


class Clock(ABC):
    """Monotonic seconds for leases and time-outs; wall clocks for records, times of use, people, stations.

    Safe to use from any thread. `kept` is what an earlier process left of its correction of the time.
    """

    def __init__(self, lock: AbstractContextManager[Any], kept: KeptTime | None = None) -> None:
        self._lock = lock
        machine = self.machine()
        self._site, self.guessed = restored(kept, machine)
        """`guessed`: the machine has lost its time, and nobody has said since what time it is."""
        self._steady = SteadyTime(self.monotonic(), self._site.at(machine))

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds since some moment; never jumps."""

    @abstractmethod
    def host(self) -> datetime:
        """The host's clock, aware UTC."""

    @abstractmethod
    def machine(self) -> Machine:
        """The machine's own clocks now."""

    def utc_now(self) -> datetime:
        """The site's time, aware UTC; may jump when somebody sets it."""
        if not self._site.corrected:  # every message asks
            return self.host()
        with self._lock:
            return self._site.at(self.machine())

    def look(self) -> tuple[datetime, Machine]:
        """The site's time and the machine's clocks, of one moment."""
        with self._lock:
            machine = self.machine()
            return self._site.at(machine), machine

    def steady_utc(self) -> datetime:
        """The time that stations are served, aware UTC; never jumps."""
        with self._lock:
            site = self._site.at(self.machine()) if self._site.corrected else self.host()
            return self._steady.at(self.monotonic(), site)

    @property
    def corrected(self) -> bool:
        """Whether the site's time is another one than the host's clock."""
        return self._site.corrected

    @property
    def slewing(self) -> float:
        """Seconds that the site's time still makes up for."""
        return self._site.slewing

    def shift_site(self, seconds: float, *, slowly: bool = False) -> None:
        """Set the site's time forward, or back when negative; the host's clock and leases don't notice."""
        with self._lock:
            self._site.shift(self.machine(), seconds, slowly=slowly)
            self.guessed = False

    def follow_host(self) -> None:
        """Let the site's time be the host's clock again."""
        with self._lock:
            self._site.follow_host()
            self.guessed = False


class SystemClock(Clock):
    """The machine's own."""

    def __init__(self, kept: KeptTime | None = None) -> None:
        try:
            self._boot = _BOOT.read_text("ascii").strip()
        except OSError:  # no Linux
            self._boot = ""
        super().__init__(threading.Lock(), kept)

    def monotonic(self) -> float:
        """Seconds of the system's monotonic clock."""
        return time.monotonic()

    def host(self) -> datetime:
        """The system's clock."""
        return datetime.now(UTC)

    def machine(self) -> Machine:
        """The system's clock, and how long the machine has been up, asleep or not."""
        return Machine(datetime.now(UTC), time.clock_gettime(_RUNNING), self._boot)


_RUNNING: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class VirtualClock(Clock):
    """Stands still until `advance_to`. `start` is the host's aware UTC at monotonic 0."""

    def __init__(self, start: datetime, kept: KeptTime | None = None) -> None:
        if start.tzinfo is None:
            raise ValueError(f"start {start!r} has no time zone: give an aware UTC datetime")
        self._monotonic = 0.0
        self._start = start.astimezone(UTC)
        super().__init__(nullcontext(), kept)

    def monotonic(self) -> float:
        """Virtual seconds since the start of the simulation."""
        return self._monotonic

    def host(self) -> datetime:
        """The virtual host's clock."""
        return self._start + timedelta(seconds=self._monotonic)

    def machine(self) -> Machine:
        """The virtual host's clock; the machine started with the simulation."""
        return Machine(self.host(), self._monotonic)

    def advance_to(self, moment: float) -> None:
        """Move the monotonic clock, and the wall clocks with it; never backwards."""
        self._monotonic = max(self._monotonic, moment)

    def shift_wall(self, seconds: float) -> None:
        """Set the host's clock forward, or back when negative; the monotonic clock doesn't notice."""
        self._start += timedelta(seconds=seconds)
