"""Tells an overcommitted zone from one whose pledges still settle under a limit that has just fallen."""

from collections import deque
from collections.abc import Mapping
from typing import Final

from evce.planning.budgets import Budget
from evce.pledges import SETTLING
from evce.units import Amps, Monotonic, PhaseAmps, Seconds, ZoneId

__all__ = ["FOLLOWS_WITHIN", "Recovery"]

FOLLOWS_WITHIN: Final[Seconds] = SETTLING + 2.0
"""A pledge is down this long after the limit fell: the car's settling time, and 2 s for the way to it."""

_NOTICED: Final[Amps] = 0.5
"""The same tolerance as that of a measurement: less is nothing that anybody could act upon."""

_GRAIN: Final[Seconds] = 0.5
"""Limits of so short a time are remembered as one, their highest."""


class Recovery:
    """Remembers each zone's limits of the last seconds; what was within one of them is on its way down.

    Under a building that draws a little more each second, pledges are above the limit of this moment
    for ever, and nothing is wrong.
    """

    def __init__(self) -> None:
        self._limits: dict[ZoneId, deque[tuple[Monotonic, PhaseAmps]]] = {}

    def overcommitted(
        self, pledged: Mapping[ZoneId, PhaseAmps], budgets: Mapping[ZoneId, Budget], now: Monotonic
    ) -> tuple[ZoneId, ...]:
        """Return the zones whose pledges are above every limit of the last seconds, on some phase."""
        self._limits = {zone: self._limits.get(zone, deque()) for zone in budgets}
        for zone, budget in budgets.items():
            limits = self._limits[zone]
            while limits and now - limits[0][0] > FOLLOWS_WITHIN:
                limits.popleft()
            limit = _larger(budget.allotted, budget.raisable)
            if limits and now - limits[-1][0] < _GRAIN:
                limits[-1] = (limits[-1][0], _larger(limits[-1][1], limit))
            else:
                limits.append((now, limit))
        return tuple(zone for zone, sums in pledged.items() if self._exceeds(zone, sums))

    def _exceeds(self, zone: ZoneId, pledged: PhaseAmps) -> bool:
        # Nearly always the newest limit holds already.
        limits = self._limits[zone]
        newest = limits[-1][1]
        if all(pledged[phase] <= newest[phase] + _NOTICED for phase in range(3)):
            return False
        return any(
            all(pledged[phase] > limit[phase] + _NOTICED for _, limit in reversed(limits))
            for phase in range(3)
        )


def _larger(a: PhaseAmps, b: PhaseAmps) -> PhaseAmps:
    return (max(a[0], b[0]), max(a[1], b[1]), max(a[2], b[2]))
