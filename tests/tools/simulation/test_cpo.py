"""What the simulated operator answers, well or badly."""

import json
from pathlib import Path
from typing import Any

import pytest

from tools.simulation.cpo import Habits, Operator
from tools.simulation.cpo_book import Book

BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
START = {"connectorId": 1, "idTag": "A", "meterStart": 5, "timestamp": "2026-01-01T00:00:00Z"}


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(Book(tmp_path / "book"))


def say(operator: Operator, action: str, payload: dict[str, Any]) -> Any:
    text = operator.receive("CP-1", json.dumps([2, "m", action, payload]))
    return None if text is None else json.loads(text)[2]


def test_a_station_is_taken_in_and_its_session_booked(operator: Operator) -> None:
    """CPO-1."""
    assert say(operator, "BootNotification", BOOT)["status"] == "Accepted"
    assert say(operator, "Authorize", {"idTag": "A"}) == {"idTagInfo": {"status": "Accepted"}}
    assert say(operator, "StartTransaction", START)["transactionId"] == 1001
    stop = {"transactionId": 1001, "meterStop": 9, "timestamp": "2026-01-01T01:00:00Z"}
    assert say(operator, "StopTransaction", stop) == {}
    assert [event for _, event, _ in operator.book.order] == ["start", "stop"]
    assert operator.complaints == []


@pytest.mark.parametrize(
    ("habits", "answer"),
    [
        (Habits(mute=True), None),
        (Habits(wrong=True), {"status": "Perhaps", "transactionId": "many"}),
        (Habits(errors=1), "InternalError"),
    ],
)
def test_bad_habits_show(operator: Operator, habits: Habits, answer: Any) -> None:
    operator.habits = habits
    assert say(operator, "StartTransaction", START) == answer
    assert operator.book.order == []


def test_what_breaks_ocpp_is_a_complaint(operator: Operator) -> None:
    operator.receive("CP-1", "nonsense")
    assert say(operator, "StartTransaction", {"connectorId": 1}) == "TypeConstraintViolation"
    assert len(operator.complaints) == 2


def test_a_refused_card_is_invalid_in_any_case(operator: Operator) -> None:
    """AU-7."""
    operator.habits.cards["ABC"] = "Invalid"
    assert say(operator, "Authorize", {"idTag": "abc"}) == {"idTagInfo": {"status": "Invalid"}}
