"""Payloads against the schemas: OCPP's codes, the field's leniencies, and the package's own verdict."""

import copy
from typing import Any

import ocpp.messages
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocpp.exceptions import OCPPError

from evce.validation import CENTRAL_ACTIONS, STATION_ACTIONS, check_order, check_request, check_result

NOW = "2026-01-05T06:00:00Z"
SAMPLE = {"value": "16", "measurand": "Current.Import", "phase": "L1", "unit": "A"}
VALID: dict[str, dict[str, Any]] = {
    "Authorize": {"idTag": "04A1"},
    "BootNotification": {"chargePointVendor": "V", "chargePointModel": "M", "firmwareVersion": "1"},
    "DataTransfer": {"vendorId": "V", "messageId": "m", "data": "d"},
    "DiagnosticsStatusNotification": {"status": "Idle"},
    "FirmwareStatusNotification": {"status": "Installed"},
    "Heartbeat": {},
    "LogStatusNotification": {"status": "Uploading", "requestId": 3},
    "MeterValues": {
        "connectorId": 1,
        "transactionId": 7,
        "meterValue": [{"timestamp": NOW, "sampledValue": [SAMPLE, {"value": "5"}]}],
    },
    "SecurityEventNotification": {"type": "FirmwareUpdated", "timestamp": NOW},
    "SignCertificate": {"csr": "-----BEGIN"},
    "SignedFirmwareStatusNotification": {"status": "Installed", "requestId": 3},
    "StartTransaction": {"connectorId": 1, "idTag": "04A1", "meterStart": 0, "timestamp": NOW},
    "StatusNotification": {"connectorId": 1, "errorCode": "NoError", "status": "Available"},
    "StopTransaction": {"transactionId": -1, "meterStop": 5, "timestamp": NOW},
}

PROFILE = {
    "chargingProfileId": 1,
    "transactionId": 7,
    "stackLevel": 0,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Absolute",
    "validFrom": NOW,
    "chargingSchedule": {
        "duration": 60,
        "startSchedule": NOW,
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16, "numberPhases": 3}],
        "minChargingRate": 6,
    },
}
HASHES = {"hashAlgorithm": "SHA256", "issuerNameHash": "aa", "issuerKeyHash": "bb", "serialNumber": "07"}
ORDERS: dict[str, dict[str, Any]] = {
    "CancelReservation": {"reservationId": 1},
    "CertificateSigned": {"certificateChain": "-----BEGIN"},
    "ChangeAvailability": {"connectorId": 1, "type": "Operative"},
    "ChangeConfiguration": {"key": "HeartbeatInterval", "value": "60"},
    "ClearCache": {},
    "ClearChargingProfile": {
        "id": 1,
        "connectorId": 1,
        "chargingProfilePurpose": "TxProfile",
        "stackLevel": 0,
    },
    "DataTransfer": {"vendorId": "V", "messageId": "m", "data": "d"},
    "DeleteCertificate": {"certificateHashData": HASHES},
    "ExtendedTriggerMessage": {"requestedMessage": "Heartbeat", "connectorId": 1},
    "GetCompositeSchedule": {"connectorId": 1, "duration": 60, "chargingRateUnit": "A"},
    "GetConfiguration": {"key": ["HeartbeatInterval"]},
    "GetDiagnostics": {"location": "ftp://a/b", "retries": 1, "retryInterval": 5, "startTime": NOW},
    "GetInstalledCertificateIds": {"certificateType": "ManufacturerRootCertificate"},
    "GetLocalListVersion": {},
    "GetLog": {"log": {"remoteLocation": "ftp://a/b"}, "logType": "SecurityLog", "requestId": 3},
    "InstallCertificate": {"certificateType": "ManufacturerRootCertificate", "certificate": "-----BEGIN"},
    "RemoteStartTransaction": {"connectorId": 1, "idTag": "04A1", "chargingProfile": PROFILE},
    "RemoteStopTransaction": {"transactionId": 7},
    "ReserveNow": {"connectorId": 1, "expiryDate": NOW, "idTag": "04A1", "reservationId": 1},
    "Reset": {"type": "Soft"},
    "SendLocalList": {
        "listVersion": 1,
        "updateType": "Full",
        "localAuthorizationList": [{"idTag": "04A1", "idTagInfo": {"status": "Accepted"}}],
    },
    "SetChargingProfile": {"connectorId": 1, "csChargingProfiles": PROFILE},
    "SignedUpdateFirmware": {
        "requestId": 3,
        "firmware": {
            "location": "ftp://a/b",
            "retrieveDateTime": NOW,
            "signingCertificate": "-----BEGIN",
            "signature": "c2ln",
        },
    },
    "TriggerMessage": {"requestedMessage": "Heartbeat", "connectorId": 1},
    "UnlockConnector": {"connectorId": 1},
    "UpdateFirmware": {"location": "ftp://a/b", "retrieveDate": NOW, "retries": 1, "retryInterval": 5},
}


