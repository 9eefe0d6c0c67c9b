"""The planner of a zone's subtree: remembers what it ordered and decides what to lower and what to raise."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import inf

from evce.allocation import Allocation, Claim, Priority, Reason
from evce.conditions import ZoneCondition
from evce.departures import Outlook
from evce.dynamic import Course, reweighed
from evce.electrical import SiteModel
from evce.facts import ConnectorFacts, Link
from evce.planning.budgets import Budget, budget_of
from evce.planning.cars import Cars
from evce.planning.cuts import due_cuts
from evce.planning.decision import Decision
from evce.planning.following import Following
from evce.planning.gate import Gate, RaiseWish, sum_by_zone
from evce.planning.kept_out import Holder, KeptOut
from evce.planning.memory import PlannerMemory, cautious
from evce.planning.obedience import Obedience, Verdict
from evce.planning.orders import SAME, OrderBook
from evce.planning.phases import Mask
from evce.planning.raises import raise_wishes
from evce.planning.recovery import Recovery
from evce.planning.reductions import NO_REDUCTION, Reduction
from evce.planning.settings import PlanSettings
from evce.planning.sharing import Sessions, Sharing, beside, worded
from evce.planning.successions import Successions
from evce.planning.unheeded import Unheeded
from evce.planning.waking import Restarts
from evce.pledges import Remembered, on_phases
from evce.units import NO_AMPS, NOMINAL_VOLTAGE, Amps, ConnectorKey, Monotonic, PhaseAmps, Seconds, ZoneId

__all__ = ["Planner"]


class Planner:
    """Decides for the subtree of `zone`; no clock of its own, every method that needs one is handed `now`."""

    def __init__(self, model: SiteModel, zone: ZoneId, settings: PlanSettings) -> None:
        self.zone = zone
        self.settings = settings
        self.facts: dict[ConnectorKey, ConnectorFacts] = {}
        self.conditions: dict[ZoneId, ZoneCondition] = {}
        self.remembered: dict[ConnectorKey, Remembered] = {}
        self.reductions: Mapping[ZoneId, Reduction] = {}
        self.orders = OrderBook()
        self.cars = Cars()
        self._obedience = Obedience()
        self._successions = Successions()
        self._recovery = Recovery()
        self._unheeded = Unheeded()
        self._kept_out = KeptOut()
        self._courses: dict[ZoneId, Course] = {}
        self._sharing = Sharing()
        self._words: tuple[Mapping[ConnectorKey, Reason], dict[ConnectorKey, str]] = ({}, {})
        self.reconfigure(model, settings)

    def reconfigure(self, model: SiteModel, settings: PlanSettings) -> None:
        """Take over a new revision; what is known of connectors that stay is kept."""
        zones = tuple(model.subtree(self.zone))
        members = set(zones)
        self.settings = settings
        self.model = SiteModel(
            zones={
                zone: replace(model.zones[zone], parent=None) if zone == self.zone else model.zones[zone]
                for zone in zones
            },
            stations={key: station for key, station in model.stations.items() if station.zone in members},
        )
        connectors = self.model.connectors
        self.facts = {key: self.facts.get(key, ConnectorFacts(key)) for key in connectors}
        self.conditions = {zone: self.conditions.get(zone, ZoneCondition(zone)) for zone in zones}
        self.orders.keep_only(connectors)
        self.cars.keep_only(self.model)
        self._courses = {zone: reweighed(course) for zone, course in self._courses.items() if zone in members}

    def learn(self, reports: Iterable[ConnectorFacts]) -> tuple[ConnectorFacts, ...]:
        """Take facts over and return those that are new here.

        An older incarnation of a station's connection can't speak for a newer one.
        """
        changed = []
        for report in reports:
            known = self.facts.get(report.key)
            if known is None or report == known:
                continue
            if report.incarnation < known.incarnation:
                if self._successions.orphaned(known, report):
                    changed.append(report)
                continue
            self._remember(known, report)
            self._successions.learned(known, report)
            self.facts[report.key] = report
            self.cars.learn(known, report, self.model.connectors[report.key])
            changed.append(report)
        return tuple(changed)

    def _remember(self, known: ConnectorFacts, report: ConnectorFacts) -> None:
        """Keep what a station actor knew when its successor begins from nothing on the same connection.

        On a newer connection it means that the station itself has restarted: then nothing is known.
        """
        if report.verified:
            self.remembered.pop(report.key, None)
        elif known.fallback is not None and report.fallback is None:
            self.remembered.pop(report.key, None)
            if report.incarnation == known.incarnation:
                amps = (*(accepted.amps for accepted in known.acknowledged), *known.outstanding, *known.drawn)
                ends_at = inf if known.lease_ends_at is None else known.lease_ends_at
                self.remembered[report.key] = Remembered(max(amps), ends_at, known.fallback)

    def condition(self, condition: ZoneCondition) -> None:
        """Take over what a zone of the subtree knows of itself."""
        if condition.zone in self.conditions:
            self.conditions[condition.zone] = condition
            self.cars.metered(condition)

    def note_orders(self, setpoints: Mapping[ConnectorKey, Amps], plan: int, now: Monotonic) -> None:
        """Remember that these setpoints were sent down under this plan number."""
        self.orders.note(setpoints, self.facts, plan, now)

    def current(self, key: ConnectorKey, now: Monotonic) -> Amps:
        """Return the setpoint that is on its way to the connector or in force there, A per phase."""
        return self.orders.current(self._planned_by(key, now), self.model.connectors[key], now)

    def _planned_by(self, key: ConnectorKey, now: Monotonic) -> ConnectorFacts:
        """Return the facts that its share is worked out by: those of an actor that died just now count on."""
        facts = self.facts[key]
        if self._successions.nobody_returns:
            return facts
        return self._successions.returning(facts, now) or facts

    @property
    def following(self) -> Following:
        """How well each station follows."""
        return self.cars.following

    def memory(self) -> PlannerMemory:
        """Return what a successor needs, immutable."""
        return PlannerMemory(
            facts=dict(self.facts),
            conditions=dict(self.conditions),
            remembered=dict(self.remembered),
            orders=self.orders.all(),
            courses=dict(self._courses),
            offences=self._obedience.offences(),
            cars=self.cars.seen(),
            reviews=self._sharing.reviews,
            reductions=dict(self.reductions),
        )

    def recall(self, memory: PlannerMemory, now: Monotonic) -> None:
        """Go on where a predecessor ended; meters must speak again before anything is raised."""
        self.facts |= {key: facts for key, facts in memory.facts.items() if key in self.facts}
        self.conditions |= {
            zone: cautious(condition, now)
            for zone, condition in memory.conditions.items()
            if zone in self.conditions
        }
        self.remembered = dict(memory.remembered)
        self.orders.restore(memory.orders)
        self._courses = {zone: course for zone, course in memory.courses.items() if zone in self.conditions}
        self._obedience.restore(memory.offences)
        self.cars.restore(memory.cars)
        self._sharing.reviews = memory.reviews
        self.reductions = memory.reductions
        self.orders.keep_only(self.model.connectors)
        self.cars.keep_only(self.model)

    def decide(self, now: Monotonic, *, cuts_only: bool = False, raises_allowed: bool = True) -> Decision:
        """Look at the whole subtree.

        `cuts_only` is a zone's own reaction to an overload: nobody gets more than now. Without
        `raises_allowed` (nothing can be written to disk) reductions go on and raises wait.
        """
        if not self._successions.no_orphans:
            for key, facts in self.facts.items():
                self.facts[key] = self._successions.lost(facts, now) or facts
        self.cars.look(self.facts.values(), now)
        pledges = self.pledges(now)
        currents = {key: self.current(key, now) for key in self.facts}
        budgets = self._budgets(pledges, now)
        self._courses = {zone: b.course for zone, b in budgets.items() if b.course is not None}
        verdict = self._obedience.judge(
            [facts for facts in self.facts.values() if _controllable(facts)], self.settings.review, now
        )
        claims, lost = self._claims(pledges, currents, frozenset(verdict.suspended), now, cuts_only=cuts_only)
        sessions = frozenset((claim.key, self._planned_by(claim.key, now).transaction) for claim in claims)
        self.orders.look(frozenset(claim.key for claim in claims if claim.wants), now)
        allocation = self._share(budgets, claims, lost, sessions, now)
        unheeded = self._unheeded.look(allocation.targets, self.facts.values(), now)
        if unheeded:
            # They go on being told their share; the others get what is left beside what they hold.
            lost |= {key: pledges[key] for key in unheeded}
            others = [claim for claim in claims if claim.key not in unheeded]
            allocation = beside(self._share(budgets, others, lost, sessions, now), allocation, unheeded)
        decision = self._compare(allocation, budgets, pledges, currents, lost, now)
        for key in verdict.suspended:
            decision.targets[key] = 0.0
            decision.reasons[key] = "Suspended: it draws more than it was told to"
            if currents[key] > SAME and not self.orders.repeats(self.facts[key], 0.0, now):
                decision.lowered[key] = 0.0
        raised = {} if cuts_only or not raises_allowed else self._admit(decision, currents, now)
        self.cars.following.compare(self.model, now)
        restarts = Restarts() if cuts_only else self.cars.restarts(self.facts.values(), now)
        return self._completed(decision, raised, lost, verdict, restarts, currents, now)

    def _share(
        self,
        budgets: Mapping[ZoneId, Budget],
        claims: list[Claim],
        lost: Mapping[ConnectorKey, Amps],
        sessions: Sessions,
        now: Monotonic,
    ) -> Allocation:
        return self._sharing.share(
            self.model,
            budgets,
            claims,
            self._masked(lost),
            sessions,
            self.settings,
            now,
            self._outlooks(claims, now) if self.settings.priority is Priority.DEPARTURE else {},
        )

    def still_fits(self, raises: Mapping[ConnectorKey, Amps], now: Monotonic) -> dict[ConnectorKey, Amps]:
        """Of raises decided a moment ago, return those that still fit beside every pledge."""
        pledges = self.pledges(now)
        budgets = self._budgets(pledges, now)
        wishes = [
            RaiseWish(key, amps, self.current(key, now), amps, self.facts[key].vip)
            for key, amps in raises.items()
            if key in self.facts and _controllable(self.facts[key]) and amps > self.current(key, now)
        ]
        return self._gate(pledges, budgets).admit(wishes)

    def pledges(self, now: Monotonic) -> dict[ConnectorKey, Amps]:
        """Return the pledge of each connector in A, orders in flight included."""
        return {key: self._pledge(facts, now) for key, facts in self.facts.items()}

    def _pledge(self, facts: ConnectorFacts, now: Monotonic) -> Amps:
        connector = self.model.connectors[facts.key]
        if not self._successions.nobody_returns:
            before = self._successions.believed(facts, now)
            if before is not None:
                return max(self.orders.pledge(before, connector, now, None), *facts.outstanding, *facts.drawn)
        return self.orders.pledge(facts, connector, now, self.remembered.get(facts.key))

    def within_maxima(self, raises: Mapping[ConnectorKey, Amps], now: Monotonic) -> dict[ConnectorKey, Amps]:
        """Of raises from above, return those that keep every zone here within its own maximum.

        The sender has worked out more exactly what fits; this check shares no state with it.
        """
        pledges = self.pledges(now)
        maxima = {}
        for zone in self.model.zones.values():
            produced = self.conditions[zone.id].produced or NO_AMPS
            maxima[zone.id] = (
                zone.maximum + produced[0],
                zone.maximum + produced[1],
                zone.maximum + produced[2],
            )
        wishes = [RaiseWish(key, amps, 0.0, amps) for key, amps in raises.items() if key in pledges]
        masks = {key: self.mask(key) for key in pledges}
        return Gate(self.model, pledges, maxima, masks=masks).admit(wishes)

    def mask(self, key: ConnectorKey) -> Mask:
        """Return the grid phases that this connector counts on now (EL-7)."""
        return self.cars.mask(self.facts[key], self.model.connectors[key])

    def lease(self, key: ConnectorKey) -> Seconds:
        """Return how long a setpoint of this connector may hold without word from us."""
        zone = self.model.stations[key.station].zone
        dynamic = zone is not None and any(
            self.model.zones[member].dynamic for member in self.model.path(zone)
        )
        return self.settings.lease_dynamic if dynamic else self.settings.lease_static

    def longest_lease(self, key: ConnectorKey) -> Seconds:
        """Return how long it may hold at most, where leases lengthen to spare the station's memory."""
        return max(self.lease(key), self.settings.longest_leases.get(key.station, 0.0))

    def _budgets(self, pledges: Mapping[ConnectorKey, Amps], now: Monotonic) -> dict[ZoneId, Budget]:
        budgets = {}
        for zone in self.model.zones.values():
            facts = self.facts
            if zone.dynamic and zone.id != self.zone:
                facts = {key: self.facts[key] for key in self.model.connectors_below(zone.id)}
            budgets[zone.id] = budget_of(
                zone,
                self.conditions[zone.id],
                self.model,
                facts,
                pledges,
                self._courses.get(zone.id),
                self.settings.ramp,
                now,
                self.reductions.get(zone.id, NO_REDUCTION),
            )
        return budgets

    def _claims(
        self,
        pledges: Mapping[ConnectorKey, Amps],
        currents: Mapping[ConnectorKey, Amps],
        disobedient: frozenset[ConnectorKey],
        now: Monotonic,
        *,
        cuts_only: bool,
    ) -> tuple[list[Claim], dict[ConnectorKey, Amps]]:
        """Split the connectors into those that can be told and those whose pledge is set aside."""
        claims: list[Claim] = []
        lost: dict[ConnectorKey, Amps] = {}
        for key in self.facts:
            zone = self.model.stations[key.station].zone
            if zone is None:
                continue
            facts = self._planned_by(key, now)
            if not _controllable(facts) or key in disobedient or self._obedience.holds_down(facts):
                if pledges[key] > 0.0:
                    lost[key] = pledges[key]
                continue
            claims.append(
                self.cars.claim(
                    facts,
                    self.model.connectors[key],
                    zone,
                    self.settings,
                    self.orders.of(facts),
                    now,
                    held=currents[key],
                    passed_over=self._sharing.reviews.passed_over.get(key, 0),
                    cuts_only=cuts_only,
                )
            )
        return claims, lost

    def _outlooks(self, claims: Iterable[Claim], now: Monotonic) -> dict[ConnectorKey, Outlook]:
        """Return what is expected of the sessions of these claims, where anything is."""
        outlooks = {}
        for claim in claims:
            facts = self.facts[claim.key]
            if facts.forecast is not None and facts.charging_since is not None:
                power = self.model.connectors[claim.key].rating * sum(claim.mask) * NOMINAL_VOLTAGE
                elapsed = now - facts.charging_since
                outlooks[claim.key] = Outlook(facts.forecast, elapsed, facts.energy, power)
        return outlooks

    def floor(self, key: ConnectorKey) -> Amps:
        """Return the least setpoint with which a car charges there, A per phase."""
        return self.cars.floor(self.facts[key], self.model.connectors[key], self.settings)

    def _compare(
        self,
        allocation: Allocation,
        budgets: dict[ZoneId, Budget],
        pledges: dict[ConnectorKey, Amps],
        currents: Mapping[ConnectorKey, Amps],
        lost: Mapping[ConnectorKey, Amps],
        now: Monotonic,
    ) -> Decision:
        cuts = {
            key: target
            for key, target in allocation.targets.items()
            if _controllable(self.facts[key])
            and target < currents[key] - SAME
            and not self.orders.repeats(self.facts[key], target, now)
        }
        if cuts:
            drawn = self._masked(
                {key: currents[key] for key, known in self.facts.items() if _controllable(known)} | dict(lost)
            )
            cuts = due_cuts(
                cuts, allocation.targets, currents, drawn, self.facts, self.orders, self.model, budgets, now
            )
        return Decision(
            lowered=cuts,
            targets=dict(allocation.targets),
            reasons=dict(self._worded(allocation.binding)),
            budgets=budgets,
            pledges=pledges,
        )

    def _worded(self, binding: Mapping[ConnectorKey, Reason]) -> dict[ConnectorKey, str]:
        """Put the reasons into words, unless that has just been done."""
        if self._words[0] is not binding:
            self._words = (binding, worded(binding))
        return self._words[1]

    def _admit(
        self, decision: Decision, currents: Mapping[ConnectorKey, Amps], now: Monotonic
    ) -> dict[ConnectorKey, Amps]:
        root = decision.budgets[self.zone]
        if root.overloaded or not root.raises_allowed:
            return {}  # every raise passes through it
        targets = {
            key: target
            for key, target in decision.targets.items()
            if key not in decision.lowered and _controllable(self.facts[key])
        }
        wishes = list(raise_wishes(targets, currents, self.facts, self.orders, self.floor, now))
        if not wishes:
            return {}
        admitted = self._gate(decision.pledges, decision.budgets).admit(wishes)
        waiting = self._kept_out.look(wishes, admitted, now)
        if waiting is not None:
            admitted = self._make_room(waiting, admitted, decision, currents, now)
        # What a station has taken and not yet put in force is no reason to say the same, or less, again.
        return {
            key: amps
            for key, amps in admitted.items()
            if not self.orders.said_already(self.facts[key], amps, now)
        }

    def _make_room(
        self,
        wish: RaiseWish,
        admitted: dict[ConnectorKey, Amps],
        decision: Decision,
        currents: Mapping[ConnectorKey, Amps],
        now: Monotonic,
    ) -> dict[ConnectorKey, Amps]:
        """Lower who holds most where a car is kept out; until it is in, none that charges is raised."""
        gate = self._gate(decision.pledges, decision.budgets)
        shortage = gate.shortage(wish)
        holders = [
            Holder(key, currents[key], self.floor(key), gate.counts_in(key))
            for key, known in self.facts.items()
            if _controllable(known) and not known.vip and key not in decision.lowered and currents[key] > 0.0
        ]
        for key, amps in self._kept_out.cut(wish, shortage, holders, now).items():
            decision.lowered[key] = amps
            decision.reasons[key] = f"Gets {amps:.1f} A: makes room for a car that begins"
        return {
            key: amps
            for key, amps in admitted.items()
            if currents[key] <= 0.0 or gate.counts_in(key).isdisjoint(shortage)
        }

    def _gate(self, pledges: Mapping[ConnectorKey, Amps], budgets: Mapping[ZoneId, Budget]) -> Gate:
        return Gate(
            self.model,
            pledges,
            {zone: budget.raisable for zone, budget in budgets.items()},
            [zone for zone, budget in budgets.items() if not budget.raises_allowed or budget.overloaded],
            {key: self.mask(key) for key in pledges},
        )

    def _completed(
        self,
        decision: Decision,
        raised: dict[ConnectorKey, Amps],
        lost: Mapping[ConnectorKey, Amps],
        verdict: Verdict,
        restarts: Restarts,
        currents: Mapping[ConnectorKey, Amps],
        now: Monotonic,
    ) -> Decision:
        pledged = sum_by_zone(self.model, self._masked(decision.pledges))
        return replace(
            decision,
            raised=raised,
            pledged=pledged,
            lost=sum_by_zone(self.model, self._masked(lost)),
            setpoints=sum_by_zone(
                self.model,
                self._masked(
                    {key: currents[key] for key, known in self.facts.items() if _controllable(known)}
                ),
            ),
            overcommitted=self._recovery.overcommitted(pledged, decision.budgets, now),
            disobedient=verdict.suspended,
            to_stop=verdict.stopped,
            restarts=restarts,
        )

    def _masked(self, currents: Mapping[ConnectorKey, Amps]) -> dict[ConnectorKey, PhaseAmps]:
        return {key: on_phases(amps, self.mask(key)) if amps else NO_AMPS for key, amps in currents.items()}


def _controllable(facts: ConnectorFacts) -> bool:
    """Only a session on a verified link can be told anything."""
    return facts.link is Link.CONNECTED and facts.verified and facts.transaction is not None
