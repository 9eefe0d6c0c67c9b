"""What is wrong with a document, in the words of who wrote it: field, value, and what is allowed."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from evce.configuration.defaults import complete_station
from evce.configuration.reference import allowed, choices, field_at, section_at
from evce.errors import Refusal

__all__ = [
    "Path",
    "Refused",
    "RefusedTextError",
    "field_refusals",
    "label",
    "name_of",
    "refusal",
    "suggest",
    "value_at",
    "without",
]

Path = tuple[str | int, ...]
"""Keys and 0-based positions from the top of the document to a value."""

_NAMED_BY = ("id", "box_identity", "name")


class RefusedTextError(ValueError):
    """A text isn't of its kind; `allowed` says in words what is, `suggestion` what was probably meant."""

    def __init__(self, allowed: str, suggestion: str = "") -> None:
        super().__init__(f"must be {allowed}")
        self.suggestion = suggestion


def suggest(word: object, known: Iterable[str]) -> str:
    """The known word that was probably meant, empty when none is near."""
    if not isinstance(word, str):
        return ""
    by_lower = {candidate.lower(): candidate for candidate in sorted(known)}
    lower = word.lower()
    begun = [candidate for candidate in by_lower if lower and candidate.startswith(lower)]
    near = begun if len(begun) == 1 else difflib.get_close_matches(lower, by_lower, n=1, cutoff=0.6)
    return by_lower[near[0]] if near and by_lower[near[0]] != word else ""


def value_at(data: object, path: Sequence[str | int]) -> object:
    """The value that a path leads to, None where it leads nowhere."""
    for step in path:
        match data, step:
            case Mapping(), str():
                data = data.get(step)
            case list() | tuple(), int() if 0 <= step < len(data):
                data = data[step]
            case _:
                return None
    return data


def label(path: Sequence[str | int], data: object) -> str:
    """A path for people: things go by their id (``zones[garage]``), without one by their place (``#3``)."""
    text = ""
    for depth, step in enumerate(path):
        if isinstance(step, int):
            thing = value_at(data, path[: depth + 1])
            text += f"[{name_of(thing) or f'#{step + 1}'}]"
        else:
            text += f".{step}" if text else step
    return text


def name_of(thing: object) -> str:
    """What people call a thing of a list: its id, box identity or name; empty where it has none."""
    if not isinstance(thing, Mapping):
        return ""
    names = (thing.get(key) for key in _NAMED_BY)
    return next((name for name in names if isinstance(name, str) and name), "")


def refusal(data: object, path: Path, allowed: str, suggestion: str = "") -> Refusal:
    """What is wrong with the value at this path."""
    return Refusal(path, label(path, data), value_at(data, path), allowed, suggestion)


def field_refusals(error: ValidationError, model: type[BaseModel], data: object) -> tuple[Refusal, ...]:
    """The refusals of single fields; those of the whole document are told by its cross checks."""
    details = error.errors(include_url=False)
    return tuple(_field_refusal(detail, model, data) for detail in details if not _follows(detail))


def _follows(detail: Mapping[str, Any]) -> bool:
    """Whether this only follows from other errors: the document's own, or a list whose items all failed."""
    return not detail["loc"] or (detail["type"] == "too_short" and bool(detail["input"]))


def _field_refusal(detail: Mapping[str, Any], model: type[BaseModel], data: object) -> Refusal:
    path: Path = detail["loc"]
    field = field_at(model, path)
    match detail["type"]:
        case "extra_forbidden":
            section = section_at(model, path[:-1])
            known = tuple(section.model_fields) if section else ()
            meant = suggest(path[-1], known)
            there_are = "" if meant else f" (there are {', '.join(known)})"
            return refusal(data, path, f"no such setting{there_are}", meant)
        case "missing":
            return refusal(data, path, f"must be given: {allowed(field)}")
        case "value_error" if isinstance(error := detail["ctx"]["error"], RefusedTextError):
            return refusal(data, path, str(error), error.suggestion)
        case _:
            meant = suggest(detail["input"], choices(field) if field else ())
            return refusal(data, path, f"must be {allowed(field)}", meant)


class Refused:
    """Stands in plain data for a value that was refused: something is given, but nothing to reckon with."""


def without(data: Mapping[str, Any], refused: Iterable[Path]) -> dict[str, Any]:
    """A copy of the plain data with `Refused` for the refused values, families' defaults filled in."""
    pruned = _copy(data)
    for path in refused:
        holder = value_at(pruned, path[:-1])
        match holder, path[-1]:
            case dict(), key if key in holder:
                holder[key] = Refused()
            case list(), int(place) if place < len(holder):
                holder[place] = Refused()
            case _:
                pass
    stations = pruned.get("stations")
    if isinstance(stations, list):
        pruned["stations"] = [
            complete_station(thing) if isinstance(thing, dict) else thing for thing in stations
        ]
    return dict(pruned)


def _copy(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _copy(item) for key, item in value.items()}
        case list() | tuple():
            return [_copy(item) for item in value]
        case _:
            return value
