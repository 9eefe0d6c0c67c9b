"""What people can have a station do, as a table: each action with its parameters and the CALL it becomes."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Final

from evce.security.calls import Firmware, signed_update_firmware
from evce.validation import CENTRAL_ACTIONS, check_order

__all__ = [
    "BEHIND_THE_PLEDGES",
    "KINDS",
    "ONLY_ASKS",
    "UPDATES",
    "ActionKind",
    "Given",
    "Parameter",
    "kind_named",
    "read_parameters",
]

Given = Mapping[str, Any]
"""Parameters by name, as `read_parameters` returns them."""

BEHIND_THE_PLEDGES: Final = (
    "ChangeConfiguration",
    "ClearChargingProfile",
    "RemoteStartTransaction",
    "SetChargingProfile",
)
"""Calls that could raise a station's current behind the back of the pledges: never sent as they are."""

UPDATES: Final = ("firmware", "signed-firmware")
"""Actions after which a station restarts with other firmware: never while a car charges (SR-5)."""

ONLY_ASKS: Final = (
    "GetCompositeSchedule",
    "GetConfiguration",
    "GetInstalledCertificateIds",
    "GetLocalListVersion",
    "TriggerMessage",
)
"""Calls that change nothing at a station, and cost nobody anything."""

_TRIGGERS: Final = (
    "BootNotification",
    "DiagnosticsStatusNotification",
    "FirmwareStatusNotification",
    "Heartbeat",
    "MeterValues",
    "StatusNotification",
)
_SECRET: Final = "authorizationkey"  # noqa: S105  # the name of a key, no password
_CERTIFICATE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)\s+-----END CERTIFICATE-----"
)
_LOCATION: Final = ("http://", "https://", "ftp://", "ftps://", "sftp://")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value that an action takes.

    `kind` is text, number, choice, switch, json, location, certificate or signature; `least` and `most`
    bound a number, or the length of a text. `default` None with `required` False leaves it out.
    """

    name: str
    help: str
    kind: str = "text"
    required: bool = True
    default: Any = None
    choices: tuple[str, ...] = ()
    least: int = 1
    most: int = 255

    def read(self, value: Any) -> Any:
        """The value as it is used. Raises ValueError naming what is allowed."""
        match self.kind:
            case "number":
                return self._number(value)
            case "switch":
                return self._switch(value)
            case "choice":
                return self._choice(value)
            case "json":
                return self._object(value)
            case "certificate":
                return self._certificate(value)
            case "signature":
                return self._signature(value)
        text = str(value).strip()
        if not self.least <= len(text) <= self.most or not text.isprintable():
            raise ValueError(f"{self.least} to {self.most} printable characters")
        if self.kind == "location" and not text.lower().startswith(_LOCATION):
            raise ValueError(f"an address that begins with {', '.join(_LOCATION)}")
        return text

    def _number(self, value: Any) -> int:
        wrong = ValueError(f"a whole number from {self.least} to {self.most}")
        if isinstance(value, bool):
            raise wrong
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise wrong from None
        if not isfinite(number) or number != int(number) or not self.least <= number <= self.most:
            raise wrong
        return int(number)

    def _switch(self, value: Any) -> bool:
        text = str(value).strip().lower()
        if text not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
            raise ValueError("yes or no")
        return text in ("true", "1", "yes", "on")

    def _choice(self, value: Any) -> str:
        chosen = next((c for c in self.choices if c.lower() == str(value).strip().lower()), None)
        if chosen is None:
            raise ValueError(f"one of {', '.join(self.choices)}")
        return chosen

    def _certificate(self, value: Any) -> str:
        """One certificate as PEM (RFC 7468), with line feeds alone."""
        text = "\n".join(line.strip() for line in str(value).strip().splitlines())
        found = _CERTIFICATE.fullmatch(text)
        if found is None or len(text) > self.most or not _base64(found[1]):
            raise ValueError(
                f"one certificate as PEM, from -----BEGIN CERTIFICATE----- to its END, {self.most} characters"
            )
        return text

    def _signature(self, value: Any) -> str:
        text = "".join(str(value).split())
        if not self.least <= len(text) <= self.most or not _base64(text):
            raise ValueError(f"a signature in base64, {self.most} characters at most")
        return text

    def _object(self, value: Any) -> Mapping[str, Any]:
        if isinstance(value, str):
            try:
                value = json.loads(value or "{}")
            except RecursionError:
                raise ValueError("a JSON object (nested too deeply)") from None
            except ValueError as error:
                raise ValueError(f"a JSON object ({error})") from None
        if not isinstance(value, Mapping):
            raise ValueError("a JSON object")
        return value


@dataclass(frozen=True, slots=True)
class ActionKind:
    """One kind of action. `payload(given, number, utc)` makes the CALL's; `number` is unique at its station.

    `expert` is for engineers: it needs the rights of an administrator. `call` is empty for an action whose
    calls follow from what the station answers.
    """

    name: str
    help: str
    call: str
    payload: Callable[[Given, int, datetime], Mapping[str, Any]]
    parameters: tuple[Parameter, ...] = ()
    expert: bool = False
    file: str = ""
    """`received` when the station sends EVCE a file, `served` when it fetches one."""
    check: Callable[[Given], Mapping[str, str]] = field(default=lambda _: {})
    """What is wrong beyond single values, by parameter."""

    def parameter(self, name: str) -> Parameter | None:
        """The parameter of that name."""
        return next((p for p in self.parameters if p.name == name), None)


def kind_named(name: str) -> ActionKind:
    """The kind of that name. Raises LookupError that lists those there are."""
    kind = KINDS.get(name)
    if kind is None:
        raise LookupError(f"action={name[:50]!r}: know {', '.join(KINDS)}")
    return kind


def read_parameters(kind: ActionKind, given: Given) -> tuple[dict[str, Any], dict[str, str]]:
    """The values to use, and what is wrong with those given, by parameter (all mistakes at once)."""
    values: dict[str, Any] = {}
    known = ", ".join(p.name for p in kind.parameters) or "none"
    faults = {
        name: f"{kind.name} has no such parameter; it has {known}"
        for name in given
        if kind.parameter(name) is None
    }
    for parameter in kind.parameters:
        value = given.get(parameter.name)
        if value is None or value == "":
            if parameter.required and parameter.default is None:
                faults[parameter.name] = f"missing: {_allowed(parameter)}"
            elif parameter.default is not None:
                values[parameter.name] = parameter.default
            continue
        try:
            values[parameter.name] = parameter.read(value)
        except ValueError as error:
            faults[parameter.name] = f"{str(value)[:60]!r} won't do: {error}"
    return values, faults or dict(kind.check(values))


def _allowed(parameter: Parameter) -> str:
    try:
        parameter.read("\0")
    except ValueError as error:
        return str(error)
    return parameter.help


def _base64(text: str) -> bool:
    try:
        return bool(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        return False


def _without_none(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _in_time(utc: datetime, minutes: float) -> str:
    moment = utc + timedelta(minutes=minutes)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _reserve(given: Given, number: int, utc: datetime) -> Mapping[str, Any]:
    return _without_none(
        connectorId=given["connector"],
        expiryDate=_in_time(utc, given["minutes"]),
        idTag=given["card"],
        parentIdTag=given.get("parent"),
        reservationId=number,
    )


def _transfer(given: Given, _: int, __: datetime) -> Mapping[str, Any]:
    return _without_none(vendorId=given["vendor"], messageId=given.get("message"), data=given.get("content"))


def _keys(given: Given, _: int, __: datetime) -> Mapping[str, Any]:
    names = [name.strip() for name in given.get("keys", "").split(",") if name.strip()]
    return {"key": names} if names else {}


def _log(given: Given, number: int, _: datetime) -> Mapping[str, Any]:
    return {
        "log": {"remoteLocation": given["location"]},
        "logType": given["type"],
        "requestId": number,
    }


def _signed_firmware(given: Given, number: int, utc: datetime) -> Mapping[str, Any]:
    firmware = Firmware(given["location"], utc, given["certificate"], given["signature"])
    return signed_update_firmware(number, firmware, retries=2, retry_interval=60)


def _console(given: Given) -> Mapping[str, str]:
    call = given.get("call")
    if call in BEHIND_THE_PLEDGES:
        return {"call": f"{call} could raise a current behind EVCE's back: use the action made for it"}
    violation = check_order(str(call), given.get("payload", {}))
    if violation is None:
        return {}
    wrong, value = violation.description[:300], repr(violation.value)[:60]
    return {"payload": wrong if violation.value is None else f"{wrong} (it is {value})"}


def _set_key(given: Given) -> Mapping[str, str]:
    if str(given.get("key", "")).lower() == _SECRET:
        return {"key": "a secret is not set here, where it would be shown"}
    return {}


_CONNECTOR: Final = Parameter("connector", "Number of the outlet", "number", most=2)
_CONNECTOR_OR_ALL: Final = Parameter(
    "connector", "Number of the outlet, 0 for the whole station", "number", default=0, least=0, most=2
)
_CARD: Final = Parameter("card", "IdTag of the card", most=20)
_WHERE: Final = Parameter(
    "location",
    "Where the station puts the file; left out, EVCE receives it itself",
    "location",
    required=False,
    most=512,
)

KINDS: Final[Mapping[str, ActionKind]] = {
    kind.name: kind
    for kind in (
        ActionKind(
            "start",
            "Start a transaction.",
            "RemoteStartTransaction",
            lambda given, _, __: {"connectorId": given["connector"], "idTag": given["card"]},
            (_CONNECTOR, _CARD),
        ),
        ActionKind(
            "stop",
            "Stop the transaction that runs on an outlet.",
            "RemoteStopTransaction",
            lambda _, number, __: {"transactionId": number},
            (
                _CONNECTOR,
                Parameter(
                    "forced", "Close it in EVCE's books when the station won't", "switch", default=False
                ),
            ),
        ),
        ActionKind(
            "reset",
            "Restart the station: Soft ends transactions in good order, Hard is like power off and on.",
            "Reset",
            lambda given, _, __: {"type": given["type"]},
            (Parameter("type", "Soft or Hard", "choice", default="Soft", choices=("Soft", "Hard")),),
        ),
        ActionKind(
            "unlock",
            "Unlock the cable of an outlet; a transaction that runs there ends.",
            "UnlockConnector",
            lambda given, _, __: {"connectorId": given["connector"]},
            (_CONNECTOR,),
        ),
        ActionKind(
            "availability",
            "Take an outlet out of service, or into it.",
            "ChangeAvailability",
            lambda given, _, __: {"connectorId": given["connector"], "type": given["type"]},
            (
                _CONNECTOR_OR_ALL,
                Parameter("type", "Operative or Inoperative", "choice", choices=("Operative", "Inoperative")),
            ),
        ),
        ActionKind(
            "reserve",
            "Reserve an outlet for a card.",
            "ReserveNow",
            _reserve,
            (
                _CONNECTOR_OR_ALL,
                _CARD,
                Parameter("minutes", "For how long", "number", default=30, most=1440),
                Parameter("parent", "IdTag of the card's group", required=False, most=20),
            ),
        ),
        ActionKind(
            "cancel-reservation",
            "Take a reservation back.",
            "CancelReservation",
            lambda given, _, __: {"reservationId": given["reservation"]},
            (Parameter("reservation", "Its number", "number", least=0, most=2**31 - 1),),
        ),
        ActionKind(
            "diagnostics",
            "Have the station send its diagnostics file.",
            "GetDiagnostics",
            lambda given, _, __: {"location": given["location"], "retries": 2, "retryInterval": 30},
            (_WHERE,),
            file="received",
        ),
        ActionKind(
            "log",
            "Have the station send a log (security white paper).",
            "GetLog",
            _log,
            (
                Parameter(
                    "type",
                    "Which log",
                    "choice",
                    default="DiagnosticsLog",
                    choices=("DiagnosticsLog", "SecurityLog"),
                ),
                _WHERE,
            ),
            file="received",
        ),
        ActionKind(
            "firmware",
            "Have the station fetch and install a firmware.",
            "UpdateFirmware",
            lambda given, _, utc: {
                "location": given["location"],
                "retrieveDate": _in_time(utc, 0.0),
                "retries": 2,
                "retryInterval": 60,
            },
            (Parameter("location", "Where the station fetches the file", "location", most=512),),
            expert=True,
            file="served",
        ),
        ActionKind(
            "signed-firmware",
            "Have the station fetch a firmware, check who signed it, and install it.",
            "SignedUpdateFirmware",
            _signed_firmware,
            (
                Parameter("location", "Where the station fetches the file", "location", most=512),
                Parameter("certificate", "Certificate of who signed it, PEM", "certificate", most=5500),
                Parameter("signature", "Signature over the file, base64", "signature", most=800),
            ),
            expert=True,
            file="served",
        ),
        ActionKind(
            "trigger",
            "Have the station send a message now.",
            "TriggerMessage",
            lambda given, _, __: _without_none(
                requestedMessage=given["message"], connectorId=given.get("connector")
            ),
            (
                Parameter("message", "Which message", "choice", choices=_TRIGGERS),
                Parameter("connector", "Of which outlet", "number", required=False, most=2),
            ),
            expert=True,
        ),
        ActionKind(
            "clear-cache",
            "Empty the station's authorization cache.",
            "ClearCache",
            lambda _, __, ___: {},
            expert=True,
        ),
        ActionKind(
            "card-list",
            "Have the station keep the cards that may charge there; changes follow by themselves.",
            "GetLocalListVersion",
            lambda _, __, ___: {},
            (Parameter("full", "Send the whole list anew", "switch", default=False),),
            expert=True,
        ),
        ActionKind(
            "get-keys",
            "Read configuration keys of the station, all of them unless some are named.",
            "GetConfiguration",
            _keys,
            (Parameter("keys", "Names with commas between them", required=False, most=2000),),
            expert=True,
        ),
        ActionKind(
            "set-key",
            "Change a configuration key of the station.",
            "ChangeConfiguration",
            lambda given, _, __: {"key": given["key"], "value": given["value"]},
            (
                Parameter("key", "Its name", most=50),
                Parameter("value", "Its new value", most=500),
            ),
            expert=True,
            check=_set_key,
        ),
        ActionKind(
            "data-transfer",
            "Send a vendor's own message.",
            "DataTransfer",
            _transfer,
            (
                Parameter("vendor", "Identification of the vendor"),
                Parameter("message", "Identification of the message", required=False, most=50),
                Parameter("content", "What is sent", required=False, most=4000),
            ),
            expert=True,
        ),
        ActionKind(
            "call",
            "Send any message of OCPP 1.6 as it is.",
            "",
            lambda given, _, __: given["payload"],
            (
                Parameter("call", "Name of the message", "choice", choices=tuple(sorted(CENTRAL_ACTIONS))),
                Parameter("payload", "Its content, a JSON object", "json", default={}),
            ),
            expert=True,
            check=_console,
        ),
    )
}
"""By name, in the order in which people look for them."""
