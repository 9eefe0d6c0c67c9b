"""Max-min fair filling: a common level rises, and the cars on a full row stop while the rest rise on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evce.allocation.grid import Ints, load

__all__ = ["Filled", "fill"]

Floats = NDArray[np.float64]

_TIE = 1e-7
"""Levels this close (tenths of an ampere) are the same; far below what rounding can see."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The fair level of each claim in tenths, not rounded, and the row it stopped at, -1 for its own cap."""

    levels: Floats
    rows: Ints


def fill(rows: Ints, floors: Ints, caps: Ints, left: Ints) -> Filled:
    """Share `left` (tenths per row) among claims that each load several rows, max-min fair on the totals.

    Everybody gets clip(level, floor, cap) of one common, rising level. The first row that is full
    stops those on it, the others rise on, and so forth: each claim ends at its cap or on a full row on which
    nobody has more than it except at a floor. The floors must fit together.

    Rows are settled in parallel: a row may stop its claims at its own level as soon as none of them
    could be stopped lower by another row, because stopping others only lets a row rise higher. A tree takes
    few such rounds, about its depth times its phases.
    """
    levels = caps.astype(np.float64)
    stopped = np.full(len(caps), -1, dtype=np.int64)
    full = load(len(left), rows, caps) > left
    if full.any():
        _Rounds(rows, floors, caps, left, full).run(levels, stopped)
    return Filled(levels, stopped)


class _Rounds:
    """The entries (claim, row) of the rows that can't hold all caps, in two orders.

    By claim, and by row with two break points for each claim: at its floor it begins to rise (slope +1), at
    its cap it stops (slope -1). Between two break points the load of a row is a straight line.
    """

    def __init__(self, rows: Ints, floors: Ints, caps: Ints, left: Ints, full: NDArray[np.bool_]) -> None:
        claims, columns = np.nonzero(full[rows])
        self.names = np.flatnonzero(full)
        renumber = np.cumsum(full) - 1
        self.row = renumber[rows[claims, columns]]
        self.members, self.first = np.unique(claims, return_index=True)
        self.claim = np.repeat(np.arange(len(self.members)), np.diff(np.append(self.first, len(claims))))
        self.floors, self.caps = floors[self.members], caps[self.members]
        self.room = left[self.names].astype(np.float64)

        entry = np.concatenate([self.claim, self.claim])
        row = np.concatenate([self.row, self.row])
        value = np.concatenate([self.floors[self.claim], self.caps[self.claim]])
        order = np.argsort(row * (int(value.max()) + 1) + value, kind="stable")
        self.point_claim, self.point_row, self.point_value = entry[order], row[order], value[order]
        self.point_slope = np.where(order < len(self.claim), 1, -1)
        self.point_first = np.searchsorted(self.point_row, np.arange(len(self.names)))
        self.rising = np.ones(len(self.members), dtype=bool)

    def run(self, levels: Floats, stopped: Ints) -> None:
        """Raise until nothing more fills up, writing into the caller's arrays."""
        while True:
            level = self._row_levels()
            lowest = np.minimum.reduceat(level[self.row], self.first)
            lowest = np.where(self.rising, lowest, np.inf)
            settled = np.isfinite(level) & (
                np.minimum.reduceat(lowest[self.point_claim], self.point_first) >= level - _TIE
            )
            hit = settled[self.row] & self.rising[self.claim]
            if not hit.any():
                return
            ending = np.unique(self.claim[hit])
            ends_at = np.clip(lowest[ending], self.floors[ending], self.caps[ending])
            levels[self.members[ending]] = ends_at
            # Of several full rows the first one counts, which is the one nearest to the car.
            claim, row = self.claim[hit][::-1], self.row[hit][::-1]
            by = np.zeros(len(self.members), dtype=np.int64)
            by[claim] = self.names[row]
            stopped[self.members[ending]] = np.where(ends_at < self.caps[ending], by[ending], -1)
            self.rising[ending] = False
            taken = np.zeros(len(self.members))
            taken[ending] = ends_at
            self.room -= np.bincount(self.row, weights=taken[self.claim], minlength=len(self.room))

    def _row_levels(self) -> Floats:
        """The common level at which each row is full; infinite where all that rise reach their caps."""
        weight = self.point_slope * self.rising[self.point_claim]
        slope, pull = np.cumsum(weight), np.cumsum(weight * self.point_value)
        before = self.point_first - 1
        slope -= np.where(before >= 0, slope[before], 0)[self.point_row]
        pull -= np.where(before >= 0, pull[before], 0)[self.point_row]
        floors = np.bincount(
            self.row, weights=self.floors[self.claim] * self.rising[self.claim], minlength=len(self.room)
        )
        free = self.room - floors
        # The load above the floors at each break point; it never falls from one to the next.
        fits = slope * self.point_value - pull <= free[self.point_row] + _TIE
        last = self.point_first + np.add.reduceat(fits, self.point_first, dtype=np.int64) - 1
        ends = np.append(self.point_first[1:], len(self.point_row)) - 1
        with np.errstate(divide="ignore", invalid="ignore"):
            level = (free + pull[last]) / slope[last]
        return np.asarray(np.where((last >= ends) | (slope[last] <= 0), np.inf, level), dtype=np.float64)
