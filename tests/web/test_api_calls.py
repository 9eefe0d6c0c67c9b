"""Tests of how calls are described: schemas follow from the types themselves."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal, NewType

import pytest

from web.api_calls import Call, call, call_of, schema_of

Id = NewType("Id", str)


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    at: datetime


@dataclass(frozen=True)
class Outer:
    id: Id
    amps: Annotated[tuple[float, float, float] | None, "A per phase"]
    inner: tuple[Inner, ...]
    word: Literal["a", "b"] = "a"


@pytest.mark.parametrize(
    ("kind", "schema"),
    [
        (str, {"type": "string"}),
        (Id, {"type": "string"}),
        (int | None, {"type": ["integer", "null"]}),
        (Annotated[float, "A"], {"type": "number", "description": "A"}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (Colour, {"type": "string", "enum": ["red"]}),
        (Inner | None, {"anyOf": [schema_of(Inner), {"type": "null"}]}),
        (Any, {}),
        ({"type": "object"}, {"type": "object"}),
    ],
)
def test_a_type_has_its_schema(kind: Any, schema: dict[str, Any]) -> None:
    """API-1."""
    assert schema_of(kind) == schema


def test_a_class_becomes_an_object_with_what_it_needs() -> None:
    """API-1: nothing else is in it, and what has a default may be missing."""
    told = schema_of(Outer)
    assert told["required"] == ["id", "amps", "inner"]
    assert told["additionalProperties"] is False
    amps = told["properties"]["amps"]
    assert amps["description"] == "A per phase"
    assert amps["anyOf"][0]["maxItems"] == 3
    assert told["properties"]["inner"]["items"]["properties"]["at"]["format"] == "date-time"
    assert told["properties"]["word"] == {"enum": ["a", "b"]}


@pytest.mark.parametrize("kind", [bytes, set[int], complex])
def test_what_json_does_not_know_is_an_error(kind: Any) -> None:
    """API-1: at once, and not in the document."""
    with pytest.raises(TypeError, match="no JSON schema"):
        schema_of(kind)


def test_a_view_carries_its_description() -> None:
    """API-1."""
    described = Call("Things", {"type": "object"}, {})

    @call(described)
    def view() -> None: ...

    assert call_of(view) is described
    assert call_of(print) is None
