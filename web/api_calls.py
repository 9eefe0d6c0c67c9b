"""How the calls of the web services are described: beside each view, what it takes and answers."""

import typing
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import datetime
from enum import Enum
from types import UnionType
from typing import Any, TypeVar, Union

__all__ = ["Call", "Parameter", "Schema", "call", "call_of", "schema_of"]

Schema = Mapping[str, Any]
"""A JSON schema (draft 2020-12, as OpenAPI 3.1 has it)."""

View = TypeVar("View", bound=Callable[..., object])

_PLAIN: dict[object, dict[str, Any]] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    datetime: {"type": "string", "format": "date-time"},
    Any: {},
    object: {},
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of the query: what it is for, its schema, and an example."""

    name: str
    what: str
    schema: Schema
    example: object


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as the document and the page tell it; its sentence is the first line of the view's docstring.

    `answer` is the class or schema of what comes back with `status`, `example` one of it. `refusals` tells
    with which status the call refuses, and when; what every call may answer needn't be among them.
    """

    group: str
    answer: type | Schema
    example: object
    query: tuple[Parameter, ...] = ()
    body: type | Schema | None = None
    body_example: object = None
    status: int = 200
    refusals: Mapping[int, str] | None = None
    conditional: str = ""
    """The header that makes it depend on an ETag: If-None-Match, If-Match, or none."""


def call(described: Call) -> Callable[[View], View]:
    """Describe a view of the web services; put it below the route."""

    def mark(view: View) -> View:
        view.__dict__["evce_call"] = described
        return view

    return mark


def call_of(view: object) -> Call | None:
    """The description of a view, None where it has none."""
    found = getattr(view, "evce_call", None)
    return found if isinstance(found, Call) else None


def schema_of(kind: Any) -> dict[str, Any]:
    """The schema of a type: a dataclass of plain values becomes an object, `Annotated` text a description.

    TypeError for a type that JSON doesn't know.
    """
    if isinstance(kind, Mapping):
        return dict(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        told = "; ".join(text for text in arguments[1:] if isinstance(text, str))
        return {**schema_of(arguments[0]), "description": told}
    if origin in (Union, UnionType):
        return _either([schema_of(one) if one is not type(None) else {"type": "null"} for one in arguments])
    if origin is tuple:
        if arguments[-1] is not Ellipsis:
            size = len(arguments)
            return {"type": "array", "items": schema_of(arguments[0]), "minItems": size, "maxItems": size}
        return {"type": "array", "items": schema_of(arguments[0])}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    while hasattr(kind, "__supertype__"):  # a NewType
        kind = kind.__supertype__
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"type": "string", "enum": [str(member.value) for member in kind]}
    if isinstance(kind, type) and is_dataclass(kind):
        return _object(kind)
    try:
        return dict(_PLAIN[kind])
    except (KeyError, TypeError):
        raise TypeError(f"{kind!r} has no JSON schema") from None


def _either(options: list[dict[str, Any]]) -> dict[str, Any]:
    if all(set(option) == {"type"} for option in options):
        return {"type": [option["type"] for option in options]}
    return {"anyOf": options}


def _object(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind, include_extras=True)
    known = fields(kind)
    return {
        "type": "object",
        "properties": {field.name: schema_of(hints[field.name]) for field in known},
        "required": [field.name for field in known if field.default is MISSING],
        "additionalProperties": False,
    }
