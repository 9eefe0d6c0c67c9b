"""Tests of the trend."""

import pytest

from tools.endurance.flatness import growth


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([100.0] * 40, 0.0),
        ([10.0 * n for n in range(10)] + [100.0] * 30, 0.0),
        ([100.0] * 15 + [900.0] + [100.0] * 24, 0.0),
        ([100.0 + n for n in range(40)], 0.174),
        ([100.0 - n for n in range(40)], -0.236),
        ([100.0, 900.0], 0.0),
        ([0.0] * 20 + [5.0] * 20, 1.0),
        ([], 0.0),
    ],
    ids=["flat", "warming up", "a peak", "growing", "shrinking", "too few", "from nothing", "none"],
)
def test_growth_is_told_from_warming_up_and_from_peaks(samples: list[float], expected: float) -> None:
    assert growth(samples) == pytest.approx(expected, abs=0.01)
