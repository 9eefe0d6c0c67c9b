"""What a planner would do if something were lost now: asked of a copy, so that nothing changes."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from evce.conditions import ZoneCondition
from evce.facts import Link
from evce.planning.planner import Planner
from evce.planning.reductions import Inputs, reductions
from evce.units import Amps, BoxIdentity, ConnectorKey, MeterId, Monotonic, PhaseAmps, Seconds, ZoneId

__all__ = ["Foreseen", "Foresight", "Loss", "foresee"]


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost: meters, stations, or the input board, which leaves `inputs_percent` of every maximum."""

    meters: tuple[MeterId, ...] = ()
    stations: tuple[BoxIdentity, ...] = ()
    inputs_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One connector, A per phase: its setpoint `now` and the one it would have `then`.

    `pledge` is what would be reserved for it at once, `pledge_after` after the time that was asked for.
    `controllable`: it charges, and could still be told. `fallback` is what a lost station falls to by itself,
    `lease` the seconds until then; None where there is none.
    """

    key: ConnectorKey
    zone: ZoneId | None
    now: Amps
    then: Amps
    pledge: Amps
    pledge_after: Amps
    controllable: bool
    fallback: Amps | None = None
    lease: Seconds | None = None

    @property
    def cut(self) -> Amps:
        """By how much its setpoint would fall."""
        return max(self.now - self.then, 0.0)


@dataclass(frozen=True, slots=True)
class Foresight:
    """A whole tree with the loss: what each zone's cars might have and why, and every connector.

    `before` is what the zones' cars may have now, so that a limit that would rise is seen.
    """

    limits: dict[ZoneId, PhaseAmps]
    bound_by: dict[ZoneId, str]
    before: dict[ZoneId, PhaseAmps]
    connectors: tuple[Foreseen, ...]


def foresee(planner: Planner, loss: Loss, lasts: Seconds, now: Monotonic, at: datetime) -> Foresight:
    """Let a copy of the planner decide with the loss, which `lasts` so long; `at` is `now`, aware.

    Limits, shares and pledges are the planner's own. Only what depends on the time that passes until the
    loss is noticed can differ: cars that come, go or rest meanwhile.
    """
    memory = planner.memory()
    before = _copy(planner, now)
    unhurt = before.decide(now, raises_allowed=False)
    other = _copy(planner, now)
    other.conditions = {
        zone: _without_meters(condition, other, loss.meters) for zone, condition in memory.conditions.items()
    }
    other.facts = {
        key: replace(facts, link=Link.LOST) if key.station in loss.stations else facts
        for key, facts in other.facts.items()
    }
    if loss.inputs_percent is not None:
        inputs = Inputs(loss.inputs_percent, active=True)
        remote = {zone: r.remote for zone, r in planner.reductions.items() if r.remote is not None}
        other.reductions = reductions(other.model.zones, inputs, other.settings.tariff, at, remote)
    decision = other.decide(now, raises_allowed=False)
    return Foresight(
        limits={zone: budget.allotted for zone, budget in decision.budgets.items()},
        bound_by={zone: budget.bound_by for zone, budget in decision.budgets.items()},
        before={zone: budget.allotted for zone, budget in unhurt.budgets.items()},
        connectors=tuple(_connectors(planner, other, decision.targets, lasts, now)),
    )


def _copy(planner: Planner, now: Monotonic) -> Planner:
    """A planner in the same state; a successor's caution after a restart isn't wanted here."""
    memory = planner.memory()
    other = Planner(planner.model, planner.zone, planner.settings)
    other.recall(memory, now)
    other.conditions = dict(memory.conditions)
    return other


def _without_meters(condition: ZoneCondition, planner: Planner, meters: tuple[MeterId, ...]) -> ZoneCondition:
    zone = planner.model.zones[condition.zone]
    if zone.meter in meters:
        condition = replace(condition, meter_lost=True, raises_allowed=False)
    if any(meter in meters for meter in zone.production_meters):
        condition = replace(condition, produced=None)
    return condition


def _connectors(
    planner: Planner,
    other: Planner,
    targets: dict[ConnectorKey, Amps],
    lasts: Seconds,
    now: Monotonic,
) -> Iterable[Foreseen]:
    pledges, later = other.pledges(now), other.pledges(now + lasts)
    for key, facts in other.facts.items():
        held = planner.current(key, now)
        lease = None if facts.lease_ends_at is None else max(facts.lease_ends_at - now, 0.0)
        yield Foreseen(
            key,
            other.model.stations[key.station].zone,
            now=held,
            then=targets.get(key, held),
            pledge=pledges[key],
            pledge_after=later[key],
            controllable=key in targets and facts.transaction is not None,
            fallback=facts.fallback,
            lease=lease,
        )
