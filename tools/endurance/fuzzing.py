"""What every fuzzer reports: how much it tried, what came of it, what went wrong, and the memory."""

import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from evce.units import Seconds
from tools.benchmarks.machine import usage
from tools.endurance.flatness import growth

__all__ = ["LONGEST_TURN", "MEMORY_MAY_GROW", "Fuzzing", "Told"]

MEMORY_MAY_GROW = 0.05
"""Once it has warmed up, by this share at most."""

LONGEST_TURN: Seconds = 10.0
"""What takes longer to be dealt with is a hang."""

_ENOUGH = 20
"""Problems; more of them tell nothing new."""

_LOOKS = 100

Told = Callable[[int], object]
"""Takes how many inputs have been tried so far."""


@dataclass(slots=True)
class Fuzzing:
    """One fuzzer at work: `outcomes` counts what came of its inputs, `problems` says what must not be.

    `memory` is the resident memory of this process in MiB, looked at a hundred times; `slowest` the longest
    that a turn took, in s.
    """

    kind: str
    seed: int
    wanted: int
    tried: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    slowest: Seconds = 0.0
    began: Seconds = field(default_factory=time.monotonic)
    took: Seconds = 0.0

    @property
    def going_on(self) -> bool:
        """Whether more is to be tried."""
        return self.tried < self.wanted and len(self.problems) < _ENOUGH

    def count(self, told: Told, inputs: int, seconds: Seconds, shown: str) -> None:
        """So many more inputs were dealt with in this time; `shown` is what they were, if it was too long."""
        self.tried += inputs
        self.slowest = max(self.slowest, seconds)
        if seconds > LONGEST_TURN:
            self.problem(f"took {seconds:.0f} s", shown)
        if self.tried >= len(self.memory) * self.wanted / _LOOKS:
            self.memory.append(usage(os.getpid()).memory)
        told(min(self.tried, self.wanted))

    def problem(self, what: str, shown: str) -> None:
        """Something that must not happen did, for this input."""
        self.problems.append(f"{self.kind}, seed {self.seed}, after {self.tried}: {what}: {shown[:500]}")

    def done(self) -> "Fuzzing":
        """Judge the memory; to be called once, in the end."""
        self.took = time.monotonic() - self.began
        grown = growth(self.memory)
        if grown > MEMORY_MAY_GROW:
            self.problems.append(
                f"{self.kind}, seed {self.seed}: memory grew by {100.0 * grown:.0f} %, "
                f"from {self.memory[len(self.memory) // 4]:.0f} to {self.memory[-1]:.0f} MiB"
            )
        return self
