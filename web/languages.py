"""The language of the pages: which there are, which one a reader gets, and the marked strings."""

from gettext import NullTranslations
from typing import Any

import flask_babel  # type: ignore[import-untyped]
from babel.support import Translations
from flask import Flask, g, has_request_context, request

from web.catalogues import Catalogue, catalogue

__all__ = ["LANGUAGES", "LANGUAGE_COOKIE", "gettext", "language", "loaded", "mark", "ngettext", "set_up"]

LANGUAGES: dict[str, str] = {
    "en": "English",
    "fr": "Français",
    "de": "Deutsch",
    "es": "Español",
    "pt": "Português",
}
"""Locale → its own name, in the order of the menu."""

LANGUAGE_COOKIE = "__Host-evce-language"

_ASKED = "evce.language"
"""Where the language that this request asks for is kept, once it is known."""


def language() -> str:
    """The user's choice, else the browser's, else the best of what the browser asks for, else English."""
    if not has_request_context():
        return "en"
    kept = getattr(g.get("reader"), "language", "")
    if kept in LANGUAGES:
        return str(kept)
    asked = request.environ.get(_ASKED)  # a page asks a thousand times
    if asked is None:
        asked = request.environ[_ASKED] = _asked_for()
    return str(asked)


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


class _Domain(flask_babel.Domain):  # type: ignore[misc]
    """Takes the strings from the catalogues as `web.catalogues` reads them."""

    def get_translations(self) -> NullTranslations:
        strings = loaded(language()).strings
        # Flask-Babel calls `ugettext` and `ungettext`, which Babel's own class has.
        return strings if isinstance(strings, Translations) else Translations()


class _Babel(flask_babel.Babel):  # type: ignore[misc]
    @property
    def domain_instance(self) -> _Domain:
        return _Domain()


def set_up(app: Flask) -> None:
    """Give the application and its templates the languages (Jinja's `_` and `ngettext`)."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "en")
    _Babel(app, locale_selector=language)
    app.jinja_env.globals.update(languages=LANGUAGES, language=language)
