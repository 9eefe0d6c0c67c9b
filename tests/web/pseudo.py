"""A language of the tests: each translated string stands in brackets, and what is left outside is told."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.catalog import Catalog

from tools.translations.files import template, written
from tools.translations.sources import find_strings

__all__ = ["LOCALE", "leftovers", "names_in", "write_catalogue"]

LOCALE = "nl"
"""A language that the pages don't have, but whose figures and dates are known."""

_SEEN = ("alt", "aria-label", "data-label", "placeholder", "title")
_HIDDEN = ("script", "style", "code", "svg-defs")
_WORD = re.compile(r"[^\W\d_]{2,}(?:[-'\u2019][^\W\d_]+)*")
_BRACKETED = re.compile(r"⟦[^⟦⟧]*⟧")
_SETTING = r"\b[a-z_]+\[[^\]]*\](?:\.[a-z_]+)*"
"""The path of a setting in the document, which is the same in every language."""
_ROOT = Path(__file__).parents[2]

PROPER = frozenset(
    _WORD.findall("""
    EVCE VIP OCPP RFID IP TCP TLS HTTP JSON CSV OpenAPI UTC GPIO kW kWh Wh ms min AC DC TE CCS CHAdeMO Modbus
    English Français Deutsch Español Português
    Mon Tue Wed Thu Fri Sat Sun NoPeriod
    jan feb mrt apr mei jun jul aug sep okt nov dec
    """)
)
"""Names, units and abbreviations that are the same in every language."""


@lru_cache(maxsize=1)
def _catalogue() -> bytes:
    made = Catalog(locale=LOCALE)
    for message in template(find_strings(_ROOT)):
        if message.id:
            ids = (message.id,) if isinstance(message.id, str) else message.id
            strings = tuple(f"⟦{text}⟧" for text in ids)
            made.add(
                message.id,
                strings if len(strings) > 1 else strings[0],
                locations=sorted(set(message.locations)),
            )
    return written(made)


def write_catalogue(folder: Path) -> None:
    """Put the language into a folder of translations."""
    path = folder / LOCALE / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(_catalogue())


class _Texts(HTMLParser):
    """The texts of a page that somebody sees or hears, but for what says that it is in no such language.

    That is the manual, the reference of the web services, in English for every program, and the names of
    OCPP, which HTML marks as not to be translated.
    """

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        english = tag != "html" and ("lang", "en") in attrs
        within = bool(self._hidden) and tag == self._hidden[-1]
        if within or tag in _HIDDEN or english or ("translate", "no") in attrs:
            self._hidden.append(tag)
        if self._hidden:
            return
        self.texts += [value for name, value in attrs if name in _SEEN and value]
        if tag == "input" and ("type", "submit") in attrs:
            self.texts += [value for name, value in attrs if name == "value" and value]

    def handle_endtag(self, tag: str) -> None:
        if self._hidden and self._hidden[-1] == tag:
            self._hidden.pop()

    def handle_data(self, data: str) -> None:
        if not self._hidden and data.strip():
            self.texts.append(data.strip())


def names_in(thing: object, left_out: Iterable[str] = ()) -> Iterator[str]:
    """Every text below a view or a record, but those of the fields left out."""
    match thing:
        case Enum() | None | bool() | int() | float():
            return
        case str():
            yield thing
        case dict():
            for key, value in thing.items():
                yield from names_in(key, left_out)
                yield from names_in(value, left_out)
        case list() | tuple() if not is_dataclass(thing):
            for value in thing:
                yield from names_in(value, left_out)
    if is_dataclass(thing):
        for field in fields(thing):
            if field.name not in left_out:
                yield from names_in(getattr(thing, field.name), left_out)


def leftovers(html: str, data: Iterable[str]) -> list[str]:
    """The texts in which a word stands outside the brackets that is neither of the data nor a proper name."""
    parser = _Texts()
    parser.feed(html)
    longest_first = sorted({text for text in data if _WORD.search(text)}, key=len, reverse=True)
    known = re.compile("|".join([_SETTING, *(rf"(?<!\w){re.escape(text)}(?!\w)" for text in longest_first)]))
    found = []
    for text in parser.texts:
        bare, before = text, ""
        while bare != before:
            before, bare = bare, _BRACKETED.sub(" ", bare)
        if any(word not in PROPER for word in _WORD.findall(known.sub(" ", bare))):
            found.append(text)
    return found
