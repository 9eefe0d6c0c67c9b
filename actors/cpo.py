"""The uplink actor of one station: carries inputs into its control and the control's effects out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from typing import Protocol

from actors.messages import (
    SITE_TIME,
    AlarmCleared,
    AlarmRaised,
    AskCpo,
    AskOperatorTime,
    AssignCeilings,
    CallRelayed,
    CpoAnswered,
    CpoNoteKept,
    FindJournal,
    JournalFound,
    JournalGrew,
    KeepCpoMessage,
    KeepCpoNote,
    Message,
    OpenUplink,
    OperatorTold,
    RecordEvent,
    RecordingFailed,
    RefuseTransaction,
    RelayCall,
    RelayFailed,
    SettleJournal,
    StationBegan,
    StationSaid,
    StationShownToCpo,
    TellUplink,
    UplinkConnected,
    UplinkHeard,
    UplinkLost,
    UplinkOpened,
    UplinkShown,
)
from actors.station import station_name, uplink_name
from actors.supervised import Context, Supervised
from evce.cpo.control import UplinkControl
from evce.cpo.effects import (
    Answer,
    AskJournal,
    AskStation,
    Deauthorise,
    Dial,
    HangUp,
    KeepMessage,
    KeepNote,
    OpenJournal,
    Relay,
    SetCeilings,
    Settle,
    TellTime,
    TransmitUp,
    UplinkEffect,
)
from evce.cpo.settings import UplinkSettings
from evce.electrical import Station
from evce.ocppj import ErrorCode
from evce.station_control.effects import AlarmCeased, AlarmStands, Log
from evce.station_control.state import Moment
from evce.units import BoxIdentity, Monotonic, Seconds
from evce.views import AlarmView, UplinkView

__all__ = ["CpoLink", "ReconfigureUplink", "UplinkActor", "uplink_name"]

_RECORDER = "recorder"
_VIEW = "view"
_WAKE = "wake"
_SOONEST = 0.001


class CpoLink(Protocol):
    """The way out to the operator, as an uplink sees it. Thread-safe, never blocks.

    `session` is the uplink's own number for one connection; what comes of it is delivered with it as
    `UplinkConnected`, `UplinkHeard` and in the end one `UplinkLost`.
    """

    def dial(
        self,
        station: BoxIdentity,
        session: int,
        settings: UplinkSettings,
        ping_interval: Seconds,
        deliver: Callable[[Message], object],
    ) -> None:
        """Connect; a connection that this station has already is closed first."""

    def send(self, station: BoxIdentity, session: int, text: str) -> None:
        """Put a frame on the socket of this session; nothing happens when it is gone."""

    def hang_up(self, station: BoxIdentity, session: int | None, reason: str) -> None:
        """Close the socket of this session, or with None whatever this station has."""


@dataclass(frozen=True, slots=True)
class ReconfigureUplink(Message):
    """A new revision changed the station or its uplink."""

    station: Station
    settings: UplinkSettings


@dataclass(frozen=True, slots=True)
class _Wake(Message):
    """The actor's own timer: something in the control has become due."""


