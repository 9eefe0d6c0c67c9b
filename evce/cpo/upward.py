"""What goes to the operator: the station's introduction, its states, samples, questions and transactions."""

from collections.abc import Mapping
from math import inf
from typing import Any, Final

from evce.cpo.effects import (
    Answer,
    AskJournal,
    Deauthorise,
    KeepMessage,
    Settle,
    TellTime,
    TransmitUp,
)
from evce.cpo.journal import outgoing
from evce.cpo.link import REFUSED, UplinkLink
from evce.cpo.settings import (
    AUTHORISE_WITHIN,
    BOOT_AGAIN_LEAST,
    JOURNAL_AGAIN,
    KEEP_SAMPLE_EVERY,
    NOTICES_WAITING,
)
from evce.cpo.state import Asked, Boot, Deliver, Heartbeat, Notice, Phase, Purpose, UplinkState
from evce.cpo.told import StationTold
from evce.meter_values import parse_time
from evce.ocppj import call as call_frame
from evce.records import JournalRecord
from evce.station_control.authorisation import normal_tag
from evce.station_control.calls import Order, Outgoing
from evce.station_control.inbound import format_time
from evce.units import Monotonic, TransactionId
from evce.validation import check_result

__all__ = ["GIVEN_UP", "Upward"]

GIVEN_UP: Final = "cpo_message_given_up"

_BOOTED: Final = "boot"
_BEAT: Final = "heartbeat"
_JOURNAL: Final = "journal"

_ALWAYS: Final = frozenset({"Transaction.Begin", "Transaction.End", "Trigger"})
"""Readings that are no periodic samples: they pass at once."""

_INTERVAL: Final = (10.0, 86_400.0)


