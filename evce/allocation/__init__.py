"""Sharing out current: who charges, with how many amperes, and why."""

from evce.allocation.allocate import allocate
from evce.allocation.allocator import Allocator
from evce.allocation.problem import Allocation, Claim, Priority, Problem, ReviewRules, ZoneLimit
from evce.allocation.reasons import Reason, ReasonKind, sentence

__all__ = [
    "Allocation",
    "Allocator",
    "Claim",
    "Priority",
    "Problem",
    "Reason",
    "ReasonKind",
    "ReviewRules",
    "ZoneLimit",
    "allocate",
    "sentence",
]
