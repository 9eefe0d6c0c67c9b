"""The root zone: plans the whole tree, holds the pledge ledger and alone releases raises."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from actors.messages import (
    AlarmCleared,
    AlarmRaised,
    CheckWiring,
    CommitPledges,
    DemandReported,
    GetWiringReport,
    InputBoardLost,
    InputsChanged,
    Message,
    OrdersRefused,
    PledgeRecord,
    PledgesCommitted,
    PledgesFound,
    Question,
    RecordCourse,
    RecordEvent,
    RecordingFailed,
    RecordLimits,
    RecordZoneSample,
    RemoteLimitsChanged,
    RequestAction,
    Settle,
    SiteChanged,
    StationReported,
    StorageState,
    ZoneHistoryPoint,
    ZoneShown,
)
from actors.supervised import Context
from actors.zone import SubZone, ZoneActor, zone_name
from evce.facts import Change, ConnectorFacts
from evce.limit_ledger import LimitLedger
from evce.planning.decision import Decision
from evce.planning.memory import PlannerMemory
from evce.planning.reductions import Inputs, reductions
from evce.planning.summary import zone_views
from evce.planning.wiring_checks import WiringChecks
from evce.session_course import SessionCourses
from evce.units import Amps, ConnectorKey, Monotonic, Seconds, ZoneId
from evce.views import AlarmView

__all__ = ["RootZoneActor"]

LOOK_EVERY: Seconds = 0.5
"""Leases, settling and ramps move on without a message; half the shortest of them would be 3 s. Counted from
the last look: a meter's readings leave hardly any to the timer."""

ROOM_WITHIN: Seconds = 0.1
"""What frees room for a raise comes one by one from many stations: it is looked at together."""

SHOWN_EVERY: Seconds = 0.5
"""People see a change within 2 s (UI-4); browsers ask twice a second."""

SAMPLED_EVERY: Seconds = 10.0
"""Resolution of the history on disk: 8,640 points a zone and day."""

LEDGER_EVERY: Seconds = 60.0
"""How often the disk learns of new peaks: as often as it writes samples."""

COMMITTED_WITHIN: Seconds = 5.0
"""A group of raises that isn't on disk by then is planned again."""

LOWERED_EVERY: Seconds = 30.0
"""How often the disk learns that a pledge has fallen; being late only makes a restart more careful."""

OVERCOMMITTED_FOR: Seconds = 10.0
"""The recovery window of the reaction budget (DESIGN §5); an alarm only after it."""

HEARD_WITHIN: Seconds = 5.0
"""After a restart nothing is raised before everybody below has reported, or had this long for it."""

STOPPED_EVERY: Seconds = 30.0
"""A disobedient car's session is stopped again when the station didn't follow."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Raises that wait for the disk."""

    plan: int
    raises: dict[ConnectorKey, Amps]
    since: Monotonic


