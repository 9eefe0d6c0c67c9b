"""Catching what goes by for one reader, who may be slow or gone: bounded, shed beyond that, by name."""

from collections import deque
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Generic, TypeVar

from evce.units import Monotonic, Seconds

__all__ = ["FORSAKEN_AFTER", "MOST_PER_S", "WAITING", "Catch", "Traced", "matches"]

MOST_PER_S = 200
"""Caught a second; a busy site handles thousands of messages, and nobody can read more."""

WAITING = 1000
"""What waits to be read, at most."""

WAITING_SIZE = 4 * 1024 * 1024
"""The sum of the sizes of what waits, at most: a station may send frames of a megabyte."""

FORSAKEN_AFTER: Seconds = 15.0
"""A reader who has not come for so long is gone: a page looks every second, a shell ten times as often."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Traced:
    """A message that an actor is about to handle. `missed` fitted the filter before it and were too many.

    `at` is UTC (ISO 8601), `sender` empty for what comes from outside, `fields` plain values without secrets.
    """

    at: str
    to: str
    type: str
    fields: Any
    missed: int = 0
    sender: str = ""


class Catch(Generic[Item]):
    """Filled on the threads of others, emptied on that of its reader; no lock is held anywhere.

    Two who offer at once may miscount, which hurts nobody.
    """

    def __init__(self, now: Monotonic, patience: Seconds = FORSAKEN_AFTER) -> None:
        self._caught: deque[tuple[Item, int, int]] = deque()
        self._taken = self._offered = 0
        self._missed = self._told = 0
        self._second = float("-inf")
        self._this_second = 0
        self._read_at = now
        self._patience = patience

    def offer(self, now: Monotonic, item: Item, size: int = 0) -> None:
        """Keep the item, or count it as missed; `size` is what it takes of `WAITING_SIZE`."""
        if now - self._second >= 1.0:
            self._second, self._this_second = now, 0
        self._this_second += 1
        waits = self._offered - self._taken
        if (
            self._this_second > MOST_PER_S
            or len(self._caught) >= WAITING
            or (waits and waits + size > WAITING_SIZE)
        ):
            self._missed += 1
        else:
            self._offered += size
            self._caught.append((item, size, self._missed))

    def take(self, now: Monotonic) -> list[tuple[Item, int]]:
        """What was caught since, oldest first, each with the number of those missed right before it."""
        self._read_at = now
        taken = []
        while self._caught:
            item, size, missed = self._caught.popleft()
            self._taken += size
            taken.append((item, max(0, missed - self._told)))
            self._told = missed
        return taken

    def forsaken(self, now: Monotonic) -> bool:
        """Whether its reader has not come for too long."""
        return now - self._read_at > self._patience


def matches(word: str, pattern: str) -> bool:
    """Whether a name fits a pattern such as `station/*`, whatever its case; an empty pattern fits all."""
    return not pattern or fnmatchcase(word.lower(), pattern.lower())
