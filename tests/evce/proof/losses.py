"""Tries every combination of losses on a small site, at every moment of the leases' course.

Written from the rules that the product follows, not from the proof's sums: setpoints are shared out one
after the other in every order, a lost station runs the course of its lease, the others get what the
pledges leave.
"""

from collections.abc import Iterator, Mapping
from itertools import permutations, product
from typing import TypeVar

from evce.electrical import Connector, SiteModel, Zone
from evce.facts import Acknowledged, ConnectorFacts, Link
from evce.pledges import pledge
from evce.station_control.settings import LEASE_MARGIN, StationSettings
from evce.units import Amps, ConnectorKey, MeterId, ZoneId

__all__ = ["highest"]

LEASE = 120.0
FALLEN = LEASE + LEASE_MARGIN
"""The latest at which a lease above the fall-back has run out."""

RISES = StationSettings(lease=LEASE).rising_lease(LEASE) * 2.0 / 3.0 - LEASE_MARGIN
"""The earliest at which one below it may have, renewed at a third of its life."""

MOMENTS = (0.0, min(FALLEN, RISES) - 0.5, (FALLEN + RISES) / 2.0, max(FALLEN, RISES) + 0.5)

T = TypeVar("T")
Draws = dict[ConnectorKey, Amps]
Buildings = Mapping[ZoneId, Amps]


def highest(
    model: SiteModel, fallbacks: Mapping[ConnectorKey, Amps], phase: int
) -> dict[tuple[ZoneId, bool], Amps]:
    """Return the most that ever flows on a phase of each zone: while leases run, and (True) for good."""
    outlets = [outlet for outlet in model.connectors.values() if outlet.wiring.mask[phase]]
    most: dict[tuple[ZoneId, bool], Amps] = {}

    def note(draws: Draws, building: Buildings, *, lasting: bool) -> None:
        for zone, amps in _through(model, draws, building).items():
            most[zone, lasting] = max(most.get((zone, lasting), 0.0), amps)

    for before, setpoints in _starts(model, outlets, {}, frozenset()):
        note(setpoints, before, lasting=True)
        for after in _buildings(model):
            for lost in _subsets([outlet.key for outlet in outlets]):
                for moment in MOMENTS:
                    held = {key: _draws(key, setpoints[key], fallbacks, moment) for key in lost}
                    told = {key: amps for key, amps in setpoints.items() if key not in lost}
                    if moment < MOMENTS[-1]:
                        # With somebody left to be told, the others are cut for those who are lost.
                        if len(lost) == len(outlets):
                            note(held | told, after, lasting=False)
                        continue
                    _checked(model, lost, setpoints, held, fallbacks)
                    rest = [outlet for outlet in outlets if outlet.key not in lost]
                    for meters in _subsets(_meters(model)):
                        for draws in _shares(model, rest, held, after, frozenset(meters)):
                            note(held | draws, after, lasting=True)
    return most


def _starts(
    model: SiteModel, outlets: list[Connector], held: Draws, lost: frozenset[MeterId]
) -> Iterator[tuple[Buildings, Draws]]:
    for building in _buildings(model):
        for draws in _shares(model, outlets, held, building, lost):
            yield building, draws


def _shares(
    model: SiteModel, outlets: list[Connector], held: Draws, building: Buildings, lost: frozenset[MeterId]
) -> Iterator[Draws]:
    """Every way to give each car in turn all that its zones leave beside the pledges of those lost."""
    seen = set()
    for order in permutations(outlets):
        draws: Draws = {}
        for outlet in order:
            zone = model.stations[outlet.key.station].zone
            assert zone is not None
            room = min(
                _limit(model, above, building, lost) - _cars(model, above, held | draws)
                for above in model.path(zone)
            )
            draws[outlet.key] = max(min(outlet.rating, room), 0.0)
        if (made := tuple(sorted(draws.items()))) not in seen:
            seen.add(made)
            yield draws


def _limit(model: SiteModel, zone: ZoneId, building: Buildings, lost: frozenset[MeterId]) -> Amps:
    """LM-7, LM-8, DG-3."""
    settings = model.zones[zone]
    if not settings.dynamic:
        return settings.maximum
    if settings.meter in lost:
        return min(settings.degraded_setpoint, settings.maximum)
    return settings.maximum - _buildings_below(model, zone, building)


def _draws(key: ConnectorKey, had: Amps, fallbacks: Mapping[ConnectorKey, Amps], moment: float) -> Amps:
    """What a car draws that long after its station was lost (DESIGN, leases; EL-6)."""
    if key not in fallbacks:
        return had
    if had > fallbacks[key]:
        return had if moment < FALLEN else fallbacks[key]
    return had if moment < RISES else fallbacks[key]


def _checked(
    model: SiteModel,
    lost: tuple[ConnectorKey, ...],
    setpoints: Draws,
    held: Draws,
    fallbacks: Mapping[ConnectorKey, Amps],
) -> None:
    """What is set aside for a lost station is what it draws once its lease has run out."""
    for key in lost:
        facts = ConnectorFacts(
            key,
            link=Link.LOST,
            acknowledged=(Acknowledged(setpoints[key], 0.0),),
            fallback=fallbacks.get(key, 0.0),
            lease_ends_at=FALLEN,
        )
        assert pledge(facts, model.connectors[key], MOMENTS[-1]) == held[key]


def _through(model: SiteModel, draws: Draws, building: Buildings) -> dict[ZoneId, Amps]:
    return {zone: _cars(model, zone, draws) + _buildings_below(model, zone, building) for zone in model.zones}


def _cars(model: SiteModel, zone: ZoneId, draws: Draws) -> Amps:
    inside = set(model.subtree(zone))
    return sum(amps for key, amps in draws.items() if model.stations[key.station].zone in inside)


def _buildings_below(model: SiteModel, zone: ZoneId, building: Buildings) -> Amps:
    return sum(building.get(below, 0.0) for below in model.subtree(zone))


def _buildings(model: SiteModel) -> Iterator[Buildings]:
    """Each building at its maximum or resting, whatever part of it those of the zones below are."""
    dynamic = [zone.id for root in model.roots for zone in _upward(model, root) if zone.dynamic]
    for state in product((False, True), repeat=len(dynamic)):
        own: dict[ZoneId, Amps] = {}
        for zone, at_maximum in zip(dynamic, state, strict=True):
            most = model.zones[zone].building_maximum or 0.0
            own[zone] = most - _buildings_below(model, zone, own) if at_maximum else 0.0
        yield own


def _upward(model: SiteModel, root: ZoneId) -> Iterator[Zone]:
    """Zones of a tree, children before parents."""
    return (model.zones[zone] for zone in reversed(tuple(model.subtree(root))))


def _meters(model: SiteModel) -> list[MeterId]:
    return [zone.meter for zone in model.zones.values() if zone.meter is not None]


def _subsets(items: list[T]) -> Iterator[tuple[T, ...]]:
    for chosen in product((False, True), repeat=len(items)):
        yield tuple(item for item, taken in zip(items, chosen, strict=True) if taken)
