"""What can flow in each zone at most, summed from the outlets upward, per grid phase."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from evce.electrical import SiteModel, Zone
from evce.units import Amps, ConnectorKey, PhaseAmps, ZoneId

__all__ = ["ZoneLoad", "loads"]


@dataclass(frozen=True, slots=True)
class ZoneLoad:
    """One zone, everything below it included; A per grid phase.

    `cars` is what its cars may be granted while their stations can be told: the ratings, and no more
    than each zone on the way allows. `fallen` is what the stations with a degraded mode fall to, `held`
    what the others (EL-6) may go on drawing from the time they were granted it. `building` is the most
    that all else draws, 0 A per undeclared zone; those are in `undeclared`.
    """

    cars: PhaseAmps
    fallen: PhaseAmps
    held: PhaseAmps
    building: Amps
    undeclared: tuple[ZoneId, ...]

    @property
    def lost(self) -> PhaseAmps:
        """What every station below draws together once all are lost and every lease has run out."""
        return _sum(self.fallen, self.held)


def loads(model: SiteModel, fallbacks: Mapping[ConnectorKey, Amps]) -> dict[ZoneId, ZoneLoad]:
    """Sum up every zone of the site, children before parents."""
    rated, fallen, held = ({zone: [0.0, 0.0, 0.0] for zone in model.zones} for _ in range(3))
    for station in model.stations.values():
        if station.zone is None:
            continue
        for connector in station.connectors:
            for phase in connector.wiring.grid_phases:
                rated[station.zone][phase] += connector.rating
                if connector.family.has_degraded_mode:
                    fallen[station.zone][phase] += fallbacks.get(connector.key, 0.0)
                else:
                    held[station.zone][phase] += connector.rating
    found: dict[ZoneId, ZoneLoad] = {}
    for root in model.roots:
        for zone in reversed(tuple(model.subtree(root))):
            below = [found[child] for child in model.children[zone]]
            most = _most_granted(model.zones[zone])
            declared = model.zones[zone].building_maximum
            missing = model.zones[zone].dynamic and declared is None
            found[zone] = ZoneLoad(
                cars=_at_most(_sum(_phases(rated[zone]), *(load.cars for load in below)), most),
                fallen=_sum(_phases(fallen[zone]), *(load.fallen for load in below)),
                held=_at_most(_sum(_phases(held[zone]), *(load.held for load in below)), most),
                building=max(declared or 0.0, sum(load.building for load in below)),
                undeclared=(zone,) if missing else _undeclared(model.zones[zone], below),
            )
    return found


def _most_granted(zone: Zone) -> Amps:
    """Local production adds to what a dynamic zone's cars may be granted; how much is not known."""
    return inf if zone.dynamic and zone.production_meters else zone.maximum


def _undeclared(zone: Zone, below: list[ZoneLoad]) -> tuple[ZoneId, ...]:
    """A building that is declared includes those of the zones below."""
    if zone.dynamic:
        return ()
    return tuple(missing for load in below for missing in load.undeclared)


def _phases(amps: list[Amps]) -> PhaseAmps:
    return (amps[0], amps[1], amps[2])


def _sum(*currents: PhaseAmps) -> PhaseAmps:
    return (
        sum(current[0] for current in currents),
        sum(current[1] for current in currents),
        sum(current[2] for current in currents),
    )


def _at_most(currents: PhaseAmps, most: Amps) -> PhaseAmps:
    return (min(currents[0], most), min(currents[1], most), min(currents[2], most))
