"""Cards and transactions: asked of the recorder, answered to the station after the commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from evce.configuration.choices import Authentication, OfflineAuthentication
from evce.departures import Forecast
from evce.energy_split import Split
from evce.meter_values import parse_time
from evce.ocppj import ErrorCode, call_error, call_result
from evce.records import MATCHED_MINUS_ONE, CardRecord, SessionRecord
from evce.station_control.authorisation import ACCEPTED, INVALID, normal_tag, status_of
from evce.station_control.connector import UNAUTHORISED, ConnectorControl, Session
from evce.station_control.effects import (
    AskCard,
    AskForecast,
    AskOpenTransactions,
    AskOperator,
    Transmit,
    WriteStart,
    WriteStop,
)
from evce.station_control.inheritance import Held
from evce.station_control.setpoints import PROFILE_REJECTED
from evce.station_control.settings import ANSWER_WITHIN, ASK_AGAIN_AFTER, OPERATOR_WITHIN
from evce.station_control.state import State
from evce.units import Monotonic, TransactionId

__all__ = ["Transactions"]

_FUTURE: Final = timedelta(minutes=5)
"""A record this far ahead of our clock is flagged; less is the drift of an ordinary clock."""

_NEVER_LEARNT: Final = -1
"""What a station says that never learnt its transaction's id (errata 3.18)."""

_REPLAYED: Final = timedelta(seconds=60)
"""A start this old happened while the station couldn't ask."""


@dataclass(slots=True)
class _Request:
    """A CALL that waits for the recorder. `call` None: nobody waits for an answer."""

    action: str
    call: tuple[int, str] | None
    payload: Mapping[str, Any]
    deadline: Monotonic
    connector: ConnectorControl | None = None
    card: CardRecord | None = None
    status: str = ACCEPTED
    info: Mapping[str, Any] = field(default_factory=dict)
    """What else the operator says about the card."""
    operator_by: Monotonic | None = None
    """Until when the operator may decide; None while it isn't asked."""


