"""When a session charged: the time in which energy flowed, and its energy by the times of use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from evce.tariff import NO_PERIOD, Tariff
from evce.units import Seconds, WattHours, ZoneId

__all__ = ["LONGEST_WALK", "Split"]

LONGEST_WALK: Final = 2_880
"""Steps in which a stretch is looked at: each minute of two days; a longer one in as many longer steps."""

_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Split:
    """`charged` is the time in s in which energy flowed, `periods` the energy in Wh by the period's name.

    Energy outside every period is under `NO_PERIOD` (CDR-2). Where several periods are on, it counts in the
    one that binds the zone.
    """

    charged: Seconds = 0.0
    periods: Mapping[str, WattHours] = field(default_factory=dict)

    @property
    def energy(self) -> WattHours:
        """All of it."""
        return sum(self.periods.values())

    def taken(
        self,
        energy: WattHours,
        begin: datetime,
        end: datetime,
        *,
        flowing: bool,
        tariff: Tariff | None,
        zone: ZoneId | None,
    ) -> "Split":
        """Add what was taken from `begin` to `end` (aware times), evenly over that time.

        `flowing` tells whether current flowed meanwhile. A stretch that ends before it begins takes no time,
        and its energy counts at its end.
        """
        seconds = max(0.0, (end - begin).total_seconds())
        charged = self.charged + (seconds if flowing else 0.0)
        if energy <= 0.0:
            return Split(charged, self.periods)
        periods = dict(self.periods)
        for name, share in _shares(begin, end, tariff, zone).items():
            periods[name] = periods.get(name, 0.0) + energy * share
        return Split(charged, periods)

    def fitted(self, energy: WattHours) -> "Split":
        """Return the split of a session of this energy: what nobody saw taken is in no period."""
        known = self.energy
        if energy > known:
            unseen = self.periods.get(NO_PERIOD, 0.0) + energy - known
            return Split(self.charged, {**self.periods, NO_PERIOD: unseen})
        if known <= 0.0:
            return self
        return Split(self.charged, {name: part * energy / known for name, part in self.periods.items()})


def _shares(begin: datetime, end: datetime, tariff: Tariff | None, zone: ZoneId | None) -> dict[str, float]:
    """How much of a stretch lies in which period; slots begin and end at whole minutes."""
    first, last = _period(tariff, zone, begin), _period(tariff, zone, end)
    if tariff is None or zone is None or begin >= end or (first == last and end - begin <= _MINUTE):
        return {last: 1.0}
    step = max(_MINUTE, (end - begin) / LONGEST_WALK)
    shares: dict[str, float] = {}
    at = begin
    while at < end:
        until = min(end, (at + step).replace(second=0, microsecond=0))
        name = _period(tariff, zone, at)
        shares[name] = shares.get(name, 0.0) + (until - at) / (end - begin)
        at = until
    return shares


def _period(tariff: Tariff | None, zone: ZoneId | None, at: datetime) -> str:
    period = None if tariff is None or zone is None else tariff.binding(zone, at)
    return NO_PERIOD if period is None else period.name
