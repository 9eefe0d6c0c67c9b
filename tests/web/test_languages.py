"""Tests of the language of the pages."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, g, render_template_string
from flask.testing import FlaskClient

from tests.web.conftest import Enter
from tests.web.fake_site import FakeSite
from tools.translations.files import TRANSLATED, fault_lines, read, stale
from web import languages

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("cookie", "accepts", "chosen"),
    [
        ("", "", "en"),
        ("en", "fr", "en"),
        ("xx", "", "en"),
        ("", "de;q=0.9, en;q=0.5", "de"),
        ("fr", "de", "fr"),
        ("", "pt-BR, en;q=0.5", "pt"),
        ("", "zu", "en"),
    ],
)
def test_the_reader_gets_a_language_that_there_is(app: Flask, cookie: str, accepts: str, chosen: str) -> None:
    """UI-5: the choice, else what the browser asks for, else English."""
    headers = {"Cookie": f"{languages.LANGUAGE_COOKIE}={cookie}", "Accept-Language": accepts}
    with app.test_request_context(headers=headers):
        assert languages.language() == chosen


def test_templates_speak_the_readers_language_and_escape_values(app: Flask) -> None:
    """UI-5, RELIABILITY 4.6: also in macros, which see none of a page's values; a sign of percent is kept."""
    page = "{% macro m() %}{{ _('Stations') }}{% endmacro %}{{ m() }} "
    page += "{{ _('Seen by %(login)s', login=who) }} {{ _('5 %%') }}"
    headers = {"Accept-Language": "fr"}
    with app.test_request_context(headers=headers):
        assert render_template_string(page, who="<b>") == "Bornes Vue par &lt;b&gt; 5 %"


def test_who_reads_counts_from_the_moment_that_it_is_known(app: Flask) -> None:
    """UI-5: whatever was said in the browser's language before."""
    with app.test_request_context(headers={"Accept-Language": "fr"}):
        assert languages.language() == "fr"
        g.reader = SimpleNamespace(language="de")
        languages.reader_known()
        assert languages.language() == "de"


def test_a_choice_is_kept_in_a_cookie(nobody: FlaskClient) -> None:
    """UI-5: and leads back to the page."""
    answer = nobody.post("/language", data={"language": "en", "back": "/meters"})
    assert answer.headers["Location"] == "/meters"
    assert "__Host-evce-language=en" in answer.headers["Set-Cookie"]


def test_a_choice_is_kept_for_the_user_in_every_browser(enter: Enter, site: FakeSite) -> None:
    """UI-5: it counts more than what another browser has chosen or asks for; others are not touched."""
    enter("olivia").post("/language", data={"language": "pt"})
    assert site.users["olivia"].language == "pt"
    elsewhere = enter("olivia")
    elsewhere.set_cookie(languages.LANGUAGE_COOKIE, "fr", domain="localhost", secure=True)
    assert '<html lang="pt">' in elsewhere.get("/", headers={"Accept-Language": "de"}).text
    assert '<html lang="de">' in enter("ursula").get("/", headers={"Accept-Language": "de"}).text


def test_the_login_page_speaks_and_offers_each_language(nobody: FlaskClient) -> None:
    """UI-5: before anybody has logged in."""
    page = nobody.get("/login", headers={"Accept-Language": "es"}).text
    assert "Iniciar sesión" in page
    assert all(f'value="{locale}"' in page for locale in languages.LANGUAGES)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_each_language_is_complete_and_its_file_up_to_date(locale: str) -> None:
    """UI-5: nothing untranslated or fuzzy, the same places for values; `evce translations` mends the file."""
    assert fault_lines(read(ROOT, locale)) == []
    assert not stale(ROOT, locale), "run: evce translations"


def test_the_languages_offered_are_those_with_a_catalogue() -> None:
    """UI-5: English, French, German, Spanish, Portuguese."""
    assert sorted(languages.LANGUAGES) == sorted(("en", *TRANSLATED))


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
