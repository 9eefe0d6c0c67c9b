"""The language of the pages: which there are, which one a reader gets, and the marked strings."""

from typing import Any

import flask_babel  # type: ignore[import-untyped]
from flask import Flask, has_request_context, request

__all__ = ["LANGUAGES", "LANGUAGE_COOKIE", "gettext", "language", "mark", "ngettext", "set_up"]

LANGUAGES: dict[str, str] = {"en": "English"}
"""Locale → its own name. A language appears here once its catalogue in `translations/` is complete."""

LANGUAGE_COOKIE = "__Host-evce-language"


def language() -> str:
    """The reader's choice, else the best of what the browser asks for, else English."""
    if not has_request_context():
        return "en"
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    return request.accept_languages.best_match(list(LANGUAGES)) or "en"


def gettext(text: str, **values: Any) -> str:
    """The text in the reader's language; `%(name)s` is replaced by the value of that name."""
    return str(flask_babel.gettext(text, **values))


def ngettext(singular: str, plural: str, num: int, **values: Any) -> str:
    """As `gettext`, with the grammatical number that `num` asks for."""
    return str(flask_babel.ngettext(singular, plural, num, **values))


def mark(text: str) -> str:
    """The text as it is, marked for the catalogues; `gettext` translates it where it is shown."""
    return text


def set_up(app: Flask) -> None:
    """Give the application and its templates the languages (Jinja's `_` and `ngettext`)."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", "en")
    flask_babel.Babel(app, locale_selector=language)
    app.jinja_env.globals.update(languages=LANGUAGES, language=language)
