"""How long one allocation takes at 10 to 10,000 connectors: everything fits, limits tight, floors scarce."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import numpy as np

from evce.allocation import Claim, Problem, ZoneLimit, allocate
from evce.units import BoxIdentity, ConnectorKey, ZoneId

__all__ = ["AllocationRow", "bench_allocation", "made_up_problem"]

SIZES = (10, 100, 1000, 10000)
GOALS_MS = {100: 1.0, 1000: 10.0, 10000: 150.0}
SUPPLIES = {"fits": 1.1, "tight": 0.45, "scarce": 0.12}
"""The limits as a share of what all cars below a zone would take."""

_PER_ZONE = 20
_BRANCHING = 6
_MASKS = ((True, True, True), (True, False, False), (False, True, False), (False, False, True))


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """The median and the worst time of one size and supply, in milliseconds; `goal_ms` None without one."""

    connectors: int
    supply: str
    median_ms: float
    worst_ms: float
    goal_ms: float | None


def made_up_problem(connectors: int, share: float, seed: int = 1) -> Problem:
    """A tree of terminal zones of about 20 connectors each, whose limits are uneven shares of the wish."""
    rng = np.random.default_rng(seed)
    parents = _tree(max(1, connectors // _PER_ZONE))
    terminal = sorted(set(range(len(parents))) - set(parents))
    claims = []
    wish = np.zeros((len(parents), 3))
    for number in range(connectors):
        zone = terminal[number % len(terminal)]
        mask = _MASKS[rng.choice(4, p=(0.55, 0.15, 0.15, 0.15))]
        cap = float(rng.choice((16.0, 32.0, 32.0, 25.5)))
        claims.append(
            Claim(
                key=ConnectorKey(BoxIdentity(f"CP-{number // 2:05}"), number % 2 + 1),
                zone=ZoneId(f"zone-{zone:04}"),
                mask=mask,
                floor=float(rng.choice((6.0, 6.0, 8.0, 14.0))),
                cap=cap,
                vip=bool(rng.random() < 0.02),
                energy=float(rng.integers(0, 40000)),
                held=float(rng.choice((0.0, 10.0))),
                granted_at=0.0,
                plugged_at=0.0,
            )
        )
        above = zone
        while above >= 0:
            wish[above] += np.array(mask) * cap
            above = parents[above]
    zones = tuple(
        ZoneLimit(
            zone=ZoneId(f"zone-{zone:04}"),
            parent=ZoneId(f"zone-{parent:04}") if parent >= 0 else None,
            limit=_limit(wish[zone] * share * rng.uniform(0.8, 1.2)),
            bound_by="maximum",
        )
        for zone, parent in enumerate(parents)
    )
    return Problem(zones=zones, claims=tuple(claims), now=10000.0)


def _limit(amps: np.ndarray) -> tuple[float, float, float]:
    return (float(amps[0]), float(amps[1]), float(amps[2]))


def _tree(terminals: int) -> list[int]:
    """The parent of each zone (-1 for the root), level by level until there are enough terminal zones."""
    parents, level = [-1], [0]
    while len(level) < terminals:
        count = min(terminals, len(level) * _BRANCHING)
        below = list(range(len(parents), len(parents) + count))
        parents.extend(level[index % len(level)] for index in range(count))
        level = below
    return parents


def bench_allocation(sizes: Sequence[int] = SIZES) -> list[AllocationRow]:
    """Time `allocate` on made-up sites, print the table, return its rows."""
    rows = []
    print(f"{'connectors':>10} {'supply':>8} {'median ms':>10} {'worst ms':>10} {'goal ms':>8}")
    for size in sizes:
        for supply, share in SUPPLIES.items():
            problem = made_up_problem(size, share)
            allocate(problem)
            times = []
            for _ in range(max(5, min(50, 20000 // size))):
                begin = perf_counter()
                allocate(problem)
                times.append((perf_counter() - begin) * 1000.0)
            row = AllocationRow(size, supply, median(times), max(times), GOALS_MS.get(size))
            rows.append(row)
            goal = "" if row.goal_ms is None else f"{row.goal_ms:g}"
            print(f"{size:>10} {supply:>8} {row.median_ms:>10.2f} {row.worst_ms:>10.2f} {goal:>8}")
    return rows
