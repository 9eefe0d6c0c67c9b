"""Finds actors whose handler runs over its hang budget; what follows is the runtime's affair."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from actors.supervised import Supervised

__all__ = ["PERIOD_S", "ZOMBIE_LIMIT", "Watchdog"]

PERIOD_S = 0.25
"""Between two looks, in seconds: a 2 s budget is noticed after at most 2.25 s, 3 s are allowed."""

ZOMBIE_LIMIT = 8
"""Hung threads alive at once before the process is given up: a thread can't be killed, so each may hold a
lock, a socket and a share of the processor for good; eight mean a common cause that a restart may cure."""


class Watchdog:
    """Pure bookkeeping: `look` is called about every `PERIOD_S` with the living actors."""

    def __init__(self) -> None:
        self._last: float | None = None
        self._forgave = False

    def look(self, now: float, actors: Iterable[Supervised]) -> list[tuple[Supervised, float]]:
        """The hung ones with the seconds for which their handler has run. `now` is monotonic.

        When the look itself comes late by more than a second, the machine stood still and nobody is accused,
        once: the next look judges, however late.
        """
        late = self._last is not None and now - self._last > PERIOD_S + 1.0
        self._last = now
        if late and not self._forgave:
            self._forgave = True
            return []
        self._forgave = False
        hung = []
        for actor in actors:
            since = actor.busy_since
            if since is not None and not actor.muted and now - since > actor.context.hang_budget_s:
                hung.append((actor, now - since))
        return hung
