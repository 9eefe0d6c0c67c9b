"""OCPP-J frames as a station reads and writes them, checked against the schemas of OCPP 1.6."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import fastjsonschema

__all__ = [
    "Answer",
    "ErrorAnswer",
    "FrameError",
    "Request",
    "call_error",
    "call_frame",
    "check_request",
    "read_frame",
    "result_frame",
]

CALL, RESULT, ERROR = 2, 3, 4


class FrameError(ValueError):
    """A frame or payload that OCPP-J doesn't allow. `code` is the CALLERROR code that answers it."""

    def __init__(self, code: str, description: str, message_id: str | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.message_id = message_id


@dataclass(frozen=True, slots=True)
class Request:
    """A CALL."""

    message_id: str
    action: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """A CALLRESULT."""

    message_id: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """A CALLERROR."""

    message_id: str
    code: str
    description: str


def read_frame(text: str | bytes) -> Request | Answer | ErrorAnswer:
    """Take a frame apart. Raises FrameError."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise FrameError("FormationViolation", f"not JSON: {problem}") from None
    match frame:
        case [2, str() as message_id, str() as action, dict() as payload]:
            return Request(message_id, action, payload)
        case [3, str() as message_id, dict() as payload]:
            return Answer(message_id, payload)
        case [4, str() as message_id, str() as code, str() as description, *_]:
            return ErrorAnswer(message_id, code, description)
        case [2, str() as message_id, *_]:
            raise FrameError("FormationViolation", "a CALL is [2, id, action, payload]", message_id)
        case _:
            raise FrameError("FormationViolation", "neither CALL, CALLRESULT nor CALLERROR")


def call_frame(message_id: str, action: str, payload: dict[str, Any]) -> str:
    return json.dumps([CALL, message_id, action, payload], separators=(",", ":"))


def result_frame(message_id: str, payload: dict[str, Any]) -> str:
    return json.dumps([RESULT, message_id, payload], separators=(",", ":"))


def call_error(message_id: str, code: str, description: str) -> str:
    return json.dumps([ERROR, message_id, code, description, {}], separators=(",", ":"))


def _without_multiples(schema: Any) -> Any:
    """The schema without `multipleOf`: 9.3 is no multiple of 0.1 in binary floating point."""
    if isinstance(schema, dict):
        return {key: _without_multiples(value) for key, value in schema.items() if key != "multipleOf"}
    if isinstance(schema, list):
        return [_without_multiples(item) for item in schema]
    return schema


@cache
def _validator(name: str) -> Callable[[Any], Any] | None:
    path = resources.files("ocpp.v16") / "schemas" / f"{name}.json"
    if not path.is_file():
        return None
    schema = json.loads(path.read_text(encoding="utf-8-sig"))
    compiled: Callable[[Any], Any] = fastjsonschema.compile(
        _without_multiples(schema), use_formats=False, use_default=False
    )
    return compiled


def check_request(action: str, payload: dict[str, Any]) -> None:
    """Check a request's payload against its schema. Raises FrameError."""
    validate = _validator(action)
    if validate is None:
        raise FrameError("NotImplemented", f"{action} is no action of OCPP 1.6")
    try:
        validate(payload)
    except fastjsonschema.JsonSchemaException as problem:
        raise FrameError("TypeConstraintViolation", str(problem)) from None
    _check_decimals(payload)


def _check_decimals(value: Any) -> None:
    """Limits carry at most one decimal (OCPP 1.6 part 2, 7.14)."""
    match value:
        case {"limit": int() | float() as limit, **rest}:
            if not math.isclose(limit * 10, round(limit * 10), abs_tol=1e-6):
                raise FrameError("PropertyConstraintViolation", f"limit {limit} has more than one decimal")
            _check_decimals(rest)
        case dict():
            for item in value.values():
                _check_decimals(item)
        case list():
            for item in value:
                _check_decimals(item)
        case _:
            return
