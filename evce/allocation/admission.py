"""Admission: which cars get their floor when the floors of all don't fit."""

from collections.abc import Callable, Iterable, Sequence, Set
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from evce.allocation.grid import Ints, load
from evce.allocation.problem import Claim, Priority, Problem
from evce.units import Monotonic, Seconds

__all__ = ["Crowd", "Rank", "Refusal", "admit", "contested", "queue", "rank_of", "still_paused"]


_STEPS = {Priority.ENERGY: 1_000.0, Priority.DURATION: 900.0, Priority.DEPARTURE: 0.05}
"""In steps of this (Wh, s, urgency) cars are compared: for less than a step nobody is paused for another,
because contactors wear, and what is taken away lies idle until it has settled."""


class Rank(IntEnum):
    """The precedence of cars, first things first; the limits stand above all of them."""

    VIP = 0
    WELCOME = 1
    """Newly plugged: never let in yet, or in the first turn."""
    MINIMUM_GRANT = 2
    """Let in a short while ago; it isn't toggled."""
    PASSED_OVER = 3
    """Left out by so many reviews that it is its turn."""
    CHARGING = 4
    """Between two reviews, who charges comes before who waits."""
    ROTATION = 5
    """The rest, by energy, by duration or by departure."""


class Refusal(NamedTuple):
    """A claim that was left out: by which row, what was left there, and who came first.

    `last` is the number of the claim that came last before it on this row, -1 where nobody did.
    """

    claim: int
    row: int
    left: int
    ahead: int
    last: int
    reserved: bool


class Crowd:
    """Per row, how many came first and which claim was the last of them, -1 where nobody did."""

    __slots__ = ("counts", "last")

    def __init__(self, rows: int) -> None:
        self.counts = [0] * rows
        self.last = [-1] * rows

    def add(self, claim: int, rows: Iterable[int]) -> None:
        for row in rows:
            self.counts[row] += 1
            self.last[row] = claim


def still_paused(claim: Claim, problem: Problem) -> Seconds:
    """How long a suspended car still has to wait, in seconds; 0 for a VIP and for one never let in."""
    if claim.held > 0.0 or claim.vip or claim.granted_at is None or claim.paused_at is None:
        return 0.0
    return max(0.0, claim.paused_at + problem.rules.minimum_pause - problem.now)


def rank_of(claim: Claim, problem: Problem) -> Rank:
    """The rank of a claim now."""
    rules = problem.rules
    if claim.vip:
        return Rank.VIP
    if claim.granted_at is None:
        return Rank.WELCOME
    if claim.held > 0.0 and problem.now - claim.granted_at < rules.minimum_grant:
        return Rank.WELCOME if claim.paused_at is None else Rank.MINIMUM_GRANT
    if claim.passed_over >= rules.patience:
        return Rank.PASSED_OVER
    return Rank.CHARGING if claim.held > 0.0 and not problem.review else Rank.ROTATION


def queue(numbers: Iterable[int], claims: Sequence[Claim], problem: Problem) -> dict[int, Rank]:
    """The claims of these numbers with their ranks, first in line first (LM-4).

    Within a rank the car with the least energy, the shortest charge or the least time to spare comes first.
    New cars that have their first turn come before those that still wait for it, and these in the order they
    came: otherwise many that arrive together would push each other out. Of those whose turn it is, whoever
    has been left out for longest: otherwise one with more energy than all would wait for ever. Of equals,
    to a step, who charges comes first, then whoever has less, then by number.
    """
    places: list[tuple[Rank, float, float, float, float, int]] = []
    step, taken_by = _STEPS[problem.priority], _TAKEN[problem.priority]
    for number in numbers:
        claim = claims[number]
        rank = rank_of(claim, problem)
        waits = claim.held <= 0.0
        if rank is Rank.WELCOME:
            came = claim.plugged_at if claim.plugged_at is not None else problem.now
            places.append((rank, waits, came, waits, 0.0, number))
        else:
            left_out = claim.passed_over if rank is Rank.PASSED_OVER else 0
            taken = taken_by(claim, problem.now)
            places.append((rank, -left_out, taken // step, waits, taken, number))
    places.sort()
    return {place[-1]: place[0] for place in places}


def _duration(claim: Claim, now: Monotonic) -> Seconds:
    if claim.charged is not None:
        return claim.charged
    return 0.0 if claim.charging_since is None else now - claim.charging_since


_TAKEN: dict[Priority, Callable[[Claim, Monotonic], float]] = {
    Priority.ENERGY: lambda claim, _: claim.energy,
    Priority.DURATION: _duration,
    Priority.DEPARTURE: lambda claim, _: -claim.urgency,
}
"""What cars have had, by which they are compared."""


def contested(rows: Ints, floors: Ints, left: Ints) -> NDArray[np.bool_]:
    """Which rows can't hold the floors of all claims on them."""
    return np.asarray(load(len(left), rows, floors) > left)


def admit(
    line: Sequence[int],
    rows: Ints,
    floors: Ints,
    left: Ints,
    tight: NDArray[np.bool_],
    reserving: Set[int],
    crowd: Crowd,
) -> list[Refusal]:
    """Go down the line and let in whoever's floor fits on every row; return who is left out.

    Exact: a small floor may still fit behind a large one that didn't. Only `tight` rows are looked at,
    the others hold everybody. A claim that is `reserving` and doesn't fit has its floor kept free from
    those behind it, so that it is next as soon as a turn before it ends; not where it wouldn't fit alone.
    """
    nowhere = len(left) - 1
    numbers = np.array(line, dtype=np.int64)
    needs = floors[numbers]
    table = np.where(tight[rows[numbers]], rows[numbers], nowhere)
    table = table[:, (table != nowhere).any(axis=0)]
    hopeful: list[bool] = np.all(left[table] >= needs[:, None], axis=1).tolist()
    spare: list[int] = left.tolist()
    refusals: list[Refusal] = []
    for claim, need, places, hope in zip(line, needs.tolist(), table.tolist(), hopeful, strict=True):
        for row in places:
            if spare[row] < need:
                break
        else:
            for row in places:
                spare[row] -= need
            crowd.add(claim, places)
            continue
        reserved = hope and claim in reserving
        refusals.append(Refusal(claim, row, max(spare[row], 0), crowd.counts[row], crowd.last[row], reserved))
        if reserved:
            for place in places:
                spare[place] -= need
            crowd.add(claim, places)
    return refusals
