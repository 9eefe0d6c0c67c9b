"""Tests of what the message console begins with, and of the words for each field."""

from datetime import UTC, datetime

import pytest

from evce.order_fields import OrderField, order_fields, order_template
from evce.validation import CENTRAL_ACTIONS, check_order

NOW = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize("action", sorted(CENTRAL_ACTIONS))
def test_what_one_begins_with_fits_the_schema(action: str) -> None:
    """OC-3: every needed field is there; nothing that the schema forbids."""
    template = order_template(action, NOW)
    assert check_order(action, template) is None
    needed = {each.path for each in order_fields(action) if each.needed and "." not in each.path}
    assert needed <= set(template)


@pytest.mark.parametrize(
    ("action", "template"),
    [
        ("Reset", {"type": "Soft"}),
        ("ClearCache", {}),
        (
            "ReserveNow",
            {"connectorId": 1, "expiryDate": "2026-11-22T19:00:00Z", "idTag": "", "reservationId": 1},
        ),
        ("GetLog", {"logType": "DiagnosticsLog", "requestId": 1, "log": {"remoteLocation": ""}}),
    ],
)
def test_it_is_as_gentle_as_it_can_be(action: str, template: dict[str, object]) -> None:
    """OC-3: texts are for the engineer to write."""
    assert order_template(action, NOW) == template


def test_each_field_says_what_is_allowed() -> None:
    """OC-3: also those within others, and those of lists."""
    fields = {each.path: each for each in order_fields("SendLocalList")}
    assert list(fields)[:2] == ["listVersion", "updateType"]
    assert fields["listVersion"] == OrderField("listVersion", "whole number", needed=True)
    assert fields["updateType"].choices == ("Differential", "Full")
    assert fields["localAuthorizationList"].kind == "list"
    assert fields["localAuthorizationList[].idTag"] == OrderField(
        "localAuthorizationList[].idTag", "text", needed=True, longest=20
    )
    assert fields["localAuthorizationList[].idTagInfo.expiryDate"].kind == "date and time"
    assert {each.path for each in order_fields("GetLog")} >= {"log", "log.remoteLocation"}


def test_an_unknown_action_is_refused() -> None:
    with pytest.raises(LookupError, match="Heartbeat"):
        order_template("Heartbeat", NOW)
