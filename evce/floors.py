"""Floors: the least current at which a vehicle on a connector agrees to charge."""

from enum import StrEnum

from evce.electrical import Connector, Family, Socket
from evce.units import Amps

__all__ = ["FloorStandard", "floor"]


class FloorStandard(StrEnum):
    """Whose minimum counts for the whole installation (LM-2, guide 2.6.4.1)."""

    IEC61851 = "iec61851"
    EVZE_READY = "evze_ready"


_SINGLE_PHASE: dict[FloorStandard, Amps] = {FloorStandard.IEC61851: 6.0, FloorStandard.EVZE_READY: 8.0}
_THREE_PHASE: dict[FloorStandard, Amps] = {FloorStandard.IEC61851: 6.0, FloorStandard.EVZE_READY: 14.0}
_DOMESTIC: Amps = 10.0
"""A connector with a TE socket, a Smart Wallbox with TE/T2 among them."""
_CITY: Amps = 14.0


def floor(connector: Connector, standard: FloorStandard) -> Amps:
    """The floor of a connector in A per phase; below it a vehicle is suspended (LM-2).

    Where the standard and an exception differ, the higher one holds: a Smart Wallbox with TE/T2 on
    three phases needs 14 A under EV/ZE ready. A connector that offers TE beside T2 has the floor of
    TE, since nobody knows beforehand which of the two a driver takes.
    """
    floors = [(_THREE_PHASE if connector.wiring.three_phase else _SINGLE_PHASE)[standard]]
    if Socket.TE in connector.sockets:
        floors.append(_DOMESTIC)
    if connector.family is Family.CITY:
        floors.append(_CITY)
    return max(floors)
