"""Tests of the manual's pages."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.manual import Manual


def test_the_contents_name_every_chapter(user: FlaskClient) -> None:
    """UI-5: for every role that reads pages."""
    text = user.get("/manual").text
    assert 'href="/manual/operations"' in text
    assert 'href="/manual/operations#the-data-folder"' in text


def test_a_chapter_is_shown_with_its_own_contents(user: FlaskClient) -> None:
    """UI-5."""
    text = user.get("/manual/configuration").text
    assert '<h2 id="zones">' in text
    assert '<a href="#zones">' in text


def test_a_search_leads_to_the_section(user: FlaskClient) -> None:
    """UI-5: and says so where there is none."""
    assert 'href="/manual/configuration#inputs"' in user.get("/manual?text=safe_percent").text
    assert "No section has all of these words." in user.get("/manual?text=bananas+on+mars").text


def test_a_search_that_is_too_long_is_refused_and_kept(user: FlaskClient) -> None:
    """RELIABILITY 3: the field, what is allowed, and what was typed."""
    answer = user.get("/manual", query_string={"text": "long " * 40})
    assert answer.status_code == 422
    assert "Search for at most 100 characters." in answer.text
    assert "long long" in answer.text


def test_pictures_are_served_and_nothing_else(user: FlaskClient) -> None:
    """RELIABILITY 4: no path leads out of the folder."""
    answer = user.get("/manual/images/dashboard.png")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    for path in ("no.png", "../operations.md", "..%2F..%2Fsetup.cfg", "%2Fetc%2Fpasswd.png"):
        assert user.get(f"/manual/images/{path}").status_code == 404, path


def test_an_unknown_chapter_is_not_found(user: FlaskClient) -> None:
    """UI-5."""
    assert user.get("/manual/nothing").status_code == 404


def test_without_documentation_the_page_says_so(user: FlaskClient, app: Flask) -> None:
    """UI-5: and a picture is not found."""
    app.extensions["evce_manual"] = Manual(None)
    assert "installed without its manual" in user.get("/manual").text
    assert user.get("/manual/images/dashboard.png").status_code == 404


@pytest.mark.parametrize(
    ("part", "address"), [("zones", "configuration#zones"), ("inputs", "configuration#inputs")]
)
def test_settings_lead_to_their_place(admin: FlaskClient, part: str, address: str) -> None:
    """UI-5: help at the page, in a window of its own."""
    path = part if part == "zones" else f"section/{part}"
    assert f'href="/manual/{address}" target="_blank"' in admin.get(f"/configuration/{path}").text
