"""Times of use: which part of a zone's maximum applies when, by the clock on the site's walls (TOU-1…6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from zoneinfo import ZoneInfo

from evce.units import Amps, ZoneId

__all__ = ["NO_PERIOD", "Period", "Slot", "SummaryCell", "Tariff", "summary"]

NO_PERIOD = "NoPeriod"
"""Where energy outside every period is counted (CDR-2)."""


@dataclass(frozen=True, slots=True)
class Slot:
    """From `start` up to, not including, `end`, as the clock on the wall shows them.

    Where the end is not after the start the slot runs into the next day; it belongs to the day on which
    it starts. 00:00 to 00:00 is the whole day.
    """

    start: time
    end: time

    def covers(self, local: datetime, weekdays: frozenset[int]) -> bool:
        """Tell whether the slot is on at this local time, when it starts on these weekdays (Monday is 0)."""
        at = local.time()
        if self.start < self.end:
            return local.weekday() in weekdays and self.start <= at < self.end
        started_today = local.weekday() in weekdays and at >= self.start
        started_yesterday = (local.weekday() - 1) % 7 in weekdays and at < self.end
        return started_today or started_yesterday


@dataclass(frozen=True, slots=True)
class Period:
    """A tariff period: `percent` of the maximum applies in its slots on its weekdays, while `enabled`."""

    name: str
    slots: tuple[Slot, ...]
    weekdays: frozenset[int]
    percent: int
    enabled: bool = True

    def covers(self, local: datetime) -> bool:
        """Tell whether the period is on at this local time."""
        return self.enabled and any(slot.covers(local, self.weekdays) for slot in self.slots)


@dataclass(frozen=True)
class Tariff:
    """All periods of a site. `zones` names those that apply per zone; all where a zone isn't named."""

    time_zone: ZoneInfo
    periods: tuple[Period, ...] = ()
    zones: Mapping[ZoneId, tuple[str, ...]] = field(default_factory=dict)
    enabled: bool = True

    def active(self, zone: ZoneId, at: datetime) -> tuple[Period, ...]:
        """Return the periods that are on in a zone at an aware time."""
        if not self.enabled:
            return ()
        local = at.astimezone(self.time_zone)
        return tuple(period for period in self._of(zone) if period.covers(local))

    def binding(self, zone: ZoneId, at: datetime) -> Period | None:
        """Return the period that sets the zone's percentage now: the lowest; None outside all of them."""
        return min(self.active(zone, at), key=lambda period: (period.percent, period.name), default=None)

    def _of(self, zone: ZoneId) -> Iterable[Period]:
        chosen = self.zones.get(zone)
        return (period for period in self.periods if chosen is None or period.name in chosen)


@dataclass(frozen=True, slots=True)
class SummaryCell:
    """What a zone has in a period: A per phase; `nominal` where the period doesn't apply to it (TOU-4)."""

    amps: Amps
    nominal: bool


def summary(tariff: Tariff, maxima: Mapping[ZoneId, Amps]) -> dict[ZoneId, dict[str, SummaryCell]]:
    """Return the table zone by period with the resulting maximum in A."""
    table: dict[ZoneId, dict[str, SummaryCell]] = {}
    for zone, maximum in maxima.items():
        chosen = tariff.zones.get(zone)
        row = table[zone] = {}
        for period in tariff.periods:
            applies = tariff.enabled and period.enabled and (chosen is None or period.name in chosen)
            row[period.name] = SummaryCell(
                maximum * period.percent / 100.0 if applies else maximum, nominal=not applies
            )
    return table
