"""Tests of logging in and out."""

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from actors.messages import RecordEvent
from tests.web.conftest import PASSWORD, Clock
from tests.web.fake_site import FakeSite


def log_in(client: FlaskClient, login: str = "olivia", password: str = PASSWORD) -> TestResponse:
    return client.post("/login", data={"login": login, "password": password})


def audit(site: FakeSite) -> list[str]:
    return [m.message for _, m in site.told if isinstance(m, RecordEvent) and m.type == "audit"]


def test_a_login_opens_the_dashboard(nobody: FlaskClient, site: FakeSite) -> None:
    """US-1: the cookie is Secure, HttpOnly, SameSite and bound to this host; the login is in the log."""
    answer = log_in(nobody)
    assert answer.status_code == 302
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-evce-session=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    assert "Domain" not in cookie
    assert any("logged in" in line for line in audit(site))
    assert len(site.web_sessions) == 1


@pytest.mark.parametrize(
    ("login", "password", "status", "words"),
    [
        ("olivia", "wrong", 401, "Login or password is wrong"),
        ("nobody", PASSWORD, 401, "Login or password is wrong"),
        ("wanda", PASSWORD, 401, "Login or password is wrong"),
        ("", PASSWORD, 422, "enter your login"),
        ("olivia", "", 422, "enter your login"),
    ],
)
def test_a_refusal_keeps_the_login_and_tells_nothing_more(
    nobody: FlaskClient, login: str, password: str, status: int, words: str
) -> None:
    """US-1: the same words for a wrong password and an unknown login; the input is preserved."""
    answer = nobody.post("/login", data={"login": login, "password": password})
    assert answer.status_code == status
    assert words in answer.text
    assert f'value="{login}"' in answer.text
    assert PASSWORD not in answer.text
    assert "Set-Cookie" not in answer.headers or "session" not in answer.headers["Set-Cookie"]


def test_six_failures_lock_even_the_right_password_for_a_minute(
    nobody: FlaskClient, site: FakeSite, clock: Clock
) -> None:
    """US-3: and the lock is in the log."""
    codes = [
        nobody.post("/login", data={"login": "olivia", "password": "wrong"}).status_code for _ in range(6)
    ]
    assert codes == [401] * 5 + [429]
    locked = nobody.post("/login", data={"login": "olivia", "password": PASSWORD})
    assert locked.status_code == 429
    assert "Try again in" in locked.text
    assert int(locked.headers["Retry-After"]) <= 61
    assert any("locked out" in line for line in audit(site))
    clock.advance(61)
    assert nobody.post("/login", data={"login": "olivia", "password": PASSWORD}).status_code == 302


def test_the_lock_is_for_one_source(nobody: FlaskClient) -> None:
    """US-3: nobody can lock others out."""
    for _ in range(6):
        nobody.post("/login", data={"login": "olivia", "password": "wrong"})
    elsewhere = {"REMOTE_ADDR": "10.9.9.9"}
    answer = nobody.post("/login", data={"login": "olivia", "password": PASSWORD}, environ_base=elsewhere)
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("target", "where"),
    [
        ("/zones/main", "/zones/main"),
        ("/zones/main?a=b", "/zones/main?a=b"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("http://[::1", "/"),
        ("//[", "/"),
        ("", "/"),
    ],
)
def test_after_the_login_one_stays_on_this_host(nobody: FlaskClient, target: str, where: str) -> None:
    """RELIABILITY 4.15: no open redirect."""
    answer = nobody.post(
        "/login", query_string={"next": target}, data={"login": "olivia", "password": PASSWORD}
    )
    assert answer.location == where


def test_logging_out_ends_the_session_on_the_server(admin: FlaskClient, site: FakeSite) -> None:
    """UI-5: a copied cookie is worth nothing afterwards."""
    cookie = admin.get_cookie("__Host-evce-session")
    assert cookie is not None
    assert admin.post("/logout").location == "/login"
    assert site.web_sessions == {}
    admin.set_cookie("__Host-evce-session", cookie.value, secure=True, domain="localhost")
    assert admin.get("/").location == "/login"


def test_a_new_login_ends_the_old_session(nobody: FlaskClient, site: FakeSite) -> None:
    """RELIABILITY 4.13: no session is carried over a login (fixation)."""
    nobody.set_cookie("__Host-evce-session", "chosen-by-an-attacker", secure=True, domain="localhost")
    log_in(nobody)
    cookie = nobody.get_cookie("__Host-evce-session")
    assert cookie is not None
    assert cookie.value != "chosen-by-an-attacker"


def test_what_is_typed_as_login_is_harmless_in_page_and_log(nobody: FlaskClient, site: FakeSite) -> None:
    """RELIABILITY 4.16: markup and control characters."""
    answer = nobody.post("/login", data={"login": "<i>\nroot", "password": "x"})
    assert "<i>" not in answer.text
    assert all("\n" not in line for line in audit(site))


def test_a_silent_recorder_is_said_so(nobody: FlaskClient, site: FakeSite) -> None:
    """UI-11: 503, not 'wrong password'."""
    site.silent.add("recorder")
    assert nobody.post("/login", data={"login": "olivia", "password": PASSWORD}).status_code == 503
