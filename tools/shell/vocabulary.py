"""The messages that can be sent from the debug shell, by name, and how one is made of words."""

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from difflib import get_close_matches
from functools import cache
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter, ValidationError

from actors import messages
from actors.messages import Message, RequestAction
from evce.station_control.action_kinds import kind_named, read_parameters
from evce.units import ConnectorKey, Monotonic

__all__ = ["did_you_mean", "fields_of", "message_named", "message_of", "vocabulary"]

BY_HAND = (
    "AlarmCleared",
    "AlarmRaised",
    "DeleteCard",
    "LinkClosed",
    "MeterLost",
    "RecordEvent",
    "ReportDemand",
    "RequestAction",
    "SaveCard",
    "Settle",
    "StationDetected",
)
"""What may be sent: none of it can raise a current past the pledges, or get around a check.

A false measurement, answer or order could, and so may a message that nobody has thought about here.
"""

NOW = "now"
"""In the place of a time: that of the daemon's clock."""


@cache
def vocabulary() -> dict[str, type[Message]]:
    """Every kind of message that may be sent, by name."""
    return {name: getattr(messages, name) for name in BY_HAND}


def message_named(name: str) -> type[Message]:
    """The kind of this name. Raises LookupError with one that was perhaps meant."""
    kind = vocabulary().get(name)
    if kind is None:
        hint = did_you_mean(name, vocabulary())
        refused = "can't be sent by hand" if hasattr(messages, name) else "is no message"
        raise LookupError(f"{name} {refused}{hint}; `help send` lists those that can")
    return kind


def fields_of(kind: type[Message]) -> tuple[str, ...]:
    """The fields in order, those that may be left out in brackets."""
    return tuple(
        each.name if each.default is MISSING and each.default_factory is MISSING else f"[{each.name}]"
        for each in fields(kind)
    )


def message_of(name: str, given: Mapping[str, str], monotonic: float, utc_now: datetime) -> Message:
    """Make a message of `field=value` words: a value is JSON, or else the text itself; `now` is a time.

    Raises LookupError for a name, ValueError for a field or value that isn't right, all mistakes at once.
    """
    kind = message_named(name)
    hints = get_type_hints(kind)
    known = {each.name for each in fields(kind)}
    unknown = [field for field in given if field not in known]
    if unknown:
        hint = did_you_mean(unknown[0], known)
        raise ValueError(f"{name} has no field {unknown[0]!r}{hint}; its fields are {_listed(kind)}")
    values = {field: _value(text, hints[field], monotonic, utc_now) for field, text in given.items()}
    try:
        message: Message = TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        mistakes = "; ".join(
            f"{'.'.join(str(part) for part in each['loc'])}: {each['msg'].lower()}" for each in error.errors()
        )
        raise ValueError(f"{name}: {mistakes}; its fields are {_listed(kind)}") from None
    if isinstance(message, RequestAction):
        _, faults = read_parameters(kind_named(message.action), message.given)
        if faults:
            raise ValueError("; ".join(f"{field}: {why}" for field, why in faults.items()))
    return message


def did_you_mean(word: str, known: Any) -> str:
    """ "; did you mean X?" where something looks alike."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else ""


def _listed(kind: type[Message]) -> str:
    return ", ".join(fields_of(kind)) or "none"


def _value(text: str, hint: Any, monotonic: float, utc_now: datetime) -> Any:
    kinds = (hint, *get_args(hint))
    if text == NOW and datetime in kinds:
        return utc_now
    if text == NOW and Monotonic in kinds:
        return monotonic
    if ConnectorKey in kinds and "/" in text:
        station, _, number = text.rpartition("/")
        return [station, number]
    if hint is str or getattr(hint, "__supertype__", None) is str:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text
