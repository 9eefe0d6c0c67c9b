"""A ground for tests: what is seen on it is what the test says, at the pace of the clock."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tools.endurance.ground import CARS, Glance
from tools.referee.referee import Violation

__all__ = ["FakeGround"]


@dataclass
class FakeGround:
    """`shown` is what the next glances show beside their time; `done` what was done to it."""

    shown: dict[str, Any] = field(default_factory=dict)
    done: list[tuple[Any, ...]] = field(default_factory=list)
    glances: list[Glance] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """What the books will say."""
    grumbles: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    data = Path("/nowhere")

    def __post_init__(self) -> None:
        self.shown = {
            "pilots": dict.fromkeys(CARS, 16.0),
            "running": {name: number for number, name in enumerate(CARS, 1)},
            "up": True,
            "connected": frozenset(CARS),
            "verified": frozenset(CARS),
            "online": len(CARS),
        } | self.shown
        violations: list[Violation] = []
        self.referee = SimpleNamespace(violations=violations)
        self.model = SimpleNamespace(roots=["main"], zones={"main": SimpleNamespace(maximum=100.0)})
        stations = {
            name: SimpleNamespace(outlets={1: SimpleNamespace(vehicle=object())}, sessions=[])
            for name in CARS
        }
        self.site = SimpleNamespace(
            world=SimpleNamespace(stations=stations), truth=lambda: {"main": (99.0, 98.0, 97.0)}
        )
        self.service = SimpleNamespace(
            ends=[],
            ready=[],
            watchdog=None,
            send=lambda number: self.done.append(("send", number)),
            limit_memory=lambda spare: self.done.append(("memory", spare)),
        )
        self.proxies = SimpleNamespace(
            disturb=lambda *given, **troubles: self.done.append(("disturb", *given, troubles)),
            refuse=lambda *given: self.done.append(("refuse", *given)),
            reset=lambda *given: self.done.append(("reset", *given)),
            seen=lambda *_: self.counts,
        )
        self.next()

    @property
    def now(self) -> Glance:
        return self.glances[-1]

    def next(self, _: Glance | None = None) -> Glance:
        time.sleep(0.001)
        self.glances.append(Glance(time.monotonic(), **self.shown))
        return self.now

    def wait(self, so: Callable[[Glance], bool], within: float) -> bool:
        deadline = time.monotonic() + within
        while not so(self.next()):
            if time.monotonic() > deadline:
                return False
        return True

    def since(self, at: float) -> list[Glance]:
        return [glance for glance in self.glances if glance.at >= at]

    def fallback(self, _: str) -> float:
        return 6.6

    def calm(self) -> None:
        self.done.append(("calm",))

    def plug(self, name: str) -> None:
        self.done.append(("plug", name))

    def unplug(self, name: str) -> None:
        self.done.append(("unplug", name))

    def step(self, amps: float, seconds: float) -> None:
        self.done.append(("step", amps, seconds))

    def all_told(self) -> bool:
        return True

    def disagreements(self) -> list[str]:
        return self.wrong

    def complaints(self) -> list[str]:
        return self.grumbles
