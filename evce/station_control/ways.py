"""How a station takes its limits where it doesn't say so: tried, and learnt from its answers."""

from dataclasses import dataclass

from evce.profiles import CompositeSchedule, Limit, RateUnit
from evce.units import Amps

__all__ = ["Ways"]

_WHOLE: Amps = 0.01


@dataclass(slots=True)
class Ways:
    """What was learnt of one station; it outlives the connection, as the station's habits do.

    `whole_amps`: it takes whole amperes only. `in_watts`: it took no limit in A and tells no
    unit. `grain_known`: it was seen to keep tenths, or not to. `no_composite`: it can't tell what it means to
    allow (GetCompositeSchedule), and isn't asked any more.
    """

    whole_amps: bool = False
    in_watts: bool = False
    grain_known: bool = False
    no_composite: bool = False
    asked_in: int | None = None
    """The connection on which it was asked what it makes of tenths; once is enough on each."""

    def after_refusal(self, limit: Limit, *, unit_told: bool, taken: bool) -> str | None:
        """Return what is tried instead of a limit that was refused, in words; None for nothing new.

        `taken` tells whether the station takes other limits on this connection.
        """
        if limit.unit is RateUnit.AMPS and not _whole(limit.value) and not self.whole_amps:
            self.whole_amps = self.grain_known = True
            return "whole amperes"
        if unit_told or taken:
            return None
        self.in_watts = not self.in_watts
        return "a limit in W" if self.in_watts else None

    def reveals_grain(self, limit: Limit) -> bool:
        """Whether a station that tells what it makes of this limit shows if it keeps tenths."""
        return not self.grain_known and limit.unit is RateUnit.AMPS and not _whole(limit.value)

    def seen(self, limit: Limit, schedule: CompositeSchedule) -> bool:
        """Take in what the station makes of a limit in A; True when it turned out to drop or round tenths."""
        if not self.reveals_grain(limit) or schedule.unit is not RateUnit.AMPS:
            return False
        if abs(schedule.limit_now - limit.value) >= 1.0:
            return False  # something else holds it, which tells nothing about tenths
        self.grain_known = True
        self.whole_amps = _whole(schedule.limit_now)
        return self.whole_amps


def _whole(amps: float) -> bool:
    return abs(amps - round(amps)) < _WHOLE
