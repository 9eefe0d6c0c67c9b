"""A control of one station, with a scripted station and a scripted recorder around it, in virtual time."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from evce.configuration.choices import Authentication
from evce.departures import Forecast
from evce.electrical import Connector, Family, Socket, Station, Wiring
from evce.facts import ConnectorFacts
from evce.records import CardRecord, SessionRecord, StationMemory
from evce.station_control.action_state import Action
from evce.station_control.control import StationControl
from evce.station_control.effects import (
    AlarmCeased,
    AlarmStands,
    AskCard,
    AskCards,
    AskForecast,
    AskOpenTransactions,
    AskSignature,
    Close,
    Effect,
    Log,
    Transmit,
    WriteProgress,
    WriteStart,
    WriteStop,
)
from evce.station_control.inheritance import Held, held_now
from evce.station_control.settings import StationSettings
from evce.station_control.state import Moment
from evce.units import BoxIdentity, ConnectorKey, TransactionId, ZoneId

__all__ = ["BOX", "EPOCH", "SILENCE", "Bench", "Refusal", "make_station"]

EPOCH = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
BOX = BoxIdentity("CP-01")


@dataclass(frozen=True)
class Refusal:
    """A CALLERROR."""

    code: str


SILENCE = Refusal("")
"""No answer at all."""

Reply = Mapping[str, Any] | Refusal


def make_station(
    connectors: int = 1, wiring: Wiring = Wiring.TRI123, zone: str | None = "z", *, vip: bool = False
) -> Station:
    keys = [ConnectorKey(BOX, number) for number in range(1, connectors + 1)]
    return Station(
        BOX,
        "Garage 1",
        Family.PARKING,
        None if zone is None else ZoneId(zone),
        tuple(Connector(key, wiring, 32.0, (Socket.T2,)) for key in keys),
        vip=vip,
    )


@dataclass
class Bench:
    """`answers` maps an action to what the station replies, or to a function of the payload.

    `skew` is how far the station's clock is ahead, in seconds. `calls` are the CALLs that the station
    got, with the moment; `replies` its answers by message id; `held` ids that it hasn't answered.
    """

    station: Station = field(default_factory=make_station)
    settings: StationSettings = StationSettings(  # noqa: RUF009  # frozen
        fallback={1: 9.0, 2: 9.0}, authentication=Authentication.ALL_CARDS
    )
    keys: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Reply | Callable[[Mapping[str, Any]], Reply]] = field(default_factory=dict)
    cards: dict[str, CardRecord] = field(default_factory=dict)
    open: tuple[SessionRecord, ...] = ()
    held_before: dict[int, Held] = field(default_factory=dict)
    memory: StationMemory | None = None
    recorder: str = "works"
    skew: float = 0.0
    now: float = 100.0
    incarnation: int = 0
    calls: list[tuple[float, str, str, dict[str, Any]]] = field(default_factory=list)
    replies: dict[str, list[Any]] = field(default_factory=dict)
    held: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    alarms: dict[tuple[str, str], AlarmStands] = field(default_factory=dict)
    logs: list[Log] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    sessions: dict[int, SessionRecord] = field(default_factory=dict)
    stops: list[WriteStop] = field(default_factory=list)
    starts: list[WriteStart] = field(default_factory=list)
    closed: list[Close] = field(default_factory=list)
    forecast: Forecast | None = None
    forecasts_asked: list[int] = field(default_factory=list)
    chain: str | None = None
    """What the authority makes of a certificate signing request; None refuses it."""
    csrs: list[str] = field(default_factory=list)
    _serial: int = 0
    _lives: int = 0
    _asked: int = 0

    def __post_init__(self) -> None:
        self.control = StationControl(self.station, self.settings, "t", self.moment)
        self.control.begin(self.moment)
        self.carry_out()

    @property
    def moment(self) -> Moment:
        return Moment(self.now, EPOCH + timedelta(seconds=self.now))

    @property
    def facts(self) -> ConnectorFacts:
        """Those of the first connector."""
        return self.control.facts(self.now)[0]

    def time(self, back: float = 0.0) -> str:
        """What the station's clock showed `back` seconds ago."""
        return (self.moment.utc + timedelta(seconds=self.skew - back)).isoformat()

    # Driving.

    def die(self, *, connected: bool = True) -> None:
        """The actor dies; its successor has what the heir kept, and finds the link as it is."""
        self.held_before = held_now(self.held_before, self.control.facts(self.now))
        self.open = tuple(record for record in self.sessions.values() if record.stopped_at is None)
        self.held.clear()
        self._lives += 1
        self.control = StationControl(self.station, self.settings, f"t{self._lives}", self.moment)
        self.control.begin(self.moment)
        if connected:
            self.control.link_opened(self.incarnation, "192.0.2.7", self.moment)
        self.carry_out()

    def connect(self) -> None:
        self.incarnation += 1
        self.control.link_opened(self.incarnation, "192.0.2.7", self.moment)
        self.carry_out()

    def disconnect(self) -> None:
        self.control.link_closed(self.incarnation, "reset by peer", self.moment)
        self.carry_out()

    def say(self, action: str, answered: bool = False, **payload: Any) -> Any:
        """A CALL of the station; returns the answer: a payload, a CALLERROR's code, or None for none yet."""
        self._serial += 1
        message_id = f"s{self._serial}"
        self.control.call_received(
            self.incarnation, message_id, action, payload, self.moment, answered=answered
        )
        self.carry_out()
        return self.reply(message_id)

    def reply(self, message_id: str) -> Any:
        reply = self.replies.get(message_id)
        return None if reply is None else reply[2]

    def status(self, status: str, connector: int = 1, error: str = "NoError") -> None:
        self.say(
            "StatusNotification", connectorId=connector, status=status, errorCode=error, timestamp=self.time()
        )

    def plug_and_start(self, tag: str = "04a1", connector: int = 1) -> int:
        """A car plugs in and a transaction starts; returns its number."""
        self.status("Preparing", connector)
        answer = self.say(
            "StartTransaction", connectorId=connector, idTag=tag, meterStart=1000, timestamp=self.time()
        )
        self.status("Charging", connector)
        number = answer["transactionId"]
        assert isinstance(number, int)
        return number

    def draw(self, *amps: float, energy: float | None = None, back: float = 0.0) -> None:
        """MeterValues, per phase, answered by the edge."""
        samples = [
            {"value": str(value), "measurand": "Current.Import", "phase": f"L{n}", "unit": "A"}
            for n, value in enumerate(amps, 1)
        ]
        if energy is not None:
            samples.append({"value": str(energy), "measurand": "Energy.Active.Import.Register"})
        value = {"timestamp": self.time(back), "sampledValue": samples}
        self.say("MeterValues", answered=True, connectorId=1, meterValue=[value])

    def order(self, amps: float, plan: int, connector: int = 1, lease: float = 120.0) -> None:
        self.control.order(connector, amps, lease, plan, self.moment)
        self.carry_out()

    def wait(self, seconds: float) -> None:
        """Let virtual time pass, waking the control whenever it wants."""
        end = self.now + seconds
        for _ in range(10_000):
            wake_at = self.control.wake_at()
            if wake_at is None or wake_at > end:
                break
            assert wake_at > self.now - 1e-9, "the control wants to be woken for something it didn't do"
            self.now = max(self.now, wake_at)
            self.control.tick(self.moment)
            self.carry_out()
        else:
            raise AssertionError("the control never sleeps")
        self.now = end

    def answer_held(self, index: int = 0, reply: Reply | None = None) -> None:
        """The station answers a CALL that it has kept."""
        message_id, action, payload = self.held.pop(index)
        self._answer(message_id, self._default(action, payload) if reply is None else reply)
        self.carry_out()

    def act(self, kind: str, **given: Any) -> Action:
        """Somebody asks for an action; returns what is known of it then."""
        self._asked += 1
        self.control.act(f"a{self._asked}", kind, given, "ada", self.moment)
        self.carry_out()
        return self.action

    # Looking.

    @property
    def action(self) -> Action:
        """The action that was asked last."""
        return next(a for a in self.control.actions() if a.id == f"a{self._asked}")

    def sent(self, action: str) -> list[dict[str, Any]]:
        return [payload for _, _, name, payload in self.calls if name == action]

    def profiles(self, purpose: str, level: int = 0) -> list[float]:
        """The limits that were sent for a purpose and stack level, in A or W."""
        return [
            profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"]
            for profile in (payload["csChargingProfiles"] for payload in self.sent("SetChargingProfile"))
            if (profile["chargingProfilePurpose"], profile["stackLevel"]) == (purpose, level)
        ]

    # Around it.

    def carry_out(self) -> None:
        while effects := self.control.take_effects():
            for effect in effects:
                self.effects.append(effect)
                self._perform(effect)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Transmit(incarnation, text) if incarnation == self.incarnation:
                self._hear(json.loads(text))
            case Log():
                self.logs.append(effect)
            case AlarmStands(code, source):
                self.alarms[code, source] = effect
            case AlarmCeased(code, source):
                self.alarms.pop((code, source), None)
            case Close():
                self.closed.append(effect)
            case WriteProgress() | Transmit():
                pass
            case _:
                self._record(effect)

    def _record(self, effect: Effect) -> None:
        if self.recorder == "away":
            return
        match effect:
            case AskOpenTransactions():
                self.control.open_transactions(self.open, self.held_before, self.moment, (), self.memory)
            case AskForecast(transaction):
                self.forecasts_asked.append(transaction)
                self.control.forecast_found(transaction, self.forecast, self.moment)
            case AskCards(request):
                self.control.cards_found(request, self.cards.values(), self.moment)
            case AskCard(request, id_tag):
                self.control.card_checked(request, self.cards.get(id_tag), self.moment)
            case AskSignature(request, csr):
                self.csrs.append(csr)
                self.control.certificate_signed(request, self.chain, "no chain here", self.moment)
            case WriteStart() if self.recorder == "full":
                self.control.recording_failed(effect.request, "disk full", self.moment)
            case WriteStart():
                self.starts.append(effect)
                self.control.start_recorded(effect.request, self._session(effect), self.moment)
            case WriteStop():
                self.stops.append(effect)
                record = self.sessions.get(effect.transaction)
                if record is not None:
                    energy = effect.meter_stop - record.meter_start
                    record = replace(
                        record, stopped_at=effect.stopped_at, meter_stop=effect.meter_stop, energy=energy
                    )
                    self.sessions[effect.transaction] = record
                self.control.stop_recorded(effect.request, record, self.moment, orphan=record is None)

    def _session(self, start: WriteStart) -> SessionRecord:
        for record in self.sessions.values():
            same = (record.connector, record.id_tag, record.started_at, record.meter_start)
            if same == (start.connector, start.id_tag, start.started_at, start.meter_start):
                return record
        number = TransactionId(len(self.sessions) + 1)
        record = SessionRecord(
            number,
            start.connector,
            self.station.name,
            start.id_tag,
            start.vip,
            start.started_at,
            start.meter_start,
            flags=start.flags,
        )
        self.sessions[number] = record
        return record

    def _hear(self, frame: list[Any]) -> None:
        if frame[0] != 2:
            self.replies[frame[1]] = frame
            return
        _, message_id, action, payload = frame
        self.calls.append((self.now, message_id, action, payload))
        reply = self.answers.get(action)
        if callable(reply):
            reply = reply(payload)
        if reply is SILENCE:
            self.held.append((message_id, action, payload))
            return
        self._answer(message_id, self._default(action, payload) if reply is None else reply)

    def _default(self, action: str, payload: Mapping[str, Any]) -> Reply:
        if action == "GetConfiguration":
            keys = [{"key": k, "readonly": False, "value": v} for k, v in self.keys.items()]
            return {"configurationKey": keys}
        return {"status": "Accepted"}

    def _answer(self, message_id: str, reply: Reply) -> None:
        if isinstance(reply, Refusal):
            self.control.call_refused(self.incarnation, message_id, reply.code, "", self.moment)
        else:
            self.control.call_answered(self.incarnation, message_id, reply, self.moment)
