"""EVCE's own configuration keys toward the operator."""

from dataclasses import replace

import pytest

from evce.cpo.keys import OwnKeys, may_change, merged
from tests.evce.cpo.bench import SETTINGS


@pytest.mark.parametrize(
    ("key", "value", "status"),
    [
        ("TransactionMessageAttempts", "3", "Accepted"),
        ("transactionmessageattempts", " 7 ", "Accepted"),
        ("TransactionMessageAttempts", "0", "Rejected"),
        ("TransactionMessageAttempts", "many", "Rejected"),
        ("WebSocketPingInterval", "0", "Accepted"),
        ("WebSocketPingInterval", "-1", "Rejected"),
        ("HeartbeatInterval", "5", "Rejected"),
        ("ChargeProfileMaxStackLevel", "3", "Rejected"),
    ],
)
def test_keys_take_what_is_sound(key: str, value: str, status: str) -> None:
    """CPO-2: editable by the operator, within bounds."""
    keys = OwnKeys(SETTINGS, 1)
    found, name, note = keys.write(key, value)
    assert found == status
    assert (note is not None) is (status == "Accepted")
    if note is not None:
        assert keys.value(name) == int(value) == note["value"]


def test_the_admin_s_new_value_takes_the_place_of_the_operator_s() -> None:
    """CPO-2: editable by the admin and by the operator; the later word counts."""
    keys = OwnKeys(SETTINGS, 1)
    keys.write("WebSocketPingInterval", "30")
    assert keys.reconfigure(SETTINGS, 1) == []
    assert keys.value("WebSocketPingInterval") == 30
    assert keys.reconfigure(replace(SETTINGS, ping_interval=60.0), 1) == ["WebSocketPingInterval"]
    assert keys.value("WebSocketPingInterval") == 60
    keys.restore("WebSocketPingInterval", {"value": 30, "over": 120})
    assert keys.value("WebSocketPingInterval") == 60


@pytest.mark.parametrize(
    ("key", "may"),
    [
        ("ConnectionTimeOut", True),
        ("LightIntensity", True),
        ("AuthorizationKey", False),
        ("SecurityProfile", False),
        ("MeterValuesSampledData", False),
        ("LocalAuthorizeOffline", False),
        ("CentralSystem_URL", False),
        ("OcppBackendAddress", False),
    ],
)
def test_a_station_can_t_be_led_away(key: str, may: bool) -> None:
    """CPO-1: EVCE keeps control of the current."""
    assert may_change(key) is may


def test_the_station_s_keys_come_below_our_own() -> None:
    station = {
        "configurationKey": [
            {"key": "HeartbeatInterval", "readonly": True, "value": "5"},
            {"key": "ConnectionTimeOut", "readonly": False, "value": 60},
            {"key": "AuthorizationKey", "readonly": False, "value": "secret"},
            {"key": "SecurityProfile", "readonly": False, "value": "0"},
        ]
    }
    keys = OwnKeys(SETTINGS, 2)
    answer = merged(keys, [], station)
    found = {entry["key"]: entry for entry in answer["configurationKey"]}
    assert found["HeartbeatInterval"]["value"] == "300"
    assert found["ConnectionTimeOut"] == {"key": "ConnectionTimeOut", "readonly": False, "value": "60"}
    assert found["SecurityProfile"]["readonly"] is True
    assert found["NumberOfConnectors"]["value"] == "2"
    assert "secret" not in str(answer)
    some = merged(keys, ["connectiontimeout", "Nope"], station)
    assert [entry["key"] for entry in some["configurationKey"]] == ["ConnectionTimeOut"]
    assert some["unknownKey"] == ["Nope"]
    assert merged(keys, ["ConnectionTimeOut"], None) == {
        "configurationKey": [],
        "unknownKey": ["ConnectionTimeOut"],
    }
