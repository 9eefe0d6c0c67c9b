"""OCPP-J 1.6 frames as values: text in, frames out, with the error code for what is malformed."""

import json
import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from evce.units import Monotonic, Seconds

__all__ = [
    "MAX_DEPTH",
    "MAX_FRAME",
    "MAX_ID_LENGTH",
    "Call",
    "CallError",
    "CallResult",
    "ErrorCode",
    "Frame",
    "Malformed",
    "Strikes",
    "call",
    "call_error",
    "call_result",
    "empty_result",
    "parse",
]

MAX_FRAME: Final = 1024 * 1024
"""Bytes of one frame; a longer one closes the socket with 1009."""

MAX_ID_LENGTH: Final = 36
"""OCPP-J 1.6 §4.1.4: a UniqueId has at most 36 characters, so that a GUID fits."""

MAX_DEPTH: Final = 32
"""No OCPP 1.6 payload nests deeper than 7; far beyond it is an attack on the parser."""

_ECHOED_ID_LENGTH: Final = 255
"""An id that is too long is still echoed up to here, so that the sender can match the answer."""

_DESCRIPTION_LENGTH: Final = 255
"""OCPP-J 1.6 §4.2.3."""


class ErrorCode:
    """The CALLERROR codes of OCPP-J 1.6 §4.2.3, in its own spelling."""

    FORMATION_VIOLATION: Final = "FormationViolation"
    GENERIC_ERROR: Final = "GenericError"
    INTERNAL_ERROR: Final = "InternalError"
    NOT_IMPLEMENTED: Final = "NotImplemented"
    NOT_SUPPORTED: Final = "NotSupported"
    PROPERTY_CONSTRAINT: Final = "PropertyConstraintViolation"
    PROTOCOL_ERROR: Final = "ProtocolError"
    SECURITY_ERROR: Final = "SecurityError"
    TYPE_CONSTRAINT: Final = "TypeConstraintViolation"


@dataclass(frozen=True, slots=True)
class Call:
    """A request."""

    id: str
    action: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CallResult:
    """The answer to a CALL of ours."""

    id: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CallError:
    """The refusal of a CALL of ours."""

    id: str
    code: str
    description: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Malformed:
    """No frame of OCPP-J. `id` is that of a CALL which can be answered, None where nothing can."""

    id: str | None
    reason: str
    code: str = ErrorCode.FORMATION_VIOLATION


Frame = Call | CallResult | CallError | Malformed


def parse(data: bytes | str) -> Frame:
    """Read one websocket message; never raises.

    Only a malformed CALL is answered: a CALLERROR to an answer would be an answer to nothing, and a
    message type that OCPP-J doesn't know is to be ignored (OCPP-J 1.6 §4.1.3).
    """
    if isinstance(data, bytes):
        try:
            text = data.decode()
        except UnicodeDecodeError as error:
            return _unreadable(data.decode(errors="replace"), f"not UTF-8 at byte {error.start}")
    else:
        text = data
    try:
        message = _decode(text)
    except RecursionError:
        return _unreadable(text, f"nested deeper than {MAX_DEPTH}")
    except ValueError as error:
        return _unreadable(text, f"not JSON: {error}")
    if _too_deep(text, message):
        return _unreadable(text, f"nested deeper than {MAX_DEPTH}")
    if "\\u" in text and _has_lone_surrogate(message):
        return _unreadable(text, "a character that UTF-8 can't carry")
    return _frame(message)


def call(message_id: str, action: str, payload: Mapping[str, Any]) -> str:
    """Build a CALL. Raises `ValueError` for an id that is too long, or for NaN and infinity."""
    if not 0 < len(message_id) <= MAX_ID_LENGTH:
        raise ValueError(f"message id {message_id!r}: 1 to {MAX_ID_LENGTH} characters")
    return _encode([2, message_id, action, payload])


def call_result(message_id: str, payload: Mapping[str, Any]) -> str:
    """Build a CALLRESULT."""
    return _encode([3, message_id, payload])


