"""The states that people see for a connector, a station and an outlet: a word and a colour each (LM-11)."""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from evce.facts import ConnectorStatus, Link
from evce.records import SessionPoint
from evce.session_course import AWAY
from evce.units import Amps
from evce.views import ConnectorView, MeterView, StationView
from web.languages import gettext

__all__ = [
    "OutletState",
    "State",
    "connector_state",
    "outlet_state",
    "session_state",
    "station_state",
    "tally",
]


class State(StrEnum):
    """LM-11; `occupied` besides: a cable is plugged or reserved, and no session runs."""

    CHARGING = "charging"
    SUSPENDED_EV = "suspended-ev"
    SUSPENDED_SYSTEM = "suspended-system"
    OCCUPIED = "occupied"
    AVAILABLE = "available"
    FAULTED = "faulted"
    UNAVAILABLE = "unavailable"
    DISCONNECTED = "disconnected"

    @property
    def word(self) -> str:
        """The word beside the colour."""
        match self:
            case State.CHARGING:
                return gettext("Charging")
            case State.SUSPENDED_EV:
                return gettext("Suspended by EV")
            case State.SUSPENDED_SYSTEM:
                return gettext("Suspended by system")
            case State.OCCUPIED:
                return gettext("Occupied")
            case State.AVAILABLE:
                return gettext("Available")
            case State.FAULTED:
                return gettext("Faulted")
            case State.UNAVAILABLE:
                return gettext("Unavailable")
            case State.DISCONNECTED:
                return gettext("Disconnected")

    @property
    def short_word(self) -> str:
        """A word that fits beside a name in the tree."""
        match self:
            case State.SUSPENDED_EV:
                return gettext("EV paused")
            case State.SUSPENDED_SYSTEM:
                return gettext("suspended")
            case State.DISCONNECTED:
                return gettext("offline")
            case _:
                return self.word.lower()


class OutletState(StrEnum):
    """States of an outlet, a meter that only reports (MT-4)."""

    CONSUMING = "charging"
    AVAILABLE = "available"
    DISCONNECTED = "disconnected"

    @property
    def word(self) -> str:
        """The word beside the colour."""
        match self:
            case OutletState.CONSUMING:
                return gettext("Consuming")
            case OutletState.AVAILABLE:
                return gettext("Available")
            case OutletState.DISCONNECTED:
                return gettext("Disconnected")


_BY_STATUS = {
    ConnectorStatus.UNKNOWN: State.UNAVAILABLE,
    ConnectorStatus.AVAILABLE: State.AVAILABLE,
    ConnectorStatus.PREPARING: State.OCCUPIED,
    ConnectorStatus.CHARGING: State.CHARGING,
    ConnectorStatus.SUSPENDED_EVSE: State.SUSPENDED_SYSTEM,
    ConnectorStatus.SUSPENDED_EV: State.SUSPENDED_EV,
    ConnectorStatus.FINISHING: State.OCCUPIED,
    ConnectorStatus.RESERVED: State.OCCUPIED,
    ConnectorStatus.UNAVAILABLE: State.UNAVAILABLE,
    ConnectorStatus.FAULTED: State.FAULTED,
}

_MOST_TELLING = (
    State.FAULTED,
    State.CHARGING,
    State.SUSPENDED_SYSTEM,
    State.SUSPENDED_EV,
    State.OCCUPIED,
    State.AVAILABLE,
    State.UNAVAILABLE,
)
"""A station with two connectors shows the first of these that one of them is in."""

_CONSUMES_FROM_AMPS = 0.2
"""Below this a reporting meter shows noise, not a load."""


def connector_state(station: StationView, connector: ConnectorView) -> State:
    """What a connector is doing, as people say it."""
    if station.link is not Link.CONNECTED:
        return State.DISCONNECTED
    if connector.transaction is None or connector.setpoint is None:
        return _BY_STATUS[connector.status]
    drawn = max(connector.measured) if connector.measured is not None else 0.0
    return _in_session(connector.status, connector.setpoint, drawn)


def session_state(point: SessionPoint) -> State:
    """What a connector was doing at a moment of its session."""
    if point.state == AWAY:
        return State.DISCONNECTED
    return _in_session(ConnectorStatus(point.state), point.allowed, point.drawn or 0.0)


def _in_session(status: ConnectorStatus, allowed: Amps, drawn: Amps) -> State:
    if status is ConnectorStatus.CHARGING and allowed <= 0.0 and drawn < _CONSUMES_FROM_AMPS:
        return State.SUSPENDED_SYSTEM  # some stations stay "Charging" at 0 A
    return _BY_STATUS[status]


def station_state(station: StationView) -> State:
    """The most telling state of its connectors."""
    if station.link is not Link.CONNECTED:
        return State.DISCONNECTED
    states = {connector_state(station, connector) for connector in station.connectors}
    return next((state for state in _MOST_TELLING if state in states), State.UNAVAILABLE)


def outlet_state(meter: MeterView) -> OutletState:
    """Whether something behind a reporting meter consumes (MT-4)."""
    if meter.state != "connected":
        return OutletState.DISCONNECTED
    if meter.amps is not None and max(meter.amps) >= _CONSUMES_FROM_AMPS:
        return OutletState.CONSUMING
    return OutletState.AVAILABLE


def tally(states: Iterable[State]) -> dict[State, int]:
    """How many are in each state, every state named, in the order of the legend."""
    counted = Counter(states)
    return {state: counted[state] for state in State}
