"""What a CALL to a station may carry, read from its schema: a form to begin with, and each field in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from evce.validation import order_schema

__all__ = ["OrderField", "order_fields", "order_template"]

_GENTLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "ChangeAvailability": {"type": "Operative"},
    "DataTransfer": {"messageId": "", "data": ""},
    "GetConfiguration": {"key": ["HeartbeatInterval"]},
    "Reset": {"type": "Soft"},
    "TriggerMessage": {"requestedMessage": "Heartbeat"},
}
"""What to begin with where the schema's first choice is harsh, or what is used most is not needed."""


@dataclass(frozen=True, slots=True)
class OrderField:
    """One field: its path (`log.remoteLocation`, `[]` after a list) and what is allowed in it.

    `kind` is text, number, whole number, yes or no, date and time, list or object; `choices` are all values
    that it may have, `longest` the most characters; `needed` says whether it can't be left out.
    """

    path: str
    kind: str
    needed: bool
    choices: tuple[str, ...] = ()
    longest: int | None = None


def order_template(action: str, utc: datetime) -> dict[str, Any]:
    """The fields that are needed, with values that fit the schema. Raises LookupError for an unknown action.

    Texts are empty: they are for people to write. A time is an hour from `utc`.
    """
    schema = order_schema(action)
    made = _made(schema, schema, utc)
    return {**made, **_GENTLE.get(action, {})}


def order_fields(action: str) -> tuple[OrderField, ...]:
    """All fields in the order of the schema, needed ones first. Raises LookupError for an unknown action."""
    schema = order_schema(action)
    return tuple(_listed(schema, schema, ""))


def _made(node: Mapping[str, Any], schema: Mapping[str, Any], utc: datetime) -> Any:
    node = _resolved(node, schema)
    if "enum" in node:
        return node["enum"][0]
    match node.get("type"):
        case "object":
            fields = node.get("properties", {})
            return {name: _made(fields[name], schema, utc) for name in node.get("required", ())}
        case "array":
            return [_made(node.get("items", {}), schema, utc)]
        case "integer" | "number":
            return 1
        case "boolean":
            return False
    if node.get("format") == "date-time":
        return (utc + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return ""


def _listed(node: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> list[OrderField]:
    needed = node.get("required", ())
    found: list[OrderField] = []
    for name, part in sorted(node.get("properties", {}).items(), key=lambda item: item[0] not in needed):
        inner, here = _resolved(part, schema), f"{path}{name}"
        choices = tuple(str(each) for each in inner.get("enum", ()))
        found.append(OrderField(here, _kind(inner), name in needed, choices, inner.get("maxLength")))
        if inner.get("type") == "array":
            inner, here = _resolved(inner.get("items", {}), schema), f"{here}[]"
        found += _listed(inner, schema, f"{here}.")
    return found


def _kind(node: Mapping[str, Any]) -> str:
    if node.get("format") == "date-time":
        return "date and time"
    return {
        "array": "list",
        "boolean": "yes or no",
        "integer": "whole number",
        "number": "number",
        "object": "object",
    }.get(str(node.get("type")), "text")


def _resolved(node: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """What `$ref` names: the schemas of the security extensions keep their types apart."""
    reference = str(node.get("$ref", "")).removeprefix("#/definitions/")
    return schema["definitions"][reference] if reference else node
