"""Draws payloads from the OCPP 1.6 schemas: valid ones, and ones with a mistake that a station may make."""

import json
import random
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["ODD_NUMBERS", "ODD_TEXTS", "damaged", "drawn"]

ODD_TEXTS = (
    "",
    " ",
    "0",
    "null",
    "x" * 10_000,
    "\x00",
    "\u202eright to left",
    "\N{PILE OF POO}" * 20,
    "'; DROP TABLE sessions; --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "%s%n{0}",
    "=1+1",
    "NaN",
    "-1e400",
    "1970-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999999Z",
    "0000-00-00T99:99:99+99:99",
    "2026-02-30T12:00:00",
    "20260601T120000Z",
)
"""Texts that have broken programs before."""

ODD_NUMBERS = (
    0,
    -1,
    1,
    2**31 - 1,
    2**31,
    -(2**31) - 1,
    2**53 + 1,
    2**63 - 1,
    2**63,
    10**40,
    0.1,
    -0.0,
    1e308,
)
"""Numbers at the ends of what computers hold."""

_ODD_VALUES: tuple[Any, ...] = (None, True, False, [], {}, [[]], {"a": {}}, [None], *ODD_NUMBERS, *ODD_TEXTS)

_VALUES = ("0", "16.2", "-3", "230.5", "1e5", "NaN", "1e400", "abc", "12,5", " 7 ", "0x10", "")
"""What sampled values say."""

_SOMETIMES = 0.5
"""How likely an optional field is there."""


def drawn(schema: str, chance: random.Random, known: Mapping[str, Callable[[], Any]]) -> Any:
    """Draw a payload that the schema of this name allows; `known` gives values of fields by their name."""
    return _of(_schema(schema), chance, known, "")


def damaged(payload: Any, chance: random.Random) -> Any:
    """Return a copy with one to three mistakes: fields gone, added, of another type, range or depth."""
    copy = deepcopy(payload)
    for _ in range(chance.randint(1, 3)):
        copy = _one_mistake(copy, chance)
    return copy


def _one_mistake(payload: Any, chance: random.Random) -> Any:
    places = list(_places(payload))
    if not places:
        return chance.choice([payload, _odd(chance), {"mood": "good"}])
    node, key = chance.choice(places)
    match chance.randrange(6):
        case 0:
            del node[key]
        case 1 if isinstance(node, dict):
            node[chance.choice(["mood", "", "connectorid", "x" * 500])] = _odd(chance)
        case 2 if isinstance(node, list):
            node.extend(deepcopy(node[key]) for _ in range(chance.randint(1, 50)))
        case 3:
            node[key] = {"a": node[key]} if chance.random() < _SOMETIMES else [node[key]]
        case 4 if isinstance(node[key], str):
            node[key] = node[key].swapcase() + chance.choice(["", " ", "\u00e9", "x" * 600])
        case _:
            node[key] = _odd(chance)
    return payload


def _odd(chance: random.Random) -> Any:
    """A copy: what is drawn may be changed again."""
    return deepcopy(chance.choice(_ODD_VALUES))


def _places(node: Any) -> list[tuple[Any, Any]]:
    """Every place in a payload that could be changed, as container and key."""
    found: list[tuple[Any, Any]] = []
    keys = list(node) if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in keys:
        found.append((node, key))
        found += _places(node[key])
    return found


def _of(
    schema: Mapping[str, Any], chance: random.Random, known: Mapping[str, Callable[[], Any]], field: str
) -> Any:
    if field in known:
        return known[field]()
    if "enum" in schema:
        return chance.choice(schema["enum"])
    match schema["type"]:
        case "object":
            required = schema.get("required", ())
            return {
                name: _of(part, chance, known, name)
                for name, part in schema.get("properties", {}).items()
                if name in required or chance.random() < _SOMETIMES
            }
        case "array":
            most = chance.choice((1, 1, 2, 8))
            length = chance.randint(schema.get("minItems", 0), most)
            return [_of(schema["items"], chance, known, "") for _ in range(length)]
        case "integer":
            return chance.choice((0, 1, 2, 5, -1, 1000, chance.randrange(-(2**63), 2**63)))
        case "number":
            return chance.choice((0, 6.0, 16, 32.5, -1, 1e6))
        case "boolean":
            return chance.random() < _SOMETIMES
        case _:
            return _text(schema, chance, field)


def _text(schema: Mapping[str, Any], chance: random.Random, field: str) -> str:
    if field == "value":
        return chance.choice(_VALUES)
    text = chance.choice(("A", "BADGE", "x" * 20, *ODD_TEXTS))
    return text[: schema.get("maxLength", len(text))]


@cache
def _schema(name: str) -> dict[str, Any]:
    source = resources.files("ocpp.v16").joinpath("schemas", f"{name}.json")
    schema: dict[str, Any] = json.loads(source.read_text("utf-8-sig"))
    whole: dict[str, Any] = _resolved(schema, schema.get("definitions", {}))
    return whole


def _resolved(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_resolved(part, definitions) for part in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _resolved(definitions[node["$ref"].rpartition("/")[2]], definitions)
    return {key: _resolved(part, definitions) for key, part in node.items() if key != "definitions"}
