"""Tells in the reader's language what the core has said in English: reasons, alarms, refusals, findings.

The core speaks plain English sentences: they go to the log, to the command line and to programs as they are.
Where one reaches a page, its template is found again in the catalogue and told with the same values.
"""

import re
from functools import lru_cache

from flask import Flask

from web.formatting import in_locale
from web.languages import language, loaded, mark

__all__ = ["WORDS", "clear", "set_up", "told"]

_DEEPEST = 5
_LONGEST = 1000
_NUMBER = re.compile(r"^-?\d+\.\d+$")
_MEASURE = re.compile(r"^(-?\d+\.\d+)( (?:A|W|s|kW|kWh|%)\b.*)$")
_UNIT = re.compile(r" (?:A|W|s|kW|kWh|%)(?!\w)")
_WORD = re.compile(r"[A-Za-z]{2}")
_SIGNS = " ,;"

WORDS = (
    mark("maximum"),
    mark("meter"),
    mark("remote"),
    mark("silent"),
    mark("active"),
    mark("never heard"),
    mark("off"),
    mark("unknown"),
    mark("connected"),
    mark("suspect"),
    mark("starting"),
    mark("running"),
    mark("backing off"),
    mark("stopped"),
    mark("given up"),
    mark("away"),
    mark("waiting"),
    mark("dialling"),
    mark("booting"),
    mark("online"),
    mark("system"),
    mark("transaction"),
    mark("alarm"),
    mark("audit"),
    mark("configuration"),
    mark("security"),
    mark("station"),
    mark("zone"),
    mark("tables"),
    mark("nothing"),
)
"""Single words of the core that reach the pages: states, kinds of events, what sets a limit."""


def told(sentence: str) -> str:
    """The sentence in the reader's language; one that no catalogue knows, as it is."""
    return _translated(sentence, language(), 0) if 0 < len(sentence) <= _LONGEST else sentence


def clear() -> None:
    """Forget what was told before, after the catalogues have changed."""
    _translated.cache_clear()


@lru_cache(maxsize=16_384)
def _translated(text: str, locale: str, depth: int) -> str:
    catalogue = loaded(locale)
    if text in catalogue.sentences:
        return catalogue.strings.gettext(text).replace("%%", "%")
    if depth == _DEEPEST or not _WORD.search(text):
        return text
    for template in catalogue.templates:
        values = template.values(text)
        if values is None:
            continue
        spoken: dict[str, str] = {}
        for value, (name, *others), follows in zip(values, template.names, template.parts[1:], strict=True):
            measured = _NUMBER.match(value) and _UNIT.match(follows)
            spoken[name] = in_locale(value, locale) if measured else _value(value, locale, depth + 1)
            spoken.update(dict.fromkeys(others, ""))
        return str(catalogue.strings.gettext(template.text) % spoken)
    return text


def _value(text: str, locale: str, depth: int) -> str:
    """A value may itself be said in words: alone, between signs, with a note behind it, or in a list."""

    def say(part: str) -> str:
        return _value(part, locale, depth)

    inner = text.strip(_SIGNS)
    whole = _translated(inner, locale, depth)
    if inner and (whole != inner or inner != text):
        before, _, after = text.partition(inner)
        return before + (whole if whole != inner else say(inner)) + after
    if measure := _MEASURE.match(text):
        return in_locale(measure[1], locale) + measure[2]
    for sign in ("; ", " (", ", "):
        head, found, tail = text.partition(sign)
        if found and sign == " (" and tail.endswith(")"):
            return f"{say(head)} ({say(tail[:-1])})"
        if found and sign != " (":
            return say(head) + sign + say(tail)
    return text


def set_up(app: Flask) -> None:
    """Make it a filter of the templates."""
    app.jinja_env.filters["told"] = told
