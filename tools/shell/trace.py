"""A live trace of messages: filtered on the actors' threads, shortened and told on that of the engineer."""

import threading
from collections import deque
from collections.abc import Generator
from datetime import timedelta
from fnmatch import fnmatchcase

from actors.messages import Message
from actors.runtime import Runtime
from tools.shell.answers import Traced
from tools.shell.plain import plain

__all__ = ["MOST_PER_S", "trace"]

MOST_PER_S = 200
"""Messages told a second; a busy site handles thousands, and nobody can read more."""

WAITING = 1000
"""Messages that wait to be told, at most."""

LOOK_S = 0.1
"""How often what was caught is told, and the client looked for."""

DEPTH = 4
"""Levels of a message's fields that are told."""

ITEMS = 12
"""Members of a collection within them."""


class _Net:
    """Catches messages as a listener of the runtime; costs their actors a third of a microsecond each."""

    def __init__(self, names: str, kinds: str) -> None:
        self.caught: deque[tuple[float, str, Message, int]] = deque()
        self.missed = 0
        self._names, self._kinds = names, kinds
        self._wanted: dict[tuple[str, type[Message]], bool] = {}
        self._second = float("-inf")
        self._this_second = 0

    def hear(self, now: float, name: str, message: Message) -> None:
        """Called on the threads of all actors; two at once may miscount, which hurts nobody."""
        key = name, type(message)
        wanted = self._wanted.get(key)
        if wanted is None:
            wanted = self._wanted[key] = _matches(name, self._names) and _matches(
                type(message).__name__, self._kinds
            )
        if not wanted:
            return
        if now - self._second >= 1.0:
            self._second, self._this_second = now, 0
        self._this_second += 1
        if self._this_second > MOST_PER_S or len(self.caught) >= WAITING:
            self.missed += 1
        else:
            self.caught.append((now, name, message, self.missed))


def trace(
    runtime: Runtime, names: str, kinds: str, *, count: int, seconds: float
) -> Generator[Traced | None, None, None]:
    """Tell messages right before they are handled; ends after `count` of them or after `seconds`.

    `names` and `kinds` are patterns of actors' and messages' names (`station/*`, `Meter*`). None comes while
    there is nothing to tell. Closing the generator ends the trace; nothing of it stays.
    """
    net = _Net(names, kinds)
    clock = runtime.clock
    ends = clock.monotonic() + seconds
    told = missed = 0
    pause = threading.Event()
    runtime.on_delivery(net.hear)
    try:
        while told < count and (net.caught or clock.monotonic() < ends):
            if not net.caught:
                yield None
                pause.wait(LOOK_S)
                continue
            at, name, message, missed_before = net.caught.popleft()
            wall = clock.utc_now() - timedelta(seconds=clock.monotonic() - at)
            told += 1
            shown = plain(message, DEPTH, ITEMS)
            missing, missed = missed_before - missed, missed_before
            yield Traced(
                wall.isoformat(timespec="milliseconds"), name, type(message).__name__, shown, missing
            )
    finally:
        runtime.off_delivery(net.hear)


def _matches(word: str, pattern: str) -> bool:
    return not pattern or fnmatchcase(word.lower(), pattern.lower())
