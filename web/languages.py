"""The language of the pages: which there are, which one a reader gets, and the marked strings."""

from functools import lru_cache
from gettext import NullTranslations
from typing import Any

from flask import Flask, g, has_request_context, request
from markupsafe import Markup

from web.catalogues import Catalogue, catalogue

__all__ = [
    "LANGUAGES",
    "LANGUAGE_COOKIE",
    "gettext",
    "language",
    "loaded",
    "mark",
    "ngettext",
    "reader_known",
    "set_up",
]

LANGUAGES: dict[str, str] = {
    "en": "English",
    "fr": "Français",
    "de": "Deutsch",
    "es": "Español",
    "pt": "Português",
}
"""Locale → its own name, in the order of the menu."""

LANGUAGE_COOKIE = "__Host-evce-language"

_SPOKEN = "evce.language"
"""Where the language of this request is kept, once it is known."""

_KNOWN_MOST = 10_000
"""Texts of templates that are kept for each language: more than there are."""


def language() -> str:
    """The user's choice, else the browser's, else the best of what the browser asks for, else English."""
    if not has_request_context():
        return "en"
    known = request.environ.get(_SPOKEN)  # a page asks a thousand times
    if known is None:
        kept = getattr(g.get("reader"), "language", "")
        known = request.environ[_SPOKEN] = kept if kept in LANGUAGES else _asked_for()
    return str(known)


def reader_known() -> None:
    """Choose anew: what a user has chosen counts more than what the browser asks for."""
    request.environ.pop(_SPOKEN, None)


def _asked_for() -> str:
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for tag, _quality in request.accept_languages:  # the most wanted first; pt-BR reads pt
        if (wanted := tag.split("-")[0].lower()) in LANGUAGES:
            return wanted
    return "en"


def gettext(text: str, **values: Any) -> str:
    """The text in the reader's language; `%(name)s` is replaced by the value of that name."""
    found = loaded(language()).strings.gettext(text)
    return found % values if values else found


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """As `gettext`, with the grammatical number that `num` asks for."""
    return loaded(language()).strings.ngettext(singular, plural, num) % {"num": num, **values}


def mark(text: str) -> str:
    """The text as it is, marked for the catalogues; `gettext` translates it where it is shown."""
    return text


def loaded(locale: str) -> Catalogue:
    """The catalogue of a language."""
    return catalogue(locale)


class _Speaker:
    """What templates call: each text once looked up, made fit for HTML, and kept.

    As with Jinja's new style, a text with a sign of percent is always a format, and values are escaped.
    """

    def __init__(self, strings: NullTranslations) -> None:
        self._strings = strings
        self._known: dict[str, Markup] = {}

    def gettext(self, text: str, **values: Any) -> Markup:
        """The text of a template in this language."""
        found = self._known.get(text)
        if found is None:
            found = Markup(self._strings.gettext(text))  # noqa: S704  # the catalogues are the product's own
            if len(self._known) < _KNOWN_MOST:
                self._known[text] = found
        return found % values if values or "%" in found else found

    def ngettext(self, singular: str, plural: str, num: int, **values: Any) -> Markup:
        """As `gettext`, with the grammatical number that `num` asks for."""
        found = Markup(self._strings.ngettext(singular, plural, num))  # noqa: S704
        return found % {"num": num, **values}


@lru_cache(maxsize=16)
def _speaker(locale: str) -> _Speaker:
    return _Speaker(loaded(locale).strings)


def _names() -> dict[str, Any]:
    """For one rendering the language is known; macros, which see no values of a page, ask for each text."""
    speaker = _speaker(language())
    return {"_": speaker.gettext, "gettext": speaker.gettext, "ngettext": speaker.ngettext}


def set_up(app: Flask) -> None:
    """Give the application's templates the languages: `_`, `gettext`, and `ngettext`."""
    app.context_processor(_names)
    app.jinja_env.globals.update(
        languages=LANGUAGES,
        language=language,
        _=lambda text, **values: _speaker(language()).gettext(text, **values),
        gettext=lambda text, **values: _speaker(language()).gettext(text, **values),
        ngettext=lambda *texts, **values: _speaker(language()).ngettext(*texts, **values),
    )
