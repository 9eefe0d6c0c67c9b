"""Tells from a row of measurements whether something keeps growing."""

from collections.abc import Sequence
from statistics import median

__all__ = ["growth"]

_FEWEST = 12
"""Fewer measurements tell no trend."""


def growth(samples: Sequence[float], warm_up: float = 0.25) -> float:
    """By which share the last third of the samples lies above the first, medians, once the warm-up is over.

    `warm_up` is the share of samples that are left out at the beginning. 0 where there are too few to tell.
    """
    steady = samples[int(len(samples) * warm_up) :]
    third = len(steady) // 3
    if len(steady) < _FEWEST:
        return 0.0
    before, after = median(steady[:third]), median(steady[-third:])
    return (after - before) / before if before > 0.0 else float(after > 0.0)
