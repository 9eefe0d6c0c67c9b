"""Filling: against linear programs, and the condition of fairness itself."""

from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from evce.allocation.filling import fill
from evce.allocation.grid import Ints
from tests.evce.allocation.problems import MASKS

SAME = 1e-4
"""Tenths of an ampere; the reference's solver is exact to about 1e-7."""


@dataclass(frozen=True)
class Case:
    """Floors that fit; rows as the filling wants them, the last row without a limit."""

    rows: Ints
    floors: Ints
    caps: Ints
    left: Ints
    weights: Ints | None = None

    @property
    def counts(self) -> Ints:
        """What each car counts for, 1 for all without weights."""
        return np.ones(len(self.caps), dtype=np.int64) if self.weights is None else self.weights

    def members(self, row: int) -> list[int]:
        return np.flatnonzero((self.rows == row).any(axis=1)).tolist()

    @property
    def limited(self) -> range:
        return range(len(self.left) - 1)


@st.composite
def cases(draw: st.DrawFn, most: int = 60, weighted: bool = False) -> Case:
    """Draw cars in a tree of up to four levels; limits hold the floors and a drawn share of the rest."""
    size, zones = draw(st.integers(1, most)), draw(st.integers(1, 12))
    rng = Random(draw(st.integers(0, 2**32)))
    paths: list[list[int]] = [[0]]
    for zone in range(1, zones):
        paths.append([zone, *rng.choice([path for path in paths if len(path) < 4])])
    nowhere = zones * 3
    table, floors, caps = [], [], []
    for _ in range(size):
        mask, path = rng.choice(MASKS), rng.choice(paths)
        line = [zone * 3 + phase for zone in path for phase in range(3) if mask[phase]]
        table.append(line + [nowhere] * (12 - len(line)))
        floors.append(rng.choice((0, 60, 60, 80, 140)))
        caps.append(max(floors[-1], rng.choice((320, 160, rng.randint(60, 630)))))
    rows, low, high = np.array(table), np.array(floors), np.array(caps)
    left = np.full(nowhere + 1, 10**9)
    for row in range(nowhere):
        on = (rows == row).any(axis=1)
        left[row] = low[on].sum() + int((high - low)[on].sum() * rng.random() * 1.1)
    weights = np.array([rng.choice((1, 1, 2, 7, 60, 441)) for _ in range(size)]) if weighted else None
    return Case(rows, low, high, left, weights)


def fair_by_linear_programs(case: Case) -> list[float]:
    """Raise the least as far as it goes, fix whoever can't have more, and go on with the rest."""
    count = len(case.floors)
    counts: list[float] = case.counts.astype(float).tolist()
    limits = [
        [1.0 if member in case.members(row) else 0.0 for member in range(count)] for row in case.limited
    ]
    most = [float(case.left[row]) for row in case.limited]
    fixed: dict[int, float] = {}

    def best(aim: list[float], least: float, with_level: bool) -> float:
        """Maximise `aim` over the currents and, last, the common level."""
        table = [[*line, 0.0] for line in limits]
        bounds: list[tuple[float, float | None]] = []
        right = list(most)
        for car in range(count):
            if car in fixed:
                bounds.append((fixed[car], fixed[car]))
                continue
            low = max(float(case.floors[car]), 0.0 if with_level else least * counts[car])
            bounds.append((min(low, float(case.caps[car])), float(case.caps[car])))
            if with_level:
                table.append([*(-1.0 if other == car else 0.0 for other in range(count)), counts[car]])
                right.append(0.0)
        top = min(float(case.caps[car]) / counts[car] for car in range(count) if car not in fixed)
        bounds.append((0.0, top))
        answer = linprog([-weight for weight in aim], A_ub=table, b_ub=right, bounds=bounds, method="highs")
        assert answer.status == 0
        return -float(answer.fun)

    while len(fixed) < count:
        level = best([0.0] * count + [1.0], 0.0, True)
        done = {}
        for car in (car for car in range(count) if car not in fixed):
            has = max(level * counts[car], float(case.floors[car]))
            aim = [1.0 if other == car else 0.0 for other in range(count)] + [0.0]
            if best(aim, level - SAME / 1000, False) <= has + SAME:
                done[car] = has
        assert done
        fixed.update(done)
    return [fixed[car] for car in range(count)]


@given(case=st.one_of(cases(most=7), cases(most=7, weighted=True)))
@settings(max_examples=60)
def test_the_filling_is_the_one_that_linear_programs_find(case: Case) -> None:
    """LM-6: max-min fair on the totals, per phase over the whole tree."""
    filled = fill(case.rows, case.floors, case.caps, case.left, case.weights)
    assert filled.levels.tolist() == pytest.approx(fair_by_linear_programs(case), abs=10 * SAME)


@given(case=st.one_of(cases(), cases(weighted=True)))
@settings(max_examples=200)
def test_whoever_is_below_its_cap_is_on_a_full_row_where_nobody_has_more(case: Case) -> None:
    """LM-1, LM-6: the bottleneck condition, necessary and sufficient; who has more sits at a floor.

    With weights: nobody has more for its weight.
    """
    filled = fill(case.rows, case.floors, case.caps, case.left, case.weights)
    levels = filled.levels
    assert (levels >= case.floors - SAME).all()
    assert (levels <= case.caps + SAME).all()
    loads = {row: sum(levels[member] for member in case.members(row)) for row in case.limited}
    assert all(loads[row] <= case.left[row] + SAME for row in case.limited)
    for car, row in enumerate(filled.rows.tolist()):
        if row < 0:
            assert levels[car] == pytest.approx(case.caps[car])
            continue
        assert car in case.members(row)
        assert loads[row] == pytest.approx(case.left[row], abs=SAME)
        for other in case.members(row):
            for_as_much = levels[car] / case.counts[car] * case.counts[other]
            assert levels[other] <= max(for_as_much, case.floors[other]) + SAME


@given(case=cases(), raised=st.integers(0, 35), by=st.integers(1, 400))
@settings(max_examples=100)
def test_more_supply_never_worsens_the_worst_off(case: Case, raised: int, by: int) -> None:
    """LM-6: with the admission fixed, the ascending vector is better where it first differs."""
    left = case.left.copy()
    left[raised % (len(left) - 1)] += by
    before = np.sort(fill(case.rows, case.floors, case.caps, case.left).levels)
    after = np.sort(fill(case.rows, case.floors, case.caps, left).levels)
    different = np.flatnonzero(np.abs(after - before) > SAME)
    assert not len(different) or after[different[0]] > before[different[0]]


def test_large_fillings_shrink_as_they_settle_and_stay_exact() -> None:
    """LM-6: thousands of cars in zones of different tightness each get their zone's even share."""
    zones, each = 200, 30
    rows = np.array([[3 + 3 * zone, 0] for zone in range(zones) for _ in range(each)])
    left = np.full(3 * zones + 4, 10**9)
    for zone in range(zones):
        left[3 + 3 * zone] = each * (60 + zone)
    levels = fill(rows, np.full(len(rows), 60), np.full(len(rows), 320), left).levels
    assert levels.reshape(zones, each).tolist() == [[60.0 + zone] * each for zone in range(zones)]


def test_nobody_to_serve_is_no_trouble() -> None:
    """LM-1: an empty car park at night."""
    nothing = np.zeros(0, dtype=np.int64)
    assert fill(np.zeros((0, 3), dtype=np.int64), nothing, nothing, np.array([100, 10**9])).levels.size == 0
