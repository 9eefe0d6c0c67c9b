"""A zone's own measurements: what its parent needs for the limits of the whole tree."""

from dataclasses import dataclass

from evce.units import Monotonic, PhaseAmps, ZoneId

__all__ = ["ZoneCondition"]


@dataclass(frozen=True, slots=True)
class ZoneCondition:
    """What one zone knows of itself. All currents are A per grid phase.

    `measured` is the zone's meter, None while it is lost or was never read; `produced` is the local
    production that is added to what the zone may use (MT-5). `raises_allowed` is false from the third
    missed poll on, `meter_lost` after 5 s without a reading (DESIGN §4.6). `cut_epoch` counts the zone's own
    cuts: an order that raises must know the newest.
    """

    zone: ZoneId
    measured: PhaseAmps | None = None
    measured_at: Monotonic | None = None
    produced: PhaseAmps | None = None
    meter_lost: bool = False
    raises_allowed: bool = True
    cut_epoch: int = 0
