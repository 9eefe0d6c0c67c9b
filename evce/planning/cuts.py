"""Which reductions go out now: all that a limit needs, and those that pay for others once worth it."""

from collections.abc import Collection, Mapping

from evce.electrical import SiteModel
from evce.facts import ConnectorFacts
from evce.planning.budgets import Budget
from evce.planning.gate import sum_by_zone
from evce.planning.orders import SAME, OrderBook
from evce.planning.settings import LEAST_TURN_AGAIN, SMALL_RAISE_AFTER
from evce.units import Amps, ConnectorKey, Monotonic, PhaseAmps, ZoneId

__all__ = ["due_cuts"]


def due_cuts(
    cuts: Mapping[ConnectorKey, Amps],
    targets: Mapping[ConnectorKey, Amps],
    currents: Mapping[ConnectorKey, Amps],
    drawn: Mapping[ConnectorKey, PhaseAmps],
    facts: Mapping[ConnectorKey, ConnectorFacts],
    orders: OrderBook,
    model: SiteModel,
    budgets: Mapping[ZoneId, Budget],
    now: Monotonic,
) -> dict[ConnectorKey, Amps]:
    """Return those of `cuts` (the new setpoints, A per phase) that may not wait.

    While the setpoints in force fit in every limit, a reduction only pays for what others get more. A small
    one of a car that has just been raised rests then: while the phases of a limit come back one after the
    other, who has one phase to itself would be sent up and down (LM-8). Nobody waits who is paused, or VIP.
    `drawn` is what each connector counts per grid phase, at its setpoint or, out of reach, its pledge.
    """
    small = [key for key in cuts if currents[key] - cuts[key] < LEAST_TURN_AGAIN and cuts[key] > 0.0]
    resting = [key for key in small if _has_just_risen(facts[key], orders, now)]
    if not resting or _somebody_waits(targets, currents, facts):
        return dict(cuts)
    above = _zones_above(model, drawn, budgets)
    if not above:
        return {key: amps for key, amps in cuts.items() if key not in resting}
    return {
        key: amps
        for key, amps in cuts.items()
        if key not in resting or not above.isdisjoint(_path(model, key))
    }


def _has_just_risen(facts: ConnectorFacts, orders: OrderBook, now: Monotonic) -> bool:
    last = orders.of(facts)
    return last is not None and not last.lowers and now - last.at < SMALL_RAISE_AFTER


def _somebody_waits(
    targets: Mapping[ConnectorKey, Amps],
    currents: Mapping[ConnectorKey, Amps],
    facts: Mapping[ConnectorKey, ConnectorFacts],
) -> bool:
    """A car that begins pays no regard to the calm of others, nor does a VIP."""
    return any(
        target > currents[key] + SAME and (currents[key] <= 0.0 or facts[key].vip)
        for key, target in targets.items()
    )


def _zones_above(
    model: SiteModel, drawn: Mapping[ConnectorKey, PhaseAmps], budgets: Mapping[ZoneId, Budget]
) -> frozenset[ZoneId]:
    """The zones in which the setpoints in force are above the limit on any phase, or the meter is."""
    sums = sum_by_zone(model, drawn)
    return frozenset(
        zone
        for zone, budget in budgets.items()
        if budget.overloaded
        or any(total > allotted + SAME for total, allotted in zip(sums[zone], budget.allotted, strict=True))
    )


def _path(model: SiteModel, key: ConnectorKey) -> Collection[ZoneId]:
    zone = model.stations[key.station].zone
    return () if zone is None else model.path(zone)
