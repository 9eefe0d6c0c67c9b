"""An hour of a busy site on the real daemon: memory stays flat, no mailbox grows, reactions stay as quick."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from evce.units import Seconds
from tools.benchmarks.fleet import Fleet
from tools.benchmarks.light_station import LightStation
from tools.benchmarks.machine import Cores, cores, on_core
from tools.benchmarks.reaction import react
from tools.benchmarks.report import percentile
from tools.benchmarks.servers import Server, running_daemon
from tools.benchmarks.site import RATING, bench_site
from tools.control.client import ControlError, control
from tools.endurance.flatness import growth

__all__ = ["SoakReport", "judged", "soak"]

_REPORTS_EVERY: Seconds = 5.0
_LOOKS_EVERY: Seconds = 10.0
_CALM = (1.0, 4.0)
"""Seconds between two steps of the building, drawn anew each time."""

_LOWEST = 12.0
"""Down to this many A for each car the building rises by steps; then it is taken off."""

_STEP = 0.2
_TURNS_OVER = 10
"""Each time the building is taken off, one car in so many drives away and another one comes."""

_MEMORY_GROWS = 0.05
"""RELIABILITY: flat within 5 % after the warm-up."""

_REACTION_GROWS = 0.25
"""A half of a soak has too few steps for a steadier 99th percentile."""

_DEEPEST = 200
"""Messages in one mailbox; a tenth of its bound, and far more than one look at a quiet site finds."""


@dataclass(frozen=True, slots=True)
class SoakReport:
    """`memory` in MiB and `deepest` mailbox at each look, `reactions` in ms, in their order."""

    stations: int
    seconds: Seconds
    memory: tuple[float, ...]
    deepest: tuple[int, ...]
    reactions: tuple[float, ...]
    missed: int
    sessions: int
    problems: tuple[str, ...]

    @property
    def memory_growth(self) -> float:
        """As a share, after the warm-up."""
        return growth(self.memory)

    @property
    def p99(self) -> tuple[float, float]:
        """Of the first and of the second half of the reactions, in ms; 0 where there are too few."""
        half = len(self.reactions) // 2
        if not half:
            return 0.0, 0.0
        return percentile(self.reactions[:half], 99), percentile(self.reactions[half:], 99)


def soak(stations: int, seconds: Seconds, seed: int, told: Callable[[Seconds], object]) -> SoakReport:
    """Run the daemon under load for so long; `told` hears how long it has run."""
    pinned = cores()
    with on_core(pinned.load):
        return asyncio.run(_soak(stations, seconds, seed, pinned, told))


def judged(report: SoakReport) -> tuple[str, ...]:
    """What isn't as it has to be."""
    found = []
    if report.memory_growth > _MEMORY_GROWS:
        found.append(f"memory grew by {report.memory_growth:.1%} after the warm-up")
    if growth(report.deepest) > 0.5 and max(report.deepest) > _DEEPEST:
        found.append(f"mailboxes grow: {max(report.deepest)} messages waited in one")
    first, second = report.p99
    if second > first * (1.0 + _REACTION_GROWS):
        found.append(f"reactions slow down: p99 {first:.0f} ms, then {second:.0f} ms")
    if report.missed:
        found.append(f"{report.missed} steps of the building were not followed")
    return (*found, *report.problems)


async def _soak(
    stations: int, seconds: Seconds, seed: int, pinned: Cores, told: Callable[[Seconds], object]
) -> SoakReport:
    fleet = Fleet(stations)
    chance = random.Random(seed)  # noqa: S311 - moments, no secrets
    memory: list[float] = []
    deepest: list[int] = []
    reactions: list[float] = []
    missed = sessions = 0
    problems: list[str] = []
    try:
        port = await fleet.open_meter()
        with running_daemon(bench_site(stations, port), pinned.server) as server:
            await fleet.connect(server.port)
            await fleet.plug_in()
            sessions += stations
            fleet.keep_reporting(_REPORTS_EVERY)
            began = time.monotonic()
            looking = asyncio.ensure_future(_look(server, began, memory, deepest, problems, told))
            try:
                while time.monotonic() - began < seconds:
                    await fleet.charge_up()
                    steps = round((RATING - _LOWEST) / _STEP)
                    while steps and time.monotonic() - began < seconds:
                        steps -= 1
                        await asyncio.sleep(chance.uniform(*_CALM))
                        step = await react(fleet)
                        if step is None:
                            missed += 1
                        else:
                            reactions.append(step.under)
                    sessions += await _turn_over(fleet, chance)
            finally:
                looking.cancel()
                with suppress(asyncio.CancelledError):
                    await looking
    finally:
        await fleet.close()
    return SoakReport(
        stations,
        time.monotonic() - began,
        tuple(memory),
        tuple(deepest),
        tuple(reactions),
        missed,
        sessions,
        tuple(problems),
    )


async def _turn_over(fleet: Fleet, chance: random.Random) -> int:
    leaving: Sequence[LightStation] = chance.sample(fleet.stations, len(fleet.stations) // _TURNS_OVER)
    for station in leaving:
        await station.unplug()
        await station.plug_in()
    return len(leaving)


async def _look(
    server: Server,
    began: float,
    memory: list[float],
    deepest: list[int],
    problems: list[str],
    told: Callable[[Seconds], object],
) -> None:
    """Note memory and mailboxes until cancelled; what was shed or refused is a problem at once."""
    assert server.data is not None  # noqa: S101 - it is the daemon, no rival
    while True:
        await asyncio.sleep(_LOOKS_EVERY)
        memory.append(server.usage().memory)
        try:
            found = await asyncio.to_thread(control, server.data, "actors")
        except ControlError as error:
            problems.append(f"the daemon didn't answer: {error}")
        else:
            deepest.append(max((_waiting(line) for line in found["actors"]), default=0))
            shed = {line["name"]: line["inbox"]["shed"] for line in found["actors"] if line.get("inbox")}
            for name in [name for name, count in shed.items() if count]:
                text = f"{name} shed samples at its bound"
                if text not in problems:
                    problems.append(text)
        told(time.monotonic() - began)


def _waiting(line: dict[str, Any]) -> int:
    inbox = line.get("inbox") or {}
    return sum(int(inbox.get(lane, 0)) for lane in ("urgent", "events", "samples"))
