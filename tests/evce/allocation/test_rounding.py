"""Rounding: down, with remainders handed out."""

import numpy as np
import pytest
from hypothesis import given, settings

from evce.allocation.filling import fill
from evce.allocation.rounding import hand_out, share
from tests.evce.allocation.test_filling import Case, cases

FAR = 10**9


def shared(limit: int, steps: list[int], caps: list[int] | None = None) -> list[int]:
    """Share one row in tenths among cars with a floor of 6 A."""
    count = len(steps)
    targets, _ = share(
        np.zeros((count, 1), dtype=np.int64),
        np.full(count, 60),
        np.array(caps or [320] * count),
        np.array([limit, FAR]),
        np.array(steps),
    )
    return [int(target) for target in targets]


@pytest.mark.parametrize(
    ("limit", "steps", "expected"),
    [
        (510, [1, 1, 1, 1], [128, 128, 127, 127]),
        (500, [1, 1, 1], [167, 167, 166]),
        (330, [1, 1, 1], [110, 110, 110]),
        (255, [10, 10], [130, 120]),
        (249, [10, 10], [120, 120]),
        (265, [10, 10], [130, 130]),
        (255, [10, 1], [120, 135]),
        (255, [10, 1, 1], [80, 88, 87]),
        (390, [10, 10, 10, 1], [100, 100, 90, 100]),
        (399, [10, 10, 10, 10], [100, 100, 100, 90]),
    ],
)
def test_levels_are_rounded_down_and_the_remainder_is_handed_out(
    limit: int, steps: list[int], expected: list[int]
) -> None:
    """LM-1, LM-6: never above the limit, no whole step left; whole amperes leave the rest to others."""
    assert shared(limit, steps) == expected


@given(case=cases())
@settings(max_examples=150)
def test_nobody_loses_a_step_to_rounding_and_no_step_is_left(case: Case) -> None:
    """LM-6: at least the fair level rounded down, and not one tenth more fits anywhere."""
    steps = np.ones(len(case.caps), dtype=np.int64)
    targets, _ = share(case.rows, case.floors, case.caps, case.left, steps)
    fair = fill(case.rows, case.floors, case.caps, case.left).levels
    assert (targets >= np.floor(fair + 1e-6)).all()
    for car, target in enumerate(targets.tolist()):
        rows = [row for row in case.limited if car in case.members(row)]
        rest = min(int(case.left[row] - targets[case.members(row)].sum()) for row in rows)
        assert rest >= 0
        assert target == case.caps[car] or rest < 1


@given(case=cases(weighted=True))
@settings(max_examples=150)
def test_weights_cost_nobody_more_than_half_of_an_even_share(case: Case) -> None:
    """LM-6, LM-4: whatever anybody states, each keeps its floor and half of an even share."""
    steps = np.ones(len(case.caps), dtype=np.int64)
    targets, _ = share(case.rows, case.floors, case.caps, case.left, steps, case.weights)
    even = fill(case.rows, case.floors, case.caps, case.left).levels
    assert (targets >= np.maximum(case.floors, np.floor(even / 2.0))).all()
    for row in case.limited:
        assert targets[case.members(row)].sum() <= case.left[row]


def test_the_car_with_least_is_given_the_next_step() -> None:
    """LM-6: of equals the first by number."""
    rows = np.zeros((3, 1), dtype=np.int64)
    got = hand_out(
        rows, np.array([70, 60, 60]), np.full(3, 320), np.array([191, FAR]), np.ones(3, dtype=np.int64)
    )
    assert got.tolist() == [70, 61, 60]
