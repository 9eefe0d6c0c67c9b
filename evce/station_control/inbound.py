"""The CALLs of a station: each is answered once, and what it says is taken in."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from evce.facts import ConnectorStatus
from evce.meter_values import parse_time, read_meter_values
from evce.ocppj import ErrorCode, call_error, call_result
from evce.profiles import RateUnit
from evce.station_control.action_following import ActionFollowing
from evce.station_control.certificates import Certificates
from evce.station_control.connector import ConnectorControl
from evce.station_control.effects import Transmit, WriteProgress
from evce.station_control.learning import Learning
from evce.station_control.settings import PROGRESS_EVERY
from evce.station_control.state import State
from evce.station_control.transactions import Transactions
from evce.station_control.uplink import Uplink
from evce.units import Seconds

__all__ = ["Inbound", "format_time"]

_Handler = Callable[[int, str, Mapping[str, Any]], Mapping[str, Any] | None]

_REPLAY: Final = 60.0
"""Seconds; a measurement older than this is the past of a session, not what flows now."""


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as OCPP 1.6 §3.14 wants it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Inbound:
    """One handler per action; None as its answer means that the answer follows later."""

    def __init__(
        self,
        state: State,
        learning: Learning,
        transactions: Transactions,
        uplink: Uplink,
        certificates: Certificates,
        following: ActionFollowing,
        restarted: Callable[[], None],
    ) -> None:
        self._state = state
        self._learning = learning
        self._transactions = transactions
        self._uplink = uplink
        self._certificates = certificates
        self._following = following
        self._restarted = restarted
        self._last_boot: tuple[int, str] | None = None
        self._handlers: dict[str, _Handler] = {
            "Authorize": self._authorize,
            "BootNotification": self._boot,
            "DataTransfer": self._data_transfer,
            "DiagnosticsStatusNotification": self._progress_of("diagnostics"),
            "FirmwareStatusNotification": self._progress_of("firmware"),
            "Heartbeat": self._heartbeat,
            "LogStatusNotification": self._progress_of("log upload"),
            "MeterValues": self._meter_values,
            "SecurityEventNotification": self._security_event,
            "SignCertificate": self._sign_certificate,
            "SignedFirmwareStatusNotification": self._progress_of("signed firmware"),
            "StartTransaction": self._start,
            "StatusNotification": self._status,
            "StopTransaction": self._stop,
        }

    def received(
        self, incarnation: int, message_id: str, action: str, payload: Mapping[str, Any], *, answered: bool
    ) -> None:
        """Handle one valid CALL. `answered`: the edge has answered it already."""
        state = self._state
        state.last_seen = state.moment.utc
        if not state.accepted and action != "BootNotification":
            state.log(f"{action} refused: the station was never accepted")
            if not answered:
                self._error(
                    incarnation, message_id, ErrorCode.SECURITY_ERROR, "send a BootNotification first"
                )
            return
        handler = self._handlers.get(action)
        if handler is None:
            self._error(incarnation, message_id, ErrorCode.NOT_IMPLEMENTED, f"unknown action {action}")
            return
        self._uplink.inform(action, payload)
        if self._following.awaits:
            self._following.heard(action, payload)
        answer = handler(incarnation, message_id, payload)
        if answer is not None and not answered:
            state.do(Transmit(incarnation, call_result(message_id, answer)))

    def _boot(self, incarnation: int, message_id: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        state = self._state
        repeated = (incarnation, message_id) == self._last_boot
        self._last_boot = (incarnation, message_id)
        if not repeated:  # a frame that came twice is one restart
            restarted = self._learning.booted(payload)
            device = state.identity
            state.log(f"boot: {device.vendor} {device.model}, firmware {device.firmware or 'unknown'}")
            self._following.booted(restarted=restarted)
            if restarted:
                self._restarted()
        return {
            "status": "Accepted",
            "currentTime": format_time(state.moment.utc),
            "interval": int(state.settings.heartbeat_interval),
        }

    def _heartbeat(self, _: int, __: str, ___: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"currentTime": format_time(self._state.moment.utc)}

    def _authorize(self, incarnation: int, message_id: str, payload: Mapping[str, Any]) -> None:
        self._transactions.authorize(incarnation, message_id, payload)

    def _start(self, incarnation: int, message_id: str, payload: Mapping[str, Any]) -> None:
        connector = self._connector(payload["connectorId"])
        if connector is None:
            self._error(
                incarnation,
                message_id,
                ErrorCode.PROPERTY_CONSTRAINT,
                f"connectorId {payload['connectorId']}: this station has {self._numbers()}",
            )
            return
        self._clock(payload["timestamp"], replayable=True)
        self._transactions.start(incarnation, message_id, payload, connector)

    def _stop(self, incarnation: int, message_id: str, payload: Mapping[str, Any]) -> None:
        self._clock(payload["timestamp"], replayable=True)
        self._transactions.stop(incarnation, message_id, payload)

    def _status(self, _: int, __: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        state = self._state
        if "timestamp" in payload:
            self._clock(payload["timestamp"])
        number, status, error = payload["connectorId"], payload["status"], payload["errorCode"]
        if number == 0:
            self._fault(state.name, "station", status, error, payload)
            return {}
        connector = self._connector(number)
        if connector is None:
            return {}
        if connector.status != status:
            state.log(f"connector {number} is {status}" + (f" ({error})" if error != "NoError" else ""))
            state.news = True
        connector.set_status(ConnectorStatus(status), error, state.now)
        self._fault(state.source(number), f"connector {number}", status, error, payload)
        return {}

    def _fault(self, source: str, part: str, status: str, error: str, payload: Mapping[str, Any]) -> None:
        if status != ConnectorStatus.FAULTED:
            self._state.cease("faulted", source)
            return
        details = " ".join(str(payload[key]) for key in ("vendorErrorCode", "info") if payload.get(key))
        self._state.alarm(
            "faulted",
            source,
            f"{part} is faulted: {error}" + (f", {details}" if details else ""),
            "Look at the station; restart it once the cause is gone.",
        )

    def _meter_values(self, _: int, __: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        state = self._state
        number = payload["connectorId"]
        if number == 0:
            return {}
        connector = self._connector(number)
        if connector is None:
            return {}
        phases = 3 if connector.connector.wiring.three_phase else 1
        reading = read_meter_values(payload["meterValue"], phases)
        at, age = state.now, 0.0
        if reading.at is not None:
            self._observe(reading.at)
            age = state.clock.age(reading.at, state.moment.utc)
            at = state.now - age
        if age <= _REPLAY and connector.measure(reading, at) and state.unit is RateUnit.WATTS:
            connector.tx.again = True
        if reading.doubts:
            state.log(f"connector {number}: {'; '.join(reading.doubts)}", "meter value")
        self._energy(connector, payload.get("transactionId"), reading.energy, age)
        return {}

    def _energy(
        self, connector: ConnectorControl, transaction: int | None, energy: float | None, age: Seconds
    ) -> None:
        session = connector.session
        if session is None or transaction not in (None, session.transaction):
            return
        session.named |= transaction is not None
        if energy is None:
            return
        before = session.energy
        session.register(energy)
        more = session.energy - before
        session.taken(
            more,
            self._state.moment.utc - timedelta(seconds=max(0.0, age)),
            flowing=connector.draws or (connector.draw is None and more > 0.0),
            tariff=self._state.settings.tariff,
            zone=self._state.station.zone,
        )
        now = self._state.now
        if session.energy > session.noted and now - session.noted_at >= PROGRESS_EVERY:
            session.noted, session.noted_at = session.energy, now
            self._state.do(WriteProgress(session.transaction, session.energy, session.split))

    def _data_transfer(
        self, incarnation: int, message_id: str, payload: Mapping[str, Any]
    ) -> Mapping[str, Any] | None:
        """OCPP 1.6 §4.3: nothing of any vendor is implemented here; an operator may know it."""
        if self._state.settings.uplink:
            self._transactions.transfer(incarnation, message_id, payload)
            return None
        self._state.log(f"data transfer of {payload['vendorId']!r} not understood")
        return {"status": "UnknownVendorId"}

    def _progress_of(self, what: str) -> _Handler:
        def handle(_: int, __: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
            self._state.log(f"{what}: {payload['status']}")
            return {}

        return handle

    def _security_event(self, _: int, __: str, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        details = payload.get("techInfo")
        self._state.log(f"security event {payload['type']}" + (f": {details}" if details else ""), "security")
        return {}

    def _sign_certificate(self, incarnation: int, message_id: str, payload: Mapping[str, Any]) -> None:
        self._certificates.asked(incarnation, message_id, payload)

    def _connector(self, number: int) -> ConnectorControl | None:
        """A connector that the site doesn't know would be one that nobody holds: people must see it."""
        state = self._state
        connector = state.connectors.get(number)
        if connector is None:
            state.alarm(
                "unknown_connector",
                f"{state.name}/{number}",
                f"the station speaks of connector {number}, the site knows {self._numbers()}",
                "Add the connector to the configuration: its current is not managed.",
            )
        return connector

    def _numbers(self) -> str:
        numbers = ", ".join(str(number) for number in self._state.connectors)
        return f"connector {numbers}" if len(self._state.connectors) == 1 else f"connectors {numbers}"

    def _clock(self, text: str, *, replayable: bool = False) -> None:
        moment = parse_time(text)
        if moment is not None:
            self._observe(moment, replayable=replayable)

    def _observe(self, moment: datetime, *, replayable: bool = False) -> None:
        """Fold a station's time in; leases are said anew once the estimate has moved."""
        state = self._state
        known = state.clock.known
        if not state.clock.observe(moment, state.moment.utc, state.now, replayable=replayable):
            if state.clock.known and not known:
                for connector in state.connectors.values():
                    connector.bound_leases()
            return
        state.news = True
        for connector in state.connectors.values():
            for slot in (connector.default, connector.tx):
                if slot.in_force is not None:
                    slot.again = True
        if state.clock.wrong:
            state.alarm(
                "clock_skew",
                state.name,
                "the station's clock is more than half a minute off",
                "Its leases count as endless until its clock is right: check its time settings.",
            )
        else:
            state.cease("clock_skew", state.name)

    def _error(self, incarnation: int, message_id: str, code: str, description: str) -> None:
        self._state.do(Transmit(incarnation, call_error(message_id, code, description)))
