"""Max-min fair filling: a common level rises, and the cars on a full row stop while the rest rise on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evce.allocation.grid import Ints, load

__all__ = ["Filled", "fill"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_TIE = 1e-7
"""Levels this close (tenths of an ampere) are the same; far below what rounding can see."""
_WORTH_SHRINKING = 4000
"""Below so many break points, looking at settled ones again costs less than sorting them out."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The fair level of each claim in tenths, not rounded, and the row it stopped at, -1 for its own cap."""

    levels: Floats
    rows: Ints


def fill(rows: Ints, floors: Ints, caps: Ints, left: Ints, weights: Ints | None = None) -> Filled:
    """Share `left` (tenths per row) among claims that each load several rows, max-min fair on the totals.

    Everybody gets clip(level, floor, cap) of one common, rising level; with `weights` (1 or
    more) clip(weight * level, floor, cap). The first row that is full
    stops those on it, the others rise on, and so forth: each claim ends at its cap or on a full row on which
    nobody has more than it for its weight except at a floor. The floors must fit together.

    Rows are settled in parallel: a row may stop its claims at its own level as soon as none of them
    could be stopped lower by another row, because stopping others only lets a row rise higher. A tree takes
    few such rounds, about its depth times its phases.
    """
    full = load(len(left), rows, caps) > left
    if not full.any():
        return Filled(caps.astype(np.float64), np.full(len(caps), -1, dtype=np.int64))
    filling = _Filling(rows, floors, caps, left, full, weights)
    while filling.settle():
        pass
    return Filled(filling.levels, filling.stopped)


class _Filling:
    """The entries (claim, row) of the rows that can't hold all caps, in two orders.

    By claim; and by row with two break points for each claim: at its floor it begins to rise (slope plus
    its weight), at its cap it stops (slope minus it). Between two of them the load of a row is a straight
    line.
    `free` is what each row has left above the floors of those that still rise.
    """

    def __init__(
        self, rows: Ints, floors: Ints, caps: Ints, left: Ints, full: Bools, weights: Ints | None
    ) -> None:
        self.levels = caps.astype(np.float64)
        self.stopped = np.full(len(caps), -1, dtype=np.int64)
        self.rising = np.ones(len(caps), dtype=bool)
        self.floors, self.caps = floors, caps
        self.names = np.flatnonzero(full)
        self.claim, columns = np.nonzero(full[rows])
        self.row = (np.cumsum(full) - 1)[rows[self.claim, columns]]
        self.free = left[self.names] - np.bincount(
            self.row, weights=floors[self.claim], minlength=len(self.names)
        )
        self.weights = weights = np.ones(len(caps), dtype=np.int64) if weights is None else weights
        amps = np.concatenate([floors[self.claim], caps[self.claim]])
        value = amps / np.concatenate([weights[self.claim], weights[self.claim]])
        row = np.concatenate([self.row, self.row])
        order = np.argsort(row * (int(value.max()) + 1) + value, kind="stable")
        self.point_claim = np.concatenate([self.claim, self.claim])[order]
        self.point_row, self.point_value = row[order], value[order]
        sign = np.where(order < len(self.claim), 1, -1)
        self.point_slope = sign * weights[self.point_claim]
        self.point_pull = sign * amps[order]
        self._index()

    def _index(self) -> None:
        """Find where each claim's entries and each row's break points begin."""
        self.first = _starts(self.claim)
        self.point_first = _starts(self.point_row)
        self.point_last = np.append(self.point_first[1:], len(self.point_row)) - 1

    def settle(self) -> bool:
        """Stop everybody on the rows that are full before any other row of theirs; False when none is."""
        level = self._row_levels()
        lowest = np.full(len(self.caps), np.inf)
        lowest[self.claim[self.first]] = np.minimum.reduceat(level[self.row], self.first)
        lowest[~self.rising] = np.inf
        least = np.minimum.reduceat(lowest[self.point_claim], self.point_first)
        hit = (np.isfinite(level) & (least >= level - _TIE))[self.row] & self.rising[self.claim]
        if not hit.any():
            return False
        # Of several full rows the first one counts, which is the one nearest to the car.
        claim = self.claim[hit][::-1]
        self.stopped[claim] = self.names[self.row[hit][::-1]]
        self.levels[claim] = np.clip(
            lowest[claim] * self.weights[claim], self.floors[claim], self.caps[claim]
        )
        self.stopped[claim[self.levels[claim] >= self.caps[claim]]] = -1
        self.rising[claim] = False
        above = np.zeros(len(self.caps))
        above[claim] = self.levels[claim] - self.floors[claim]
        self.free -= np.bincount(self.row, weights=above[self.claim], minlength=len(self.names))
        if len(self.point_claim) > _WORTH_SHRINKING:
            self._shrink()
        return bool(self.rising[self.claim].any())

    def _row_levels(self) -> Floats:
        """The common level at which each row is full; infinite where all that rise reach their caps."""
        rising = self.rising[self.point_claim]
        slope, pull = np.cumsum(self.point_slope * rising), np.cumsum(self.point_pull * rising)
        before = self.point_first[1:] - 1
        counts = self.point_last - self.point_first + 1
        slope -= np.repeat(np.append(0, slope[before]), counts)
        pull -= np.repeat(np.append(0, pull[before]), counts)
        # The load above the floors at each break point; it never falls from one to the next.
        fits = slope * self.point_value - pull <= np.repeat(self.free + _TIE, counts)
        last = self.point_first + np.add.reduceat(fits, self.point_first, dtype=np.int64) - 1
        ends = (last >= self.point_last) | (slope[last] <= 0)
        level = (self.free + pull[last]) / np.where(ends, 1, slope[last])
        return np.asarray(np.where(ends, np.inf, level), dtype=np.float64)

    def _shrink(self) -> None:
        """Forget the claims that have stopped, and the rows on which nobody rises any more."""
        entries, points = self.rising[self.claim], self.rising[self.point_claim]
        self.claim, row = self.claim[entries], self.row[entries]
        alive = np.zeros(len(self.names), dtype=bool)
        alive[row] = True
        renumber = np.cumsum(alive) - 1
        self.names, self.free, self.row = self.names[alive], self.free[alive], renumber[row]
        self.point_claim, self.point_row = self.point_claim[points], renumber[self.point_row[points]]
        self.point_value, self.point_slope = self.point_value[points], self.point_slope[points]
        self.point_pull = self.point_pull[points]
        self._index()


def _starts(ordered: Ints) -> Ints:
    """Where a new number begins in an array of numbers in order."""
    new = np.ones(len(ordered), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(new)
