"""Tests of the users' pages."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from actors.messages import RecordEvent
from tests.web.conftest import PASSWORD, Clock, Enter
from tests.web.fake_site import FakeSite
from web.passwords import Passwords

NEW = "Quay-street-22-x"
ACTING = {"own_login": "olivia", "own_password": PASSWORD}


def audit(site: FakeSite) -> list[str]:
    return [m.message for _, m in site.told if isinstance(m, RecordEvent) and m.type == "audit"]


def test_users_are_listed(admin: FlaskClient) -> None:
    """US-2: name, role, created, last access."""
    text = admin.get("/users").text
    for words in (
        "olivia",
        "ursula",
        "wanda",
        "Administrator",
        "Web services",
        "2026-11-22 19:00:00",
        "never",
    ):
        assert words in text


def test_a_user_is_added_and_can_log_in(admin: FlaskClient, site: FakeSite, enter: Enter) -> None:
    """US-2: with the acting admin's login and password; and it is audited."""
    form = {"login": "ned", "role": "user", "password": NEW, "again": NEW, **ACTING}
    assert admin.post("/users/add", data=form).location == "/users"
    assert site.users["ned"].role == "user"
    assert enter(None).post("/login", data={"login": "ned", "password": NEW}).status_code == 302
    assert "user ned added as user" in audit(site)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"login": "admin"}, "may not be “admin”"),
        ({"login": ""}, "1 to 50 printable characters"),
        ({"login": "URSULA"}, "has this login already"),
        ({"password": "short", "again": "short"}, "12 to 128 characters"),
        ({"password": "harbour-car-park-1", "again": "harbour-car-park-1"}, "an upper-case letter"),
        ({"again": NEW + "x"}, "two passwords differ"),
        ({"role": "king"}, "Choose a role"),
        ({"own_password": "wrong"}, "not your password"),
        ({"own_login": "ursula"}, "not the login that you are logged in with"),
    ],
)
def test_a_user_that_will_not_do_is_refused(
    admin: FlaskClient, site: FakeSite, change: dict[str, str], fault: str
) -> None:
    """US-1, US-2, RELIABILITY 4.11: at the field, no password in the answer."""
    form = {"login": "ned", "role": "user", "password": NEW, "again": NEW, **ACTING, **change}
    answer = admin.post("/users/add", data=form)
    assert answer.status_code == 422
    assert fault in answer.text
    assert NEW not in answer.text
    assert PASSWORD not in answer.text
    assert sorted(site.users) == ["olivia", "ursula", "wanda"]


def test_a_new_password_ends_the_user_s_sessions(
    admin: FlaskClient, site: FakeSite, enter: Enter, passwords: Passwords
) -> None:
    """US-2, RELIABILITY 4.9: everywhere, at once."""
    browser = enter("ursula")
    assert browser.get("/").status_code == 200
    form = {"role": "user", "password": NEW, "again": NEW, **ACTING}
    admin.post("/users/edit?login=ursula", data=form)
    assert passwords.verify(site.users["ursula"].password_hash, NEW)
    assert browser.get("/").location == "/login"
    assert audit(site)[-1] == "user ursula has a new password"


def test_a_role_is_changed(admin: FlaskClient, site: FakeSite) -> None:
    """US-1: without a new password."""
    before = site.users["ursula"].password_hash
    admin.post("/users/edit?login=ursula", data={"role": "admin", **ACTING})
    assert (site.users["ursula"].role, site.users["ursula"].password_hash) == ("admin", before)


def test_a_user_is_deleted(admin: FlaskClient, site: FakeSite, enter: Enter) -> None:
    """US-2: with the acting admin's password; the browser is out."""
    browser = enter("ursula")
    browser.get("/")
    refused = admin.post(
        "/users/delete?login=ursula", data={"delete_own_login": "olivia", "delete_own_password": "x"}
    )
    assert refused.status_code == 422
    assert "ursula" in site.users
    form = {"delete_own_login": "olivia", "delete_own_password": PASSWORD}
    assert admin.post("/users/delete?login=ursula", data=form).location == "/users"
    assert "ursula" not in site.users
    assert browser.get("/").location == "/login"


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("/users/delete?login=olivia", {"delete_own_login": "olivia", "delete_own_password": PASSWORD}),
        ("/users/edit?login=olivia", {"role": "user", **ACTING}),
    ],
)
def test_the_last_admin_stays(admin: FlaskClient, site: FakeSite, address: str, form: dict[str, str]) -> None:
    """US-2: neither deleted nor made less."""
    answer = admin.post(address, data=form)
    assert answer.status_code == 422
    assert "last administrator" in answer.text
    assert site.users["olivia"].role == "admin"


def test_of_two_admins_one_may_go(admin: FlaskClient, site: FakeSite) -> None:
    """US-2: also oneself."""
    admin.post("/users/edit?login=ursula", data={"role": "admin", **ACTING})
    form: dict[str, Any] = {"delete_own_login": "olivia", "delete_own_password": PASSWORD}
    admin.post("/users/delete?login=olivia", data=form)
    assert "olivia" not in site.users


def test_guessing_the_own_password_locks_like_the_login(admin: FlaskClient, clock: Clock) -> None:
    """US-3: six failures, 60 s; shown on the page."""
    form = {
        "login": "ned",
        "role": "user",
        "password": NEW,
        "again": NEW,
        "own_login": "olivia",
        "own_password": "x",
    }
    for _ in range(6):
        text = admin.post("/users/add", data=form).text
    assert "Too many failed logins" in text
    assert "Locked out" in text
    assert "Too many failed logins" in admin.post("/users/add", data={**form, **ACTING}).text
    clock.advance(61)
    assert admin.post("/users/add", data={**form, **ACTING}).status_code == 303
    assert "Locked out" not in admin.get("/users").text


def test_a_user_that_is_not_there_is_said_so(admin: FlaskClient) -> None:
    """RELIABILITY 3: 404, not 500."""
    assert admin.get("/users/edit?login=nobody").status_code == 404
    assert admin.post("/users/delete?login=nobody").status_code == 404
