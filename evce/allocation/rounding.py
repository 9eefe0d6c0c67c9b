"""Rounding fair levels down to what a station can be told, and handing out the remainders."""

import numpy as np

from evce.allocation.filling import Filled, fill
from evce.allocation.grid import Ints, load

__all__ = ["hand_out", "share"]

_SLACK = 1e-6
"""A level this little below a step (tenths) is that step: float error, not current."""


def share(
    rows: Ints, floors: Ints, caps: Ints, left: Ints, steps: Ints, weights: Ints | None = None
) -> tuple[Ints, Ints]:
    """The targets of admitted claims in tenths, and the row each stopped at (-1 for its cap).

    `steps` is 1 for a claim in tenths of an ampere and 10 for one in whole amperes; floors and caps are
    multiples of it. What whole amperes leave over is shared fairly among the others. With `weights` a claim
    keeps its floor and half of what it would have without them, and the rest is shared by weight.
    """
    if weights is not None:
        even = (fill(rows, floors, caps, left).levels / 2.0).astype(np.int64)
        floors = np.maximum(floors, even - even % steps)
    filled = fill(rows, floors, caps, left, weights)
    targets = _down(filled, steps)
    stopped = filled.rows
    coarse = steps > 1
    if coarse.any() and not coarse.all() and (targets < caps).any():
        # A whole ampere goes to a car that can use it before it is split among those that take tenths.
        targets = hand_out(rows, targets, np.where(coarse, caps, targets), left, steps)
        kept = np.where(coarse, targets, 0)
        fine = ~coarse
        weigh = None if weights is None else weights[fine]
        again = fill(rows[fine], floors[fine], caps[fine], left - load(len(left), rows, kept), weigh)
        targets[fine] = _down(again, steps[fine])
        stopped = stopped.copy()
        stopped[fine] = again.rows
    return hand_out(rows, targets, caps, left, steps), stopped


def _down(filled: Filled, steps: Ints) -> Ints:
    tenths = (filled.levels + _SLACK).astype(np.int64)
    return np.asarray(tenths - tenths % steps, dtype=np.int64)


def hand_out(rows: Ints, targets: Ints, caps: Ints, left: Ints, steps: Ints) -> Ints:
    """Give single steps, lowest target first, then by number, until nobody can take one more."""
    targets = targets.copy()
    spare = left - load(len(left), rows, targets)
    while True:
        ready = targets + steps <= caps
        numbers = np.flatnonzero(ready)
        numbers = numbers[(spare[rows[numbers]] >= steps[numbers][:, None]).all(axis=1)]
        if not len(numbers):
            return targets
        numbers = numbers[np.lexsort((numbers, targets[numbers]))]
        given: list[int] = []
        free: list[int] = spare.tolist()
        for number, places, step in zip(
            numbers.tolist(), rows[numbers].tolist(), steps[numbers].tolist(), strict=True
        ):
            for row in places:
                if free[row] < step:
                    break
            else:
                for row in places:
                    free[row] -= step
                given.append(number)
        targets[given] += steps[given]
        spare = np.array(free, dtype=np.int64)