def package_accepts(action: str, payload: dict[str, Any]) -> bool:
    """The verdict of the ocpp package itself, by jsonschema."""
    try:
        ocpp.messages._validate_payload(ocpp.messages.Call("a", action, copy.deepcopy(payload)), "1.6")
    except OCPPError:
        return False
    return True


@pytest.mark.parametrize("action", sorted(VALID))
def test_a_valid_request_passes(action: str) -> None:
    """OC-1."""
    assert check_request(action, VALID[action]) is None
    assert package_accepts(action, VALID[action])


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Unheard", {}, "NotImplemented"),
        ("../../etc/passwd", {}, "NotImplemented"),
        ("Reset", {"type": "Soft"}, "NotSupported"),
        ("Authorize", {}, "ProtocolError"),
        ("Authorize", {"idTag": 5}, "TypeConstraintViolation"),
        ("Authorize", {"idTag": None}, "TypeConstraintViolation"),
        ("Authorize", {"idTag": "x" * 21}, "PropertyConstraintViolation"),
        ("Authorize", {"idTag": "a", "more": 1}, "FormationViolation"),
        (
            "StatusNotification",
            VALID["StatusNotification"] | {"status": "Idle"},
            "PropertyConstraintViolation",
        ),
        (
            "StatusNotification",
            VALID["StatusNotification"] | {"connectorId": True},
            "TypeConstraintViolation",
        ),
        ("StatusNotification", VALID["StatusNotification"] | {"connectorId": 1.0}, "TypeConstraintViolation"),
        (
            "StartTransaction",
            VALID["StartTransaction"] | {"meterStart": 2**70},
            "PropertyConstraintViolation",
        ),
        ("StartTransaction", VALID["StartTransaction"] | {"meterStart": 1e400}, "TypeConstraintViolation"),
        ("MeterValues", {"connectorId": 1, "meterValue": []}, "PropertyConstraintViolation"),
        ("MeterValues", {"connectorId": 1, "meterValue": [{"timestamp": NOW}]}, "ProtocolError"),
    ],
)
def test_a_refusal_carries_the_code_of_ocpp(action: str, payload: dict[str, Any], code: str) -> None:
    """OC-1."""
    violation = check_request(action, payload)
    assert violation is not None
    assert violation.code == code
    assert violation.description


def test_a_refusal_names_the_field() -> None:
    violation = check_request("Authorize", {"idTag": 5})
    assert violation is not None
    assert "idTag" in violation.description
    assert violation.value == 5
    missing = check_request("Authorize", {})
    assert missing is not None
    assert missing.value is None


@pytest.mark.parametrize("unit", ["Celcius", "Celsius", "Hertz"])
@pytest.mark.parametrize(
    ("action", "field"), [("MeterValues", "meterValue"), ("StopTransaction", "transactionData")]
)
def test_units_of_the_field_are_accepted(action: str, field: str, unit: str) -> None:
    """OC-1: misspelled in the first edition of the specification, and so in stations."""
    sampled = {"timestamp": NOW, "sampledValue": [{"value": "1", "unit": unit}]}
    assert check_request(action, VALID[action] | {field: [sampled]}) is None


def test_strange_values_are_answered_normally() -> None:
    """OC-6: a number that can't be is the recorder's business, not a reason to have the message repeated."""
    sampled = [{"value": text} for text in ("NaN", "1e400", "-5", "")]
    payload = {"connectorId": 1, "meterValue": [{"timestamp": "yesterday", "sampledValue": sampled}]}
    assert check_request("MeterValues", payload) is None
    assert check_request("StopTransaction", VALID["StopTransaction"] | {"meterStop": -5}) is None


