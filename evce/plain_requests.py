"""A quick yes to the messages that stations send all day, before the full check of their schema."""

from collections.abc import Callable, Mapping
from typing import Any, Final

__all__ = ["PlainCheck", "plain_check"]

PlainCheck = Callable[[Any], bool]
"""True: the schema allows this value. False: whoever wants to know why asks the schema."""


def plain_check(schema: Mapping[str, Any]) -> PlainCheck:
    """Build the check of a schema (draft 4) of nested objects, arrays, texts and integers.

    Of values with exactly the types that `json.loads` makes it says yes where the schema does, in a third of
    the time of a compiled one: most properties are words out of a short list, and nobody is told why not.
    Raises ValueError for a schema with a rule that it doesn't know, so that a rule can't be missed.
    """
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _KINDS:
        raise ValueError(f"type {kind!r} of {schema.get('title', 'a property')}")
    make, rules = _KINDS[kind]
    unknown = schema.keys() - rules - {"$schema", "title", "type", "format"}
    if unknown:
        raise ValueError(f"rules {sorted(unknown)} of type {kind}")
    return make(schema)


def _object(schema: Mapping[str, Any]) -> PlainCheck:
    """No other properties than those of the schema, all required ones, each as it should be."""
    if schema.get("additionalProperties", True) is not False:
        raise ValueError("an object that may have any property")
    checks = {name: plain_check(rule) for name, rule in schema["properties"].items()}
    words = {
        name: frozenset(rule["enum"])
        for name, rule in schema["properties"].items()
        if "enum" in rule and "maxLength" not in rule
    }
    required = tuple(schema.get("required", ()))

    def check_object(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name in required:
            if name not in value:
                return False
        try:
            for name, inner in value.items():
                allowed = words.get(name)
                if inner not in allowed if allowed is not None else not checks[name](inner):
                    return False
        except (KeyError, TypeError):  # no such property, or an array or object in place of a word
            return False
        return True

    return check_object


def _array(schema: Mapping[str, Any]) -> PlainCheck:
    check_item, least = plain_check(schema["items"]), schema.get("minItems", 0)

    def check_array(value: Any) -> bool:
        if type(value) is not list or len(value) < least:
            return False
        for item in value:  # noqa: SIM110  # a generator would take half as long again
            if not check_item(item):
                return False
        return True

    return check_array


def _text(schema: Mapping[str, Any]) -> PlainCheck:
    words = frozenset(schema["enum"]) if "enum" in schema else None
    longest = schema.get("maxLength")

    def check_text(value: Any) -> bool:
        return (
            type(value) is str
            and (words is None or value in words)
            and (longest is None or len(value) <= longest)
        )

    return check_text


def _integer(schema: Mapping[str, Any]) -> PlainCheck:
    least, most = schema["minimum"], schema["maximum"]

    def check_integer(value: Any) -> bool:
        return type(value) is int and bool(least <= value <= most)

    return check_integer


_KINDS: Final[dict[str, tuple[Callable[[Mapping[str, Any]], PlainCheck], frozenset[str]]]] = {
    "object": (_object, frozenset({"properties", "required", "additionalProperties"})),
    "array": (_array, frozenset({"items", "minItems"})),
    "string": (_text, frozenset({"enum", "maxLength", "additionalProperties"})),
    "integer": (_integer, frozenset({"minimum", "maximum"})),
}
"""How each type is checked, and the rules its check knows; `additionalProperties` says nothing of a text."""
