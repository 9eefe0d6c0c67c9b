"""Tests of the messages between gateway and stations."""

from typing import Any

import pytest

from actors.messages import CallReceived, Lane
from evce.units import BoxIdentity


def call(action: str, payload: dict[str, Any], *, answered: bool) -> CallReceived:
    return CallReceived(BoxIdentity("A"), 1, "id", action, payload, answered)


def values(connector: int = 1, measurand: str = "Current.Import", transaction: int = 7) -> dict[str, Any]:
    sample = {"value": "1", "measurand": measurand}
    return {
        "connectorId": connector,
        "transactionId": transaction,
        "meterValue": [{"sampledValue": [sample]}],
    }


@pytest.mark.parametrize(
    ("message", "lane"),
    [
        (call("MeterValues", values(), answered=True), Lane.SAMPLE),
        (call("MeterValues", values(), answered=False), Lane.EVENT),
        (call("Heartbeat", {}, answered=True), Lane.EVENT),
        (call("StopTransaction", {}, answered=False), Lane.EVENT),
    ],
)
def test_only_meter_values_that_were_answered_may_be_shed(message: CallReceived, lane: Lane) -> None:
    """OC-1: transactions and states never are."""
    assert message.lane is lane


@pytest.mark.parametrize(
    "other",
    [values(connector=2), values(measurand="Power.Active.Import"), values(transaction=8)],
)
def test_meter_values_replace_only_what_they_say_again(other: dict[str, Any]) -> None:
    """OC-1: same connector, session and measurands."""
    first = call("MeterValues", values(), answered=True)
    assert first.coalesce_key == call("MeterValues", values(), answered=True).coalesce_key
    assert first.coalesce_key != call("MeterValues", other, answered=True).coalesce_key


def test_what_is_no_sample_replaces_nothing() -> None:
    assert call("MeterValues", values(), answered=False).coalesce_key is None
