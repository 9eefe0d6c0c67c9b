"""Which raises are worth sending: not too small, not too often, none that a station was told already."""

from collections.abc import Callable, Iterator, Mapping

from evce.facts import ConnectorFacts
from evce.planning.gate import RaiseWish
from evce.planning.orders import SAME, OrderBook
from evce.planning.settings import LEAST_RAISE, SMALL_RAISE_AFTER
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

    A car that starts gets its floor or nothing; a small raise waits until its station has been quiet.
    """
    for key, target in targets.items():
        current, known = currents[key], facts[key]
        if target <= current + SAME or orders.refused(key, now) or orders.repeats(known, target, now):
            continue
        last = orders.quiet_since(known)
        quiet = last is None or now - last >= SMALL_RAISE_AFTER
        least = current + (0.1 if quiet else LEAST_RAISE)
        if current <= 0.0:
            least = floor(key)
        if target >= least - SAME:
            yield RaiseWish(key, target, current, least, known.vip, known.takes.whole_amps)
