"""The bars per phase: how a current is cut into coloured parts against the limit (UI-2)."""

from dataclasses import dataclass

from evce.units import Amps
from evce.views import ZoneView

__all__ = ["Bar", "Part", "meter_bars", "sharing_bars"]


@dataclass(frozen=True, slots=True)
class Part:
    """One coloured part of a bar: where it begins and how long it is, in percent of the scale."""

    kind: str
    start: float
    length: float
    amps: Amps


@dataclass(frozen=True, slots=True)
class Bar:
    """One phase. `value` is the figure beside the bar, `limit` what it is held against; A."""

    phase: str
    parts: tuple[Part, ...]
    value: Amps
    limit: Amps
    scale: Amps
    marker: float
    """Where the limit stands, in percent of the scale."""

    @property
    def over(self) -> bool:
        """Whether the value is above the limit (by more than a rounding)."""
        return self.value > self.limit + 0.05

    @property
    def share(self) -> float:
        """The value in percent of the limit."""
        return 100.0 * self.value / self.limit if self.limit > 0 else (100.0 if self.value > 0 else 0.0)


def sharing_bars(zone: ZoneView) -> list[Bar]:
    """What the vehicles of a zone may draw, against what they may have.

    Parts: granted setpoints, the lost stations' share, and what is pledged beyond both (a reduction that is
    not yet confirmed, a car that is still slowing down).
    """
    scale = max(zone.maximum, *zone.limit, *zone.pledged, *zone.setpoints, 1.0)
    bars = []
    for index, phase in enumerate(("L1", "L2", "L3")):
        granted, lost, pledged = zone.setpoints[index], zone.lost[index], zone.pledged[index]
        settling = max(0.0, pledged - granted - lost)
        value = max(pledged, granted + lost)
        bars.append(
            _bar(
                phase,
                (("granted", granted), ("lost", lost), ("settling", settling)),
                value,
                zone.limit[index],
                scale,
            )
        )
    return bars


def meter_bars(zone: ZoneView) -> list[Bar]:
    """What the zone's meter reads, against the zone's maximum: the stations' part and all the rest."""
    if zone.measured is None:
        return []
    scale = max(zone.maximum, *zone.measured, 1.0)
    bars = []
    for index, phase in enumerate(("L1", "L2", "L3")):
        measured = zone.measured[index]
        stations = min(zone.stations_measured[index], max(measured, 0.0))
        building = max(0.0, measured - stations)
        bars.append(
            _bar(phase, (("building", building), ("granted", stations)), measured, zone.maximum, scale)
        )
    return bars


def _bar(phase: str, amounts: tuple[tuple[str, Amps], ...], value: Amps, limit: Amps, scale: Amps) -> Bar:
    parts = []
    start = 0.0
    for kind, amps in amounts:
        length = 100.0 * amps / scale
        if length > 0:
            parts.append(Part(kind, round(start, 2), round(length, 2), amps))
        start += length
    return Bar(phase, tuple(parts), value, limit, scale, round(min(100.0, 100.0 * limit / scale), 2))
