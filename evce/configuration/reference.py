"""Every setting of a document: what is allowed, its default and its help, for pages, manual and refusals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

__all__ = ["Allowed", "Kind", "Setting", "allowed", "choices", "field_at", "section_at", "settings"]


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a text may be, in words that follow "must be"; annotates a type."""

    allowed: str


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: `path` as in ``zones[].maximum_a``, texts as people read them.

    `default` is None where the setting must be given, and "" where it may be left out.
    """

    path: str
    allowed: str
    default: str | None
    help: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A field's type, stripped of Optional and Annotated, with all that was annotated."""

    of: Any
    metadata: tuple[object, ...] = ()

    def annotated(self, name: str) -> Any:
        """What the annotations say under this name (``ge``, ``max_length``, …), None without one."""
        return next((getattr(mark, name) for mark in self.metadata if hasattr(mark, name)), None)


def _kind(annotation: Any, metadata: Sequence[object] = ()) -> Kind:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        return _kind(inner, (*metadata, *_flat(marks)))
    if origin in (Union, UnionType):
        inner = next(choice for choice in get_args(annotation) if choice is not type(None))
        return _kind(inner, metadata)
    return Kind(annotation, tuple(metadata))


def _flat(marks: Sequence[object]) -> Iterator[object]:
    for mark in marks:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
        else:
            yield mark


def _field_kind(field: FieldInfo) -> Kind:
    return _kind(field.annotation, tuple(field.metadata))


def _item_kind(kind: Kind) -> Kind | None:
    return _kind(get_args(kind.of)[0]) if get_origin(kind.of) is tuple else None


def _section(kind: Kind | None) -> type[BaseModel] | None:
    if kind is not None and isinstance(kind.of, type) and issubclass(kind.of, BaseModel):
        return kind.of
    return None


def field_at(model: type[BaseModel], path: Sequence[str | int]) -> Kind | None:
    """What a document holds at this path: the type of a field or of a list's items, None for nothing."""
    kind: Kind | None = Kind(model)
    for step in path:
        if isinstance(step, int):
            kind = _item_kind(kind) if kind else None
        else:
            section = _section(kind)
            field = section.model_fields.get(step) if section else None
            kind = _field_kind(field) if field else None
    return kind


def section_at(model: type[BaseModel], path: Sequence[str | int]) -> type[BaseModel] | None:
    """The section at this path, None when there is a plain value or nothing."""
    return _section(field_at(model, path))


def choices(kind: Kind) -> tuple[str, ...]:
    """The words to choose from, none for other types."""
    if isinstance(kind.of, type) and issubclass(kind.of, StrEnum):
        return tuple(kind.of)
    return ()


def allowed(kind: Kind | None) -> str:
    """What may be written there, in words that follow "must be"."""
    if kind is None:
        return "nothing"
    if (text := kind.annotated("allowed")) is not None:
        return str(text)
    if words := choices(kind):
        return f"{', '.join(words[:-1])} or {words[-1]}"
    if (item := _item_kind(kind)) is not None:
        return _allowed_list(kind, item)
    if _section(kind) is not None:
        return "a table of settings"
    if kind.of is bool:
        return "true or false"
    if kind.of is str:
        return f"a text of at most {kind.annotated('max_length')} characters"
    return _allowed_number(kind)


def _allowed_number(kind: Kind) -> str:
    what = "a whole number" if kind.of is int else "a number"
    above, least = kind.annotated("gt"), kind.annotated("ge")
    most = kind.annotated("le")
    if above is not None:
        return f"{what} above {above:g}, at most {most:g}"
    return f"{what} from {least:g} to {most:g}"


def _allowed_list(kind: Kind, item: Kind) -> str:
    what = "tables" if _section(item) else allowed(item)
    least = kind.annotated("min_length")
    most = kind.annotated("max_length")
    match least, most:
        case None, None:
            return f"a list of {what}"
        case None, _:
            return f"a list of at most {most} {what}"
        case _, None:
            return f"a list of at least {least} of {what}"
        case _:
            return f"a list of {least} to {most} {what}"


def settings(model: type[BaseModel], prefix: str = "") -> Iterator[Setting]:
    """Every setting below a section, in the order of the document."""
    for name, field in model.model_fields.items():
        kind = _field_kind(field)
        item = _item_kind(kind)
        if (section := _section(kind)) is not None:
            yield from settings(section, f"{prefix}{name}.")
        elif (section := _section(item)) is not None:
            yield from settings(section, f"{prefix}{name}[].")
        else:
            yield Setting(f"{prefix}{name}", allowed(kind), _default(field), field.description or "")


def _default(field: FieldInfo) -> str | None:
    if isinstance(field.json_schema_extra, dict) and "default" in field.json_schema_extra:
        return str(field.json_schema_extra["default"])
    if field.is_required():
        return None
    match field.default:
        case None:
            return ""
        case bool(value):
            return str(value).lower()
        case int(value) | float(value):
            return f"{value:g}"
        case value:
            return str(value)
