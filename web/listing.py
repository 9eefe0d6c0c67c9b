"""Lists for programs: pages, filters, and a version that tells whether anything has changed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, jsonify, request
from werkzeug.datastructures import MultiDict
from werkzeug.http import generate_etag

from web.api_calls import Parameter
from web.problems import Problem, Wrong, in_query

__all__ = [
    "LIMIT",
    "PAGING",
    "Page",
    "Query",
    "choice",
    "flag",
    "moment",
    "page_of",
    "page_schema",
    "text",
    "versioned",
]

LIMIT = 100
MOST = 500

Item = TypeVar("Item")
Read = Callable[[str], Any]
"""Reads a value of the query; ValueError with what is allowed."""

PAGING = (
    Parameter(
        "limit", "How many at most.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}, 50
    ),
    Parameter(
        "offset", "How many are passed over first.", {"type": "integer", "minimum": 0, "default": 0}, 0
    ),
)


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked of a list."""

    limit: int
    offset: int

    def cut(self, items: Sequence[Item]) -> tuple[Sequence[Item], bool]:
        """The page of a whole list, and whether there is more."""
        return items[self.offset : self.offset + self.limit], len(items) > self.offset + self.limit


class Query:
    """The parameters of this request. Every fault is gathered: `checked` tells them all at once."""

    def __init__(self, **known: Read) -> None:
        self._wrong: list[Wrong] = []
        given = request.args
        self.page = Page(
            self._number(given, "limit", LIMIT, 1, MOST), self._number(given, "offset", 0, 0, 10**9)
        )
        self.values: dict[str, Any] = {name: self._read(given, name, read) for name, read in known.items()}
        allowed = ("limit", "offset", *known)
        for name in given:
            if name not in allowed:
                self._wrong.append(in_query(name[:100], f"unknown; there are {', '.join(allowed)}"))
            elif len(given.getlist(name)) > 1:
                self._wrong.append(in_query(name, "is given more than once"))
        if self._wrong:
            raise Problem(400, "The query can't be understood", self._wrong[0]["detail"], errors=self._wrong)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def _read(self, given: MultiDict[str, str], name: str, read: Read) -> Any:
        if name not in given:
            return None
        try:
            return read(given[name])
        except ValueError as error:
            self._wrong.append(in_query(name, f"{given[name][:100]!r}: {error}"))
            return None

    def _number(self, given: MultiDict[str, str], name: str, default: int, least: int, most: int) -> int:
        def read(value: str) -> int:
            if not (
                value.isascii() and value.isdecimal() and len(value) < 11 and least <= int(value) <= most
            ):
                raise ValueError(f"a whole number from {least} to {most}")
            return int(value)

        found = self._read(given, name, read)
        return default if found is None else int(found)


def text(value: str) -> str:
    """Any text up to 100 characters."""
    if len(value) > 100:
        raise ValueError("at most 100 characters")
    return value


def flag(value: str) -> bool:
    """`true` or `false`."""
    if value not in ("true", "false"):
        raise ValueError("true or false")
    return value == "true"


def choice(allowed: Iterable[str]) -> Read:
    """One of these words."""
    words = tuple(allowed)

    def read(value: str) -> str:
        if value not in words:
            raise ValueError(f"one of {', '.join(words) or 'none'}")
        return value

    return read


def moment(value: str) -> datetime:
    """A time with its offset, such as 2026-11-22T18:00:00Z."""
    try:
        found = datetime.fromisoformat(value.replace(" ", "+"))  # what a + in an address becomes
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise ValueError("a time with its offset, such as 2026-11-22T18:00:00Z")
    return found


def page_of(items: Sequence[object], page: Page, *, more: bool) -> Response:
    """A page of plain items, with the address of the next one where there is more."""
    next_page = None
    if more:
        query = {**request.args.to_dict(), "limit": str(page.limit), "offset": str(page.offset + page.limit)}
        next_page = f"{request.path}?{urlencode(query)}"
    return versioned({"items": list(items), "limit": page.limit, "offset": page.offset, "next": next_page})


def page_schema(item: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a page of such items."""
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": dict(item)},
            "limit": {"type": "integer"},
            "offset": {"type": "integer"},
            "next": {
                "type": ["string", "null"],
                "description": "Address of the next page; null on the last one.",
            },
        },
        "required": ["items", "limit", "offset", "next"],
        "additionalProperties": False,
    }


def versioned(plain: object, version: str | None = None) -> Response:
    """JSON with an ETag, `version` or one that follows from all that is told; 304 where that is known."""
    answer = jsonify(plain)
    answer.set_etag(generate_etag(answer.get_data()) if version is None else version)
    answer.make_conditional(request)
    return answer
