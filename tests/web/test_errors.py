"""Tests of the error pages."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.fake_site import FakeSite
from web.passwords import PasswordsBusyError
from web.security import Access, access


@pytest.mark.parametrize("address", ["/nothing", "/zones/none", "/stations/none", "/stations/none/history"])
def test_what_is_not_there_is_said_with_a_way_back(admin: FlaskClient, address: str) -> None:
    """A 404 tells what to do."""
    answer = admin.get(address)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert 'href="/"' in answer.text


def test_a_silent_view_is_503_with_advice_and_tries_again(admin: FlaskClient, site: FakeSite) -> None:
    """UI-11: the page comes back by itself."""
    site.silent.add("view")
    answer = admin.get("/")
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    assert 'http-equiv="refresh"' in answer.text
    assert answer.headers["Retry-After"]
    site.silent.clear()
    assert admin.get("/").status_code == 200


def test_an_htmx_request_gets_a_note_instead_of_a_page(admin: FlaskClient, site: FakeSite) -> None:
    """A fragment is never replaced by a whole page."""
    site.silent.add("view")
    answer = admin.post("/sessions/stop", data={"connector": "CP-01/1"}, headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert "<html" not in answer.text
    assert answer.headers["HX-Retarget"] == "#toasts"


def test_a_program_gets_json(admin: FlaskClient, site: FakeSite) -> None:
    """API-2: errors are data there."""
    site.silent.add("view")
    answer = admin.get("/api/v1/snapshot")
    assert answer.status_code == 503
    assert answer.mimetype == "application/problem+json"
    told = answer.get_json()
    assert (told["type"], told["status"], bool(told["title"])) == ("about:blank", 503, True)


def test_an_unexpected_error_tells_nothing_of_the_inside(
    app: Flask, admin: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """RELIABILITY 4.8: the log has it, the page doesn't."""

    @app.get("/broken")
    @access(Access.USER)
    def broken() -> str:
        raise ValueError("inner secret")

    answer = admin.get("/broken")
    assert answer.status_code == 500
    assert "inner secret" not in answer.text
    assert "not affected" in answer.text
    assert "/broken" in caplog.text


def test_too_many_logins_at_once_are_told_to_wait(app: Flask, nobody: FlaskClient) -> None:
    """RELIABILITY 4.19: bounded hashing."""

    @app.get("/busy")
    @access(Access.PUBLIC)
    def busy() -> str:
        raise PasswordsBusyError

    answer = nobody.get("/busy")
    assert answer.status_code == 503
    assert "few seconds" in answer.text


def test_a_user_is_told_that_a_page_is_not_for_the_role(user: FlaskClient) -> None:
    """US-2: 403 with words."""
    answer = user.get("/system")
    assert answer.status_code == 403
    assert "Your role" in answer.text


def test_too_large_a_form_is_refused(admin: FlaskClient) -> None:
    """RELIABILITY 4.19: 1 MiB."""
    answer = admin.post("/sessions/stop", data={"connector": "x" * (1 << 20)})
    assert answer.status_code == 413
