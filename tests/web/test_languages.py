"""Tests of the language of the pages."""

from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from flask import Flask
from flask.testing import FlaskClient

from web import languages

WEB = Path(__file__).parents[2] / "web"


@pytest.mark.parametrize(
    ("cookie", "accepts", "chosen"),
    [
        ("", "", "en"),
        ("en", "fr", "en"),
        ("xx", "", "en"),
        ("", "de;q=0.9, en;q=0.5", "en"),
        ("", "zu", "en"),
    ],
)
def test_the_reader_gets_a_language_that_there_is(app: Flask, cookie: str, accepts: str, chosen: str) -> None:
    """UI-5: the choice, else what the browser asks for, else English."""
    headers = {"Cookie": f"{languages.LANGUAGE_COOKIE}={cookie}", "Accept-Language": accepts}
    with app.test_request_context(headers=headers):
        assert languages.language() == chosen


def test_a_choice_is_kept_in_a_cookie(nobody: FlaskClient) -> None:
    """UI-5: and leads back to the page."""
    answer = nobody.post("/language", data={"language": "en", "back": "/meters"})
    assert answer.headers["Location"] == "/meters"
    assert "__Host-evce-language=en" in answer.headers["Set-Cookie"]


def test_a_language_that_is_not_there_is_refused(nobody: FlaskClient) -> None:
    """UI-5: no cookie is set."""
    answer = nobody.post("/language", data={"language": "tlh"})
    assert answer.status_code == 404
    assert "Set-Cookie" not in answer.headers


def test_marked_strings_take_their_values(app: Flask) -> None:
    """UI-5: all strings go through gettext."""
    with app.test_request_context():
        assert languages.gettext("Half of %(what)s", what="it") == "Half of it"
        assert languages.ngettext("one", "%(num)d of them", 3) == "3 of them"


def test_every_kind_of_string_is_found_for_the_catalogues() -> None:
    """UI-5: five languages follow; templates, code, plurals and tables of words are extracted."""
    keywords = {**DEFAULT_KEYWORDS, "mark": None}
    method_map = [("**.py", "python"), ("templates/**.html", "jinja2")]
    found = {message for _, _, message, *_ in extract_from_dir(WEB, method_map, keywords=keywords)}
    assert {"Station fleet", "Suspended by system", "There is nothing here", "just now"} <= found
    assert ("%(num)d session", "%(num)d sessions") in found
    assert len(found) > 200
