"""The electrical model of a site: zones, stations, connectors and how their phases meet the grid's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from evce.units import Amps, BoxIdentity, ConnectorKey, MeterId, PhaseAmps, ZoneId

__all__ = ["Connector", "Family", "SiteModel", "Socket", "Station", "Wiring", "Zone"]


class Wiring(StrEnum):
    """Which grid phase each phase of the station is wired to (EL-3, guide 2.4.5)."""

    TRI123 = "TRI123"
    TRI231 = "TRI231"
    TRI312 = "TRI312"
    MONO1 = "MONO1"
    MONO2 = "MONO2"
    MONO3 = "MONO3"

    @property
    def grid_phases(self) -> tuple[int, ...]:
        """Grid phase index (0 = L1) of each station phase, in the station's order."""
        return _GRID_PHASES[self]

    @property
    def mask(self) -> tuple[bool, bool, bool]:
        """Which grid phases a connector with this wiring can load."""
        return _MASKS[self]

    @property
    def three_phase(self) -> bool:
        return len(self.grid_phases) == 3

    def to_grid(self, station_amps: PhaseAmps) -> PhaseAmps:
        """Turn currents on the station's phases into currents on the grid's."""
        grid = [0.0, 0.0, 0.0]
        for station_phase, grid_phase in enumerate(self.grid_phases):
            grid[grid_phase] = station_amps[station_phase]
        return (grid[0], grid[1], grid[2])

    def to_station(self, grid_amps: PhaseAmps) -> PhaseAmps:
        """Turn currents on the grid's phases into currents on the station's."""
        station = [0.0, 0.0, 0.0]
        for station_phase, grid_phase in enumerate(self.grid_phases):
            station[station_phase] = grid_amps[grid_phase]
        return (station[0], station[1], station[2])


_GRID_PHASES: dict[Wiring, tuple[int, ...]] = {
    Wiring.TRI123: (0, 1, 2),
    Wiring.TRI231: (1, 2, 0),
    Wiring.TRI312: (2, 0, 1),
    Wiring.MONO1: (0,),
    Wiring.MONO2: (1,),
    Wiring.MONO3: (2,),
}

_MASKS = {wiring: (0 in phases, 1 in phases, 2 in phases) for wiring, phases in _GRID_PHASES.items()}


class Socket(StrEnum):
    """Socket types (EL-4)."""

    T2 = "T2"
    T2S = "T2S"
    TE = "TE"
    CCS = "CCS"
    CHADEMO = "CHAdeMO"


class Family(StrEnum):
    """Station families (EL-5); a family sets defaults, nothing else is wired to it."""

    CITY = "city"
    PARKING = "parking"
    SMART_WALLBOX = "smart_wallbox"
    PRO_AC = "pro_ac"
    PRO_AC_METAL = "pro_ac_metal"
    DC_24 = "dc_24"
    GENERIC = "generic"

    @property
    def has_degraded_mode(self) -> bool:
        """EL-6: a DC station can't fall back by itself; its last setpoint counts until it returns."""
        return self is not Family.DC_24


@dataclass(frozen=True, slots=True)
class Connector:
    """One outlet of a station. `rating` is A per phase on the AC side."""

    key: ConnectorKey
    wiring: Wiring
    rating: Amps
    sockets: tuple[Socket, ...]
    family: Family = Family.GENERIC


@dataclass(frozen=True, slots=True)
class Station:
    """A registered charging station; `zone` is None while it is not assigned (it then gets 0 A, EL-8)."""

    box_identity: BoxIdentity
    name: str
    family: Family
    zone: ZoneId | None
    connectors: tuple[Connector, ...]
    vip: bool = False


@dataclass(frozen=True, slots=True)
class Zone:
    """One switchboard (EL-1).

    `maximum` is A per phase. A dynamic zone has the `meter` that reads everything in it (LM-8) and
    `degraded_setpoint`, A per phase for its EVs when that meter is lost (DG-3). `production_meters`
    measure local production that is added to what the zone may use (MT-5). `building_maximum` is the
    most that everything else in a dynamic zone ever draws, A per phase; None where nobody has said so.
    """

    id: ZoneId
    name: str
    parent: ZoneId | None
    maximum: Amps
    dynamic: bool = False
    meter: MeterId | None = None
    degraded_setpoint: Amps = 0.0
    production_meters: tuple[MeterId, ...] = ()
    building_maximum: Amps | None = None


@dataclass(frozen=True)
class SiteModel:
    """The whole site. Immutable; look-ups are computed once. Keys of `zones` and `stations` are their ids."""

    zones: dict[ZoneId, Zone] = field(default_factory=dict)
    stations: dict[BoxIdentity, Station] = field(default_factory=dict)

    @cached_property
    def roots(self) -> tuple[ZoneId, ...]:
        return tuple(zone.id for zone in self.zones.values() if zone.parent is None)

    @cached_property
    def children(self) -> dict[ZoneId, tuple[ZoneId, ...]]:
        """Direct sub-zones of each zone, in the order of the document."""
        return {
            parent: tuple(zone.id for zone in self.zones.values() if zone.parent == parent)
            for parent in self.zones
        }

    @cached_property
    def stations_of(self) -> dict[ZoneId, tuple[BoxIdentity, ...]]:
        """Stations that hang directly on each zone."""
        return {
            zone: tuple(s.box_identity for s in self.stations.values() if s.zone == zone)
            for zone in self.zones
        }

    @cached_property
    def connectors(self) -> dict[ConnectorKey, Connector]:
        return {c.key: c for station in self.stations.values() for c in station.connectors}

    def path(self, zone: ZoneId) -> tuple[ZoneId, ...]:
        """The zone and its ancestors, the root last."""
        return self._paths[zone]

    def subtree(self, zone: ZoneId) -> Iterator[ZoneId]:
        """The zone and all below it, parents before children."""
        yield zone
        for child in self.children[zone]:
            yield from self.subtree(child)

    def connectors_below(self, zone: ZoneId) -> tuple[ConnectorKey, ...]:
        """The connectors in the zone and in all zones below it."""
        return self._connectors_below[zone]

    @cached_property
    def _paths(self) -> dict[ZoneId, tuple[ZoneId, ...]]:
        paths = {}
        for zone in self.zones:
            path = [zone]
            while (parent := self.zones[path[-1]].parent) is not None:
                path.append(parent)
            paths[zone] = tuple(path)
        return paths

    @cached_property
    def _connectors_below(self) -> dict[ZoneId, tuple[ConnectorKey, ...]]:
        below: dict[ZoneId, list[ConnectorKey]] = {zone: [] for zone in self.zones}
        for key in self.connectors:
            zone = self.stations[key.station].zone
            for member in () if zone is None else self.path(zone):
                below[member].append(key)
        return {zone: tuple(keys) for zone, keys in below.items()}
