"""A station's side of the uplink to a remote operator: notices up, commands down, the whole picture."""

from collections.abc import Mapping
from typing import Any, Final

from evce.cpo.told import ConnectorTold, StationTold
from evce.ocppj import ErrorCode
from evce.station_control.calls import Order
from evce.station_control.effects import Inform, NotRelayed
from evce.station_control.state import Command, Relayed, State
from evce.units import Amps, TransactionId
from evce.validation import check_order

__all__ = ["NOT_CONNECTED", "OPERATOR", "Uplink"]

NOT_CONNECTED: Final = "the station is not connected"
"""Why a command certainly never reached it."""

OPERATOR: Final = "CPO"
"""Who asked, in logs."""

_INFORMED: Final = frozenset(
    {
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "LogStatusNotification",
        "MeterValues",
        "SecurityEventNotification",
        "SignedFirmwareStatusNotification",
        "StatusNotification",
    }
)
"""What the operator hears as the station says it; the rest is told in another way, or is EVCE's alone."""


class Uplink:
    """Nothing here waits for the operator: a slow one delays no station."""

    def __init__(self, state: State) -> None:
        self._state = state

    def inform(self, action: str, payload: Mapping[str, Any]) -> None:
        """The station said something."""
        if self._state.settings.uplink and action in _INFORMED:
            self._state.do(Inform(action, payload))

    def relay(self, request: str, action: str, payload: Mapping[str, Any], author: str = OPERATOR) -> None:
        """A command, the operator's if no other: behind everything that holds the station's current."""
        state = self._state
        violation = check_order(action, payload)
        if violation is not None:
            state.do(NotRelayed(request, violation.code, violation.description))
        elif not state.connected:
            state.do(NotRelayed(request, ErrorCode.INTERNAL_ERROR, NOT_CONNECTED))
        else:
            state.call(action, payload, Order.LATER, Relayed(request, author))

    def assign(self, ceilings: Mapping[int, Amps | None]) -> None:
        """What the operator allows each connector, A per phase."""
        for number, connector in self._state.connectors.items():
            if connector.ceiling != ceilings.get(number):
                connector.ceiling = ceilings.get(number)
                self._state.news = True

    def refuse(self, transaction: TransactionId, status: str) -> None:
        """The operator doesn't accept this session's card: it gets no current, and is stopped (AU-3)."""
        state = self._state
        for connector in state.connectors.values():
            session = connector.session
            if session is None or session.transaction != transaction or session.refused:
                continue
            session.refused = True
            state.news = True
            state.log(f"the operator answered {status} to transaction {transaction}", "transaction", OPERATOR)
            if state.connected:
                payload = {"transactionId": transaction}
                state.call("RemoteStopTransaction", payload, Order.COMMAND, Command(OPERATOR))

    def told(self) -> StationTold:
        """The whole picture."""
        state = self._state
        return StationTold(
            connected=state.connected,
            boot=state.boot,
            limits_current=None if state.capabilities is None else state.capabilities.limits_current,
            connectors=tuple(
                ConnectorTold(
                    number=number,
                    status=connector.status.value,
                    error_code=connector.error_code,
                    transaction=None if connector.session is None else connector.session.transaction,
                    id_tag="" if connector.session is None else connector.session.id_tag,
                    started_at=None if connector.session is None else connector.session.started_at,
                    setpoint=connector.carrier.accepted,
                )
                for number, connector in state.connectors.items()
            ),
        )
