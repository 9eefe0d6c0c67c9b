"""The trace of messages as the debug shell follows it: one after the other, until there were enough."""

import threading
from collections.abc import Generator
from math import inf

from actors.runtime import Runtime
from actors.tracing import Trace
from evce.tracing import Traced

__all__ = ["trace"]

LOOK_S = 0.1
"""How often what was caught is told, and the client looked for."""

DEPTH = 4
"""Levels of a message's fields that fit a line."""


def trace(
    runtime: Runtime, names: str, kinds: str, *, count: int, seconds: float
) -> Generator[Traced | None, None, None]:
    """Tell messages right before they are handled; ends after `count` of them or after `seconds`.

    `names` and `kinds` are those of `Trace`. None comes while there is nothing to tell. Closing the generator
    ends the trace; nothing of it stays.
    """
    ends = runtime.clock.monotonic() + seconds
    told = 0
    pause = threading.Event()
    caught = Trace(runtime, names, kinds, DEPTH, patience=inf)
    try:
        while True:
            ended = runtime.clock.monotonic() >= ends
            for each in caught.take():
                yield each
                told += 1
                if told >= count:
                    return
            if ended:
                return
            yield None
            pause.wait(LOOK_S)
    finally:
        caught.close()
