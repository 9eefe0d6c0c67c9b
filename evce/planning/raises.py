"""Which raises are worth sending: not too small, not too often, none that a station was told already."""

from collections.abc import Callable, Iterator, Mapping
from math import inf

from evce.facts import ConnectorFacts
from evce.planning.gate import RaiseWish
from evce.planning.orders import SAME, OrderBook
from evce.planning.settings import (
    LEAST_RAISE,
    LEAST_TURN,
    LEAST_TURN_AGAIN,
    SMALL_RAISE_AFTER,
    TURN_AFTER,
)
from evce.units import Amps, ConnectorKey, Monotonic

__all__ = ["raise_wishes"]


def raise_wishes(
    targets: Mapping[ConnectorKey, Amps],
    currents: Mapping[ConnectorKey, Amps],
    facts: Mapping[ConnectorKey, ConnectorFacts],
    orders: OrderBook,
    floor: Callable[[ConnectorKey], Amps],
    now: Monotonic,
) -> Iterator[RaiseWish]:
    """Yield a wish for each of the `targets` (A) above the setpoint now in `currents` that may go out now.

    A car that starts gets its floor or nothing, and at once; a small raise waits until its station has been
    quiet, and one that turns a reduction round has to be larger, and waits a little; a second one of these
    within a few minutes still larger, unless cars have come or gone meanwhile (LM-8).
    """
    for key, target in targets.items():
        current, known = currents[key], facts[key]
        if target <= current + SAME or orders.refused(key, now) or orders.repeats(known, target, now):
            continue
        least = floor(key) if current <= 0.0 else current + _least(orders, known, now)
        if target >= least - SAME:
            yield RaiseWish(key, target, current, least, known.vip, known.takes.whole_amps)


def _least(orders: OrderBook, facts: ConnectorFacts, now: Monotonic) -> Amps:
    """By how much a raise has to be more than the last order now; infinite where it has to wait."""
    last = orders.of(facts)
    quiet = inf if last is None else now - last.at
    if last is None or not last.lowers:
        return 0.1 if quiet >= SMALL_RAISE_AFTER else LEAST_RAISE
    if orders.has_just_turned(last, now):
        return LEAST_TURN_AGAIN if quiet >= TURN_AFTER else inf
    if quiet >= SMALL_RAISE_AFTER:
        return 0.1
    return LEAST_TURN if quiet >= TURN_AFTER else inf
