"""Payloads against the OCPP 1.6 schemas of the `ocpp` package, compiled once, with OCPP's own error codes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any, Final

import fastjsonschema

from evce.ocppj import ErrorCode
from evce.plain_requests import PlainCheck, plain_check

__all__ = [
    "CENTRAL_ACTIONS",
    "STATION_ACTIONS",
    "Violation",
    "check_order",
    "check_request",
    "check_result",
    "order_schema",
    "prepare",
]

STATION_ACTIONS: Final = frozenset(
    {
        "Authorize",
        "BootNotification",
        "DataTransfer",
        "DiagnosticsStatusNotification",
        "FirmwareStatusNotification",
        "Heartbeat",
        "LogStatusNotification",
        "MeterValues",
        "SecurityEventNotification",
        "SignCertificate",
        "SignedFirmwareStatusNotification",
        "StartTransaction",
        "StatusNotification",
        "StopTransaction",
    }
)
"""What a station may ask (OCPP 1.6 Core and Firmware Management, security white paper)."""

CENTRAL_ACTIONS: Final = frozenset(
    {
        "CancelReservation",
        "CertificateSigned",
        "ChangeAvailability",
        "ChangeConfiguration",
        "ClearCache",
        "ClearChargingProfile",
        "DataTransfer",
        "DeleteCertificate",
        "ExtendedTriggerMessage",
        "GetCompositeSchedule",
        "GetConfiguration",
        "GetDiagnostics",
        "GetInstalledCertificateIds",
        "GetLocalListVersion",
        "GetLog",
        "InstallCertificate",
        "RemoteStartTransaction",
        "RemoteStopTransaction",
        "ReserveNow",
        "Reset",
        "SendLocalList",
        "SetChargingProfile",
        "SignedUpdateFirmware",
        "TriggerMessage",
        "UnlockConnector",
        "UpdateFirmware",
    }
)
"""What the central system may ask a station."""

_EVERY_DAY: Final = frozenset({"Heartbeat", "MeterValues", "StatusNotification"})
"""What stations say all day: a quick yes spares most of its full check."""

_INTEGER_RANGE: Final = {"minimum": -(2**63), "maximum": 2**63 - 1}
"""JSON integers have no end; what is stored has."""

_CODE_OF_RULE: Final[dict[str | None, str]] = {
    "required": ErrorCode.PROTOCOL_ERROR,
    "type": ErrorCode.TYPE_CONSTRAINT,
    "additionalProperties": ErrorCode.FORMATION_VIOLATION,
}
"""Every other rule (enum, lengths, ranges) says that a value is not allowed: PropertyConstraintViolation."""


@dataclass(frozen=True, slots=True)
class Violation:
    """Why a payload is refused: the CALLERROR code, and the field with what it must be.

    `value` is what stands in that field, where it is a single value.
    """

    code: str
    description: str
    value: Any = field(default=None, compare=False)


def check_request(action: str, payload: Mapping[str, Any]) -> Violation | None:
    """Check a CALL of a station; None when it may be handled."""
    if action not in STATION_ACTIONS:
        if action in CENTRAL_ACTIONS:
            return Violation(ErrorCode.NOT_SUPPORTED, f"{action} is for stations to answer")
        return Violation(ErrorCode.NOT_IMPLEMENTED, f"unknown action {action[:50]!r}")
    if action in _EVERY_DAY and _plain(action)(payload):
        return None
    return _check(action, payload)


def check_order(action: str, payload: Mapping[str, Any]) -> Violation | None:
    """Check a CALL that somebody wants to send to a station; None when it may go out."""
    if action not in CENTRAL_ACTIONS:
        return Violation(ErrorCode.NOT_IMPLEMENTED, f"unknown action {action[:50]!r}")
    return _check(action, payload) or _check_limits(payload)


def order_schema(action: str) -> dict[str, Any]:
    """The JSON schema of what a CALL to a station may carry. Raises LookupError for an unknown action."""
    if action not in CENTRAL_ACTIONS:
        raise LookupError(f"unknown action {action[:50]!r}")
    return _schema(action)


def check_result(action: str, payload: Mapping[str, Any]) -> Violation | None:
    """Check a station's answer to our CALL of `action`, with the leniencies that the field needs."""
    return _check(f"{action}Response", payload)


def prepare() -> None:
    """Compile what stations may ask, so that their first messages don't wait for it (about 0.1 s)."""
    for action in sorted(STATION_ACTIONS):
        _validator(action)
    for action in sorted(_EVERY_DAY):
        _plain(action)


def _check(name: str, payload: Mapping[str, Any]) -> Violation | None:
    try:
        _validator(name)(payload)
    except fastjsonschema.JsonSchemaValueException as error:
        code = _CODE_OF_RULE.get(error.rule, ErrorCode.PROPERTY_CONSTRAINT)
        value = error.value if isinstance(error.value, str | int | float) else None
        return Violation(code, error.message.removeprefix("data.").removeprefix("data "), value)
    return None


def _check_limits(payload: Mapping[str, Any]) -> Violation | None:
    """OCPP 1.6 §7.10: a limit carries at most one decimal; told apart from binary rounding."""
    profile = payload.get("csChargingProfiles") or payload.get("chargingProfile") or {}
    schedule = profile.get("chargingSchedule", {})
    limits = [period["limit"] for period in schedule.get("chargingSchedulePeriod", ())]
    if "minChargingRate" in schedule:
        limits.append(schedule["minChargingRate"])
    for limit in limits:
        if abs(limit * 10 - round(limit * 10)) > 1e-6:
            return Violation(ErrorCode.PROPERTY_CONSTRAINT, f"limit {limit} must have at most one decimal")
    return None


@cache
def _validator(name: str) -> Callable[[Mapping[str, Any]], object]:
    """Compile one schema, a few milliseconds at its first use.

    Without formats, as the package's own validation: stations write times in many ways, and reading
    them is the business of whoever needs the time.
    """
    validator: Callable[[Mapping[str, Any]], object] = fastjsonschema.compile(
        _schema(name), use_formats=False, use_default=False
    )
    return validator


@cache
def _plain(name: str) -> PlainCheck:
    return plain_check(_schema(name))


def _schema(name: str) -> dict[str, Any]:
    source = resources.files("ocpp.v16").joinpath("schemas", f"{name}.json")
    schema: dict[str, Any] = _adapted(name, json.loads(source.read_text("utf-8-sig")))
    # As the package reads them all: those of the security extensions name a later draft, to which 7.0 is an
    # integer.
    return schema | {"$schema": "http://json-schema.org/draft-04/schema#"}


def _adapted(name: str, node: Any, field: str = "") -> Any:
    """Bound the integers, leave decimals to `_check_limits`, and allow what real stations send.

    - `unit` "Hertz" is missing in one of the package's two copies of the same enumeration (errata);
    - limits of a composite schedule come as strings, values of configuration keys as numbers.
    """
    if isinstance(node, list):
        return [_adapted(name, item, field) for item in node]
    if not isinstance(node, dict):
        return node
    adapted = {key: _adapted(name, value, key) for key, value in node.items() if key != "multipleOf"}
    if adapted.get("type") == "integer":
        adapted |= _INTEGER_RANGE
    if field == "unit" and "Celcius" in adapted.get("enum", ()):
        adapted["enum"] = sorted({*adapted["enum"], "Hertz"})
    if name == "GetCompositeScheduleResponse" and field in ("limit", "minChargingRate"):
        adapted["type"] = ["number", "string"]
    if name == "GetConfigurationResponse" and field == "value":
        adapted["type"] = ["string", "number", "boolean"]
    return adapted
