"""How much each actor worked lately: messages a second, time in its handlers, from counts that only rise."""

import operator
from collections.abc import Mapping
from dataclasses import dataclass

from actors.runtime import Runtime
from actors.timers import Owner
from evce.durations import BUCKETS, percentile
from evce.units import Monotonic, Seconds

__all__ = ["Gauge", "Mark", "Work", "between", "mark"]

MARK_EVERY_S = 15.0
"""The window of the rates is one to two of these; a mark of 320 actors takes a quarter of a millisecond."""

_NOBODY: tuple[tuple[int, ...], Seconds] = ((0,) * BUCKETS, 0.0)


@dataclass(frozen=True)
class Mark:
    """What every living actor had counted at one moment: turns by duration, and their sum in seconds."""

    at: Monotonic
    counted: Mapping[Owner, tuple[tuple[int, ...], Seconds]]


@dataclass(frozen=True)
class Work:
    """One actor between two marks; see `ActorLine` for the units."""

    per_s: float = 0.0
    p50_s: Seconds | None = None
    p99_s: Seconds | None = None
    share: float = 0.0


def mark(runtime: Runtime) -> Mark:
    """Look at every living actor; none of them notices."""
    counted = {
        actor.context.owner: (tuple(actor.spent.counts), actor.spent.total) for actor in runtime.living()
    }
    return Mark(runtime.clock.monotonic(), counted)


def between(earlier: Mark, later: Mark) -> dict[str, Work]:
    """The work of each actor that lived at the later mark, by name; a younger one's since its birth."""
    seconds = max(later.at - earlier.at, 1e-9)
    done = {}
    for owner, (counts, total) in later.counted.items():
        before, total_before = earlier.counted.get(owner, _NOBODY)
        grown = list(map(operator.sub, counts, before))
        done[owner[0]] = Work(
            per_s=sum(grown) / seconds,
            p50_s=percentile(grown, 50),
            p99_s=percentile(grown, 99),
            share=(total - total_before) / seconds,
        )
    return done


class Gauge:
    """Keeps the last two marks, so that whoever asks sees a window of some length at once."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._older = self._newer = mark(runtime)
        self._arm()

    def window(self) -> tuple[Mark, Mark]:
        """From the older mark to now."""
        return self._older, mark(self._runtime)

    def close(self) -> None:
        """Take no more marks."""
        self._runtime.timers.cancel_all(("gauge", 0))

    def _arm(self) -> None:
        self._runtime.timers.after(MARK_EVERY_S, ("gauge", 0), "mark", self._ring)

    def _ring(self) -> None:
        self._older, self._newer = self._newer, mark(self._runtime)
        self._arm()
