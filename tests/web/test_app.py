"""Tests of the application as a whole."""

from flask import Flask
from flask.testing import FlaskClient

from tests.web.fake_site import FakeSite
from web.settings import WebSettings


def test_making_the_application_asks_nobody(app: Flask, site: FakeSite) -> None:
    """DESIGN 3: it does nothing until it is served."""
    assert site.asked == []
    assert app.extensions["evce_changes"].listeners == 0


def test_cookies_are_as_strict_as_they_can_be(app: Flask, settings: WebSettings) -> None:
    """RELIABILITY 4.13: Secure, HttpOnly, SameSite, bound to this host."""
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert app.config["SESSION_COOKIE_SECURE"]
    assert app.config["SESSION_COOKIE_HTTPONLY"]
    assert app.config["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert app.config["MAX_CONTENT_LENGTH"] == settings.max_request_bytes


def test_every_page_of_the_menu_is_there(admin: FlaskClient) -> None:
    """UI-10: each entry leads to a page that knows that it is shown."""
    for address in ("/", "/sessions", "/meters", "/events-log", "/system"):
        answer = admin.get(address)
        assert answer.status_code == 200
        assert f'<a href="{address}" class="here" aria-current="page">' in answer.text


def test_the_status_bar_counts_stations_on_every_page(admin: FlaskClient) -> None:
    """UI-5: available, charging, faulted, the version, the way out."""
    for address in ("/", "/sessions", "/meters"):
        text = admin.get(address).text
        assert "Stations faulted" in text
        assert "EVCE 1.0" in text
        assert 'action="/logout"' in text
        assert ">English</option>" in text
