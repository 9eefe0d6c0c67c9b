"""Turns any value into plain JSON values to look at: bounded, and without its secrets."""

import math
import re
from collections import deque
from collections.abc import Iterable, Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from itertools import islice
from typing import Any

from evce.secret_words import is_secret_option, names_a_secret

__all__ = ["REDACTED", "one_line", "parts_of", "plain"]

REDACTED = "(redacted)"

DEPTH = 5
"""Levels that are shown; the way to see more is to name the part."""

ITEMS = 40
"""Members shown of a collection: a screen."""

TEXT = 400
"""Characters shown of a text."""

_HASH = "$argon2"
"""How a password's hash begins, wherever it stands."""

_IN_ADDRESS = re.compile(r"(\w+://[^/\s:@]*):[^@\s/]+@")
_TICKET = re.compile(r"(\w+://[^/\s]+/files)/[^/\s]+")
"""Whoever has such an address may leave a file here in a station's name, or fetch its firmware."""


def plain(value: Any, depth: int = DEPTH, items: int = ITEMS, text: int = TEXT) -> Any:
    """The value as JSON would have it.

    Values of the domain become the mapping of their fields; deep ones, and machinery such as sockets, the
    name of their type; what is cut says how much. The value may be changed by its own thread meanwhile: what
    is read is then a bit newer or older.
    """
    match value:
        case None | bool():
            return value
        case Enum():
            return value.value if isinstance(value.value, int | str) else value.name
        case int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            return _text(value, text)
        case bytes() | bytearray() | memoryview():
            return f"<{len(value)} bytes>"
        case datetime() | date():
            return value.isoformat()
        case type():
            return f"<class {value.__name__}>"
    if isinstance(value, tuple) and type(value).__str__ is not tuple.__str__:
        return str(value)  # a key that knows how people write it
    if depth <= 0 or _machinery(value):
        return _deep(value)
    return _compound(value, depth - 1, items, text)


def parts_of(value: Any) -> dict[str, Any]:
    """The parts of a value by the names under which they are shown; empty where it has none."""
    if isinstance(value, Mapping):
        return {_key(key): part for key, part in _still(value.items())}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return dict(zip(value._fields, value, strict=True))
    if isinstance(value, list | tuple | deque):
        return {str(number): part for number, part in enumerate(_still(value))}
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name, None) for each in fields(value)}
    if isinstance(value, str | bytes | Enum | type) or callable(value):
        return {}
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    found = dict(_still(getattr(value, "__dict__", {}).items()))
    found |= {name: getattr(value, name) for name in slots if hasattr(value, name)}
    return {name: part for name, part in found.items() if not name.startswith("__")}


def one_line(value: Any) -> str:
    """A plain value as one line for people."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {one_line(part)}" for key, part in value.items()) + "}"
        case list():
            return "[" + ", ".join(one_line(part) for part in value) + "]"
        case None:
            return "none"
        case float():
            return f"{value:g}" if abs(value) < 1e6 else f"{value:.1f}"
        case _:
            return str(value)


def _compound(value: Any, depth: int, items: int, text: int) -> Any:
    if isinstance(value, Set):
        return _cut(sorted((plain(part, depth, items, text) for part in _still(value)), key=str), items)
    named_tuple = isinstance(value, tuple) and hasattr(value, "_fields")
    if isinstance(value, list | tuple | deque) and not named_tuple:
        whole = _still(value)
        shown = [plain(part, depth, items, text) for part in islice(whole, items)]
        return shown if len(whole) <= items else [*shown, f"… {len(whole) - items} more"]
    parts = parts_of(value)
    shown_parts = {
        name: REDACTED if names_a_secret(name) and part not in (None, "") else plain(part, depth, items, text)
        for name, part in islice(parts.items(), items)
    }
    if "value" in shown_parts and is_secret_option(str(parts.get("key"))):
        shown_parts["value"] = REDACTED
    if len(parts) > items:
        shown_parts["…"] = f"{len(parts) - items} more"
    return shown_parts


def _machinery(value: Any) -> bool:
    """Whether it is a socket, a thread, a link: nothing to read, unless somebody names it."""
    data = isinstance(value, Mapping | Set | list | tuple | deque) or is_dataclass(value)
    return callable(value) or not (data or type(value).__module__.startswith("evce."))


def _deep(value: Any) -> str:
    if isinstance(value, Mapping | Set | list | tuple | deque):
        return f"<{type(value).__name__} of {len(value)}>" if value else f"<empty {type(value).__name__}>"
    name = getattr(value, "__qualname__", "")
    return f"<{name}>" if name else f"<{type(value).__name__}>"


def _cut(values: list[Any], items: int) -> list[Any]:
    return values if len(values) <= items else [*values[:items], f"… {len(values) - items} more"]


def _text(text: str, most: int) -> str:
    if text.startswith(_HASH):
        return REDACTED
    text = _IN_ADDRESS.sub(rf"\1:{REDACTED}@", text)
    text = _TICKET.sub(rf"\1/{REDACTED}", text)
    return text if len(text) <= most else f"{text[:most]}… {len(text) - most} more"


def _key(key: Any) -> str:
    return str(key.value) if isinstance(key, Enum) else str(key)


def _still(collection: Iterable[Any]) -> list[Any]:
    """A copy; another thread may change the collection while it is made, so again until it stands still."""
    for _ in range(20):
        try:
            return list(collection)
        except RuntimeError:  # changed size during iteration
            continue
    return []
