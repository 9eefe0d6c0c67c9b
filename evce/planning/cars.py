"""The rules that look at one car at a time: what it has shown so far, and what it claims for that now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from evce.allocation import Claim
from evce.conditions import ZoneCondition
from evce.electrical import Connector, SiteModel
from evce.facts import ConnectorFacts, ConnectorStatus
from evce.floors import FloorStandard, floor
from evce.planning.consumption import Consumption, SeenDraws
from evce.planning.following import Following, Record
from evce.planning.orders import SAME, Order
from evce.planning.phases import Mask, PhaseUse, SeenPhases
from evce.planning.resting import Rest, Resting
from evce.planning.settings import PlanSettings
from evce.planning.waking import Restarts, SeenSleep, Sleepers, SleepStage
from evce.planning.wiring_course import Trial
from evce.profiles import least_in_watts
from evce.units import Amps, BoxIdentity, ConnectorKey, Monotonic, ZoneId

__all__ = ["Cars", "SeenCars"]


@dataclass(frozen=True, slots=True)
class SeenCars:
    """What a successor must know of the cars."""

    phases: SeenPhases
    draws: SeenDraws
    sleeps: SeenSleep
    rests: Mapping[ConnectorKey, Rest]
    following: Mapping[BoxIdentity, Record]


class Cars:
    """Learns from reports and readings; each rule forgets a car with its session.

    `trial` is what a check of somebody's wiring asks for, None while none runs.
    """

    def __init__(self) -> None:
        self.trial: Trial | None = None
        self.following = Following()
        self._phases = PhaseUse()
        self._consumption = Consumption()
        self._sleepers = Sleepers()
        self._resting = Resting()
        self._floors: dict[ConnectorKey, tuple[Connector, FloorStandard, Amps]] = {}
        """What was worked out last: it holds as long as the connector is the same object."""

    def keep_only(self, model: SiteModel) -> None:
        """Forget what is gone from the site."""
        connectors = model.connectors
        self._phases.keep_only(connectors)
        self._consumption.keep_only(connectors)
        self._sleepers.keep_only(connectors)
        self._resting.keep_only(connectors)
        self.following.keep_only(connectors, model.stations)

    def learn(self, known: ConnectorFacts, report: ConnectorFacts, connector: Connector) -> None:
        """Take in what a report says beside what was known before it."""
        self._phases.learn(report)
        self.following.learn(known, report)
        self._consumption.learn(report, connector.rating)
        self._sleepers.learn(report)

    def metered(self, condition: ZoneCondition) -> None:
        """Take in a zone's reading."""
        self.following.metered(condition)

    def look(self, reports: Iterable[ConnectorFacts], now: Monotonic) -> None:
        """Let those rules look that go by time; before claims are made."""
        self._resting.look(reports, now)

    def mask(self, facts: ConnectorFacts, connector: Connector) -> Mask:
        """Return the grid phases that the connector counts on now (EL-7)."""
        return self._phases.mask(facts, connector)

    def floor(self, facts: ConnectorFacts, connector: Connector, settings: PlanSettings) -> Amps:
        """Return the least setpoint with which a car charges there, A per phase (LM-2)."""
        least = self._floor(connector, settings.standard)
        if facts.takes.watts_on is None:
            return least
        phases = sum(self.mask(facts, connector))
        return least_in_watts(least, phases, facts.takes.watts_on, connector.rating)

    def _floor(self, connector: Connector, standard: FloorStandard) -> Amps:
        known = self._floors.get(connector.key)
        if known is None or known[0] is not connector or known[1] is not standard:
            known = self._floors[connector.key] = (connector, standard, floor(connector, standard))
        return known[2]

    def restarts(self, reports: Iterable[ConnectorFacts], now: Monotonic) -> Restarts:
        """Return whose session is to end now, and whose is to begin again, so that a car wakes up."""
        return self._sleepers.restarts(reports, now)

    def claim(
        self,
        facts: ConnectorFacts,
        connector: Connector,
        zone: ZoneId,
        settings: PlanSettings,
        order: Order | None,
        now: Monotonic,
        *,
        held: Amps,
        passed_over: int,
        cuts_only: bool,
    ) -> Claim:
        """Return what the car claims; `held` is its setpoint now, `order` its last one in this session.

        With `cuts_only` it claims no more than it holds.
        """
        least = self.floor(facts, connector, settings)
        cap, capped_by = self._most(facts, connector.rating, least, settings, now)
        wants = cap >= least - SAME
        if facts.ceiling is not None and facts.ceiling < cap:
            cap, capped_by = facts.ceiling, "the operator's charging profile"
        tried = None if self.trial is None else self.trial.cap_of(facts.key, held)
        if tried is not None and tried[0] < cap:
            cap, capped_by = tried
        if cuts_only and held < cap:
            cap, capped_by = held, "its present setpoint"
        if facts.spares and held < cap:
            cap, capped_by = held, "its present setpoint, to spare its station's memory,"
        return Claim(
            key=facts.key,
            zone=zone,
            mask=self.mask(facts, connector),
            floor=least,
            cap=cap,
            wants=wants if facts.ceiling is not None else cap >= least - SAME,
            vip=facts.vip,
            energy=facts.energy,
            charging_since=facts.charging_since,
            plugged_at=facts.plugged_at,
            held=held,
            granted_at=None if order is None else order.granted_at,
            paused_at=None if order is None else order.paused_at,
            charged=None if order is None else order.charged_for(now),
            rests=self._resting.rests(facts, now),
            passed_over=passed_over,
            whole_amps=facts.takes.whole_amps,
            capped_by=capped_by,
        )

    def _most(
        self, facts: ConnectorFacts, rating: Amps, least: Amps, settings: PlanSettings, now: Monotonic
    ) -> tuple[Amps, str]:
        """Return the most that the car may have whatever is there, and what sets it."""
        stage = self._sleepers.stage(facts, now) if facts.wants else None
        if stage is SleepStage.NUDGED:
            return rating, "its rating, to wake its car,"
        if stage is SleepStage.HELD:
            return min(rating, least), "its floor while its car sleeps"
        if facts.status is ConnectorStatus.SUSPENDED_EV or not facts.wants:
            return min(rating, least), "its floor while the car itself pauses"
        spare = self._consumption.spare(facts, now) if settings.consumption_optimisation else None
        if spare is not None and max(spare.cap, least) < rating:
            return max(spare.cap, least), f"its car, which draws at most {spare.drawn:.0f} A,"
        return rating, "its rating"

    def seen(self) -> SeenCars:
        """Return what a successor must know."""
        return SeenCars(
            self._phases.seen(),
            self._consumption.seen(),
            self._sleepers.seen(),
            self._resting.seen(),
            self.following.records(),
        )

    def restore(self, seen: SeenCars) -> None:
        """Take over what a predecessor had seen."""
        self._phases.restore(seen.phases)
        self._consumption.restore(seen.draws)
        self._sleepers.restore(seen.sleeps)
        self._resting.restore(seen.rests)
        self.following.restore(seen.following)
