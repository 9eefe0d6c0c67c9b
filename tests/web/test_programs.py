"""Who may call as a program: its own switch, its own role, and the lock against guessing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask

from tests.web.conftest import PASSWORD, Clock, Enter
from tests.web.fake_site import FakeSite
from tests.web.program import basic, calling, switch
from tests.web.test_security import routes
from web import accounts
from web.passwords import Passwords
from web.security import Access, access_of

SITE = "/api/v1/site"


def test_while_they_are_switched_off_no_program_gets_in(app: Flask, site: FakeSite) -> None:
    """API-1: off by default; nothing of the login is looked at."""
    for client in (calling(app), calling(app, password="wrong"), calling(app, "olivia")):
        answer = client.get(SITE)
        assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")
        assert "webservices.enabled" in answer.get_json()["detail"]
    assert site.login_locks == {}
    switch(site)
    assert calling(app).get(SITE).status_code == 200
    switch(site, enabled=False)
    assert calling(app).get(SITE).status_code == 403


@pytest.mark.parametrize(
    ("login", "password"),
    [("wanda", "wrong"), ("nobody", PASSWORD), ("olivia", PASSWORD), ("ursula", PASSWORD)],
)
def test_nobody_else_gets_in(app: Flask, site: FakeSite, login: str, password: str) -> None:
    """API-1: wrong password, unknown login, roles of people; a program is told how to log in."""
    switch(site)
    answer = calling(app, login, password).get(SITE)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert app.test_client().get(SITE).headers["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !", "Basic d2FuZGE=", "Basic Og==", "Bearer x", "Digest a=b", "Basic /w==", ""]
)
def test_what_is_no_login_is_refused_and_counts_for_nobody(app: Flask, site: FakeSite, header: str) -> None:
    """API-1, RELIABILITY 3: bad type."""
    switch(site)
    assert app.test_client().get(SITE, headers={"Authorization": header}).status_code == 401
    assert site.login_locks == {}


def test_programs_reach_what_is_marked_for_them_and_nothing_else(app: Flask, site: FakeSite) -> None:
    """API-1, US-1: every route of the table; outside /api a login of this kind opens nothing."""
    switch(site, remote_energy_management=True, time_synchronisation=True)
    client, seen = calling(app), 0
    for method, address, endpoint in routes(app):
        wanted = access_of(app, endpoint)
        if endpoint == "static" or wanted is Access.PUBLIC:
            continue
        answer = client.open(address, method=method)
        if wanted in (Access.READ, Access.SERVICE):
            assert answer.status_code not in (401, 403), (method, address)
            seen += 1
        else:
            refused = answer.status_code in (401, 403) or (answer.location or "").startswith("/login")
            assert refused, (method, address, answer.status_code)
    assert seen >= 19


def test_guesses_count_in_the_lock_of_the_login_page(app: Flask, site: FakeSite, clock: Clock) -> None:
    """API-1, US-3: six, then 429 for a minute, the right password included; who is known goes on."""
    switch(site)
    known = calling(app)
    assert known.get(SITE).status_code == 200
    guesser = calling(app, password="wrong")
    assert [guesser.get(SITE).status_code for _ in range(7)] == [401] * 5 + [429] * 2
    answer = calling(app, password="another").get(SITE)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 61
    page = app.test_client().post("/login", data={"login": "wanda", "password": PASSWORD})
    assert page.status_code == 429
    assert known.get(SITE).status_code == 200, "a heartbeat doesn't stop because somebody guesses"
    clock.advance(61)
    assert guesser.get(SITE).status_code == 401
    lines = [event.message for event in site.events if "program" in event.message]
    assert any("was locked out as a program" in line for line in lines)
    assert sum("logged in as a program" in line for line in lines) == 1


def test_calls_that_come_together_are_one_attempt(app: Flask, site: FakeSite, passwords: Passwords) -> None:
    """API-1: a program that starts with twenty calls doesn't lock itself out."""
    switch(site)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: calling(app).get(SITE).status_code, range(20)))
    assert answers == [200] * 20


def test_a_new_password_or_role_counts_within_seconds(
    app: Flask, site: FakeSite, passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    """API-1: the belief in a password that fitted ends with it."""
    monkeypatch.setattr(accounts, "_CACHED", 0.0)
    switch(site)
    client = calling(app)
    assert client.get(SITE).status_code == 200
    site.users["wanda"] = replace(site.users["wanda"], password_hash=passwords.hash("Another-one-27"))
    assert client.get(SITE).status_code == 401
    assert calling(app, password="Another-one-27").get(SITE).status_code == 200
    site.users["wanda"] = replace(site.users["wanda"], role="user")
    assert calling(app, password="Another-one-27").get(SITE).status_code == 401
    del site.users["wanda"]
    assert calling(app, password="Another-one-27").get(SITE).status_code == 401


def test_a_program_needs_no_form_token_and_a_browser_still_does(strict_app: Flask, site: FakeSite) -> None:
    """API-1, RELIABILITY 4.4: a page of another site can't use a login that a browser knows."""
    switch(site, remote_energy_management=True)
    beat = "/api/v1/remote/heartbeat"
    client = strict_app.test_client()
    assert client.post(beat, headers=basic("wanda"), base_url="https://localhost").status_code == 200
    elsewhere = {**basic("wanda"), "Sec-Fetch-Site": "cross-site"}
    assert client.post(beat, headers=elsewhere, base_url="https://localhost").status_code == 403
    browser = client.get(SITE, headers={"Sec-Fetch-Mode": "navigate"}, base_url="https://localhost")
    assert browser.status_code == 401
    assert "WWW-Authenticate" not in browser.headers, "no browser is made to remember the password"


def test_a_session_of_this_role_opens_nothing(site: FakeSite, enter: Enter) -> None:
    """API-1: for programs only; the pages are for people."""
    switch(site)
    assert enter("wanda").get(SITE).status_code == 401
    assert enter("ursula").get(SITE).status_code == 200
