"""The table of actions and the reading of their parameters."""

from datetime import UTC, datetime
from typing import Any

import pytest

from evce.station_control.action_kinds import BEHIND_THE_PLEDGES, KINDS, kind_named, read_parameters
from evce.validation import check_order

NOW = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)

PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----"

GOOD: dict[str, dict[str, Any]] = {
    "start": {"connector": "1", "card": "04A1"},
    "stop": {"connector": 1},
    "reset": {},
    "unlock": {"connector": 2},
    "availability": {"type": "inoperative"},
    "reserve": {"card": "04A1", "connector": 1, "minutes": "5", "parent": "G1"},
    "cancel-reservation": {"reservation": 7},
    "diagnostics": {"location": "https://192.0.2.1/x"},
    "log": {"location": "ftp://192.0.2.1/x", "type": "SecurityLog"},
    "firmware": {"location": "http://192.0.2.1/fw.bin"},
    "signed-firmware": {
        "location": "http://192.0.2.1/fw.bin",
        "certificate": f"-----BEGIN CERTIFICATE-----\r\n{'QUJD' * 400}\r\n-----END CERTIFICATE-----\r\n",
        "signature": "QUJD\nQUJD\n",
    },
    "trigger": {"message": "Heartbeat"},
    "clear-cache": {},
    "get-keys": {"keys": "HeartbeatInterval, Odd"},
    "set-key": {"key": "LightIntensity", "value": "50"},
    "data-transfer": {"vendor": "acme", "content": "x"},
    "card-list": {"full": "on"},
    "call": {"call": "GetLocalListVersion"},
}


@pytest.mark.parametrize("name", KINDS)
def test_every_action_becomes_a_call_that_fits_its_schema(name: str) -> None:
    """OC-1, OC-3."""
    kind = KINDS[name]
    values, faults = read_parameters(kind, GOOD[name])
    assert faults == {}
    call = kind.call or values["call"]
    assert check_order(call, kind.payload(values, 7, NOW)) is None


@pytest.mark.parametrize(
    ("name", "given", "field", "words"),
    [
        ("start", {"connector": 1}, "card", "missing"),
        ("start", {"connector": 0, "card": "x"}, "connector", "from 1 to 2"),
        ("start", {"connector": 1, "card": "x" * 21}, "card", "1 to 20"),
        ("start", {"connector": 1, "card": "a\nb"}, "card", "printable"),
        ("start", {"connector": True, "card": "x"}, "connector", "whole number"),
        ("start", {"connector": "nan", "card": "x"}, "connector", "whole number"),
        ("stop", {"connector": 1, "forced": "perhaps"}, "forced", "yes or no"),
        ("reset", {"type": "Cold"}, "type", "Soft, Hard"),
        ("reset", {"kind": "Soft"}, "kind", "it has type"),
        ("unlock", {}, "connector", "missing"),
        ("firmware", {"location": "file:///etc/passwd"}, "location", "http://"),
        ("signed-firmware", {"certificate": "QUJD"}, "certificate", "as PEM"),
        ("signed-firmware", {"certificate": PEM.format("a b\tc!")}, "certificate", "as PEM"),
        ("signed-firmware", {"certificate": PEM.format("A" * 5)}, "certificate", "as PEM"),
        ("signed-firmware", {"certificate": PEM.format("QUJD" * 1400)}, "certificate", "5500"),
        ("signed-firmware", {"signature": "QUJD?"}, "signature", "base64"),
        ("signed-firmware", {"signature": "QUJD" * 201}, "signature", "800"),
        ("signed-firmware", {}, "signature", "missing"),
        ("reserve", {"card": "x", "minutes": 1441}, "minutes", "1 to 1440"),
        ("call", {"call": "Reset", "payload": "[1]"}, "payload", "JSON object"),
        ("call", {"call": "Reset", "payload": "{"}, "payload", "JSON object"),
        *(("call", {"call": call}, "call", "behind EVCE's back") for call in BEHIND_THE_PLEDGES),
        ("set-key", {"key": "AuthorizationKey", "value": "0123"}, "key", "secret"),
    ],
)
def test_a_wrong_parameter_is_named_with_what_is_allowed(
    name: str, given: dict[str, Any], field: str, words: str
) -> None:
    """RELIABILITY 3: field, value and what is allowed."""
    _, faults = read_parameters(KINDS[name], given)
    assert words in faults[field]


def test_all_mistakes_are_told_at_once() -> None:
    """RELIABILITY 3."""
    assert set(read_parameters(KINDS["start"], {"connector": 3, "odd": 1})[1]) == {"connector", "card", "odd"}


def test_an_unknown_action_names_those_there_are() -> None:
    """RELIABILITY 3."""
    with pytest.raises(LookupError, match=r"action='fly': know start, stop, reset"):
        kind_named("fly")
