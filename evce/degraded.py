"""Degraded currents: what each connector falls to by itself when it can no longer be told anything."""

from dataclasses import dataclass
from fractions import Fraction

from evce.electrical import Connector, SiteModel, Zone
from evce.floors import FloorStandard, floor
from evce.units import Amps, ConnectorKey, ZoneId

__all__ = ["DegradedScale", "degraded_currents", "degraded_scale"]


@dataclass(frozen=True, slots=True)
class DegradedScale:
    """What floors are multiplied with in a terminal zone; 0.0 where the floors don't fit.

    `set_by` is the zone of the path that allows least; `available` is what it has for connectors with a
    degraded mode and `floors` what theirs add up to below it, both in A.
    """

    scale: float
    set_by: ZoneId
    available: Amps
    floors: Amps


@dataclass(frozen=True, slots=True)
class _Share:
    """One zone of the path: what it has, exactly, and what the floors below it need."""

    zone: ZoneId
    available: Fraction
    floors: Fraction

    @property
    def scale(self) -> Fraction:
        """Maximum ÷ sum of floors, 0 where the floors don't fit; 1 where nothing asks."""
        if self.floors == 0:
            return Fraction(1)
        scale = self.available / self.floors
        return scale if scale >= 1 else Fraction(0)


def degraded_currents(model: SiteModel, standard: FloorStandard) -> dict[ConnectorKey, Amps]:
    """The current in A per phase that each connector falls to when its station is lost (DG-1…DG-5).

    In a static terminal zone that is floor x scale, the scale being the smallest on the path to the
    root (see `degraded_scale`), capped at the rating and rounded down to 0.1 A. It is 0 A where the
    floors don't fit, where the rating is below the floor (no vehicle would charge at it), in a dynamic
    terminal zone (DG-4), and for a station without a zone (EL-8).

    DC connectors are not in the answer: they have no degraded mode, their last setpoint counts as drawn
    until they return (EL-6).
    """
    shares = _shares(model, standard)
    scales = {zone: _smallest(model, shares, zone).scale for zone in model.zones}
    currents: dict[ConnectorKey, Amps] = {}
    for station in model.stations.values():
        scale = Fraction(0)
        if station.zone is not None and not model.zones[station.zone].dynamic:
            scale = scales[station.zone]
        for connector in station.connectors:
            if connector.family.has_degraded_mode:
                currents[connector.key] = _current(connector, scale, standard)
    return currents


def degraded_scale(model: SiteModel, zone: ZoneId, standard: FloorStandard) -> DegradedScale:
    """The scale that holds for the stations of a terminal zone, and the zone that sets it (DG-1, DG-5).

    Every zone of the path allows (what it has) ÷ (plain sum of the floors of all connectors anywhere
    below it, phases ignored); the smallest counts, and less than 1 means 0. What a zone has is its
    maximum as configured, and the rating of each DC connector below it is taken off first: such a
    connector may keep up to that much while it is lost, and the others must fit beside it.

    A dynamic zone has its degraded setpoint instead of its maximum, because what its building draws is not
    known to a station that is cut off. This is also the rule for a *static* terminal zone below a dynamic
    root: its stations keep floor x scale where the root's degraded setpoint holds the floors of everything
    below the root, and fall to 0 A otherwise (always with the factory setpoint of 0 A). DG-4, 0 A whatever
    the setpoint, concerns the stations of the dynamic zone itself. Their floors are in the sums of the
    zones above all the same: that is never less safe, and moving a station between the zones of a
    branch doesn't change what others have in their memory.
    """
    if model.zones[zone].dynamic:
        own = _shares(model, standard)[zone]
        return DegradedScale(0.0, zone, float(own.available), float(own.floors))
    share = _smallest(model, _shares(model, standard), zone)
    return DegradedScale(float(share.scale), share.zone, float(share.available), float(share.floors))


def _exact(amps: Amps) -> Fraction:
    """The number as it is written: 20.1 A is 201/10, not the nearest binary fraction."""
    return Fraction(str(amps))


def _shares(model: SiteModel, standard: FloorStandard) -> dict[ZoneId, _Share]:
    floors = dict.fromkeys(model.zones, Fraction(0))
    kept = dict.fromkeys(model.zones, Fraction(0))
    for station in model.stations.values():
        if station.zone is None:
            continue
        for connector in station.connectors:
            for zone in model.path(station.zone):
                if connector.family.has_degraded_mode:
                    floors[zone] += _exact(floor(connector, standard))
                else:
                    kept[zone] += _exact(connector.rating)
    return {
        zone.id: _Share(zone.id, max(_capacity(zone) - kept[zone.id], Fraction(0)), floors[zone.id])
        for zone in model.zones.values()
    }


def _capacity(zone: Zone) -> Fraction:
    if zone.dynamic:
        return _exact(min(zone.degraded_setpoint, zone.maximum))
    return _exact(zone.maximum)


def _smallest(model: SiteModel, shares: dict[ZoneId, _Share], zone: ZoneId) -> _Share:
    """The share of the path with the smallest scale; of equals the one nearest to the stations."""
    return min((shares[ancestor] for ancestor in model.path(zone)), key=lambda share: share.scale)


def _current(connector: Connector, scale: Fraction, standard: FloorStandard) -> Amps:
    least, rating = _exact(floor(connector, standard)), _exact(connector.rating)
    if scale == 0 or rating < least:
        return 0.0
    tenths = int(min(least * scale, rating) * 10)
    return tenths / 10
