"""One-shot timers: a heap of what rings when, owned by incarnations of actors."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Hashable
from typing import Protocol

__all__ = ["Owner", "TimerHeap", "Timers"]

Owner = tuple[str, int]
"""Name and incarnation: a timer of the dead never rings for the successor."""


class Timers(Protocol):
    """What a runtime offers. `ring` must be quick and must not raise; it runs on the timers' thread."""

    def after(self, seconds: float, owner: Owner, key: Hashable, ring: Callable[[], None]) -> None:
        """Ring once in `seconds` (negative: 0); replaces an armed timer of the same owner and key."""

    def cancel(self, owner: Owner, key: Hashable) -> None:
        """Disarm; nothing happens when no such timer is armed."""

    def cancel_all(self, owner: Owner) -> None:
        """Disarm everything of a dead incarnation."""


class _Entry:
    __slots__ = ("key", "owner", "ring")

    def __init__(self, owner: Owner, key: Hashable, ring: Callable[[], None]) -> None:
        self.owner = owner
        self.key = key
        self.ring: Callable[[], None] | None = ring


class TimerHeap:
    """Not thread-safe: the thread runtime guards it with a lock. Equal times ring in the order of arming."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, _Entry]] = []
        """When, and the number of the arming: no two are the same, so entries are never compared."""
        self._armed: dict[Owner, dict[Hashable, _Entry]] = {}
        self._serial = 0
        self._dead = 0

    def __len__(self) -> int:
        return len(self._heap) - self._dead

    def arm(self, at: float, owner: Owner, key: Hashable, ring: Callable[[], None]) -> None:
        """Ring at the monotonic time `at` in seconds; replaces the timer of the same owner and key."""
        self.disarm(owner, key)
        self._serial += 1
        entry = _Entry(owner, key, ring)
        self._armed.setdefault(owner, {})[key] = entry
        heapq.heappush(self._heap, (at, self._serial, entry))

    def disarm(self, owner: Owner, key: Hashable) -> None:
        """Forget one timer, if armed."""
        entries = self._armed.get(owner)
        entry = None if entries is None else entries.pop(key, None)
        if entry is not None:
            self._kill(entry)

    def disarm_all(self, owner: Owner) -> None:
        """Forget all timers of the owner."""
        for entry in self._armed.pop(owner, {}).values():
            self._kill(entry)

    def next_at(self) -> float | None:
        """When the next timer rings."""
        self._skip_dead()
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now: float) -> Callable[[], None] | None:
        """What has to ring now, the earliest first; None when nothing is due."""
        self._skip_dead()
        if not self._heap or self._heap[0][0] > now:
            return None
        _, _, entry = heapq.heappop(self._heap)
        entries = self._armed.get(entry.owner)
        if entries is not None and entries.get(entry.key) is entry:
            del entries[entry.key]
            if not entries:
                del self._armed[entry.owner]
        return entry.ring

    def _kill(self, entry: _Entry) -> None:
        entry.ring = None
        self._dead += 1
        # Replaced timers may lie hours ahead; without this the heap would grow with every re-arming.
        if self._dead > 64 and self._dead * 2 > len(self._heap):
            self._heap = [each for each in self._heap if each[2].ring is not None]
            heapq.heapify(self._heap)
            self._dead = 0

    def _skip_dead(self) -> None:
        while self._heap and self._heap[0][2].ring is None:
            heapq.heappop(self._heap)
            self._dead -= 1
