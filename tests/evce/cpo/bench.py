"""The control of one uplink with a scripted operator, disk and station around it, in virtual time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

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
from evce.cpo.told import ConnectorTold, StationTold
from evce.electrical import Station
from evce.ocppj import parse
from evce.records import JournalRecord, UplinkMemory
from evce.station_control.effects import AlarmCeased, AlarmStands, Log
from evce.station_control.state import Moment
from evce.units import TransactionId
from tests.evce.station_control.bench import BOX, make_station

__all__ = ["EPOCH", "SETTINGS", "Bench", "told"]

EPOCH = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
SETTINGS = UplinkSettings("ws://operator.test/ocpp", retry_interval=10.0, meter_interval=30.0)
START = {"connectorId": 1, "idTag": "04A1", "meterStart": 0, "timestamp": "2026-01-05T06:00:00Z"}
STOP = {"transactionId": 1, "meterStop": 500, "timestamp": "2026-01-05T07:00:00Z"}


def told(
    status: str = "Available",
    transaction: int | None = None,
    *,
    connected: bool = True,
    setpoint: float = 16.0,
) -> StationTold:
    """One connector; with a transaction a session by card 04A1 since the epoch."""
    session = None if transaction is None else TransactionId(transaction)
    connector = ConnectorTold(
        1, status, transaction=session, id_tag="04A1" if session else "", started_at=EPOCH, setpoint=setpoint
    )
    boot = {"chargePointVendor": "V", "chargePointModel": "M"}
    return StationTold(connected, boot, limits_current=True, connectors=(connector,))


@dataclass
class Bench:
    """`replies` maps an action to the operator's payload, or to an error code; None is silence.

    `calls` are the CALLs that the operator got; `answers` what it got back for its own, by message id. `disk`
    is the journal; nothing is answered by the disk while `disk_away`.
    """

    station: Station = field(default_factory=make_station)
    settings: UplinkSettings = SETTINGS
    memory: UplinkMemory = UplinkMemory(BOX)  # noqa: RUF009  # frozen
    picture: StationTold = field(default_factory=told)
    replies: dict[str, Mapping[str, Any] | str | None] = field(default_factory=dict)
    disk: list[JournalRecord] = field(default_factory=list)
    disk_away: bool = False
    reachable: bool = True
    now: float = 100.0
    session: int = 0
    open: bool = False
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    held: list[str] = field(default_factory=list)
    given: dict[str, Answer] = field(default_factory=dict)
    relays: list[Relay] = field(default_factory=list)
    notes: dict[tuple[str, str], Mapping[str, Any] | None] = field(default_factory=dict)
    refused: list[Deauthorise] = field(default_factory=list)
    kept: list[KeepMessage] = field(default_factory=list)
    alarms: dict[str, str] = field(default_factory=dict)
    ceilings: dict[int, float | None] = field(default_factory=dict)
    dials: list[float] = field(default_factory=list)
    keys: list[bytes | None] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)
    wrong_keys: set[bytes | None] = field(default_factory=set)
    hung_up: list[str] = field(default_factory=list)
    times: list[TellTime] = field(default_factory=list)
    ids: dict[int, int] = field(default_factory=dict)
    _number: int = 0
    _given_up: int = 0

    def __post_init__(self) -> None:
        self.control = UplinkControl(self.station, self.settings, "t", lambda: 1.0, self.moment)
        self.control.begin(self.moment)
        self.carry_out()

    @property
    def moment(self) -> Moment:
        return Moment(self.now, EPOCH + timedelta(seconds=self.now - 100.0))

    # Driving.

    def tell(self, picture: StationTold) -> None:
        self.picture = picture
        self.control.station_told(picture, self.moment)
        self.carry_out()

    def say(self, action: str, **payload: Any) -> None:
        self.control.station_said(action, payload, self.moment)
        self.carry_out()

    def ask(self, request: str, action: str = "Authorize", id_tag: str = "04A1") -> Answer | None:
        self.control.asked(request, action, {"idTag": id_tag}, self.moment)
        self.carry_out()
        return self.given.get(request)

    def keep(self, action: str, payload: Mapping[str, Any], transaction: int = 1) -> None:
        """A message reaches the journal."""
        self._number += 1
        entry = JournalRecord(self._number, BOX, action, TransactionId(transaction), payload, EPOCH)
        self.disk.append(entry)
        self.control.journal_grew(self.moment)
        self.carry_out()

    def command(self, action: str, **payload: Any) -> Any:
        """A CALL of the operator; the answer, None while there is none."""
        self._number += 1
        message_id = f"cpo-{self._number}"
        self.hear(json.dumps([2, message_id, action, payload]))
        return self.answers.get(message_id)

    def hear(self, text: str) -> None:
        self.control.frame(self.session, parse(text), self.moment)
        self.carry_out()

    def lose(self, reason: str = "reset") -> None:
        self.open = False
        self.control.link_closed(self.session, reason, self.moment)
        self.carry_out()

    def wait(self, seconds: float) -> None:
        """Let virtual time pass, waking the control whenever it wants."""
        end = self.now + seconds
        for _ in range(5_000):
            wake_at = self.control.wake_at()
            if wake_at > end:
                break
            self.now = max(self.now, wake_at)
            self.control.tick(self.moment)
            self.carry_out()
        else:
            raise AssertionError("the control never sleeps")
        self.now = end

    def sent(self, action: str) -> list[dict[str, Any]]:
        return [payload for name, payload in self.calls if name == action]

    # Around it.

    def carry_out(self) -> None:
        while effects := self.control.take_effects():
            for effect in effects:
                self._perform(effect)

    def _perform(self, effect: UplinkEffect) -> None:
        match effect:
            case Dial(session, _, key):
                self.dials.append(self.now)
                self.keys.append(key)
                self.session = session
                self.open = self.reachable and key not in self.wrong_keys
                if self.reachable and not self.open:
                    self.control.link_closed(session, "refused", self.moment, unauthorised=True)
                elif self.reachable:
                    self.control.link_opened(session, self.moment)
                else:
                    self.control.link_closed(session, "no route", self.moment)
            case HangUp(_, reason):
                self.open = False
                self.hung_up.append(reason)
            case TransmitUp(session, text) if session == self.session and self.open:
                self._operator(json.loads(text))
            case Answer(request):
                self.given[request] = effect
            case Relay():
                self.relays.append(effect)
            case SetCeilings(ceilings):
                self.ceilings = dict(ceilings)
            case Deauthorise():
                self.refused.append(effect)
            case TellTime():
                self.times.append(effect)
            case AskStation():
                self.control.station_told(self.picture, self.moment)
            case Log():
                self.logs.append(effect)
            case AlarmStands(code, _, message):
                self.alarms[code] = message
            case AlarmCeased(code):
                self.alarms.pop(code, None)
            case _ if not self.disk_away:
                self._record(effect)

    def _record(self, effect: UplinkEffect) -> None:
        match effect:
            case OpenJournal():
                memory = replace(self.memory, entries=tuple(self.disk), waiting=len(self.disk))
                self.control.opened(memory, self.moment)
            case AskJournal():
                self._head()
            case Settle(entry, delivered, cpo_transaction):
                found = [record for record in self.disk if record.entry == entry]
                if not found:
                    self._head()
                    return
                record = found[0]
                if delivered or effect.given_up:
                    self.disk.remove(record)
                    self._given_up += effect.given_up
                else:
                    failed = replace(record, attempts=effect.attempts, failure=effect.failure)
                    self.disk[self.disk.index(record)] = failed
                if cpo_transaction is not None:
                    self.ids[record.transaction] = cpo_transaction
                self._head()
            case KeepMessage():
                self.kept.append(effect)
            case KeepNote(kind, key, value, request):
                self.notes[kind, key] = value
                if request:
                    self.control.note_kept(request, self.moment)

    def _head(self) -> None:
        head = [replace(record, cpo_transaction=self.ids.get(record.transaction)) for record in self.disk]
        self.control.journal_found(tuple(head[:20]), len(self.disk), self._given_up, self.moment)

    def _operator(self, frame: list[Any]) -> None:
        if frame[0] != 2:
            self.answers[frame[1]] = frame[2]
            return
        _, message_id, action, payload = frame
        self.calls.append((action, payload))
        default: Mapping[str, Any] = {}
        match action:
            case "BootNotification":
                default = {"status": "Accepted", "currentTime": "2026-01-05T06:00:00Z", "interval": 300}
            case "Authorize":
                default = {"idTagInfo": {"status": "Accepted"}}
            case "StartTransaction":
                default = {"transactionId": 900 + len(self.calls), "idTagInfo": {"status": "Accepted"}}
            case "Heartbeat":
                default = {"currentTime": "2026-01-05T06:00:00Z"}
        reply = self.replies.get(action, default)
        if reply is None:
            self.held.append(message_id)
        elif isinstance(reply, str):
            self.control.frame(self.session, parse(json.dumps([4, message_id, reply, "", {}])), self.moment)
        else:
            self.control.frame(self.session, parse(json.dumps([3, message_id, dict(reply)])), self.moment)
