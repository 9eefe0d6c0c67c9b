"""Tests of who may see what, of the headers, and of the form tokens."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import Clock, Enter
from tests.web.fake_site import FakeSite
from web import accounts
from web.security import Access, access_of

VALUES = {
    "zone_id": "main",
    "identity": "CP-02",
    "name": "x",
    "filename": "app.css",
    "section": "site",
    "kind": "zones",
    "number": "6",
    "transaction": "473",
    "meter_id": "main-meter",
    "id_tag": "04A1B037C",
    "report": "stations/CP-01/20261122T180000000000Z-periodic.html",
}
"""A real value for each placeholder of the routes."""

EXPECTED = {
    Access.PUBLIC: {None: True, "wanda": True, "ursula": True, "olivia": True},
    Access.READ: {None: False, "wanda": False, "ursula": True, "olivia": True},
    Access.SERVICE: {None: False, "wanda": False, "ursula": False, "olivia": False},
    Access.USER: {None: False, "wanda": False, "ursula": True, "olivia": True},
    Access.ADMIN: {None: False, "wanda": False, "ursula": False, "olivia": True},
}


def routes(app: Flask) -> list[tuple[str, str, str]]:
    found = []
    for rule in app.url_map.iter_rules():
        address = re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", lambda match: VALUES[match.group(1)], rule.rule)
        found += [
            (method, address, rule.endpoint)
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        ]
    return found


@pytest.mark.parametrize("login", [None, "wanda", "ursula", "olivia"])
def test_every_route_admits_exactly_the_roles_of_its_mark(
    app: Flask, enter: Enter, login: str | None
) -> None:
    """US-1, RELIABILITY 4.12: every route x every role and nobody, taken from the route table."""
    seen = 0
    for method, address, endpoint in routes(app):
        wanted = access_of(app, endpoint)
        assert wanted is not None, f"{endpoint} has no access mark"
        answer = enter(login).open(address, method=method)
        if endpoint == "login.enter":
            assert answer.status_code == 422  # an empty form, looked at by the page itself
        elif EXPECTED[wanted][login]:
            assert answer.status_code not in (401, 403), (method, address)
            assert answer.status_code < 500, (method, address)
            assert endpoint == "login.leave" or urlsplit(answer.location or "").path != "/login", address
        else:
            refused = answer.status_code in (401, 403) or urlsplit(answer.location or "").path == "/login"
            assert refused, (method, address, answer.status_code)
        seen += 1
    assert seen >= 18


def test_the_matrix_knows_the_pages_of_the_admin(app: Flask) -> None:
    """US-2: the matrix above would be empty if every route were public."""
    marks = [access_of(app, endpoint) for _, _, endpoint in routes(app)]
    assert marks.count(Access.ADMIN) >= 1
    assert marks.count(Access.USER) >= 10


def test_a_route_without_a_mark_is_closed_to_everybody(app: Flask, admin: FlaskClient) -> None:
    """RELIABILITY 4.12: forgetting the mark fails safe."""
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    assert admin.get("/forgotten").status_code == 403


@pytest.mark.parametrize(
    "address", ["/login", "/", "/nothing", "/static/app.css", "/api/v1/snapshot", "/healthz"]
)
def test_every_answer_carries_the_headers(admin: FlaskClient, address: str) -> None:
    """RELIABILITY 4.5, 4.21: on pages, errors, files and data alike."""
    headers = admin.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert ("no-store" in headers["Cache-Control"]) != address.startswith("/static/")


def test_each_answer_has_its_own_nonce_and_its_scripts_carry_it(admin: FlaskClient) -> None:
    """RELIABILITY 4.21: no script without it."""
    nonces = set()
    for _ in range(2):
        answer = admin.get("/")
        match = re.search(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        assert match
        tags = re.findall(r"<script[^>]*>", answer.text)
        assert len(tags) >= 5
        assert all(f'nonce="{match.group(1)}"' in tag for tag in tags)
        nonces.add(match.group(1))
    assert len(nonces) == 2


def posts(app: Flask) -> list[str]:
    """What people can send; no session opens what is for programs alone."""
    return [
        address
        for method, address, endpoint in routes(app)
        if method == "POST" and access_of(app, endpoint) is not Access.SERVICE
    ]


def test_no_form_is_taken_without_its_token(strict_app: Flask, site: FakeSite) -> None:
    """RELIABILITY 4.4: every POST of the route table, with a valid session cookie."""
    client = strict_app.test_client()
    client.set_cookie(
        "__Host-evce-session",
        strict_app.extensions["evce_sessions"].begin("olivia"),
        secure=True,
        domain="localhost",
    )
    site.told.clear()
    assert len(posts(strict_app)) >= 5
    for address in posts(strict_app):
        answer = client.post(address, data={"connector": "CP-01/1"}, base_url="https://localhost")
        assert answer.status_code == 400, address
    assert site.told == []


def test_a_token_in_the_header_is_taken(strict_app: Flask, site: FakeSite) -> None:
    """RELIABILITY 4.4: as htmx sends it, from this very host."""
    client = strict_app.test_client()
    client.set_cookie(
        "__Host-evce-session",
        strict_app.extensions["evce_sessions"].begin("olivia"),
        secure=True,
        domain="localhost",
    )
    page = client.get("/", base_url="https://localhost").text
    match = re.search(r'"X-CSRFToken": "([^"]+)"', page)
    assert match
    headers = {"X-CSRFToken": match.group(1), "HX-Request": "true", "Referer": "https://localhost/"}
    data = {"connector": "CP-01/1"}
    good = client.post("/sessions/stop", data=data, headers=headers, base_url="https://localhost")
    assert good.status_code == 200
    elsewhere = {**headers, "Referer": "https://evil.example/"}
    assert (
        client.post("/sessions/stop", data=data, headers=elsewhere, base_url="https://localhost").status_code
        == 400
    )


def test_a_refresh_of_an_ended_session_leads_to_the_login_and_back(admin: FlaskClient, clock: Clock) -> None:
    """US-3, UI-4: a page left alone for ten minutes goes to the login by itself."""
    clock.advance(601)
    answer = admin.get(
        "/zones/main",
        headers={"HX-Request": "true", "X-EVCE-Live": "1", "HX-Current-URL": "https://localhost/zones/main"},
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/zones/main"


def test_a_refresh_from_an_address_that_is_none_leads_to_the_login(nobody: FlaskClient) -> None:
    """RELIABILITY 3: half an IPv6 address is refused by Python, and by nobody else."""
    answer = nobody.get("/", headers={"HX-Request": "true", "HX-Current-URL": "http://[::1"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/login")


def test_a_page_asked_for_without_a_login_is_shown_after_it(nobody: FlaskClient) -> None:
    """US-1: and programs get 401, no redirect."""
    assert nobody.get("/zones/main?x=1").location == "/login?next=/zones/main?x%3D1"
    assert nobody.get("/").location == "/login"
    assert nobody.get("/api/v1/snapshot").status_code == 401
    assert nobody.post("/sessions/stop").status_code == 401


def test_a_deleted_user_is_out(site: FakeSite, enter: Enter) -> None:
    """RELIABILITY 4.9: the session alone opens nothing."""
    browser = enter("ursula")
    del site.users["ursula"]
    assert browser.get("/").location == "/login"


def test_a_password_reset_at_the_command_line_ends_the_sessions(
    site: FakeSite, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RELIABILITY 4.9: within the seconds for which a user is remembered."""
    monkeypatch.setattr(accounts, "_CACHED", 0.0)
    browser = enter("ursula")
    assert browser.get("/").status_code == 200
    site.users["ursula"] = replace(site.users["ursula"], password_hash="$argon2id$other")
    assert browser.get("/").location == "/login"
    assert browser.get("/").location == "/login"
