"""Judges whose handler hangs: time in which it could not get the processor doesn't count against it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

__all__ = ["FORGIVEN_S", "PERIOD_S", "ZOMBIE_LIMIT", "Effort", "Handler", "Verdict", "Watchdog"]

PERIOD_S: Final = 0.25
"""Between two looks, in seconds: a 2 s budget is noticed after at most 2.5 s, 3 s are allowed."""

FORGIVEN_S: Final = 8.0
"""The most starvation that is excused, in seconds: with the budget of 2 s every hang is found within 10 s."""

ZOMBIE_LIMIT = 8
"""Hung threads alive at once before the process is given up: a thread can't be killed, so each may hold a
lock, a socket and a share of the processor for good; eight mean a common cause that a restart may cure."""

_STOOD_STILL_S: Final = 2.0
"""The most that the time between two looks counts, in seconds: a machine may have been stopped."""

_OTHERS_BUSY: Final = 0.5
"""Share of a core that the rest of the process used or wanted: with less, nobody waits long for its turn."""

_SATURATED: Final = 0.8
"""Share of a core from which on the interpreter, or the processor, has nothing left to give."""

_CROWD: Final = 3
"""So many over half of their budget at once, when nothing is left to give, wait for one that starves."""

_WOKEN_EACH_S: Final = 10.0
"""Whoever waits for the interpreter wakes up at each of its switches, hundreds of times a second; whoever
sleeps, reads or waits for a lock doesn't wake up at all."""


class Effort(NamedTuple):
    """What a thread has used so far. `ran` and `queued` are seconds on and in wait for a processor.

    `switches` counts how often it got one. `runnable` tells that it has or wants one at this moment.
    """

    ran: float
    queued: float
    switches: int
    runnable: bool


@dataclass(frozen=True, slots=True)
class Handler:
    """One that runs now: whose, since when (monotonic s), within what budget, and what its thread has used.

    `owner` is the actor's name and incarnation. `effort` is None where the system doesn't tell.
    """

    owner: tuple[str, int]
    since: float
    budget: float
    effort: Effort | None = None


class Verdict(NamedTuple):
    """A hung handler, and the seconds for which it has run by the clock on the wall."""

    handler: Handler
    seconds: float


@dataclass(slots=True)
class _Watched:
    """`counted` is what a handler has to answer for, `elapsed` what has passed since it was first seen."""

    handler: Handler
    counted: float
    elapsed: float


class _Interval(NamedTuple):
    """What one handler's thread did between two looks: seconds, and how often it got a processor."""

    ran: float = 0.0
    queued: float = 0.0
    blocked: float = 0.0
    woken: int = 0


class Watchdog:
    """Pure bookkeeping: `look` is called about every `PERIOD_S` with the handlers that run.

    Between two looks a handler is answerable for what its thread computed and for the time that it slept
    or waited for something. It is excused while its thread stood in the queue for a processor, while it
    waited for the interpreter that others kept busy, and as far as the look itself came late, which was
    nobody's fault. Excuses end `FORGIVEN_S` after the budget: then the oldest is accused, one at a time,
    because one that truly hangs stays while those that starve come to their end.
    """

    def __init__(self) -> None:
        self._last: float | None = None
        self._process = 0.0
        self._watched: dict[tuple[str, int], _Watched] = {}
        self._impatient_at: float | None = None

    def look(self, now: float, process: float, handlers: Iterable[Handler]) -> list[Verdict]:
        """The hung ones. `now` is monotonic, `process` the processor time of the whole process; seconds."""
        passed = 0.0 if self._last is None else max(now - self._last, 0.0)
        computed = process - self._process
        self._last, self._process = now, process
        before, self._watched = self._watched, {}
        intervals: list[tuple[_Watched, _Interval]] = []
        for handler in handlers:
            known = before.get(handler.owner)
            if known is None or known.handler.since != handler.since:
                began = min(max(now - handler.since, 0.0), PERIOD_S)
                self._watched[handler.owner] = _Watched(handler, began, began)
                continue
            interval = _between(known.handler.effort, handler.effort, passed)
            known.handler = handler
            known.elapsed += min(passed, _STOOD_STILL_S)
            self._watched[handler.owner] = known
            intervals.append((known, interval))
        pressed = computed + sum(interval.queued for _, interval in intervals)
        late = sum(known.elapsed >= known.handler.budget / 2.0 for known, _ in intervals)
        stuck = late >= _CROWD and pressed >= _SATURATED * passed
        for known, interval in intervals:
            known.counted += _answerable(interval, passed, pressed, stuck=stuck)
        return self._accuse(now)

    def _accuse(self, now: float) -> list[Verdict]:
        accused = [known for known in self._watched.values() if known.counted >= known.handler.budget]
        patience = None if self._impatient_at is None else now - self._impatient_at
        inexcusable = [
            known
            for known in self._watched.values()
            if known not in accused
            and known.elapsed >= known.handler.budget + FORGIVEN_S
            and (patience is None or patience >= known.handler.budget)
        ]
        if inexcusable:
            self._impatient_at = now
            accused.append(min(inexcusable, key=lambda known: known.handler.since))
        for known in accused:
            del self._watched[known.handler.owner]
        return [Verdict(known.handler, now - known.handler.since) for known in accused]


def _between(before: Effort | None, after: Effort | None, passed: float) -> _Interval:
    """What happened between two readings; whoever still stands in the queue has its wait booked later."""
    if before is None or after is None:
        return _Interval(blocked=passed)
    ran = max(after.ran - before.ran, 0.0)
    woken = after.switches - before.switches
    if after.runnable:
        return _Interval(ran, queued=max(passed - ran, 0.0), woken=woken)
    queued = max(after.queued - before.queued, 0.0)
    return _Interval(ran, queued, max(passed - ran - queued, 0.0), woken)


def _answerable(interval: _Interval, passed: float, pressed: float, *, stuck: bool) -> float:
    """How much of the time between two looks one handler has to answer for, seconds.

    `pressed` is the processor time that the whole process used or, as far as is known, wanted.
    """
    blocked = interval.blocked
    others_busy = pressed - interval.ran >= _OTHERS_BUSY * passed
    if stuck or (others_busy and interval.woken >= 1.0 + _WOKEN_EACH_S * blocked):
        blocked = 0.0
    # A late look may itself have been kept from its turn; what a thread has computed is certain.
    return max(interval.ran, min(interval.ran + blocked, PERIOD_S))