@pytest.mark.parametrize(
    ("action", "payload", "fits"),
    [
        ("SetChargingProfile", {"status": "Accepted"}, True),
        ("SetChargingProfile", {"status": "Perhaps"}, False),
        ("SetChargingProfile", {}, False),
        ("GetConfiguration", {"configurationKey": [{"key": "k", "readonly": True, "value": 5}]}, True),
        ("GetConfiguration", {}, True),
        ("GetCompositeSchedule", {"status": "Accepted"}, True),
    ],
)
def test_answers_are_checked_leniently(action: str, payload: dict[str, Any], fits: bool) -> None:
    """OC-1."""
    assert (check_result(action, payload) is None) is fits


@pytest.mark.parametrize("limit", [16, 21.4, 0.3, "16", "16.5"])
def test_a_composite_schedule_may_write_its_limits_as_it_likes(limit: object) -> None:
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}]}
    assert check_result("GetCompositeSchedule", {"status": "Accepted", "chargingSchedule": schedule}) is None


@pytest.mark.parametrize(("limit", "fits"), [(16, True), (21.4, True), (0.3, True), (16.25, False)])
def test_an_order_has_limits_with_one_decimal(limit: float, fits: bool) -> None:
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        },
    }
    payload = {"connectorId": 1, "csChargingProfiles": profile}
    assert (check_order("SetChargingProfile", payload) is None) is fits


@pytest.mark.parametrize(
    ("action", "payload", "fits"),
    [
        ("Reset", {"type": "Soft"}, True),
        ("Reset", {"type": "Gentle"}, False),
        ("Reset", {}, False),
        ("BootNotification", {}, False),
        ("Nonsense", {}, False),
    ],
)
def test_an_order_is_checked_before_it_goes_out(action: str, payload: dict[str, Any], fits: bool) -> None:
    """OC-1."""
    assert (check_order(action, payload) is None) is fits


def test_every_action_has_its_schemas() -> None:
    """OC-1: a schema that is missing would show only when a station uses it."""
    for action in sorted(STATION_ACTIONS):
        check_request(action, {})
    for action in sorted(CENTRAL_ACTIONS):
        check_order(action, {})
        check_result(action, {})


_SCALARS = (
    st.none() | st.booleans() | st.integers(-3, 300) | st.floats(allow_nan=False) | st.text(max_size=25)
)
_ODD = _SCALARS | st.lists(_SCALARS, max_size=2) | st.dictionaries(st.text(max_size=5), _SCALARS, max_size=2)


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a payload."""
    places: list[tuple[Any, Any]] = []
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in items:
        places.append((node, key))
        places.extend(_places(child))
    return places


@st.composite
def mutated(draw: st.DrawFn, valid: dict[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
    """A valid payload with one or two things wrong: removed, replaced or added."""
    action = draw(st.sampled_from(sorted(valid)))
    payload = copy.deepcopy(valid[action])
    for _ in range(draw(st.integers(1, 2))):
        places = _places(payload)
        how = draw(st.sampled_from(["drop", "replace", "add"]))
        if how == "add" or not places:
            payload[draw(st.text(max_size=5))] = draw(_ODD)
            continue
        container, key = draw(st.sampled_from(places))
        if how == "drop":
            del container[key]
        else:
            container[key] = draw(_ODD)
    return action, payload


def test_there_is_an_example_of_every_message() -> None:
    """OC-1: so that each is compared."""
    assert VALID.keys() == STATION_ACTIONS
    assert ORDERS.keys() == CENTRAL_ACTIONS
    assert [action for action, payload in ORDERS.items() if check_order(action, payload)] == []
    assert [action for action, payload in ORDERS.items() if not package_accepts(action, payload)] == []


@settings(max_examples=300)
@given(mutated(ORDERS))
def test_the_verdict_on_orders_is_that_of_the_package(case: tuple[str, dict[str, Any]]) -> None:
    """OC-1: of every message that goes to a station."""
    action, payload = case
    assert (check_order(action, payload) is None) is package_accepts(action, payload)


@pytest.mark.parametrize("number", [0.0, 7.0, True])
def test_a_number_with_a_point_is_no_integer(number: object) -> None:
    """OC-1: also in the messages of the security extensions, whose schemas are of a later draft."""
    payload = {"status": "Uploading", "requestId": number}
    assert check_request("LogStatusNotification", payload) is not None
    assert not package_accepts("LogStatusNotification", payload)


@settings(max_examples=200)
@given(mutated(VALID))
def test_the_verdict_is_that_of_the_package(case: tuple[str, dict[str, Any]]) -> None:
    """OC-1: the compiled schemas and jsonschema agree on whatever goes wrong."""
    action, payload = case
    assert (check_request(action, payload) is None) is package_accepts(action, payload)
