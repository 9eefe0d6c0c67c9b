"""A zone: gathers what is below it, cuts its own cars on an overload, passes orders down."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from actors.messages import (
    AssignSetpoints,
    DemandReported,
    FindPledges,
    Foresee,
    GetLedger,
    Message,
    MeterLost,
    MeterSampled,
    OrdersRefused,
    PledgesFound,
    Question,
    ReportDemand,
    SetpointOrder,
    SiteChanged,
    StationReported,
)
from actors.supervised import Context, Supervised
from evce.conditions import ZoneCondition
from evce.electrical import SiteModel, Zone
from evce.facts import Change, ConnectorFacts
from evce.planning.foresight import foresee
from evce.planning.ledger import ledger
from evce.planning.memory import cautious
from evce.planning.planner import Planner
from evce.planning.settings import PlanSettings
from evce.pledges import Remembered
from evce.units import NO_AMPS, Amps, BoxIdentity, ConnectorKey, MeterId, PhaseAmps, ZoneId

__all__ = ["SubZone", "ZoneActor", "zone_name"]


def zone_name(zone: ZoneId) -> str:
    """The zone's name in the directory."""
    return f"zone/{zone}"


@dataclass(frozen=True, slots=True)
class SubZone:
    """What a zone actor is told at its start."""

    zone: ZoneId
    model: SiteModel
    settings: PlanSettings


