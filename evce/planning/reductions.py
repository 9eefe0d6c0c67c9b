"""What lowers a zone's maximum from outside: its digital inputs, or the time of use (DI-2, TOU-3, TOU-5)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from evce.tariff import Tariff
from evce.units import ZoneId

__all__ = ["NO_REDUCTION", "Inputs", "Reduction", "reductions"]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The lowest percentage of the active inputs, and whether any is active."""

    percent: int = 100
    active: bool = False


@dataclass(frozen=True, slots=True)
class Reduction:
    """The part of its maximum that a zone may use, in percent; `cause` in a few words, empty at 100 %."""

    percent: int = 100
    cause: str = ""


NO_REDUCTION = Reduction()


def reductions(
    zones: Iterable[ZoneId], inputs: Inputs, tariff: Tariff | None, at: datetime
) -> dict[ZoneId, Reduction]:
    """Return what holds for each zone at an aware time.

    While an input is active, tariffs are ignored, whatever the two ask for (TOU-5).
    """
    if inputs.active:
        cause = f"input at {inputs.percent} %" if inputs.percent < 100 else ""
        return dict.fromkeys(zones, Reduction(inputs.percent, cause))
    if tariff is None:
        return {}
    found = {}
    for zone in zones:
        period = tariff.binding(zone, at)
        if period is not None and period.percent < 100:
            found[zone] = Reduction(period.percent, f"tariff {period.name} at {period.percent} %")
    return found