class UplinkActor(Supervised):
    """Handlers run on the actor's own thread. After a failure its successor goes on with what the disk knows.

    Nobody waits for it: the station's actor decides by itself where no answer comes in time.
    """

    def __init__(self, context: Context, station: Station, link: CpoLink, settings: UplinkSettings) -> None:
        super().__init__(context)
        self._link = link
        self._station = station
        self._settings = settings
        self._control: UplinkControl
        self._askers: dict[str, str] = {}
        self._shown: UplinkView | None = None
        self._armed_for: Monotonic = inf

    def on_begin(self) -> None:
        """Runs before the first message: a predecessor's connection goes, disk and station are asked."""
        prefix = f"{self.random.getrandbits(48):012x}"
        self._link.hang_up(self._station.box_identity, None, "the uplink begins anew")
        self._control = UplinkControl(
            self._station, self._settings, prefix, self.random.random, self._moment()
        )
        self._control.begin(self._moment())
        self._carry_out()
        self.on_drained()

    def on_message(self, message: Message) -> None:
        """One call into the control for each message; a failure is a supervised death."""
        control, moment = self._control, self._moment()
        match message:
            case UplinkHeard(session, frame):
                control.frame(session, frame, moment)
            case UplinkConnected(session):
                control.link_opened(session, moment)
            case UplinkLost(session, reason, unauthorised):
                control.link_closed(session, reason, moment, unauthorised=unauthorised)
            case StationShownToCpo(told):
                control.station_told(told, moment)
            case StationSaid(action, payload):
                control.station_said(action, payload, moment)
            case StationBegan():
                control.station_began(moment)
            case AskCpo(reply_to, request, action, payload):
                self._askers[request] = reply_to
                control.asked(request, action, payload, moment)
            case CallRelayed(request, payload):
                control.relayed(request, payload, moment)
            case RelayFailed(request, code, description):
                control.relay_failed(request, code, description, moment)
            case AskOperatorTime():
                control.beat(moment)
            case JournalGrew():
                control.journal_grew(moment)
            case JournalFound(entries, waiting, given_up):
                control.journal_found(entries, waiting, given_up, moment)
            case UplinkOpened(memory):
                control.opened(memory, moment)
            case CpoNoteKept(request):
                control.note_kept(request, moment)
            case RecordingFailed(request):
                control.note_kept(request, moment, kept=False)
            case ReconfigureUplink(station, settings):
                self._station, self._settings = station, settings
                control.reconfigure(station, settings, moment)
            case _Wake():
                self._armed_for = inf
                control.tick(moment)
            case _:
                super().on_message(message)
        self._carry_out()

    def on_drained(self) -> None:
        """Everything that arrived is taken in: show what changed, and set the timer."""
        view = self._control.view()
        if view != self._shown:
            self._shown = view
            self.send(_VIEW, UplinkShown(self._station.box_identity, view))
        wake_at = self._control.wake_at()
        if wake_at < self._armed_for:
            now = self.now()
            self._armed_for = max(wake_at, now + _SOONEST)
            self.after(self._armed_for - now, _Wake(), _WAKE)

    def on_end(self) -> None:
        """The uplink is switched off, or the daemon ends: what the disk keeps is delivered another time."""
        station = self._station.box_identity
        self._link.hang_up(station, None, "the uplink ends")
        self.send(_VIEW, UplinkShown(station, None))

    def _moment(self) -> Moment:
        return Moment(self.now(), self.utc_now())

    def _carry_out(self) -> None:
        for effect in self._control.take_effects():
            self._perform(effect)

    def _perform(self, effect: UplinkEffect) -> None:
        station = self._station.box_identity
        match effect:
            case TransmitUp(session, text):
                self._link.send(station, session, text)
            case Dial(session, ping_interval, key):
                settings = replace(self._settings, key=key)
                self._link.dial(station, session, settings, ping_interval, self.deliver)
            case HangUp(session, reason):
                self._link.hang_up(station, session, reason)
            case Answer(request, payload, cached):
                self.send(self._askers.pop(request, ""), CpoAnswered(request, payload, cached))
            case Relay(request, action, payload):
                relay = RelayCall(self.name, request, action, payload)
                if not self.send(station_name(station), relay):
                    failed = RelayFailed(request, ErrorCode.INTERNAL_ERROR, "the station's actor is away")
                    self.deliver(failed)
            case SetCeilings(ceilings):
                self.send(station_name(station), AssignCeilings(ceilings))
            case Deauthorise(transaction, status):
                self.send(station_name(station), RefuseTransaction(transaction, status))
            case TellTime(time, round_trip):
                self.send(SITE_TIME, OperatorTold(station, time, round_trip, self.now()))
            case AskStation():
                self.send(station_name(station), TellUplink(self.name))
            case Log(kind, message, author):
                self.send(_RECORDER, RecordEvent(self.utc_now(), station, kind, message, author))
            case AlarmStands(code, source, message, advice, severity):
                alarm = AlarmView(code, source, message, advice, severity, self.utc_now())
                self.send(_VIEW, AlarmRaised(alarm))
            case AlarmCeased(code, source):
                self.send(_VIEW, AlarmCleared(code, source, self.utc_now()))
            case _:
                self._record(effect)

    def _record(self, effect: UplinkEffect) -> None:
        """What the disk has to do; a recorder that is away is asked again by the control's own timers."""
        station = self._station.box_identity
        match effect:
            case OpenJournal():
                self.send(_RECORDER, OpenUplink(self.name, station))
            case AskJournal():
                self.send(_RECORDER, FindJournal(self.name, station))
            case Settle():
                self.send(
                    _RECORDER,
                    SettleJournal(
                        self.name,
                        station,
                        effect.entry,
                        effect.delivered,
                        effect.cpo_transaction,
                        effect.attempts,
                        effect.failure,
                        effect.given_up,
                    ),
                )
            case KeepMessage(action, transaction, payload):
                self.send(_RECORDER, KeepCpoMessage(self.name, station, action, transaction, payload))
            case KeepNote(kind, key, value, request):
                note = KeepCpoNote(self.name, station, kind, key, value, request)
                if not self.send(_RECORDER, note) and request:
                    self.deliver(RecordingFailed(request, "the recorder is away"))
            case _:
                pass
