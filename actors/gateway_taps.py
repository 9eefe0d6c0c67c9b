"""Listening in on the frames that a station and EVCE exchange, without being in their way."""

import threading
from collections.abc import Mapping
from datetime import timedelta

from actors.runtime.clock import Clock
from evce.exchanges import Frame
from evce.tracing import Catch
from evce.units import BoxIdentity, Monotonic

__all__ = ["Tap", "Taps"]


class Tap:
    """Catches the frames of one station from now on; one that nobody reads any more ends by itself."""

    def __init__(self, taps: "Taps", station: BoxIdentity, clock: Clock) -> None:
        self._taps, self._station, self._clock = taps, station, clock
        self._catch: Catch[tuple[Monotonic, bytes | str, bool]] = Catch(clock.monotonic())
        self.running = True
        """Whether it still hears; False after `close`, and once it was forsaken."""

    def take(self) -> list[Frame]:
        """What was heard since, oldest first."""
        monotonic, utc = self._clock.monotonic(), self._clock.utc_now()
        return [
            Frame(
                utc - timedelta(seconds=monotonic - at),
                at,
                data if isinstance(data, str) else data.decode(errors="replace"),
                from_station,
                missed,
            )
            for (at, data, from_station), missed in self._catch.take(monotonic)
        ]

    def close(self) -> None:
        """Hear no more; nothing of it stays."""
        self.running = False
        self._taps.remove(self._station, self)

    def hear(self, data: bytes | str, *, from_station: bool) -> None:
        """Called on the gateway's thread."""
        now = self._clock.monotonic()
        self._catch.offer(now, (now, data, from_station), len(data))
        if self._catch.forsaken(now):
            self.close()


class Taps:
    """Opened and closed by any thread, looked at by the gateway's for each frame.

    `by_station` is empty unless somebody listens, and is replaced, never changed: looking takes no lock.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.by_station: Mapping[BoxIdentity, tuple[Tap, ...]] = {}

    def open(self, station: BoxIdentity) -> Tap:
        """Listen in on a station, whether or not it is connected."""
        tap = Tap(self, station, self._clock)
        with self._lock:
            self.by_station = {**self.by_station, station: (*self.by_station.get(station, ()), tap)}
        return tap

    def remove(self, station: BoxIdentity, tap: Tap) -> None:
        """Forget a tap; nothing happens when it is forgotten already."""
        with self._lock:
            left = tuple(each for each in self.by_station.get(station, ()) if each is not tap)
            rest = {name: taps for name, taps in self.by_station.items() if name != station}
            self.by_station = {**rest, station: left} if left else rest

    def hear(self, station: BoxIdentity, data: bytes | str, *, from_station: bool) -> None:
        """A frame came or goes."""
        for tap in self.by_station.get(station, ()):
            tap.hear(data, from_station=from_station)
