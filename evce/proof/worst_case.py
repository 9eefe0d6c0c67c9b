"""The worst that each feeder may carry, whatever stations, meters and controller are lost together.

It rests on three rules that hold in the running product. The sum of pledges stays within each zone's limit
(DESIGN §4.5). Who must fall by itself has fallen before anybody rises by itself, so that no sum grows while
leases run out. A lost station counts with what it may draw, and the others get only the rest. What is left is
a sum per zone and phase that only grows with each further loss, so that the worst combination is known
without trying them all:

- nothing lost: the cars at their limit, beside buildings that no meter of the zone reads;
- the zone's meter lost: its degraded setpoint for the cars, and the building at its maximum;
- every station below lost, or the controller: all at their fall-back, DC at the rating that may have been
  granted before (EL-6), and the building at its maximum.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from evce.degraded import degraded_currents
from evce.electrical import SiteModel, Zone
from evce.floors import FloorStandard
from evce.proof.loads import ZoneLoad, loads
from evce.units import Amps, BoxIdentity, ConnectorKey, MeterId, PhaseAmps, ZoneId

__all__ = ["Event", "Proof", "WorstCase", "ZoneProof", "prove"]

_NOTHING: Final[Amps] = 1e-6
"""Sums of tenths differ by less in binary."""


class Event(StrEnum):
    """What must be lost for a worst case."""

    NOTHING_LOST = "nothing_lost"
    METER_LOST = "meter_lost"
    STATIONS_LOST = "stations_lost"


@dataclass(frozen=True, slots=True)
class WorstCase:
    """One phase of one feeder (0 = L1) in one event: what its cars and the building draw, A.

    `stations` are those that draw in the event because nobody can tell them, `meter` the one that is lost.
    """

    zone: ZoneId
    phase: int
    event: Event
    cars: Amps
    building: Amps
    limit: Amps
    stations: tuple[BoxIdentity, ...] = ()
    meter: MeterId | None = None

    @property
    def amps(self) -> Amps:
        return self.cars + self.building

    @property
    def over(self) -> Amps:
        """A above the limit; 0 where the fuse holds."""
        over = self.amps - self.limit
        return over if over > _NOTHING else 0.0


@dataclass(frozen=True, slots=True)
class ZoneProof:
    """One feeder: every case of every phase, for good, that is once each lease has run out.

    `course` is the most per phase while the leases still run: in a dynamic zone, cars that can't be told
    hold what they had while the building may rise. `undeclared` are the zones whose building nobody has
    declared: without them, what holds is not shown.
    """

    zone: ZoneId
    limit: Amps
    cases: tuple[WorstCase, ...]
    course: PhaseAmps
    undeclared: tuple[ZoneId, ...] = ()

    @property
    def worst(self) -> WorstCase:
        """The case with the highest current."""
        return max(self.cases, key=lambda case: case.amps)

    @property
    def failures(self) -> tuple[WorstCase, ...]:
        """The worst case of each phase that doesn't hold, L1 first."""
        worst = (max(self._of(phase), key=lambda case: case.amps) for phase in range(3))
        return tuple(case for case in worst if case.over > 0.0)

    @property
    def exposed(self) -> bool:
        """Whether the fuse may carry more than its limit until the leases have run out."""
        return max(self.course) > self.limit + _NOTHING

    def _of(self, phase: int) -> tuple[WorstCase, ...]:
        return tuple(case for case in self.cases if case.phase == phase)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is shown of every zone, in the order of the document."""

    zones: tuple[ZoneProof, ...]

    @property
    def failures(self) -> tuple[WorstCase, ...]:
        """Every phase of every feeder whose fuse doesn't hold."""
        return tuple(case for zone in self.zones for case in zone.failures)

    @property
    def undeclared(self) -> tuple[ZoneId, ...]:
        """The dynamic zones without a declared building, each once."""
        return tuple(dict.fromkeys(missing for zone in self.zones for missing in zone.undeclared))

    @property
    def holds(self) -> bool:
        """Whether every fuse is shown to hold."""
        return not self.failures and not self.undeclared


