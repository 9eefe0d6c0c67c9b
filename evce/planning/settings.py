"""The rules of the site that a plan follows, taken from one revision of the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from evce.allocation import Priority
from evce.floors import FloorStandard
from evce.tariff import Tariff
from evce.units import Amps, BoxIdentity, Seconds

__all__ = [
    "DISOBEYS_AFTER",
    "DISOBEYS_BY",
    "LEAST_RAISE",
    "LEAST_TURN",
    "LEAST_TURN_AGAIN",
    "REORDER_AFTER",
    "SMALL_RAISE_AFTER",
    "STOPPED_AFTER",
    "TAKEN_WITHIN",
    "TRY",
    "TURNS_REST",
    "TURN_AFTER",
    "PlanSettings",
]

LEAST_RAISE: Amps = 0.5
"""A raise smaller than this waits, so that a noisy building doesn't wear the stations' flash."""

LEAST_TURN: Amps = 2.0
"""After a reduction a raise is larger, or waits as long as a small one: while many share what a limit gives
back bit by bit, each one's share falls a little whenever another's rises, and all would go up and down."""

TURN_AFTER: Seconds = 10.0
"""And whatever its size no raise follows a reduction sooner: what a step sets in motion has calmed down."""

TURNS_REST: Seconds = 300.0
"""After a raise that followed a reduction, so long only a large one does while the same cars want current: a
setpoint that went down, up and down again stays there, or each paused car that a rising limit lets in would
send all others through it."""

LEAST_TURN_AGAIN: Amps = 4.0
"""This is large: a building that steps down."""

SMALL_RAISE_AFTER: Seconds = 30.0
"""A small raise is worth sending once nothing has changed for this long; so is, after a raise, a small
reduction that only pays for somebody else's."""

TRY: Seconds = 30.0
"""A car that wants current for less was tried in vain: full, or deaf to its setpoint."""

REORDER_AFTER: Seconds = 10.0
"""A station that didn't take a setpoint is asked again no sooner than this."""

DISOBEYS_BY: Amps = 1.0
"""Tolerance of a car's control pilot and of the station's meter (LM-10)."""

DISOBEYS_AFTER: Seconds = 8.0
"""A car still above its setpoint this long after it was told is suspended (DESIGN §5)."""

STOPPED_AFTER: Seconds = 6.0
"""A suspended car that draws on for this long has its session stopped (DESIGN §5)."""


TAKEN_WITHIN: Seconds = 5.0
"""An order that its station actor hasn't taken by then is sent again; its pledge stays until it is."""


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """Load shedding, times of use and timing of one revision (LM-2, LM-4, LM-9, TOU-1). `ramp` in A/s.

    `longest_leases` are of those stations whose leases lengthen to spare their memory.
    """

    standard: FloorStandard = FloorStandard.IEC61851
    priority: Priority = Priority.ENERGY
    review: Seconds = 900.0
    lease_dynamic: Seconds = 120.0
    lease_static: Seconds = 600.0
    longest_leases: Mapping[BoxIdentity, Seconds] = field(default_factory=dict)
    ramp: float = 2.0
    tariff: Tariff | None = None
    consumption_optimisation: bool = False
    remote: bool = False
    """Whether limits may be set from elsewhere: then nothing is raised before they are known (API-3)."""
