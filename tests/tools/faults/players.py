"""Plays a part of the catalogue for its tests: each fault in its first variant."""

from collections.abc import Iterable

import pytest

from tools.faults.fault import Fault
from tools.faults.play import PlayReport, play_fault

__all__ = ["MOST_VARIANTS", "alone", "cases"]

MOST_VARIANTS = 1
"""Of one fault; `evce fault run` plays all of them."""


def cases(faults: Iterable[Fault]) -> list[object]:
    """The parameters `fault` and `variant`, named by the fault's id."""
    return [
        pytest.param(fault, variant, id=f"{fault.id}-{variant}" if variant else fault.id)
        for fault in faults
        for variant in fault.variants[:MOST_VARIANTS]
    ]


def alone(fault: Fault, variant: str) -> PlayReport:
    """Play it; fails with what was not seen."""
    report = play_fault(fault, variant)
    assert report.problems == ()
    assert all(each.seen for each in report.observed)
    assert len(report.observed) == len(fault.sights)
    return report
