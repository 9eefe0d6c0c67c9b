"""The gate that lets a raise through once the sum of pledges leaves room for it (DESIGN §4.5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import floor

from evce.electrical import SiteModel
from evce.planning.phases import Mask
from evce.pledges import on_phases
from evce.units import NO_AMPS, Amps, ConnectorKey, PhaseAmps, ZoneId

__all__ = ["Gate", "Place", "RaiseWish", "sum_by_zone"]

Place = tuple[ZoneId, int]
"""A zone and one of its grid phases, 0 to 2."""

_TENTHS = 10.0


@dataclass(frozen=True, slots=True)
class RaiseWish:
    """A connector whose target is above what it has; `least` is the smallest step worth sending.

    `whole_amps` is for a station that knows no tenths.
    """

    key: ConnectorKey
    target: Amps
    current: Amps
    least: Amps
    vip: bool = False
    whole_amps: bool = False


def sum_by_zone(model: SiteModel, currents: Mapping[ConnectorKey, PhaseAmps]) -> dict[ZoneId, PhaseAmps]:
    """Add up currents per zone and grid phase, each in its own zone and every ancestor."""
    direct: dict[ZoneId, list[Amps]] = {}
    for key, amps in currents.items():
        if amps == NO_AMPS:
            continue
        first, second, third = amps
        zone = model.stations[key.station].zone
        if zone is None:
            continue
        total = direct.get(zone)
        if total is None:
            direct[zone] = [first, second, third]
        else:
            total[0] += first
            total[1] += second
            total[2] += third
    if not direct:
        return dict.fromkeys(model.zones, NO_AMPS)
    sums: dict[ZoneId, list[Amps]] = {zone: [0.0, 0.0, 0.0] for zone in model.zones}
    for zone, (first, second, third) in direct.items():
        for member in model.path(zone):
            total = sums[member]
            total[0] += first
            total[1] += second
            total[2] += third
    return {zone: (total[0], total[1], total[2]) for zone, total in sums.items()}


class Gate:
    """The room that pledges leave in every zone; each raise let through takes its part of it."""

    def __init__(
        self,
        model: SiteModel,
        pledges: Mapping[ConnectorKey, Amps],
        raisable: Mapping[ZoneId, PhaseAmps],
        closed: Iterable[ZoneId] = (),
        masks: Mapping[ConnectorKey, Mask] | None = None,
    ) -> None:
        """`raisable` bounds the sum of pledges per zone; no raise passes through a zone in `closed`.

        `masks` are the grid phases that count per connector; its wiring's where it isn't named.
        """
        self._model = model
        self._pledges = dict(pledges)
        self._closed = frozenset(closed)
        self._masks = masks or {}
        used = sum_by_zone(
            model, {key: on_phases(amps, self._mask(key)) for key, amps in self._pledges.items()}
        )
        self._room = {
            zone: [raisable[zone][phase] - used[zone][phase] for phase in range(3)] for zone in model.zones
        }

    def admit(self, wishes: Iterable[RaiseWish]) -> dict[ConnectorKey, Amps]:
        """Let through what fits, VIPs first, then those who have least; in steps of 0.1 A."""
        admitted: dict[ConnectorKey, Amps] = {}
        for wish in sorted(wishes, key=lambda wish: (not wish.vip, wish.current, wish.key)):
            granted = self._most(wish)
            if granted >= min(wish.least, wish.target) - 1e-9 and granted > wish.current:
                self._take(wish.key, granted)
                admitted[wish.key] = granted
        return admitted

    def _most(self, wish: RaiseWish) -> Amps:
        zone = self._model.stations[wish.key.station].zone
        if zone is None:
            return 0.0
        pledged = self._pledges[wish.key]
        most = wish.target
        for member in self._model.path(zone):
            if member in self._closed:
                return 0.0
            for phase in self._phases(wish.key):
                most = min(most, max(self._room[member][phase], 0.0) + pledged)
                if self._room[member][phase] < 0.0:
                    return 0.0
        return float(floor(most + 1e-6)) if wish.whole_amps else floor(most * _TENTHS + 1e-6) / _TENTHS

    def shortage(self, wish: RaiseWish) -> dict[Place, Amps]:
        """Return what is missing (A) for the least of `wish`, and where; nothing where its way is closed."""
        places = self.counts_in(wish.key)
        if any(zone in self._closed for zone, _ in places):
            return {}
        needs = wish.least - self._pledges[wish.key]
        missing = {(zone, phase): needs - self._room[zone][phase] for zone, phase in places}
        return {place: amps for place, amps in missing.items() if amps > 0.0}

    def counts_in(self, key: ConnectorKey) -> frozenset[Place]:
        """Return where a current of this connector counts: its zone and every ancestor, on its phases."""
        zone = self._model.stations[key.station].zone
        path = () if zone is None else self._model.path(zone)
        return frozenset((member, phase) for member in path for phase in self._phases(key))

    def _mask(self, key: ConnectorKey) -> Mask:
        mask = self._masks.get(key)
        return self._model.connectors[key].wiring.mask if mask is None else mask

    def _phases(self, key: ConnectorKey) -> list[int]:
        mask = self._mask(key)
        return [phase for phase in range(3) if mask[phase]]

    def _take(self, key: ConnectorKey, granted: Amps) -> None:
        added = granted - self._pledges[key]
        zone = self._model.stations[key.station].zone
        if added <= 0.0 or zone is None:
            return
        self._pledges[key] = granted
        for member in self._model.path(zone):
            for phase in self._phases(key):
                self._room[member][phase] -= added
