"""The tight site on which rules are compared: 52 single-phase outlets in three rows below one feeder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from evce.electrical import Connector, Family, SiteModel, Socket, Station, Wiring, Zone
from evce.units import Amps, BoxIdentity, ConnectorKey, ZoneId
from tools.benchmarks.quality_weeks import OUTLETS, POWER, RATING, Week

__all__ = ["TightSite", "outlet_key", "peak_wish"]

_WIRINGS = (Wiring.MONO1, Wiring.MONO2, Wiring.MONO3)
_ROWS = 3
_ROW_SHARE = 0.45
"""What a row may take of the feeder: three rows together a third more than there is."""

_ENOUGH = 1e-6


def outlet_key(outlet: int) -> ConnectorKey:
    """Name the connector of an outlet."""
    return ConnectorKey(BoxIdentity(f"CP-{outlet:02}"), 1)


def peak_wish(week: Week) -> Amps:
    """The most that all cars would take together if every one charged at once at its rating, in A."""
    changes = [
        change
        for session in week.sessions
        for change in (
            (session.arrives, RATING),
            (session.arrives + session.need / POWER * 3_600.0, -RATING),
        )
    ]
    most = now = 0.0
    for _, amps in sorted(changes):
        now += amps
        most = max(most, now)
    return most


@dataclass(frozen=True)
class TightSite:
    """`capacity` is what the feeder holds on its three phases together, in A."""

    capacity: Amps

    @property
    def maximum(self) -> Amps:
        """The feeder's limit, A per phase, down to a tenth."""
        return int(self.capacity / 3.0 * 10.0 + _ENOUGH) / 10.0

    @cached_property
    def model(self) -> SiteModel:
        """The site as the planner knows it: outlets take the phases in turn, and the rows by thirds."""
        row = int(self.maximum * _ROW_SHARE * 10.0 + _ENOUGH) / 10.0
        zones = [Zone(ZoneId("main"), "Feeder", None, self.maximum)]
        zones += [Zone(ZoneId(f"row-{n}"), f"Row {n}", ZoneId("main"), row) for n in range(_ROWS)]
        stations = [_station(outlet) for outlet in range(1, OUTLETS + 1)]
        return SiteModel({z.id: z for z in zones}, {s.box_identity: s for s in stations})

    @cached_property
    def limits(self) -> NDArray[np.float64]:
        """A per zone and phase, the zones in the order of the model."""
        return np.array([zone.maximum for zone in self.model.zones.values() for _ in range(3)])

    @cached_property
    def loads(self) -> Mapping[int, tuple[int, ...]]:
        """The numbers of the limits that each outlet loads."""
        numbers = {zone: number for number, zone in enumerate(self.model.zones)}
        loads = {}
        for outlet in range(1, OUTLETS + 1):
            phases = self.model.connectors[outlet_key(outlet)].wiring.grid_phases
            path = self.model.path(_row(outlet))
            loads[outlet] = tuple(3 * numbers[zone] + phase for zone in path for phase in phases)
        return loads

    def overload(self, amps: Mapping[int, Amps]) -> Amps:
        """By how much currents by outlet exceed the limit that they exceed most, in A; 0 where none."""
        sums = np.zeros(len(self.limits))
        for outlet, current in amps.items():
            sums[list(self.loads[outlet])] += current
        return max(0.0, float(np.max(sums - self.limits)))

    def members(self, outlets: Sequence[int]) -> NDArray[np.float64]:
        """A row for each limit and a column for each of these outlets: 1 where it loads the limit."""
        table = np.zeros((len(self.limits), len(outlets)))
        for column, outlet in enumerate(outlets):
            table[list(self.loads[outlet]), column] = 1.0
        return table


def _row(outlet: int) -> ZoneId:
    return ZoneId(f"row-{(outlet - 1) * _ROWS // OUTLETS}")


def _station(outlet: int) -> Station:
    key = outlet_key(outlet)
    wiring = _WIRINGS[outlet % len(_WIRINGS)]
    connector = Connector(key, wiring, RATING, (Socket.T2,), Family.PARKING)
    return Station(key.station, str(key.station), Family.PARKING, _row(outlet), (connector,))
