"""One charging station's actor: carries inputs into its control and the control's effects out."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import inf

from actors.gateway_protocol import StationLink
from actors.messages import (
    AlarmCleared,
    AlarmRaised,
    AskCpo,
    AssignCeilings,
    AssignSetpoints,
    CallAnswered,
    CallReceived,
    CallRefused,
    CallRelayed,
    CardChecked,
    CardsChanged,
    CardsFound,
    CheckCard,
    CpoAnswered,
    FileMoved,
    FindCards,
    FindForecast,
    FindOpenTransactions,
    ForecastFound,
    GetActions,
    GetDossier,
    GetPeer,
    JournalGrew,
    LinkClosed,
    LinkOpened,
    Message,
    OpenTransactionsFound,
    Question,
    RecordEvent,
    RecordingFailed,
    RecordProgress,
    RecordStart,
    RecordStation,
    RecordStop,
    RecordWear,
    RefuseTransaction,
    RelayCall,
    RelayFailed,
    ReportDemand,
    RequestAction,
    SetpointOrder,
    SignStationCertificate,
    StartRecorded,
    StationBegan,
    StationCertificateSigned,
    StationReported,
    StationSaid,
    StationShown,
    StationShownToCpo,
    StopRecorded,
    TellUplink,
)
from actors.supervised import Context, Supervised
from evce.cpo.told import StationTold
from evce.electrical import Station
from evce.facts import ConnectorFacts
from evce.records import StationMemory
from evce.station_control.control import StationControl
from evce.station_control.effects import (
    AlarmCeased,
    AlarmStands,
    AskCard,
    AskCards,
    AskForecast,
    AskOpenTransactions,
    AskOperator,
    AskSignature,
    Close,
    Effect,
    Inform,
    Log,
    NotRelayed,
    RelayAnswered,
    Transmit,
    WriteProgress,
    WriteStart,
    WriteStop,
)
from evce.station_control.inheritance import Held, held_by_pledges, held_now, unanswered
from evce.station_control.settings import (
    KEEP_WEAR_EVERY,
    SAMPLES_SHOWN_EVERY,
    SHOW_WEAR_WITHIN,
    StationSettings,
)
from evce.station_control.state import Moment
from evce.units import BoxIdentity, Monotonic
from evce.views import AlarmView, StationView

__all__ = ["SECURITY", "ReconfigureStation", "StationActor", "station_name", "uplink_name"]

_RECORDER = "recorder"
SECURITY = "security"
"""Who looks after keys and certificates."""
_VIEW = "view"
_WAKE = "wake"
_SOONEST = 0.001
"""Seconds; a timer for what is due already still lets what waits in the inbox go first."""


def station_name(station: BoxIdentity) -> str:
    """The station actor's name in the directory."""
    return f"station/{station}"


def uplink_name(station: BoxIdentity) -> str:
    """The name of the actor of a station's uplink."""
    return f"cpo/{station}"


@dataclass(frozen=True, slots=True)
class ReconfigureStation(Message):
    """A new revision changed this station; sessions go on. `zone` is the name of its zone's actor."""

    station: Station
    settings: StationSettings
    zone: str | None


@dataclass(frozen=True, slots=True)
class _Wake(Message):
    """The actor's own timer: something in the control has become due."""