class Upward:
    """One CALL at a time; the operator's answer decides what it was good for."""

    def __init__(self, state: UplinkState, link: UplinkLink) -> None:
        self._state = state
        self._link = link
        self._boot_at: Monotonic = inf
        self._beat_at: Monotonic = inf
        self._interval = 0.0
        self._asks: dict[str, Monotonic] = {}
        self._sampled: dict[int, Monotonic] = {}
        self._kept: dict[int, Monotonic] = {}
        self._journal_at: Monotonic = inf
        self._settling: Settle | None = None
        self._dropped = 0

    # The link.

    def introduce(self) -> None:
        """BootNotification: the station's own words, or what the site knows of it."""
        state = self._state
        self._boot_at = inf
        boot = dict(state.boot or {})
        if not boot:
            boot = {"chargePointVendor": "EVCE", "chargePointModel": state.station.family.value[:20]}
        state.call("BootNotification", boot, Order.COMMAND, Boot(), _BOOTED)

    def forget_link(self) -> None:
        """Whatever was on its way won't be answered any more."""
        self._boot_at = inf
        self._forget_calls()

    def show_all(self) -> None:
        """The states of all connectors, after a (re)connection or when asked for."""
        state = self._state
        status = {"connectorId": 0, "status": "Available", "errorCode": "NoError"}
        if not state.told.connected:
            status["status"] = "Unavailable"
        self._notify("StatusNotification", status, ("status", 0))
        for connector in state.told.connectors:
            shown = connector.status if state.told.connected else "Unavailable"
            if shown == "Unknown":
                continue
            for number in state.numbers.all_outward(connector.number):
                payload = {
                    "connectorId": number,
                    "status": shown,
                    "errorCode": connector.error_code,
                    "timestamp": format_time(state.moment.utc),
                }
                self._notify("StatusNotification", payload, ("status", number))

    def beat(self) -> None:
        """A heartbeat now."""
        self._state.call("Heartbeat", {}, Order.LATER, Heartbeat(), _BEAT)

    # The station.

    def told(self, told: StationTold) -> None:
        """Take the newest picture of the station over."""
        state = self._state
        before, state.told = state.told, told
        if told.connected or before.connected:
            state.station_seen_at = state.now
        running = [c.transaction for c in told.connectors if c.transaction is not None]
        if told.connected:
            for profile_id in state.profiles.ended(running):
                state.note("profile", str(profile_id), None)
        if told.boot is not None and told.boot != state.boot:
            state.boot = told.boot
            state.note("boot", "", told.boot)
            if state.phase is Phase.ONLINE:
                self.introduce()
        if state.phase is Phase.ONLINE and told.connected != before.connected:
            self.show_all()

    def said(self, action: str, payload: Mapping[str, Any]) -> None:
        """A notification of the station; what can't be told now is dropped, samples of sessions apart."""
        state = self._state
        match action:
            case "StatusNotification":
                for number in state.numbers.all_outward(payload["connectorId"]):
                    self._notify(action, {**payload, "connectorId": number}, ("status", number))
            case "MeterValues":
                self._sample(payload)
            case "SecurityEventNotification":
                self._notify(action, payload, None)
            case _:
                self._notify(action, payload, action)

    def ask(self, request: str, action: str, payload: Mapping[str, Any]) -> None:
        """A question of the station: answered by the operator, or with None soon enough for who waits."""
        state = self._state
        id_tag = normal_tag(str(payload.get("idTag", "")))
        purpose = Asked(request, action, id_tag)
        if (
            action == "StartTransaction"
        ):  # told in its turn by the journal; asked is what is known of the card
            verdict = state.cards.fresh(id_tag, state.now)
            if verdict is not None:
                state.do(Answer(request, {"idTagInfo": dict(verdict.info)}))
            elif state.online:
                state.do(Answer(request, {"idTagInfo": {"status": "Accepted"}}))
            else:
                self._unanswered(purpose)
            return
        if not state.online or len(self._asks) >= NOTICES_WAITING:
            self._unanswered(purpose)
            return
        self._asks[request] = state.now + AUTHORISE_WITHIN
        state.call(action, payload, Order.COMMAND, purpose)

    # The journal.

    def found(self, records: tuple[JournalRecord, ...], waiting: int, given_up: int) -> None:
        """What the journal holds."""
        state = self._state
        if not state.delivery.found(records, waiting, given_up):
            return
        self._journal_at, self._settling = inf, None
        if given_up:
            state.alarm(
                GIVEN_UP,
                f"messages that the operator's system never took: {given_up}",
                "`evce cpo queue` shows them and why; settle these sessions with the operator by hand.",
            )
        else:
            state.cease(GIVEN_UP)

    def look(self) -> None:
        """Something was added to the journal, or may have been."""
        state = self._state
        if not state.delivery.busy:  # else what becomes of that message brings the rest
            state.do(AskJournal())
            self._journal_at = state.now + JOURNAL_AGAIN

    # The operator answers.

    def answered(self, call: Outgoing[Purpose], payload: Mapping[str, Any]) -> None:
        """A CALLRESULT; one that breaks its schema is a failure."""
        violation = check_result(call.action, payload)
        if violation is not None:
            self.failed(call, f"an answer that breaks the schema: {violation.description}")
            return
        match call.purpose:
            case Boot():
                self._booted(payload)
                if payload["status"] == "Accepted":
                    self._time(call, payload)
            case Heartbeat():
                self._time(call, payload)
            case Asked() as asked:
                self._answer(asked, payload)
            case Deliver(entry):
                self._delivered(entry, call.action, payload)
            case Notice():
                pass

    def failed(self, call: Outgoing[Purpose], why: str) -> None:
        """A CALLERROR, or an answer that can't be read."""
        state = self._state
        match call.purpose:
            case Boot():
                state.log(f"the operator's system answered BootNotification with {why}")
                self._boot_at = state.now + max(BOOT_AGAIN_LEAST, self._interval)
            case Asked() as asked:
                self._unanswered(asked)
            case Deliver(entry):
                self._not_delivered(entry, why)
            case Heartbeat() | Notice():
                pass

    # Time.

    def tick(self) -> None:
        """Whatever is due."""
        state = self._state
        if state.now >= self._boot_at:
            self.introduce()
        if state.now >= self._beat_at:
            self._beat_at = state.now + state.keys.value("HeartbeatInterval")
            self.beat()
        for request, deadline in list(self._asks.items()):
            if state.now >= deadline:
                self._unanswered(Asked(request, ""))
        if self._settling is not None and state.now >= self._journal_at:
            self._settle(self._settling)
        elif state.now >= self._journal_at or (state.delivery.wants_more and self._journal_at == inf):
            state.do(AskJournal())
            self._journal_at = state.now + JOURNAL_AGAIN

    def pump(self) -> None:
        """Put on the wire what may go now."""
        state = self._state
        if state.phase is Phase.ONLINE:
            record = state.delivery.take(state.now)
            if record is not None:
                payload = outgoing(record, state.numbers)
                state.call(record.action, payload, Order.LEARNING, Deliver(record.entry), _JOURNAL)
        elif state.phase is not Phase.BOOTING:
            return
        while (call := state.desk.next(state.now)) is not None:
            state.do(self._transmit(call))

    def wake_at(self) -> Monotonic:
        """When `tick` is due."""
        retry = self._state.delivery.wake_at() if self._state.online else inf
        asks = min(self._asks.values(), default=inf)
        return min(self._boot_at, self._beat_at, self._journal_at, retry, asks)

    # Inside.

    def _transmit(self, call: Outgoing[Purpose]) -> TransmitUp:
        return TransmitUp(self._state.session, call_frame(call.id, call.action, call.payload))

    def _booted(self, payload: Mapping[str, Any]) -> None:
        state = self._state
        self._interval = min(max(float(payload["interval"]), 0.0), _INTERVAL[1])
        if payload["status"] != "Accepted":
            self._boot_at = state.now + max(BOOT_AGAIN_LEAST, self._interval)
            state.refused = str(payload["status"])
            if state.phase is Phase.ONLINE:  # nothing else may be sent until it is accepted again
                self._withdraw()
            if payload["status"] == "Rejected":
                state.alarm(
                    REFUSED,
                    "the operator's system rejects this station",
                    "Register the station with the operator under this box identity.",
                )
            return
        if self._interval:  # OCPP 1.6 §4.2: it is the heartbeat's interval from now on
            state.keys.write("HeartbeatInterval", f"{max(self._interval, _INTERVAL[0]):.0f}")
        self._beat_at = state.now + state.keys.value("HeartbeatInterval")
        if state.phase is Phase.BOOTING:
            self._link.accepted()
            self.show_all()
            self.look()

    def _time(self, call: Outgoing[Purpose], payload: Mapping[str, Any]) -> None:
        sent_at = self._state.now if call.sent_at is None else call.sent_at
        self._state.do(TellTime(parse_time(payload["currentTime"]), self._state.now - sent_at))

    def _forget_calls(self) -> None:
        state = self._state
        self._beat_at = inf
        state.delivery.interrupted()
        for call in state.desk.close():
            if isinstance(call.purpose, Asked):
                self._unanswered(call.purpose)

    def _withdraw(self) -> None:
        self._state.phase = Phase.BOOTING
        self._forget_calls()

    def _answer(self, asked: Asked, payload: Mapping[str, Any]) -> None:
        state = self._state
        if asked.action == "Authorize":
            self._card(asked.id_tag, payload["idTagInfo"])
        if self._asks.pop(asked.request, None) is not None:
            state.do(Answer(asked.request, payload))

    def _unanswered(self, asked: Asked) -> None:
        state = self._state
        self._asks.pop(asked.request, None)
        cached = state.cards.cached(asked.id_tag, state.moment.utc) if asked.id_tag else None
        state.do(Answer(asked.request, None, cached))

    def _card(self, id_tag: str, info: Mapping[str, Any]) -> None:
        for changed, value in self._state.cards.learn(id_tag, info, self._state.now):
            self._state.note("card", changed, value)

    def _delivered(self, entry: int, action: str, payload: Mapping[str, Any]) -> None:
        state = self._state
        record = state.delivery.first
        if record is None or not state.delivery.delivered(entry):
            return
        given: int | None = None
        if action == "StartTransaction":
            given = int(payload["transactionId"])
            state.sessions[record.transaction] = given
        info = payload.get("idTagInfo")
        id_tag = normal_tag(str(record.payload.get("idTag", "")))
        if info is not None and id_tag:
            self._card(id_tag, info)
            if action == "StartTransaction" and info["status"] != "Accepted":
                state.do(Deauthorise(record.transaction, info["status"]))
        if action == "StopTransaction":
            state.sessions.pop(record.transaction, None)
        self._settle(Settle(entry, delivered=True, cpo_transaction=given))

    def _not_delivered(self, entry: int, why: str) -> None:
        state = self._state
        record = state.delivery.first
        limit = state.keys.value("TransactionMessageAttempts")
        interval = float(state.keys.value("TransactionMessageRetryInterval"))
        outcome = state.delivery.failed(entry, state.now, limit, interval)
        if outcome is None or record is None:
            return
        attempts, given_up = outcome
        if given_up:
            state.log(f"{record.action} of transaction {record.transaction} given up: {why}", "transaction")
        failure = why[:200]
        self._settle(Settle(entry, delivered=False, attempts=attempts, failure=failure, given_up=given_up))

    def _settle(self, settle: Settle) -> None:
        """Tell the disk, again and again until it answers: telling it twice does no harm."""
        self._settling = settle
        self._state.do(settle)
        self._journal_at = self._state.now + JOURNAL_AGAIN

    def _notify(self, action: str, payload: Mapping[str, Any], key: object) -> None:
        state = self._state
        if not state.online:
            return
        if key is None and state.desk.depth >= NOTICES_WAITING:
            self._dropped += 1
            return
        state.call(action, payload, Order.SETPOINT, Notice(), key)

    def _sample(self, payload: Mapping[str, Any]) -> None:
        """A sample at the operator's interval; while it is away a sparse one of each session, on disk."""
        state = self._state
        number, local = payload["connectorId"], payload.get("transactionId")
        if state.online and state.delivery.empty:
            self._pass_on(number, local, payload)
            return
        last = self._kept.get(number, -inf)
        if local is not None and local > 0 and state.now - last >= KEEP_SAMPLE_EVERY:
            self._kept[number] = state.now
            state.do(KeepMessage("MeterValues", TransactionId(local), payload))

    def _pass_on(self, number: int, local: int | None, payload: Mapping[str, Any]) -> None:
        state = self._state
        every = state.keys.value("MeterValueSampleInterval")
        contexts = {
            sample.get("context") for value in payload["meterValue"] for sample in value["sampledValue"]
        }
        due = every and state.now - self._sampled.get(number, -inf) >= every
        if not due and not contexts & _ALWAYS:
            return
        told = dict(payload)
        if local is not None:
            given = state.sessions.get(TransactionId(local))
            if given is None:
                return
            told["transactionId"] = given
        self._sampled[number] = state.now
        told["connectorId"] = state.numbers.outward(number)
        state.call("MeterValues", told, Order.RENEWAL, Notice(), ("sample", number))

    def sample_next(self, number: int) -> None:
        """The operator asked for meter values: the next ones pass whatever the interval."""
        for each in [number] if number else [c.number for c in self._state.told.connectors]:
            self._sampled.pop(each, None)