class ZoneActor(Supervised):
    """A zone below the root. Handlers run on its own thread.

    Its heir keeps the newest plan number and the zone's own condition, cuts included; whoever is below is
    asked for everything anew.
    """

    def __init__(self, context: Context, site: SubZone) -> None:
        super().__init__(context)
        self.planner = Planner(site.model, site.zone, site.settings)
        self._whole = site.model
        self._plan = 0
        self._produced: dict[MeterId, PhaseAmps] = {}
        self._news: dict[ConnectorKey, ConnectorFacts] = {}
        self._below: dict[ZoneId, ZoneCondition] = {}
        self._look_now = True

    def on_begin(self) -> None:
        """Runs before the first message: what the heir kept; then whoever is below reports again."""
        plan = self.heir.get("plan")
        if isinstance(plan, int):
            self._plan = plan
        condition = self.heir.get("condition")
        if isinstance(condition, ZoneCondition) and condition.zone == self.planner.zone:
            self.planner.condition(cautious(condition, self.now()))
        self.find_pledges()
        self._ask_below()

    def on_message(self, message: Message) -> None:
        match message:
            case StationReported(connectors=connectors):
                self.take_facts(connectors)
            case DemandReported(conditions=conditions, connectors=connectors):
                for condition in conditions:
                    self.take_condition(condition)
                self.take_facts(connectors)
            case MeterSampled() | MeterLost():
                self.take_meter(message)
                if not self.inbox.urgent:
                    self.on_drained()  # a reading waits for no report
            case AssignSetpoints():
                self._pass_down(message)
            case PledgesFound():
                self.remember(message)
            case ReportDemand():
                self._report(full=True)
            case OrdersRefused():
                self._send_up(message)
            case SiteChanged(model=model, settings=settings):
                self.reconfigure(model, settings)

    def on_drained(self) -> None:
        """Everything that arrived is folded in: cut what must be cut, then tell the parent."""
        if self._look_now and self.zone.dynamic:  # without a meter it sees no overload
            decision = self.planner.decide(self.now(), cuts_only=True)
            if decision.budgets[self.zone.id].overloaded and decision.lowered:
                self.take_condition(replace(self._own(), cut_epoch=self._own().cut_epoch + 1))
                self.order(decision.lowered, self._plan)
        self._look_now = False
        self._report()

    def on_question(self, question: Question) -> object:
        """For people who ask why there is no room, or what would follow from a loss."""
        match question:
            case GetLedger(zone=zone):
                return ledger(self.planner, zone, self.now())
            case Foresee(loss, lasts):
                return foresee(self.planner, loss, lasts, self.now(), self.utc_now())
        return super().on_question(question)

    @property
    def zone(self) -> Zone:
        """This zone, as the configuration in force describes it."""
        return self._whole.zones[self.planner.zone]

    def take_facts(self, reports: Iterable[ConnectorFacts]) -> Change | None:
        """Fold station facts in; what is new travels further up. Returns how much is new, None for nothing.

        A new situation is looked at as soon as the inbox is drained; measurements alone are not, and neither
        are the answers to our own orders, of which each look would bring another round.
        """
        reports = tuple(reports)
        before = {report.key: self.planner.facts.get(report.key) for report in reports}
        news = self.planner.learn(reports)
        for facts in news:
            self._news[facts.key] = facts
        change = max((facts.change_since(before[facts.key]) for facts in news), default=None)
        self._look_now = self._look_now or change is Change.SITUATION
        return change

    def take_condition(self, condition: ZoneCondition) -> None:
        """Fold in what this zone or one below it knows of itself; a reading is looked at at once."""
        self._look_now = True
        self.planner.condition(condition)
        self._below[condition.zone] = condition
        if condition.zone == self.planner.zone:
            self.heir.put("condition", condition)

    def take_meter(self, message: MeterSampled | MeterLost) -> None:
        """Fold a reading in; a lost production meter produces nothing, a lost zone meter is unknown load."""
        if message.meter in self.zone.production_meters:
            reading = message.amps if isinstance(message, MeterSampled) else NO_AMPS
            self._produced[message.meter] = reading
            total = tuple(sum(amps[phase] for amps in self._produced.values()) for phase in range(3))
            self.take_condition(replace(self._own(), produced=(total[0], total[1], total[2])))
        elif message.meter == self.zone.meter:
            self.take_condition(_metered(self._own(), message))

    def find_pledges(self) -> None:
        """Ask the disk for what an earlier process wrote."""
        self.send("recorder", FindPledges(self.name))

    def remember(self, found: PledgesFound) -> None:
        """What an earlier process wrote counts for stations not heard of yet, while their lease may run."""
        for record in found.pledges:
            self.planner.remembered[record.connector] = Remembered(
                record.amps, self.now() + record.lease * 4.0 / 3.0, record.fallback
            )

    def reconfigure(self, model: SiteModel, settings: PlanSettings) -> None:
        """Take a new revision over; what newly hangs below is asked for everything."""
        self._whole = model
        self._look_now = True
        self.planner.reconfigure(model, settings)
        self._ask_below()

    def order(
        self, setpoints: Mapping[ConnectorKey, Amps], plan: int, epochs: dict[ZoneId, int] | None = None
    ) -> None:
        """Send setpoints down the tree under this plan number."""
        now = self.now()
        orders = [
            SetpointOrder(key, amps, self.planner.lease(key), amps <= self.planner.current(key, now))
            for key, amps in setpoints.items()
        ]
        self._send_down(AssignSetpoints(plan, tuple(orders), epochs or {}))

    def _own(self) -> ZoneCondition:
        return self.planner.conditions[self.planner.zone]

    def _pass_down(self, message: AssignSetpoints) -> None:
        """Never refuses a reduction; a raise must know our last cut and fit our own maximum."""
        if message.plan > self._plan:
            self._plan = message.plan
            self.heir.put("plan", self._plan)
        raises = {order.key: order.amps for order in message.orders if not order.reduces}
        allowed: Mapping[ConnectorKey, Amps] = {}
        if raises and message.epochs.get(self.planner.zone, -1) >= self._own().cut_epoch:
            allowed = self.planner.within_maxima(raises, self.now())
        refused = tuple(key for key in raises if key not in allowed)
        if refused:
            self._send_up(OrdersRefused(self.planner.zone, message.plan, refused))
        passing = tuple(order for order in message.orders if order.key not in refused)
        self._send_down(replace(message, orders=passing))

    def _send_down(self, message: AssignSetpoints) -> None:
        setpoints = {order.key: order.amps for order in message.orders}
        self.planner.note_orders(setpoints, message.plan, self.now())
        for (name, _), orders in self._routes(message.orders).items():
            self.send(name, replace(message, orders=tuple(orders)))

    def _routes(self, orders: Iterable[SetpointOrder]) -> dict[tuple[str, bool], list[SetpointOrder]]:
        """Sort orders by the actor that is next on their way; reductions go apart, they are urgent."""
        routes: dict[tuple[str, bool], list[SetpointOrder]] = {}
        for order in orders:
            station = self._whole.stations.get(order.key.station)
            if station is not None and station.zone is not None:
                name = self._next(station.zone, order.key.station)
                routes.setdefault((name, order.reduces), []).append(order)
        return routes

    def _next(self, zone: ZoneId, station: BoxIdentity) -> str:
        if zone == self.planner.zone:
            return f"station/{station}"
        path = self._whole.path(zone)
        return zone_name(path[path.index(self.planner.zone) - 1])

    def _ask_below(self) -> tuple[str, ...]:
        """Ask everybody directly below for a full report; returns who is there to be asked."""
        request = ReportDemand(self.name)
        names = (
            *(zone_name(zone) for zone in self._whole.children[self.planner.zone]),
            *(f"station/{station}" for station in self._whole.stations_of[self.planner.zone]),
        )
        return tuple(name for name in names if self.send(name, request))

    def _send_up(self, message: Message) -> None:
        if self.zone.parent is not None:
            self.send(zone_name(self.zone.parent), message)

    def _report(self, *, full: bool = False) -> None:
        facts = tuple(self.planner.facts.values()) if full else tuple(self._news.values())
        conditions = tuple(self.planner.conditions.values()) if full else tuple(self._below.values())
        self._news, self._below = {}, {}
        if facts or conditions:
            self._send_up(DemandReported(self.planner.zone, conditions, facts, full))


def _metered(condition: ZoneCondition, message: MeterSampled | MeterLost) -> ZoneCondition:
    if isinstance(message, MeterSampled):
        return replace(
            condition,
            measured=message.amps,
            measured_at=message.at,
            meter_lost=False,
            raises_allowed=True,
        )
    if message.raises_only:
        return replace(condition, raises_allowed=False)
    return replace(condition, meter_lost=True, raises_allowed=False)
