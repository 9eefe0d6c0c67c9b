"""What lowers a zone's maximum from outside: digital inputs, times of use, limits set from elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from evce.tariff import Tariff
from evce.units import Amps, ZoneId

__all__ = ["NO_REDUCTION", "Inputs", "Reduction", "reductions"]


@dataclass(frozen=True, slots=True)
class Inputs:
    """The lowest percentage of the active inputs, and whether any is active."""

    percent: int = 100
    active: bool = False


@dataclass(frozen=True, slots=True)
class Reduction:
    """The part of its maximum that a zone may use, in percent; `cause` in a few words, empty at 100 %.

    `remote` is the limit that remote energy management has set, A per phase, None without one (API-3).
    """

    percent: int = 100
    cause: str = ""
    remote: Amps | None = None

    def of(self, maximum: Amps) -> tuple[Amps, str]:
        """Return what is left of a maximum in A, and what sets it: empty where nothing does."""
        share = maximum * self.percent / 100.0
        if self.remote is None or self.remote >= share:
            return share, self.cause
        return max(self.remote, 0.0), f"remote at {self.remote:.1f} A"


NO_REDUCTION = Reduction()


def reductions(
    zones: Iterable[ZoneId],
    inputs: Inputs,
    tariff: Tariff | None,
    at: datetime,
    remote: Mapping[ZoneId, Amps] | None = None,
) -> dict[ZoneId, Reduction]:
    """Return what holds for each zone at an aware time; `remote` has the limits set from elsewhere.

    While an input is active, tariffs are ignored, whatever the two ask for (TOU-5). A remote limit holds
    beside either (LM-7).
    """
    zones = tuple(zones)
    found = _percentages(zones, inputs, tariff, at)
    for zone in zones:
        limit = None if remote is None else remote.get(zone)
        if limit is not None:
            found[zone] = replace(found.get(zone, NO_REDUCTION), remote=limit)
    return found


def _percentages(
    zones: Iterable[ZoneId], inputs: Inputs, tariff: Tariff | None, at: datetime
) -> dict[ZoneId, Reduction]:
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
