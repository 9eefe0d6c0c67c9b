"""The control of one station's uplink: inputs from operator, station and disk; effects out."""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any

from evce.cpo.downward import Downward
from evce.cpo.effects import AskStation, OpenJournal, TransmitUp, UplinkEffect
from evce.cpo.link import UplinkLink
from evce.cpo.numbering import PlugNumbers
from evce.cpo.schedules import KeptProfile
from evce.cpo.settings import JOURNAL_AGAIN, UplinkSettings
from evce.cpo.state import Phase, UplinkState
from evce.cpo.told import StationTold
from evce.cpo.upward import Upward
from evce.electrical import Station
from evce.ocppj import Call, CallError, CallResult, Frame, Malformed, Strikes, call_error
from evce.records import JournalRecord, UplinkMemory
from evce.station_control.state import Moment
from evce.units import Monotonic, TransactionId
from evce.views import UplinkView

__all__ = ["UplinkControl"]


class UplinkControl:
    """Pure and single-threaded. Every input takes the `Moment` at which it arrived.

    After each input: `take_effects()` and carry them out in their order, ask `wake_at()` and call `tick`
    then. `prefix` must be another one for each life of this object, at most 16 characters; `chance` gives
    random numbers from 0 to 1.
    """

    def __init__(
        self,
        station: Station,
        settings: UplinkSettings,
        prefix: str,
        chance: Callable[[], float],
        moment: Moment,
    ) -> None:
        self._state = UplinkState(station, settings, prefix, chance, moment)
        self._link = UplinkLink(self._state)
        self._upward = Upward(self._state, self._link)
        self._downward = Downward(self._state, self._upward, self._new_request)
        self._strikes = Strikes()
        self._number = 0
        self._open_at: Monotonic = inf

    # What comes out.

    def take_effects(self) -> list[UplinkEffect]:
        """Hand out what is to be done, once."""
        effects, self._state.effects = self._state.effects, []
        return effects

    def wake_at(self) -> Monotonic:
        """When `tick` is due, infinite if nothing is pending."""
        desk = self._state.desk.wake_at()
        return min(
            self._link.wake_at(),
            self._upward.wake_at(),
            self._downward.wake_at(),
            self._open_at,
            inf if desk is None else desk,
        )

    def view(self) -> UplinkView:
        """What people see of it."""
        state = self._state
        failure = ""
        if state.phase is Phase.BOOTING and state.refused:
            failure = f"the operator answered {state.refused}"
        elif state.phase in (Phase.WAITING, Phase.DIALLING):
            failure = state.failure
        return UplinkView(
            station=state.station.box_identity,
            state=state.phase.value,
            waiting=state.delivery.waiting,
            given_up=state.delivery.given_up,
            failure=failure,
        )

    # Life.

    def begin(self, moment: Moment) -> None:
        """The actor begins: what does the disk know, and how is the station?"""
        self._state.moment = moment
        self._ask_memory()
        self._state.do(AskStation())

    def reconfigure(self, station: Station, settings: UplinkSettings, moment: Moment) -> None:
        """A new revision; another address or other credentials make a new connection."""
        state = self._state
        state.moment = moment
        before, state.settings, state.station = state.settings, settings, station
        state.profiles.station = station
        state.numbers = PlugNumbers(station, enabled=settings.plug_numbering)
        for name in state.keys.reconfigure(settings, state.numbers.count):
            state.note("key", name, None)
        if before != settings:
            self._lost_link()
            self._link.restart()
        self._settle()

    def opened(self, memory: UplinkMemory, moment: Moment) -> None:
        """Answer to `OpenJournal`."""
        state = self._state
        state.moment = moment
        self._open_at = inf
        if not state.opened:
            state.opened = True
            self._recall(memory)
        state.sessions |= dict(memory.transactions)
        self._upward.found(memory.entries, memory.waiting, memory.given_up)
        self._settle()

    def tick(self, moment: Moment) -> None:
        """Time has passed."""
        state = self._state
        state.moment = moment
        if moment.now >= self._open_at:
            self._ask_memory()
        if state.desk.overdue(moment.now):
            self._lost_link()
            self._link.break_off("the operator's system doesn't answer")
        self._upward.tick()
        self._settle()

    # The link.

    def link_opened(self, session: int, moment: Moment) -> None:
        """The socket is there."""
        state = self._state
        state.moment = moment
        if session != state.session or state.phase is not Phase.DIALLING:
            return
        self._strikes = Strikes()
        self._link.opened()
        self._upward.introduce()
        self._settle()

    def link_closed(self, session: int, reason: str, moment: Moment, *, unauthorised: bool = False) -> None:
        """The socket is gone, or none came about."""
        state = self._state
        state.moment = moment
        if session != state.session or state.phase in (Phase.AWAY, Phase.WAITING):
            return
        self._lost_link()
        self._link.closed(reason, unauthorised=unauthorised)
        self._settle()

    def frame(self, session: int, frame: Frame, moment: Moment) -> None:
        """The operator says something; whatever it is, it is answered, discarded or ends the connection."""
        state = self._state
        state.moment = moment
        if session != state.session or state.phase not in (Phase.BOOTING, Phase.ONLINE):
            return
        match frame:
            case Call():
                self._downward.received(frame)
            case CallResult(message_id, payload):
                call, late = state.desk.answered(message_id)
                if call is not None and not late:
                    self._upward.answered(call, payload)
            case CallError(message_id, code, description):
                call, late = state.desk.answered(message_id)
                if call is not None and not late:
                    self._upward.failed(call, f"{code} {description}".strip())
            case Malformed():
                self._malformed(frame)
        self._settle()

    # The station.

    def station_told(self, told: StationTold, moment: Moment) -> None:
        """The newest picture of the station."""
        self._state.moment = moment
        self._upward.told(told)
        self._downward.told(told)
        self._settle()

    def station_began(self, moment: Moment) -> None:
        """The station's actor is a new one: it knows nothing of what the operator allows."""
        self._state.moment = moment
        self._downward.repeat_ceilings()
        self._state.do(AskStation())
        self._settle()

    def station_said(self, action: str, payload: Mapping[str, Any], moment: Moment) -> None:
        """A notification of the station."""
        self._state.moment = moment
        self._upward.said(action, payload)
        self._settle()

    def asked(self, request: str, action: str, payload: Mapping[str, Any], moment: Moment) -> None:
        """A question of the station to the operator; answered by `Answer`."""
        self._state.moment = moment
        self._upward.ask(request, action, payload)
        self._settle()

    def relayed(self, request: str, payload: Mapping[str, Any], moment: Moment) -> None:
        """The station answered a command."""
        self._state.moment = moment
        self._downward.relayed(request, payload)
        self._settle()

    def relay_failed(self, request: str, code: str, description: str, moment: Moment) -> None:
        """The station didn't answer a command, or with an error."""
        self._state.moment = moment
        self._downward.relay_failed(request, code, description)
        self._settle()

    # The disk.

    def journal_grew(self, moment: Moment) -> None:
        """A message was added to the journal."""
        self._state.moment = moment
        self._upward.look()
        self._settle()

    def journal_found(
        self, entries: tuple[JournalRecord, ...], waiting: int, given_up: int, moment: Moment
    ) -> None:
        """Answer to `AskJournal` and `Settle`."""
        self._state.moment = moment
        self._upward.found(entries, waiting, given_up)
        self._settle()

    def beat(self, moment: Moment) -> None:
        """Send a heartbeat now, for its answer tells the time; nothing happens without a connection."""
        self._state.moment = moment
        if self._state.online:
            self._upward.beat()
        self._settle()

    def note_kept(self, request: str, moment: Moment, *, kept: bool = True) -> None:
        """Answer to a `KeepNote` with a request."""
        self._state.moment = moment
        if self._downward.note_kept(request, kept=kept):
            self._lost_link()
            self._link.renew("the operator has set another password")
        self._settle()

    # Inside.

    def _settle(self) -> None:
        state = self._state
        self._link.settle()
        self._downward.settle()
        if state.phase in (Phase.BOOTING, Phase.ONLINE):
            self._upward.pump()

    def _lost_link(self) -> None:
        self._upward.forget_link()
        self._downward.link_lost()

    def _ask_memory(self) -> None:
        self._state.do(OpenJournal())
        self._open_at = self._state.now + JOURNAL_AGAIN

    def _malformed(self, frame: Malformed) -> None:
        state = self._state
        if frame.id is not None:
            state.do(TransmitUp(state.session, call_error(frame.id, frame.code, frame.reason)))
        if self._strikes.strike(state.now):
            self._lost_link()
            self._link.break_off("too many malformed frames of the operator's system")

    def _recall(self, memory: UplinkMemory) -> None:
        """Go on where an earlier life ended; what can't be read is left out."""
        state = self._state
        for (kind, key), value in memory.notes.items():
            match kind:
                case "boot":
                    state.boot = value
                case "card":
                    state.cards.restore(key, value)
                case "key":
                    state.keys.restore(key, value)
                case "secret":
                    state.secrets.restore(value)
                case "profile":
                    local = value.get("transaction")
                    transaction = None if local is None else TransactionId(int(local))
                    state.profiles.put(KeptProfile(int(value["connector"]), value["profile"], transaction))

    def _new_request(self) -> str:
        self._number += 1
        return f"{self._state.prefix}-r{self._number}"
