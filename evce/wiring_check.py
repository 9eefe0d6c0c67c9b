"""Finds out how a connector is wired from what the zone's meter saw while its car was stepped."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from evce.electrical import Wiring
from evce.units import NO_AMPS, Amps, PhaseAmps

__all__ = ["VISIBLE", "Finding", "Step", "WiringVerdict", "find_wiring"]

VISIBLE: Amps = 3.0
"""A car must give way by this much: less is lost between the building's small loads."""

_BALANCED = 0.75
"""Phases that step alike within this share don't tell a rotation from another."""

_MATCH = 0.25
"""A wiring explains a step when no phase is further off than this share of it."""

_CLEAR = 0.3
"""It must be better than every other wiring by this share of the step."""

_NOISE = 2.0
"""Of the spread of the steps that the meter saw; what is nearer than this may be chance."""


class WiringVerdict(StrEnum):
    """What the check has shown."""

    RIGHT = "right"
    WRONG = "wrong"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Step:
    """One step down or back, both as how much less flowed below than above it, in A.

    `meter` is on grid phases, `station` on the station's own phases; without `split_known` the
    station told one number for all of its phases.
    """

    meter: PhaseAmps
    station: PhaseAmps
    split_known: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict, the true wiring where it was found, and why, in one clause. `seen` is the meter's step."""

    verdict: WiringVerdict
    why: str
    found: Wiring | None = None
    seen: PhaseAmps = NO_AMPS


def find_wiring(declared: Wiring, steps: Sequence[Step]) -> Finding:
    """Tell which wiring explains the steps: of three phases in a cycle, or of one phase.

    The middle of several steps counts, so that a load of the building that switched during one of them
    changes nothing. A car that loads three phases alike can't tell one rotation from another.
    """
    if not steps:
        return Finding(WiringVerdict.UNCLEAR, "no step was seen from beginning to end")
    seen = _middle([step.meter for step in steps])
    gave = _middle([step.station for step in steps])
    noise = max(median(abs(step.meter[phase] - seen[phase]) for step in steps) for phase in range(3))
    if declared.three_phase and not all(step.split_known for step in steps):
        gave = _unsplit(gave, seen)
    size = max(gave)
    if size < VISIBLE:
        why = f"the car gave way by {size:.1f} A only, {VISIBLE:g} A are needed"
        return Finding(WiringVerdict.UNCLEAR, why, seen=seen)
    shown = ", ".join(f"{-amps:+.1f} A on L{number}" for number, amps in enumerate(seen, start=1))
    wirings = [wiring for wiring in Wiring if wiring.three_phase == declared.three_phase]
    errors = sorted((_error(wiring.to_grid(gave), seen), wiring.value) for wiring in wirings)
    best, second = errors[0], errors[1]
    if best[0] > _MATCH * size + _NOISE * noise or best[0] > 0.5 * size:
        why = f"the meter doesn't show the car's step of {size:.1f} A ({shown})"
        return Finding(WiringVerdict.UNCLEAR, why, seen=seen)
    if declared.three_phase and min(gave) > _BALANCED * size:
        why = "the car loads all three phases alike; a car on one phase or two is needed"
        return Finding(WiringVerdict.UNCLEAR, why, seen=seen)
    if second[0] - best[0] < _CLEAR * size + _NOISE * noise:
        return Finding(WiringVerdict.UNCLEAR, f"other loads are too restless ({shown})", seen=seen)
    found = Wiring(best[1])
    verdict = WiringVerdict.RIGHT if found is declared else WiringVerdict.WRONG
    return Finding(verdict, f"the step shows on {_phases(found, gave)} ({shown})", found, seen)


def _unsplit(gave: PhaseAmps, seen: PhaseAmps) -> PhaseAmps:
    """A station that tells one number: as many of its phases, from the first on, as the meter saw step."""
    most = max(seen)
    loaded = sum(amps > 0.5 * most for amps in seen)
    size = min(max(gave), most) if most > 0.0 else 0.0
    return (size, size if loaded > 1 else 0.0, size if loaded > 2 else 0.0)


def _phases(wiring: Wiring, gave: PhaseAmps) -> str:
    grid = wiring.to_grid(gave)
    return " and ".join(f"L{phase + 1}" for phase in range(3) if grid[phase] > 0.5 * max(gave))


def _error(expected: PhaseAmps, seen: PhaseAmps) -> Amps:
    return max(abs(expected[phase] - seen[phase]) for phase in range(3))


def _middle(currents: Sequence[PhaseAmps]) -> PhaseAmps:
    first, second, third = (median(amps[phase] for amps in currents) for phase in range(3))
    return (first, second, third)
