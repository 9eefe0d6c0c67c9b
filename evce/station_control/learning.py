"""Getting to know a station after it (re)connects, without waiting for what it may never send."""

from collections.abc import Mapping
from typing import Any, Final

from evce.station_control.calls import Order
from evce.station_control.capabilities import MEASURANDS, Capabilities, wanted_keys
from evce.station_control.state import ChangeKey, Identity, Learn, State
from evce.station_control.ways import Ways
from evce.units import Monotonic, Seconds

__all__ = ["Learning"]

_CONFIGURATION: Final = "configuration"
_BOOT: Final = "boot"
_STATUS: Final = "status"

_SAME_BOOT: Final[Seconds] = 5.0
"""A BootNotification this soon after the connection belongs to it and restarts nothing."""

_TRIGGERED: Final[Seconds] = 60.0
"""A BootNotification this soon after we asked for one is the answer, no restart."""


class Learning:
    """Most stations send no BootNotification when only the central system was away: they are asked."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._boot_seen = False
        self._boot_triggered_at: Monotonic | None = None

    def begin(self) -> None:
        """A connection is there: ask what profiles need first, then what is good to know."""
        self._boot_seen = False
        self._boot_triggered_at = None
        if self._state.accepted:
            self._ask()
        else:
            self._trigger("BootNotification", None, _BOOT, Order.LEARNING)

    def booted(self, payload: Mapping[str, Any]) -> bool:
        """Take a BootNotification in; True when the station has restarted and must be told everything."""
        state = self._state
        state.boot = payload
        before, state.identity = (
            state.identity,
            Identity(
                vendor=str(payload.get("chargePointVendor", "")),
                model=str(payload.get("chargePointModel", "")),
                serial_number=str(
                    payload.get("chargePointSerialNumber") or payload.get("chargeBoxSerialNumber") or ""
                ),
                firmware=str(payload.get("firmwareVersion", "")),
            ),
        )
        state.news = True
        changed = before not in (Identity(), state.identity)
        if changed:
            # Another device, or another firmware: what is known of the one before says nothing of it.
            state.capabilities, state.ways = None, Ways()
            state.log(f"it is another device or firmware than before: {_named(state.identity)}")
        first_acceptance, state.accepted = not state.accepted, True
        answers_us = self._boot_triggered_at is not None and state.now - self._boot_triggered_at < _TRIGGERED
        self._boot_seen = True
        self._boot_triggered_at = None
        if first_acceptance or changed:
            self._ask()
        if first_acceptance:
            return False
        return not answers_us

    def fresh(self) -> bool:
        """Whether the connection is so young that its learning is still that of the restart."""
        opened_at = self._state.opened_at
        return opened_at is not None and self._state.now - opened_at < _SAME_BOOT

    def again(self) -> None:
        """The station has restarted on a connection that was known already."""
        self._state.capabilities = None
        self._ask()

    def answered(self, learn: Learn, payload: Mapping[str, Any]) -> None:
        """An answer to one of our questions."""
        if learn.step == _CONFIGURATION:
            self._known(Capabilities.read(payload))

    def failed(self, learn: Learn) -> None:
        """A question that the station doesn't understand: do without."""
        if learn.step == _CONFIGURATION:
            self._known(self._state.capabilities or Capabilities())

    def changed(self, change: ChangeKey, status: str) -> None:
        """An answer to ChangeConfiguration."""
        state = self._state
        if status in ("Accepted", "RebootRequired"):
            return
        if change.then is not None:
            self._change(change.key, change.then, None)
        else:
            state.log(f"{change.key} stays as it is: {change.value!r} was answered with {status}")

    def _ask(self) -> None:
        state = self._state
        for number in state.connectors:
            self._trigger("StatusNotification", number, _STATUS, Order.LEARNING)
        state.call("GetConfiguration", {}, Order.LEARNING, Learn(_CONFIGURATION), _CONFIGURATION)

    def _known(self, capabilities: Capabilities) -> None:
        """Now profiles can be sent in the right unit; the rest waits behind them."""
        state = self._state
        state.capabilities = capabilities
        if not capabilities.limits_current:
            state.log("the station doesn't claim smart charging; its current can perhaps not be limited")
        for key, value in wanted_keys(state.settings, capabilities):
            self._change(key, value, MEASURANDS[1] if value == MEASURANDS[0] else None)
        for number, connector in state.connectors.items():
            if connector.session is not None:
                self._trigger("MeterValues", number, _STATUS, Order.LATER)
        if not self._boot_seen:
            self._trigger("BootNotification", None, _BOOT, Order.LATER)

    def _change(self, key: str, value: str, then: str | None) -> None:
        change = ChangeKey(key, value, then)
        payload = {"key": key, "value": value}
        self._state.call("ChangeConfiguration", payload, Order.LATER, change, ("key", key))

    def _trigger(self, message: str, connector: int | None, step: str, order: Order) -> None:
        state = self._state
        if state.capabilities is not None and not state.capabilities.triggers:
            return
        payload: dict[str, Any] = {"requestedMessage": message}
        if connector is not None:
            payload["connectorId"] = connector
        state.call("TriggerMessage", payload, order, Learn(step), ("trigger", message, connector))

    def sent(self, payload: Mapping[str, Any]) -> None:
        """A CALL goes out now, whoever wanted it: a boot that was asked for is no restart."""
        if payload.get("requestedMessage") == "BootNotification":
            self._boot_triggered_at = self._state.now


def _named(device: Identity) -> str:
    parts = (device.vendor, device.model, device.serial_number, device.firmware)
    return " ".join(part for part in parts if part)
