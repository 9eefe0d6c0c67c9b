"""Asks a station for the meter values that it doesn't send as often as it was told."""

from collections.abc import Mapping
from typing import Any, Final

from evce.facts import ConnectorStatus
from evce.station_control.calls import Order
from evce.station_control.state import Learn, State
from evce.units import Monotonic, Seconds

__all__ = ["SAMPLE", "Sampling"]

SAMPLE: Final = "sample"
"""The step of the question, for its answer."""

_LATE_AT_LEAST: Final[Seconds] = 10.0
"""A report may come late by a slow line; one that took this long is missing."""

_REFUSALS: Final = 3
"""A station that says no so often in a row is asked no more before it connects anew."""


class Sampling:
    """What a car draws is known from its station alone where its zone has no meter (LM-10, DESIGN §5)."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._asked_at: dict[int, Monotonic] = {}
        self._refusals = 0

    def begin(self) -> None:
        """A connection is there: nothing is known of it."""
        self._asked_at.clear()
        self._refusals = 0

    def review(self) -> None:
        """Ask for each car that may draw and of which nothing has been heard for two intervals."""
        state = self._state
        for number in self._due():
            self._asked_at[number] = state.now
            payload = {"requestedMessage": "MeterValues", "connectorId": number}
            state.call(
                "TriggerMessage", payload, Order.LATER, Learn(SAMPLE), ("trigger", "MeterValues", number)
            )

    def answered(self, payload: Mapping[str, Any]) -> None:
        """An answer of the station."""
        self._refusals = 0 if payload.get("status") == "Accepted" else self._refusals + 1

    def failed(self) -> None:
        """It doesn't know what was asked, or says nothing."""
        self._refusals += 1

    def wake_at(self) -> Monotonic | None:
        """When `review` is due, None if nothing is waited for."""
        return min(self._waits().values(), default=None)

    def _due(self) -> list[int]:
        return [number for number, at in self._waits().items() if self._state.now >= at]

    def _waits(self) -> dict[int, Monotonic]:
        """Until when each car that may draw is waited for."""
        state = self._state
        known = state.capabilities
        if not state.connected or known is None or not known.triggers or self._refusals >= _REFUSALS:
            return {}
        late = max(2.0 * state.settings.meter_interval, _LATE_AT_LEAST)
        opened = state.opened_at if state.opened_at is not None else state.now
        return {
            number: late
            + max(
                opened,
                connector.session.since,
                connector.draw_at or opened,
                self._asked_at.get(number, opened),
            )
            for number, connector in state.connectors.items()
            if connector.session is not None
            and connector.wanted > 0.0
            and not connector.ending
            and connector.status is not ConnectorStatus.SUSPENDED_EV
        }