def empty_result(message_id: str) -> str:
    """Build the CALLRESULT of the messages that are answered with nothing, such as MeterValues."""
    return f"[3,{_encode_string(message_id)},{{}}]"


def call_error(message_id: str, code: str, description: str = "") -> str:
    """Build a CALLERROR; the description is cut to the length that OCPP-J allows."""
    return _encode([4, message_id, code, description[:_DESCRIPTION_LENGTH], {}])


class Strikes:
    """Counts malformed frames: a peer with `limit` of them within `window` is closed.

    The window forgives: a station with one odd frame a day is a nuisance, not an attack.
    """

    def __init__(self, limit: int = 10, window: Seconds = 600.0) -> None:
        self._times: deque[Monotonic] = deque(maxlen=limit)
        self._limit = limit
        self._window = window

    def strike(self, now: Monotonic) -> bool:
        """Note one malformed frame; True when it was one too many."""
        self._times.append(now)
        return len(self._times) == self._limit and now - self._times[0] <= self._window


def _frame(message: object) -> Frame:
    if not isinstance(message, list):
        return Malformed(None, f"a frame is a JSON array, not {type(message).__name__}")
    if not message:
        return Malformed(None, "the frame is an empty array")
    match message[0]:
        case bool():
            return Malformed(None, f"unknown message type {message[0]!r}")
        case 2:
            return _call(message)
        case 3 | 4:
            return _answer(message)
        case other:
            return Malformed(None, f"unknown message type {str(other)[:_DESCRIPTION_LENGTH]!r}")


def _call(message: list[Any]) -> Call | Malformed:
    message_id = message[1] if len(message) > 1 else None
    if not isinstance(message_id, str) or not message_id:
        return Malformed(None, "the unique id of a CALL is a string of 1 to 36 characters")
    if len(message_id) > MAX_ID_LENGTH:
        echo = message_id if len(message_id) <= _ECHOED_ID_LENGTH else None
        return Malformed(echo, f"the unique id has {len(message_id)} characters, {MAX_ID_LENGTH} are allowed")
    if len(message) != 4:
        return Malformed(message_id, f"a CALL has 4 elements, not {len(message)}")
    _, _, action, payload = message
    if not isinstance(action, str):
        return Malformed(message_id, f"the action is a string, not {type(action).__name__}")
    if payload is None:  # OCPP-J 1.6 §4.1.2: an action without arguments may carry null
        payload = {}
    if not isinstance(payload, dict):
        return Malformed(message_id, f"the payload is an object, not {type(payload).__name__}")
    return Call(message_id, action, payload)


def _answer(message: list[Any]) -> CallResult | CallError | Malformed:
    match message:
        case [3, str(message_id), dict(payload)]:
            return CallResult(message_id, payload)
        case [3, str(message_id), None]:
            return CallResult(message_id, {})
        case [4, str(message_id), str(code), str(description), *details] if len(details) <= 1:
            extra = details[0] if details and isinstance(details[0], dict) else {}
            return CallError(message_id, code, description, extra)
        case [3, *_]:
            return Malformed(None, "a CALLRESULT is [3, id, object]")
        case _:
            return Malformed(None, "a CALLERROR is [4, id, code, description, object]")


_CALL_ID = re.compile(r'\s*\[\s*2\s*,\s*"([^"\\\x00-\x1f\ufffd]{1,36})"\s*,')


def _unreadable(text: str, reason: str) -> Malformed:
    """A frame that can't be parsed may still begin like a CALL, with an id that can be answered."""
    found = _CALL_ID.match(text[:_ECHOED_ID_LENGTH])
    return Malformed(found[1] if found else None, reason)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


_decode = json.JSONDecoder(parse_constant=_refuse_constant).decode
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode
_encode_string = json.JSONEncoder().encode


def _too_deep(text: str, message: object) -> bool:
    if text.count("[") + text.count("{") <= MAX_DEPTH:  # by far the usual case, without a walk
        return False
    level: list[object] = [message]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def _has_lone_surrogate(message: object) -> bool:
    """Half of a UTF-16 pair, written as an escape: it could be neither stored nor sent on."""
    try:
        json.dumps(message, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