def prove(
    model: SiteModel, standard: FloorStandard, kept: Mapping[ConnectorKey, Amps] | None = None
) -> Proof:
    """Work out the worst case of every zone and phase.

    `kept` are fall-backs in A that stations may still hold from another configuration, because they are
    away while this one is applied; the higher one counts. The sum per zone is exact for cars that take any
    current up to their rating, floors only leave some of it unused; below another dynamic zone it may be
    above what that zone would allow, never below. It holds for stations that were verified once, and
    that take a second profile level: without one, a car plugged in while all is lost starts at once at
    the fall-back.
    """
    fallbacks = degraded_currents(model, standard)
    for key, amps in (kept or {}).items():
        if key in fallbacks:
            fallbacks[key] = max(fallbacks[key], amps)
    found = loads(model, fallbacks)
    highest: dict[ZoneId, PhaseAmps] = {}
    courses: dict[ZoneId, PhaseAmps] = {}
    proofs: dict[ZoneId, ZoneProof] = {}
    for zone_id, load in found.items():
        zone = model.zones[zone_id]
        below = model.children[zone_id]
        cases = [
            case
            for phase in range(3)
            for case in _cases(zone, load, phase, sum(highest[child][phase] for child in below))
        ]
        cases = [_named(case, model, fallbacks) for case in cases]
        highest[zone_id] = _per_phase(max(c.amps for c in cases if c.phase == phase) for phase in range(3))
        courses[zone_id] = _per_phase(
            _course(zone, load, phase, sum(courses[child][phase] for child in below)) for phase in range(3)
        )
        proofs[zone_id] = ZoneProof(zone_id, zone.maximum, tuple(cases), courses[zone_id], load.undeclared)
    return Proof(tuple(proofs[zone] for zone in model.zones))


def _cases(zone: Zone, load: ZoneLoad, phase: int, below: Amps) -> tuple[WorstCase, ...]:
    """`below` is the most that the zones below carry together."""
    cars, lost, building = load.cars[phase], load.lost[phase], load.building

    def case(event: Event, drawn: Amps, meter: MeterId | None = None) -> WorstCase:
        return WorstCase(zone.id, phase, event, drawn, building, zone.maximum, meter=meter)

    if zone.dynamic:
        # The limit follows the building down to nothing, but can't stop it.
        beside = min(cars, max(zone.maximum - building, 0.0))
        setpoint = min(zone.degraded_setpoint, zone.maximum)
        return (
            case(Event.NOTHING_LOST, beside),
            case(Event.METER_LOST, min(cars, setpoint), zone.meter),
            case(Event.STATIONS_LOST, lost),
        )
    # A building below is measured below, never here; what the zones below carry is a bound as well.
    room = below - building if building > 0.0 else max(cars, lost)
    return (
        case(Event.NOTHING_LOST, min(cars, max(room, 0.0))),
        case(Event.STATIONS_LOST, min(lost, max(room, 0.0))),
    )


def _course(zone: Zone, load: ZoneLoad, phase: int, below: Amps) -> Amps:
    """The most while leases run out: nobody rises, but the building may."""
    drawn = max(load.cars[phase], load.lost[phase]) + load.building
    return min(drawn, below) if load.building > 0.0 and not zone.dynamic else drawn


def _named(case: WorstCase, model: SiteModel, fallbacks: Mapping[ConnectorKey, Amps]) -> WorstCase:
    """Say which stations draw in a case in which stations are lost."""
    if case.event is not Event.STATIONS_LOST or case.over <= 0.0:
        return case
    inside = set(model.subtree(case.zone))
    stations = tuple(
        station.box_identity
        for station in model.stations.values()
        if station.zone in inside
        and any(
            connector.wiring.mask[case.phase] and fallbacks.get(connector.key, connector.rating) > 0.0
            for connector in station.connectors
        )
    )
    return replace(case, stations=stations)


def _per_phase(amps: Iterable[Amps]) -> PhaseAmps:
    first, second, third = amps
    return (first, second, third)
