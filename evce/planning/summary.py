"""What people see of a plan: one view per zone of the tree."""

from collections.abc import Iterable, Mapping

from evce.conditions import ZoneCondition
from evce.facts import Link
from evce.planning.budgets import BY_METER
from evce.planning.decision import Decision
from evce.planning.planner import Planner
from evce.units import NO_AMPS, Amps, ConnectorKey, Monotonic, PhaseAmps, ZoneId
from evce.views import ZoneView

__all__ = ["zone_views"]


def zone_views(planner: Planner, decision: Decision, now: Monotonic) -> tuple[ZoneView, ...]:
    """Sum up the decision for every zone of the planner's tree, parents before children."""
    charging = {
        key: planner.current(key, now)
        for key, facts in planner.facts.items()
        if facts.transaction is not None and facts.link is Link.CONNECTED
    }
    return tuple(
        _zone_view(planner, decision, zone, charging) for zone in planner.model.subtree(planner.zone)
    )


def _zone_view(
    planner: Planner, decision: Decision, zone_id: ZoneId, charging: Mapping[ConnectorKey, Amps]
) -> ZoneView:
    """`charging` has the setpoint of each session on a link."""
    model = planner.model
    zone, condition = model.zones[zone_id], planner.conditions[zone_id]
    members = model.connectors_below(zone_id)
    optimal = reduced = suspended = 0
    for key in members:
        setpoint = charging.get(key)
        if setpoint is None:
            continue
        if setpoint <= 0.0:
            suspended += 1
        elif setpoint < model.connectors[key].rating:
            reduced += 1
        else:
            optimal += 1
    budget = decision.budgets[zone_id]
    metered = condition.measured is not None and not condition.meter_lost
    produced = max(condition.produced or NO_AMPS) if budget.bound_by == BY_METER else 0.0
    return ZoneView(
        id=zone_id,
        name=zone.name,
        parent=zone.parent,
        maximum=zone.maximum,
        dynamic=zone.dynamic,
        meter=zone.meter,
        limit=budget.allotted,
        setpoints=decision.setpoints[zone_id],
        pledged=decision.pledged[zone_id],
        lost=decision.lost[zone_id],
        measured=_through_feeder(condition) if metered else None,
        stations_measured=_sum(planner, members),
        bound_by=f"{budget.bound_by}, {produced:.0f} A produced" if produced else budget.bound_by,
        optimal=optimal,
        reduced=reduced,
        suspended=suspended,
        reasons={key: decision.reasons[key] for key in members if key in decision.reasons},
        obedience={
            station: view
            for station in model.stations_of[zone_id]
            if (view := planner.following.view(station)) is not None
        },
    )


def _through_feeder(condition: ZoneCondition) -> PhaseAmps | None:
    """What the feeder carries: local production is used in the zone before anything flows in."""
    if condition.measured is None:
        return None
    produced = condition.produced or NO_AMPS
    return (
        condition.measured[0] - produced[0],
        condition.measured[1] - produced[1],
        condition.measured[2] - produced[2],
    )


def _sum(planner: Planner, members: Iterable[ConnectorKey]) -> PhaseAmps:
    total: list[Amps] = [0.0, 0.0, 0.0]
    for key in members:
        first, second, third = planner.facts[key].drawn
        total[0] += first
        total[1] += second
        total[2] += third
    return (total[0], total[1], total[2])