class RootZoneActor(ZoneActor):
    """Runs on its own thread. Its heir keeps plan number and planner's memory, the disk keeps the pledges."""

    def __init__(self, context: Context, site: SubZone) -> None:
        super().__init__(context, site)
        self._waiting: _Waiting | None = None
        self._pledges_known = False
        self._writable = True
        self._written: dict[ConnectorKey, PledgeRecord] = {}
        self._lowered_at = 0.0
        self._look_soon = self._overloaded = False
        self._asked_at = float("-inf")
        self._shown_at = self._sampled_at = self._ledger_at = float("-inf")
        self._ledger = LimitLedger()
        self._courses = SessionCourses()
        self._overcommitted: dict[ZoneId, Monotonic] = {}
        self._alarmed: set[tuple[str, str]] = set()
        self._stopped: dict[ConnectorKey, Monotonic] = {}
        self._unheard: dict[str, None] = {}
        self._heard_by = 0.0
        self._inputs = Inputs()
        self._remote: Mapping[ZoneId, Amps] | None = None
        self._wiring = WiringChecks(self.planner)

    def on_begin(self) -> None:
        """Runs before the first message: what the heir kept, then the disk, then everybody below."""
        super().on_begin()
        self._alarmed = set(self.heir.get("alarmed") or ())
        self._inputs = self.heir.get("inputs", self._inputs)
        self._remote = self.heir.get("remote")
        self._wiring.restore(self.heir.get("miswired") or {})
        memory = self.heir.get("memory")
        if isinstance(memory, PlannerMemory):
            self.planner.recall(memory, self.now())
        self.after(LOOK_EVERY, Settle(), key="look")

    def on_message(self, message: Message) -> None:
        match message:
            case Settle():
                self._look_now = True
            case PledgesFound():
                self._remember(message)
            case PledgesCommitted(plan=plan):
                self._release(plan)
            case RecordingFailed() if self._waiting is not None:
                self._waiting = None
            case StorageState(writable=writable):
                self._writable = writable
            case InputsChanged(percent=percent, active=active):
                self._take_inputs(Inputs(percent, active=bool(active)))
            case InputBoardLost(percent=percent):
                self._take_inputs(Inputs(percent, active=True))
            case RemoteLimitsChanged(limits=limits):
                self._take_remote(limits)
            case OrdersRefused(plan=plan, connectors=connectors):
                self.planner.orders.forget(connectors, plan, self.now())
            case CheckWiring(request, connector, requested_by):
                self._wiring.begin(request, connector, requested_by, self.now())
                self._look_now = True
            case SiteChanged(model=model, settings=settings):
                self.reconfigure(model, settings)
                self._wiring.reconfigured(model)
                self._look_now = True
            case StationReported(station=station):
                self._hear(f"station/{station}", message)
            case DemandReported(zone=zone):
                self._hear(zone_name(zone), message)
            case _:
                super().on_message(message)

    def on_question(self, question: Question) -> object:
        """For whoever had a wiring checked; a zone's other questions beside."""
        match question:
            case GetWiringReport(request):
                return self._wiring.report(request)
        return super().on_question(question)

    def on_drained(self) -> None:
        """Everything that arrived is folded in: plan once, if anything that matters has changed."""
        self._news, self._below = {}, {}
        if self._look_now:
            self._plan_tree()

    def take_facts(self, reports: Iterable[ConnectorFacts]) -> Change | None:
        """A new situation is planned for at once, room for a raise soon; the rest waits for the next look."""
        change = super().take_facts(reports)
        if change is Change.ROOM and not self._overloaded:
            self._plan_soon()
        return change

    def _ask_below(self) -> tuple[str, ...]:
        asked = super()._ask_below()
        self._unheard = dict.fromkeys(asked)
        self._heard_by = self.now() + HEARD_WITHIN
        return asked

    def _hear(self, name: str, message: StationReported | DemandReported) -> None:
        super().on_message(message)
        if name in self._unheard:
            del self._unheard[name]
            self._look_now = self._look_now or not self._unheard

    def _take_inputs(self, inputs: Inputs) -> None:
        self._look_now = self._look_now or inputs != self._inputs
        self._inputs = inputs
        self.heir.put("inputs", inputs)

    def _take_remote(self, limits: Mapping[ZoneId, Amps]) -> None:
        self._look_now = self._look_now or limits != self._remote
        self._remote = limits
        self.heir.put("remote", limits)

    def _plan_soon(self) -> None:
        """What comes after the first answer is looked at with it: the timer isn't set back."""
        if not self._look_soon:
            self._look_soon = True
            self.after(ROOM_WITHIN, Settle(), key="soon")

    def _plan_tree(self) -> None:
        now = self.now()
        self._look_now = self._look_soon = False
        self.cancel("soon")
        self.after(LOOK_EVERY, Settle(), key="look")
        if not self._pledges_known and now - self._asked_at >= LOOK_EVERY:
            self.find_pledges()
        self.planner.reductions = reductions(
            self.planner.model.zones,
            self._inputs,
            self.planner.settings.tariff,
            self.utc_now(),
            self._remote,
        )
        self._look_at_wiring(now)
        told = not self._unheard and (self._remote is not None or not self.planner.settings.remote)
        heard = told or now >= self._heard_by
        raises_allowed = heard and self._pledges_known and self._writable and self._waiting is None
        decision = self.planner.decide(now, raises_allowed=raises_allowed)
        # Above the limit nothing is raised before the next reading: until then nobody looks for room.
        self._overloaded = decision.budgets[self.zone.id].overloaded
        if decision.lowered:
            self._dispatch(decision.lowered)
        else:
            self.heir.put("memory", self.planner.memory())
        if decision.raised:
            self._commit(decision.raised, decision, now)
        elif self._waiting is None and now - self._lowered_at >= LOWERED_EVERY:
            self._commit({}, decision, now)
        if self._waiting is not None and now - self._waiting.since > COMMITTED_WITHIN:
            self._waiting = None
        self._change_sessions(decision, now)
        self._alarm(decision, now)
        self._show(decision, now)

    def find_pledges(self) -> None:
        """Ask the disk, and again after a while where no answer came."""
        self._asked_at = self.now()
        super().find_pledges()

    def _look_at_wiring(self, now: Monotonic) -> None:
        """A check that runs goes on; one that has ended is told and kept."""
        news = self._wiring.look(now)
        if news is not None:
            told = news.report.text
            event = RecordEvent(self.utc_now(), str(news.report.key), "audit", told, news.requested_by)
            self.send("recorder", event)
            self.heir.put("miswired", dict(self._wiring.miswired))

    def _change_sessions(self, decision: Decision, now: Monotonic) -> None:
        """Stop whoever disobeys; give cars that don't wake a new session."""
        for key in decision.to_stop:
            if now - self._stopped.get(key, float("-inf")) >= STOPPED_EVERY:
                self._stopped[key] = now
                self._have(key, "stop")
        for key in decision.restarts.ended:
            self._have(key, "stop")
            told = "the car didn't wake after a pause: its session is ended and begun again"
            event = RecordEvent(self.utc_now(), str(key), "transaction", told, self.name)
            self.send("recorder", event)
        for key, id_tag in decision.restarts.begun:
            self._have(key, "start", card=id_tag)

    def _have(self, key: ConnectorKey, action: str, **given: str) -> None:
        """Ask for an action on an outlet."""
        given_all = {"connector": key.number, **given}
        self.send(f"station/{key.station}", RequestAction(key.station, action, given_all, self.name))

    def _dispatch(self, setpoints: dict[ConnectorKey, Amps]) -> None:
        self._plan += 1
        self.heir.put("plan", self._plan)
        epochs = {zone: condition.cut_epoch for zone, condition in self.planner.conditions.items()}
        self.order(setpoints, self._plan, epochs)
        self.heir.put("memory", self.planner.memory())

    def _commit(self, raises: dict[ConnectorKey, Amps], decision: Decision, now: Monotonic) -> None:
        """Write down what may be drawn before it may be (RELIABILITY invariant 10)."""
        if not (self._pledges_known and self._writable):
            return
        # A raise lives on what others gave up: a restart must not count both sides of it.
        lower_too = bool(raises) or now - self._lowered_at >= LOWERED_EVERY
        records = []
        for key, facts in self.planner.facts.items():
            amps = max(raises.get(key, 0.0), decision.pledges[key])
            record = PledgeRecord(key, amps, self.planner.longest_lease(key), facts.fallback)
            written = self._written.get(key)
            rises = written is None or amps > written.amps or record.fallback != written.fallback
            if key in raises or (facts.verified and (rises or lower_too) and record != written):
                records.append(record)
        if lower_too:
            self._lowered_at = now
        if not records:
            return
        self._plan += 1
        self.heir.put("plan", self._plan)
        self._written.update({record.connector: record for record in records})
        self._waiting = _Waiting(self._plan, raises, now)
        if not self.send("recorder", CommitPledges(self.name, self._plan, tuple(records))):
            self._waiting = None

    def _release(self, plan: int) -> None:
        if self._waiting is None or self._waiting.plan != plan:
            return
        raises, self._waiting = self._waiting.raises, None
        fitting = self.planner.still_fits(raises, self.now())
        if fitting:
            self._dispatch(fitting)
        self._plan_soon()

    def _remember(self, found: PledgesFound) -> None:
        """What was in force when the last process ended counts until its lease must have lapsed."""
        if not self._pledges_known:
            self._pledges_known = True
            self._plan = max(self._plan, found.newest_plan)
            self._written = {record.connector: record for record in found.pledges}
            # What a predecessor of this process knew is newer than what one of an earlier process wrote.
            if not self.heir.get("pledges_known"):
                self.remember(found)
            self.heir.put("memory", self.planner.memory())
            self.heir.put("pledges_known", True)
        self._look_now = True

    def _alarm(self, decision: Decision, now: Monotonic) -> None:
        for zone in tuple(self._overcommitted):
            if zone not in decision.overcommitted:
                del self._overcommitted[zone]
        for zone in decision.overcommitted:
            self._overcommitted.setdefault(zone, now)
        standing = self._alarms_of(decision, now)
        for name, (text, advice) in standing.items():
            if name not in self._alarmed:
                alarm = AlarmView(name[0], name[1], text, advice, "major", self.utc_now())
                self.send("view", AlarmRaised(alarm))
        for code, source in sorted(self._alarmed - standing.keys()):
            self.send("view", AlarmCleared(code, source, self.utc_now()))
        if self._alarmed != standing.keys():
            self._alarmed = set(standing)
            self.heir.put("alarmed", tuple(standing))

    def _alarms_of(self, decision: Decision, now: Monotonic) -> dict[tuple[str, str], tuple[str, str]]:
        """Text and advice of each alarm that stands, by code and source."""
        overcommitted = {
            ("zone_overcommitted", str(zone)): (
                f"Zone {self.planner.model.zones[zone].name}: more may be drawn than its limit allows",
                "Look for stations that are disconnected or do not follow their setpoint.",
            )
            for zone, since in self._overcommitted.items()
            if now - since > OVERCOMMITTED_FOR
        }
        disobedient = {
            ("setpoint_not_respected", str(key)): (
                f"Connector {key} draws more than it was told to",
                "Its session is suspended, then stopped. Check the station's charging profiles.",
            )
            for key in decision.disobedient
        }
        miswired = {
            ("wiring_wrong", str(key)): (
                report.text,
                f"Correct the connector in the configuration: {report.correction}",
            )
            for key, report in self._wiring.miswired.items()
        }
        doubted = {
            ("setpoint_doubtful", str(station)): (
                "the zone's meter doesn't show the reductions that the station reports",
                "Compare the station's own meter with another: it may report what it was told.",
            )
            for station, record in self.planner.following.records().items()
            if record.doubted
        }
        return overcommitted | disobedient | miswired | doubted

    def _show(self, decision: Decision, now: Monotonic) -> None:
        if now - self._shown_at < SHOWN_EVERY:
            return
        self._shown_at = now
        sample = now - self._sampled_at >= SAMPLED_EVERY
        if sample:
            self._sampled_at = now
        for view in zone_views(self.planner, decision, now):
            self.send("view", ZoneShown(view))
            self._ledger.note(view, self.utc_now())
            if sample:
                point = ZoneHistoryPoint(self.utc_now(), view.measured, view.setpoints, view.limit)
                self.send("recorder", RecordZoneSample(view.id, point))
        self._courses.look(self._sessions(decision, now), now, self.utc_now())
        if sample and (found := self._courses.take()):
            self.send("recorder", RecordCourse(self.name, self.utc_now(), found))
        if now - self._ledger_at >= LEDGER_EVERY:
            self._ledger_at = now
            for records in self._ledger.take(self.utc_now()):
                self.send("recorder", RecordLimits(records))

    def _sessions(self, decision: Decision, now: Monotonic) -> Iterator[tuple[ConnectorFacts, Amps, str]]:
        """Each session that runs, what it is allowed, and why."""
        for key, facts in self.planner.facts.items():
            if facts.transaction is not None:
                yield facts, self.planner.current(key, now), decision.reasons.get(key, "")