class Transactions:
    """Requests wait by their own number; an answer that comes after the deadline finds nobody."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._number = 0
        self._requests: dict[str, _Request] = {}
        self._ask_again_at: Monotonic | None = None

    def ask_open(self) -> None:
        """Which sessions run? Asked until the recorder answers."""
        self._state.do(AskOpenTransactions())
        self._ask_again_at = self._state.now + ASK_AGAIN_AFTER

    def open_found(self, sessions: tuple[SessionRecord, ...], held: Mapping[int, Held]) -> None:
        """The sessions that were running when this actor began, and what their cars may have."""
        state = self._state
        self._ask_again_at = None
        if state.sessions_known:
            return
        state.sessions_known = state.news = True
        for record in sorted(sessions, key=lambda record: record.started_at):
            connector = state.connectors.get(record.connector.number)
            if connector is None:
                continue
            if connector.session is not None:
                self._supersede(connector, connector.session, record)
            session = Session.of(record, state.now, state.moment.utc)
            connector.resume(session, state.now, held.get(record.connector.number))
        self.ask_forecasts()

    def authorize(self, incarnation: int, message_id: str, payload: Mapping[str, Any]) -> None:
        """Authorize.req."""
        self._ask_card("Authorize", (incarnation, message_id), payload, None)

    def start(
        self, incarnation: int, message_id: str, payload: Mapping[str, Any], connector: ConnectorControl
    ) -> None:
        """StartTransaction.req: first the card, then the record, then the answer."""
        self._ask_card("StartTransaction", (incarnation, message_id), payload, connector)

    def stop(self, incarnation: int, message_id: str, payload: Mapping[str, Any]) -> None:
        """StopTransaction.req; also of a transaction that nobody knows, and of -1 (errata 3.18)."""
        transaction = payload["transactionId"]
        stopped_at, flags = self._time(payload["timestamp"])
        if transaction == _NEVER_LEARNT and (meant := self._unnamed(payload, stopped_at)) is not None:
            transaction = meant
            flags += (MATCHED_MINUS_ONE,)
        connector = self._running(transaction)
        session = None if connector is None else connector.session
        if session is not None and payload["meterStop"] < session.meter_start:
            flags += ("meter_stop_below_start",)
        request = self._open("StopTransaction", (incarnation, message_id), payload, connector)
        id_tag = payload.get("idTag")
        self._state.do(
            WriteStop(
                request=request,
                transaction=transaction,
                stopped_at=stopped_at,
                meter_stop=float(payload["meterStop"]),
                id_tag=None if id_tag is None else normal_tag(id_tag),
                reason=payload.get("reason", "Local"),
                flags=flags,
                upstream=payload if self._state.settings.uplink else None,
                split=None if session is None else self._final(session, payload["meterStop"], stopped_at),
            )
        )

    def _final(self, session: Session, meter_stop: float, stopped_at: datetime) -> Split:
        """When a session charged that ends at this register; the clock of its station may be wrong."""
        end = min(stopped_at, self._state.moment.utc)
        rest = meter_stop - session.meter_start - session.split.energy
        tariff, zone = self._state.settings.tariff, self._state.station.zone
        return session.split.taken(
            rest, session.split_at or session.started_at, end, flowing=rest > 0.0, tariff=tariff, zone=zone
        )

    def close_here(self, transaction: int, reason: str) -> None:
        """Close a session whose station is gone (OC-3): with the energy that was last known."""
        connector = self._running(transaction)
        if connector is None or connector.session is None:
            return
        self._write_end(connector, connector.session, self._state.moment.utc, reason, ())

    def card_checked(self, request: str, card: CardRecord | None) -> None:
        """The recorder has looked the card up."""
        pending = self._requests.get(request)
        if pending is None:
            return
        state = self._state
        pending.card = card
        if state.settings.uplink and state.settings.authentication is Authentication.KNOWN_CARDS:
            pending.operator_by = state.now + OPERATOR_WITHIN
            state.do(AskOperator(request, pending.action, {"idTag": pending.payload["idTag"]}))
            return
        pending.status = status_of(card, state.settings.authentication, state.station.zone)
        self._decided(request, pending)

    def transfer(self, incarnation: int, message_id: str, payload: Mapping[str, Any]) -> None:
        """DataTransfer.req, which only the operator may understand."""
        request = self._open("DataTransfer", (incarnation, message_id), payload, None)
        self._requests[request].operator_by = self._state.now + OPERATOR_WITHIN
        self._state.do(AskOperator(request, "DataTransfer", payload))

    def operator_answered(
        self, request: str, payload: Mapping[str, Any] | None, cached: Mapping[str, Any] | None
    ) -> None:
        """The operator decides about cards (AU-3); where it gives no answer, the rule for outages (AU-2).

        `cached` is its older word on the card.
        """
        pending = self._requests.get(request)
        if pending is None or pending.operator_by is None:
            return
        pending.operator_by = None
        if pending.action == "DataTransfer":
            del self._requests[request]
            self._answer(pending, payload or {"status": "UnknownVendorId"})
            return
        if payload is not None:
            pending.info = dict(payload["idTagInfo"])
        else:
            pending.info = self._in_outage(cached)
        pending.status = str(pending.info["status"])
        self._decided(request, pending)

    def _in_outage(self, cached: Mapping[str, Any] | None) -> Mapping[str, Any]:
        match self._state.settings.offline:
            case OfflineAuthentication.ACCEPT:
                return {"status": ACCEPTED}
            case OfflineAuthentication.CACHE if cached is not None:
                return cached
            case _:
                return {"status": INVALID}

    def _decided(self, request: str, pending: _Request) -> None:
        """Whether the card may charge is known by now."""
        state = self._state
        if pending.connector is not None:
            self._write_start(request, pending, pending.connector)
            return
        del self._requests[request]
        self._answer(pending, {"idTagInfo": {**pending.info, "status": pending.status}})
        if pending.status == ACCEPTED:
            state.log(f"card {normal_tag(pending.payload['idTag'])} accepted", "transaction")
        else:
            state.log(f"card {normal_tag(pending.payload['idTag'])} refused", "transaction")

    def start_recorded(self, request: str, record: SessionRecord) -> None:
        """The session is on disk: now the station may have its number."""
        pending = self._requests.pop(request, None)
        if pending is None:
            return
        state = self._state
        state.news = True
        info = {**pending.info, "status": pending.status}
        answer = {"transactionId": record.transaction, "idTagInfo": info}
        self._answer(pending, answer)
        connector = pending.connector
        if connector is None or record.stopped_at is not None:
            return
        if connector.session is not None:
            if connector.session.transaction == record.transaction:
                return
            self._supersede(connector, connector.session, record)
        session = Session.of(record, state.now, state.moment.utc)
        session.refused = pending.status != ACCEPTED
        connector.start(session, state.now)
        connector.card_vip = pending.card is not None and pending.card.vip
        state.log(
            f"transaction {record.transaction} started on connector {connector.number} by {record.id_tag}"
            + (": not authorised, gets no current" if session.refused else ""),
            "transaction",
        )
        self.ask_forecasts()

    def ask_forecasts(self) -> None:
        """Ask once for each session what is to be expected of it, where that counts."""
        if not self._state.settings.forecasts:
            return
        for connector in self._state.connectors.values():
            session = connector.session
            if session is not None and not session.forecast_asked:
                session.forecast_asked = True
                self._state.do(AskForecast(session.transaction))

    def forecast_found(self, transaction: TransactionId, forecast: Forecast | None) -> None:
        """What is expected of a session, for the first time or because its driver stated something."""
        connector = self._running(transaction)
        if connector is not None and connector.session is not None:
            connector.session.forecast = forecast
            self._state.news = True

    def stop_recorded(self, request: str, record: SessionRecord | None, *, orphan: bool) -> None:
        """The end is on disk."""
        pending = self._requests.pop(request, None)
        if pending is None:
            return
        state = self._state
        state.news = True
        answer = {"idTagInfo": {"status": ACCEPTED}} if "idTag" in pending.payload else {}
        self._answer(pending, answer)
        transaction = pending.payload["transactionId"]
        # A station that never learnt its transaction's id says -1: the record knows which one it was.
        connector = self._running(transaction if record is None else record.transaction)
        if connector is not None:
            connector.stop(state.now)
            if all(slot.failures == 0 for _, slot in connector.slots()):
                state.cease(PROFILE_REJECTED, state.source(connector.number))
        if orphan:
            state.log(f"end of an unknown transaction {transaction} kept as an orphan", "transaction")
        elif record is not None:
            state.log(
                f"transaction {transaction} ended: {record.energy / 1000.0:.2f} kWh,"
                f" {record.stop_reason or 'Local'}",
                "transaction",
            )

    def recording_failed(self, request: str, reason: str) -> None:
        """Nothing was committed."""
        pending = self._requests.pop(request, None)
        if pending is not None:
            self._refuse(pending, f"not recorded: {reason}")

    def expire(self) -> None:
        """Whoever has waited for too long is told to come again."""
        state = self._state
        for request, pending in list(self._requests.items()):
            if pending.operator_by is not None and state.now >= pending.operator_by:
                self.operator_answered(request, None, None)
            elif state.now >= pending.deadline:
                del self._requests[request]
                self._refuse(pending, "the recorder doesn't answer")
        if self._ask_again_at is not None and state.now >= self._ask_again_at:
            self.ask_open()

    def wake_at(self) -> Monotonic | None:
        """When `expire` is due."""
        moments = [
            pending.deadline if pending.operator_by is None else min(pending.deadline, pending.operator_by)
            for pending in self._requests.values()
        ]
        if self._ask_again_at is not None:
            moments.append(self._ask_again_at)
        return min(moments, default=None)

    def _open(
        self,
        action: str,
        call: tuple[int, str] | None,
        payload: Mapping[str, Any],
        connector: ConnectorControl | None,
    ) -> str:
        self._number += 1
        request = f"{self._state.prefix}-{self._number}"
        deadline = self._state.now + ANSWER_WITHIN
        self._requests[request] = _Request(action, call, payload, deadline, connector)
        return request

    def _ask_card(
        self,
        action: str,
        call: tuple[int, str],
        payload: Mapping[str, Any],
        connector: ConnectorControl | None,
    ) -> None:
        request = self._open(action, call, payload, connector)
        self._state.do(AskCard(request, normal_tag(payload["idTag"])))

    def _write_start(self, request: str, pending: _Request, connector: ConnectorControl) -> None:
        state = self._state
        payload = pending.payload
        started_at, flags = self._time(payload["timestamp"])
        if pending.status != ACCEPTED and self._accepted_offline(started_at):
            pending.status = ACCEPTED
        if pending.status != ACCEPTED:
            flags += (UNAUTHORISED,)
        vip = state.station.vip or (pending.card is not None and pending.card.vip)
        state.do(
            WriteStart(
                request=request,
                connector=connector.connector.key,
                id_tag=normal_tag(payload["idTag"]),
                vip=vip,
                started_at=started_at,
                meter_start=float(payload["meterStart"]),
                flags=flags,
                upstream=payload if state.settings.uplink else None,
            )
        )

    def _accepted_offline(self, started_at: datetime) -> bool:
        """A session that began under the rule for a station that can't ask isn't ended afterwards."""
        offline = self._state.settings.offline is OfflineAuthentication.ACCEPT
        return offline and self._state.moment.utc - started_at > _REPLAYED

    def _supersede(self, connector: ConnectorControl, old: Session, new: SessionRecord) -> None:
        """An outlet has one session at a time: the older has ended without a word."""
        self._write_end(connector, old, new.started_at, "Other", ("superseded",))

    def _write_end(
        self,
        connector: ConnectorControl,
        session: Session,
        stopped_at: datetime,
        reason: str,
        flags: tuple[str, ...],
    ) -> None:
        payload = {"transactionId": session.transaction}
        request = self._open("StopTransaction", None, payload, connector)
        self._state.do(
            WriteStop(
                request=request,
                transaction=session.transaction,
                stopped_at=stopped_at,
                meter_stop=session.meter_start + session.energy,
                id_tag=None,
                reason=reason,
                flags=flags,
                split=session.split,
            )
        )

    def _unnamed(self, payload: Mapping[str, Any], stopped_at: datetime) -> TransactionId | None:
        """The only running session that a stop without an id can mean: the station never named it either."""
        id_tag = payload.get("idTag")
        fitting = [
            session.transaction
            for connector in self._state.connectors.values()
            if (session := connector.session) is not None
            and not session.named
            and session.started_at <= stopped_at
            and session.meter_start <= payload["meterStop"]
            and (id_tag is None or normal_tag(id_tag) == session.id_tag)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _time(self, text: str) -> tuple[datetime, tuple[str, ...]]:
        utc = self._state.moment.utc
        moment = parse_time(text)
        if moment is None:
            return utc, ("bad_timestamp",)
        return moment, (("future_timestamp",) if moment - utc > _FUTURE else ())

    def _running(self, transaction: int) -> ConnectorControl | None:
        return next(
            (
                connector
                for connector in self._state.connectors.values()
                if connector.session is not None and connector.session.transaction == transaction
            ),
            None,
        )

    def _answer(self, pending: _Request, payload: Mapping[str, Any]) -> None:
        if pending.call is not None:
            incarnation, message_id = pending.call
            self._state.do(Transmit(incarnation, call_result(message_id, payload)))

    def _refuse(self, pending: _Request, why: str) -> None:
        state = self._state
        if pending.action == "Authorize" and state.settings.authentication is not Authentication.KNOWN_CARDS:
            self._answer(pending, {"idTagInfo": {"status": ACCEPTED}})
            return
        state.log(f"{pending.action} answered with InternalError: {why}")
        if pending.call is not None:
            incarnation, message_id = pending.call
            text = call_error(message_id, ErrorCode.INTERNAL_ERROR, why)
            state.do(Transmit(incarnation, text))
