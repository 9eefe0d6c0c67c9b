"""The words of drills: what can be cut off, the two halves, the verdicts, and how long one may last."""

from enum import StrEnum
from typing import Final

from evce.units import Seconds

__all__ = ["LONGEST", "USUAL", "Kind", "Stage", "Verdict"]

LONGEST: Final[Seconds] = 300.0
"""A drill lasts no longer; whoever needs more has another question."""

USUAL: Final[Seconds] = 30.0
"""What one lasts where nobody says how long."""


class Kind(StrEnum):
    """The kinds of drills."""

    METER = "meter"
    STATION = "station"
    CPO = "cpo"
    INPUTS = "inputs"


class Stage(StrEnum):
    """The two halves of a drill; times count from the beginning of each."""

    CUT = "cut"
    RESTORED = "restored"


class Verdict(StrEnum):
    """How an expectation went."""

    AS_PREDICTED = "as predicted"
    LATE = "too late"
    DIFFERS = "differs"
    ENDED_BEFORE = "ended before"
    """The drill was ended before it was due: nothing is known."""
