"""Cars that begin and are kept out by the sum of pledges: whoever holds most makes room for their floor."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from evce.planning.gate import Place, RaiseWish
from evce.planning.recovery import FOLLOWS_WITHIN
from evce.units import Amps, ConnectorKey, Monotonic, Seconds

__all__ = ["WAITS", "Holder", "KeptOut"]

WAITS: Final[Seconds] = 10.0
"""What else keeps a car out, such as others on their way down, is over by then."""

_RESTS: Final[Seconds] = 300.0
"""So long nobody is asked again after room that was made has let nobody in."""

_HELPED: Final = 0.5
"""A cut that takes less than this part of itself off what is missing is not what the car waits for."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A connector that may be lowered: its setpoint and floor in A, and where it counts."""

    key: ConnectorKey
    amps: Amps
    floor: Amps
    counts_in: frozenset[Place]


@dataclass(frozen=True, slots=True)
class _Made:
    """Room that was made: for whom, what was missing then, and how much was taken away."""

    wish: ConnectorKey
    at: Monotonic
    missing: Amps
    taken: Amps


class KeptOut:
    """Remembers since when each car at 0 A that has a share waits for the gate, and the room made last.

    Their share is there by our best knowledge; the gate counts by the worst case, in which the draw of a car
    that tells no phases counts twice: as the building's, and as its pledge. That lasts as long as it draws.
    """

    def __init__(self) -> None:
        self._since: dict[ConnectorKey, Monotonic] = {}
        self._made: _Made | None = None
        self._rests_until: Monotonic = float("-inf")

    def look(
        self, wishes: Iterable[RaiseWish], admitted: Mapping[ConnectorKey, Amps], now: Monotonic
    ) -> RaiseWish | None:
        """Return the wish that waits longest, if that is too long and no room was made in vain lately."""
        waiting = {wish.key: wish for wish in wishes if wish.current <= 0.0 and wish.key not in admitted}
        self._since = {key: self._since.get(key, now) for key in waiting}
        if now < self._rests_until:
            return None
        long = [key for key, since in self._since.items() if now - since >= WAITS]
        return waiting[min(long, key=lambda key: (self._since[key], key))] if long else None

    def cut(
        self, wish: RaiseWish, shortage: Mapping[Place, Amps], holders: Iterable[Holder], now: Monotonic
    ) -> dict[ConnectorKey, Amps]:
        """Return the setpoint of the one who makes room for `wish`, nothing while the last one still follows.

        `shortage` is what the gate misses (A), and where. Only who counts there is asked, and nobody goes
        below his floor, nor below the floor of whom he makes room for.
        """
        made, missing = self._made, max(shortage.values(), default=0.0)
        if made is not None and now - made.at < FOLLOWS_WITHIN:
            return {}
        if made is not None and made.wish == wish.key and made.missing - missing < _HELPED * made.taken:
            self._made, self._rests_until = None, now + _RESTS
            return {}
        spare = {
            holder.key: (holder.amps - max(holder.floor, wish.least), holder.amps)
            for holder in holders
            if holder.amps > max(holder.floor, wish.least) and not holder.counts_in.isdisjoint(shortage)
        }
        if not spare:
            return {}
        most = max(spare, key=lambda key: (spare[key][0], key))
        room, amps = spare[most]
        taken = min(room, missing, wish.least)
        self._made = _Made(wish.key, now, missing, taken)
        return {most: amps - taken}
