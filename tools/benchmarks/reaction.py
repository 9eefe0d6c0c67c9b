"""How long a step of the building's load takes from the meter's registers to the last reduction sent."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from tools.benchmarks.fleet import Fleet
from tools.benchmarks.machine import Cores, cores, on_core
from tools.benchmarks.report import Section, percentile
from tools.benchmarks.servers import running_daemon
from tools.benchmarks.site import HEADROOM, POLL_MS, RATING, bench_site

__all__ = ["GOALS_MS", "SIZES", "ReactionRow", "Step", "bench_reaction", "react", "reaction_section"]

SIZES = (10, 100, 300)

GOALS_MS = {100: POLL_MS + 100.0, 300: POLL_MS + 300.0}
"""p99 by number of stations (DESIGN: reaction budget)."""

STEP_A = 0.2
"""What each step takes from each car, A per phase: two tenths, so that rounding spares hardly anybody."""

LOWEST_A = 8.0
"""Where a descent ends: above the floor of 6 A, below which cars are suspended and not reduced."""

SAMPLE_S = 5.0
"""How often each station reports all the while, as the default configuration asks it to."""

QUIET_S = POLL_MS / 1000.0 + 0.2
"""A step is over when for longer than one poll nobody was reduced any more."""

STEP_LASTS_AT_MOST_S = 20.0

_TOLERANCE_A = 0.01


@dataclass(frozen=True, slots=True)
class Step:
    """Milliseconds from the change of the registers: `seen` first read, `under` the limit, `last` reduction.

    `reduced` is how many stations got less.
    """

    seen: float
    under: float
    last: float
    reduced: int


@dataclass(frozen=True, slots=True)
class ReactionRow:
    """All steps of one size; `missed` are those after which the load was not brought under the limit."""

    stations: int
    steps: tuple[Step, ...]
    missed: int

    @property
    def goal_ms(self) -> float | None:
        """The p99 that this size is to reach, None without one."""
        return GOALS_MS.get(self.stations)


def bench_reaction(sizes: Sequence[int] = SIZES, steps: int = 500) -> list[ReactionRow]:
    """Measure at least `steps` steps at each size; the load runs on this process's own core."""
    pinned = cores()
    with on_core(pinned.load):
        return [asyncio.run(_measure(size, steps, pinned)) for size in sizes]


async def _measure(stations: int, steps: int, pinned: Cores) -> ReactionRow:
    fleet = Fleet(stations)
    done: list[Step] = []
    missed = 0
    chance = random.Random(stations)  # noqa: S311  # the phase of a step within a poll, not a secret
    try:
        port = await fleet.open_meter()
        with running_daemon(bench_site(stations, port), pinned.server) as server:
            await fleet.connect(server.port)
            await fleet.plug_in()
            fleet.keep_reporting(SAMPLE_S)
            while len(done) + missed < steps:
                await fleet.charge_up()
                room = round((RATING - LOWEST_A) / STEP_A)
                for _ in range(min(room, steps - len(done) - missed)):
                    await asyncio.sleep(0.2 + chance.uniform(0.0, POLL_MS / 1000.0))
                    step = await react(fleet)
                    if step is None:
                        missed += 1
                    else:
                        done.append(step)
                    await fleet.report()
    finally:
        await fleet.close()
    return ReactionRow(stations, tuple(done), missed)


async def react(fleet: Fleet) -> Step | None:
    """Add one step of building load and follow it until all is quiet again; None when it is missed."""
    limit = len(fleet.stations) * RATING + HEADROOM
    # What rounding has left over is used up as well: each step overloads by the same amount.
    higher = limit - fleet.total + len(fleet.stations) * STEP_A
    fleet.reductions.clear()
    fleet.meter.watch()
    fleet.building = higher
    begun = time.monotonic()
    under = 0.0

    def over() -> bool:
        nonlocal under
        if fleet.building + fleet.total > limit + _TOLERANCE_A:
            return False
        if not under:
            under = fleet.reductions[-1][1]
        return time.monotonic() - fleet.reductions[-1][1] > QUIET_S

    if not await fleet.until(over, STEP_LASTS_AT_MOST_S) or fleet.meter.seen_at is None:
        return None
    return Step(
        seen=(fleet.meter.seen_at - begun) * 1000.0,
        under=(under - begun) * 1000.0,
        last=(fleet.reductions[-1][1] - begun) * 1000.0,
        reduced=len({station.identity for station, _ in fleet.reductions}),
    )


def reaction_section(rows: Sequence[ReactionRow]) -> Section:
    """Make the table."""
    return Section(
        "Reaction: from the meter's registers to the last reduction on the wire",
        (
            "stations",
            "steps",
            "missed",
            "reduced per step",
            "p50 ms",
            "p95 ms",
            "p99 ms",
            "max ms",
            "goal p99 ms",
            "after the read: p50 ms",
            "p99 ms",
            "max ms",
            "under the limit: p99 ms",
        ),
        [_cells(row) for row in rows],
        (
            f"A staircase: each step adds {STEP_A:g} A for every station to the building, at a random moment "
            f"of the meter's {POLL_MS} ms poll, so that (nearly) all of them must be reduced. From the "
            "change of the registers to the arrival of the last SetChargingProfile that lowers a car's "
            "current, with no further one for more than a poll.",
            "After the read: the same without the wait for the poll, from the moment the meter was read. "
            "Under the limit: until the building and all setpoints fit; what is lowered later was not needed "
            "for that.",
            f"All the while every station sends MeterValues every {SAMPLE_S:g} s.",
        ),
    )


def _cells(row: ReactionRow) -> list[str]:
    goal = "" if row.goal_ms is None else f"{row.goal_ms:.0f}"
    if not row.steps:
        return [str(row.stations), "0", str(row.missed), *("" for _ in range(5)), goal, "", "", "", ""]
    last = [step.last for step in row.steps]
    own = [step.last - step.seen for step in row.steps]
    reduced = percentile([float(step.reduced) for step in row.steps], 50)
    return [
        str(row.stations),
        str(len(row.steps)),
        str(row.missed),
        f"{reduced:.0f}",
        *(f"{percentile(last, percent):.0f}" for percent in (50, 95, 99, 100)),
        goal,
        *(f"{percentile(own, percent):.0f}" for percent in (50, 99, 100)),
        f"{percentile([step.under for step in row.steps], 99):.0f}",
    ]