class StationActor(Supervised):
    """Handlers run on the actor's own thread.

    After a failure its successor learns everything anew; its heir keeps what the cars that charge may have.

    It reports to `zone` (the name of the zone's actor, None while unassigned) whatever changes, at once;
    measurements alone no more often than every half second.
    """

    def __init__(
        self,
        context: Context,
        station: Station,
        link: StationLink,
        settings: StationSettings,
        zone: str | None,
    ) -> None:
        super().__init__(context)
        self._link = link
        self._zone = zone
        self._station = station
        self._settings = settings
        self._control: StationControl
        self._reported: tuple[ConnectorFacts, ...] = ()
        self._shown: StationView | None = None
        self._told: StationTold | None = None
        self._relays: dict[str, str] = {}
        """Who waits for the station's answer to a command of the operator, by request."""
        self._held: dict[int, Held] | None = None
        """What the cars that charge may have: kept for a successor once the sessions are known."""
        self._told_at: Monotonic = -inf
        self._echo_due: Monotonic = inf
        self._armed_for: Monotonic = inf
        self._wear_kept_at: Monotonic = self.now()
        self._kept: StationMemory | None = None
        """What the disk knows of the station, or soon will."""
        self._shown_at: Monotonic = -inf

    def on_begin(self) -> None:
        """Runs before the first message: asks the recorder for sessions and the gateway for the link."""
        prefix = f"{self.random.getrandbits(48):012x}"
        self._control = StationControl(self._station, self._settings, prefix, self._moment())
        self._control.begin(self._moment())
        self._control.assign_ceilings(self.heir.get("ceilings") or {}, self._moment())
        cards = self.heir.get("card_list")
        self._control.resume_actions(self.heir.get("actions") or (), cards, self._moment())
        self._link.announce(self._station.box_identity)
        self._to_uplink(StationBegan())
        self._carry_out()
        self.on_drained()

    def on_message(self, message: Message) -> None:
        """One call into the control for each message; a failure is a supervised death."""
        control, moment = self._control, self._moment()
        match message:
            case CallReceived(_, incarnation, message_id, action, payload, answered):
                control.call_received(incarnation, message_id, action, payload, moment, answered=answered)
            case CallAnswered(_, incarnation, message_id, payload):
                control.call_answered(incarnation, message_id, payload, moment)
            case CallRefused(_, incarnation, message_id, code, description):
                control.call_refused(incarnation, message_id, code, description, moment)
            case AssignSetpoints(plan=plan, orders=orders):
                for order in orders:
                    if order.key.station == self._station.box_identity:
                        control.order(order.key.number, order.amps, order.lease, plan, moment)
                        self._keep_in_mind(order)
            case _Wake():
                self._armed_for = inf
                control.tick(moment)
            case LinkOpened(_, incarnation, peer):
                control.link_opened(incarnation, peer, moment)
            case LinkClosed(_, incarnation, reason):
                control.link_closed(incarnation, reason, moment)
            case StartRecorded(request, session):
                control.start_recorded(request, session, moment)
                self._to_uplink(JournalGrew())
            case StopRecorded(request, record, orphan):
                control.stop_recorded(request, record, moment, orphan=orphan)
                self._to_uplink(JournalGrew())
            case RecordingFailed(request, reason):
                control.recording_failed(request, reason, moment)
            case CardChecked(request, card):
                control.card_checked(request, card, moment)
            case OpenTransactionsFound(_, sessions, pledges, wear, memory):
                self._held = self.heir.get("held")
                if self._held is None:  # no predecessor in this process
                    self._held = held_by_pledges(pledges)
                counted = self.heir.get("wear")
                self._kept = self.heir.get("memory") or memory
                control.open_transactions(
                    sessions, self._held, moment, wear if counted is None else counted, self._kept
                )
            case ForecastFound(transaction, forecast):
                control.forecast_found(transaction, forecast, moment)
            case RequestAction(_, kind, given, requested_by, request, awaits_file):
                action = request or f"{self.random.getrandbits(64):016x}"
                control.act(action, kind, given, requested_by, moment, awaits_file=awaits_file)
            case CardsChanged(withdrawn):
                control.cards_changed(moment, withdrawn=withdrawn)
                self.heir.put("card_list", control.card_list())
            case CardsFound(request, cards):
                control.cards_found(request, cards, moment)
            case FileMoved(_, request, name, size, received):
                control.file_moved(request, name, size, moment, received=received)
            case CpoAnswered(request, payload, cached):
                control.operator_answered(request, payload, cached, moment)
            case RelayCall(reply_to, request, action, payload, author):
                self._relays[request] = reply_to
                control.relay(request, action, payload, moment, author)
            case StationCertificateSigned(request, chain, reason):
                control.certificate_signed(request, chain, reason, moment)
            case AssignCeilings(ceilings):
                self.heir.put("ceilings", dict(ceilings))
                control.assign_ceilings(dict(ceilings), moment)
            case RefuseTransaction(transaction, status):
                control.refuse_transaction(transaction, status, moment)
            case TellUplink():
                self._told = None
            case ReportDemand(reply_to):
                self.send(reply_to, StationReported(self._station.box_identity, control.facts(moment.now)))
            case ReconfigureStation(station, settings, zone):
                self._station, self._settings, self._zone = station, settings, zone
                self._reported = ()
                if not settings.uplink:
                    self.heir.put("ceilings", {})
                    control.assign_ceilings({}, moment)
                control.reconfigure(station, settings, moment)
            case _:
                super().on_message(message)
        self._carry_out()
        if control.take_action_news():
            self.heir.put("actions", control.actions())
            self.heir.put("card_list", control.card_list())

    def on_drained(self) -> None:
        """Everything that arrived is taken in: tell what changed, and set the timer."""
        now = self.now()
        if self._control.take_echo():
            # The answer comes in a moment and is told with it: of 300 stations, nobody waits for the echoes.
            due = self._echo_due = min(self._echo_due, now + SAMPLES_SHOWN_EVERY)
        else:
            due = min(self._told_at + SAMPLES_SHOWN_EVERY, self._echo_due)
        if self._control.take_news() or now >= due:
            self._tell(now)
            due = inf
        self._arm(now, due)

    def on_question(self, question: Question) -> object:
        match question:
            case GetActions(request):
                actions = self._control.actions()
                return tuple(action for action in actions if request in ("", action.id))
            case GetDossier():
                return self._control.dossier(self.now())
            case GetPeer():
                return self._control.peer
        return super().on_question(question)

    def on_end(self) -> None:
        """The station leaves the site, or the daemon ends: its leases lapse by themselves."""
        self._keep_wear(inf)
        self.send(_VIEW, StationShown(self._station.box_identity, None))

    def _moment(self) -> Moment:
        return Moment(self.now(), self.context.runtime.clock.steady_utc())

    def _tell(self, now: Monotonic) -> None:
        """Facts to the zone and the picture to the view, each only when it differs."""
        self._echo_due = inf
        facts = self._control.facts(now)
        if facts != self._reported:
            self._told_at = now
            self._reported = facts
            self._keep_wear(now)
            if self._held is not None:
                self._held = held_now(self._held, facts)
                self.heir.put("held", self._held)
            if self._zone is not None:
                self.send(self._zone, StationReported(self._station.box_identity, facts))
        view = self._control.view()
        if self._differs(view, now):
            self._told_at = self._shown_at = now
            self._shown = view
            self.send(_VIEW, StationShown(self._station.box_identity, view))
        self._keep_memory()
        if self._settings.uplink:
            told = self._control.told()
            if told != self._told and self._to_uplink(StationShownToCpo(told)):
                self._told = told

    def _keep_in_mind(self, order: SetpointOrder) -> None:
        """What a successor must not take for certain any more."""
        held = None if self._held is None else self._held.get(order.key.number)
        if self._held is not None and held is not None:
            self._held = {**self._held, order.key.number: unanswered(held, order.amps)}
            self.heir.put("held", self._held)

    def _differs(self, view: StationView, now: Monotonic) -> bool:
        """Whether people should see it anew; that a profile was renewed they needn't know at once."""
        shown = self._shown
        if shown is None:
            return True
        wear = view.wear if now >= self._shown_at + SHOW_WEAR_WITHIN else shown.wear
        return replace(view, last_seen_at=shown.last_seen_at, wear=wear) != shown

    def _keep_wear(self, now: Monotonic) -> None:
        """A successor has the newest count, the disk one that is young enough."""
        if self._held is None:
            return  # nobody has told yet what was sent before
        wear = self._control.wear(self.now())
        self.heir.put("wear", wear)
        if wear and now >= self._wear_kept_at + KEEP_WEAR_EVERY:
            self._wear_kept_at = now
            self.send(_RECORDER, RecordWear(self._station.box_identity, wear))

    def _keep_memory(self) -> None:
        """What the station tells of itself seldom changes, and is written when it does."""
        if self._held is None:
            return  # nobody has told yet what is known of it
        memory = self._control.memory()
        if memory is not None and memory != self._kept:
            self._kept = memory
            self.heir.put("memory", memory)
            self.send(_RECORDER, RecordStation(memory))

    def _to_uplink(self, message: Message) -> bool:
        """Tell the uplink, if the station has one."""
        return self._settings.uplink and self.send(uplink_name(self._station.box_identity), message)

    def _arm(self, now: Monotonic, samples_due: Monotonic) -> None:
        """One timer for the earliest of everything; one that rings too early finds nothing to do."""
        wake_at = self._control.wake_at()
        earliest = min(inf if wake_at is None else wake_at, samples_due)
        for_nothing = self._armed_for < min(earliest, now + SAMPLES_SHOWN_EVERY)
        if earliest < self._armed_for or (for_nothing and earliest < inf):
            self._armed_for = max(earliest, now + _SOONEST)
            self.after(self._armed_for - now, _Wake(), _WAKE)

    def _carry_out(self) -> None:
        self._perform(self._control.take_effects())

    def _perform(self, effects: Iterable[Effect]) -> None:
        station = self._station.box_identity
        for effect in effects:
            match effect:
                case Transmit(incarnation, text):
                    self._link.send(station, incarnation, text)
                case Log(kind, message, author):
                    self.send(_RECORDER, RecordEvent(self.utc_now(), station, kind, message, author))
                case WriteProgress(transaction, energy, split):
                    self.send(_RECORDER, RecordProgress(transaction, self.utc_now(), energy, split))
                case AskCard(request, id_tag):
                    self._ask(request, CheckCard(self.name, request, id_tag, station))
                case AskCards(request):
                    self.send(_RECORDER, FindCards(self.name, request))
                case WriteStart():
                    self._ask(effect.request, self._start_of(effect))
                case WriteStop():
                    self._ask(effect.request, self._stop_of(effect))
                case AskForecast(transaction):
                    self.send(_RECORDER, FindForecast(self.name, transaction))
                case AskOperator(request, action, payload):
                    if not self._to_uplink(AskCpo(self.name, request, action, payload)):
                        self._control.operator_answered(request, None, None, self._moment())
                        self._perform(self._control.take_effects())
                case AskSignature(request, csr):
                    if not self.send(SECURITY, SignStationCertificate(self.name, request, station, csr)):
                        self._control.certificate_signed(
                            request, None, "there is no certificate authority", self._moment()
                        )
                        self._perform(self._control.take_effects())
                case Inform(action, payload):
                    self._to_uplink(StationSaid(action, payload))
                case RelayAnswered(request, payload):
                    self.send(self._relays.pop(request, ""), CallRelayed(request, payload))
                case NotRelayed(request, code, description):
                    self.send(self._relays.pop(request, ""), RelayFailed(request, code, description))
                case AskOpenTransactions():
                    self.send(_RECORDER, FindOpenTransactions(self.name, station))
                case AlarmStands():
                    self.send(_VIEW, AlarmRaised(self._alarm(effect)))
                case AlarmCeased(code, source):
                    self.send(_VIEW, AlarmCleared(code, source, self.utc_now()))
                case Close(incarnation, code, reason):
                    self._link.disconnect(station, incarnation, code, reason)

    def _ask(self, request: str, question: Message) -> None:
        """A recorder that is away fails the request at once; the station tries again."""
        if not self.send(_RECORDER, question):
            self._control.recording_failed(request, "the recorder is away", self._moment())
            self._perform(self._control.take_effects())

    def _start_of(self, start: WriteStart) -> RecordStart:
        return RecordStart(
            reply_to=self.name,
            request=start.request,
            connector=start.connector,
            station_name=self._station.name,
            id_tag=start.id_tag,
            vip=start.vip,
            started_at=start.started_at,
            meter_start=start.meter_start,
            flags=start.flags,
            upstream=start.upstream,
        )

    def _stop_of(self, stop: WriteStop) -> RecordStop:
        return RecordStop(
            reply_to=self.name,
            request=stop.request,
            station=self._station.box_identity,
            transaction=stop.transaction,
            stopped_at=stop.stopped_at,
            meter_stop=stop.meter_stop,
            id_tag=stop.id_tag,
            reason=stop.reason,
            flags=stop.flags,
            upstream=stop.upstream,
            split=stop.split,
        )

    def _alarm(self, alarm: AlarmStands) -> AlarmView:
        return AlarmView(
            alarm.code, alarm.source, alarm.message, alarm.advice, alarm.severity, self.utc_now()
        )
