"""Tests of the assistant's pages."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from actors.messages import RevisionRecord
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import canonical_json
from evce.configuration.toml_source import write_toml
from tests.web.conftest import PASSWORD, Clock
from tests.web.fake_site import FakeSite
from web.accounts import Role
from web.app import create_app
from web.assistant import UNNAMED
from web.passwords import Passwords
from web.revisions import document_of
from web.settings import WebSettings

CODE = "ABCDE-23456"


@pytest.fixture
def fresh(site: FakeSite, settings: WebSettings, passwords: Passwords) -> FlaskClient:
    """An EVCE into which nobody can log in yet."""
    site.users.clear()
    app = create_app(site.ask, site.tell, replace(settings, setup_code=CODE), passwords=passwords)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    return client


def form(**changes: str) -> dict[str, str]:
    return {"code": CODE, "login": "ida", "password": PASSWORD, "again": PASSWORD, **changes}


def test_the_first_visitor_with_the_code_makes_the_first_login(fresh: FlaskClient, site: FakeSite) -> None:
    """UI-6, US-1: an administrator and a user; logged in at once; nobody does it a second time."""
    assert fresh.get("/login").location == "/assistant/credentials"
    more = {"user_login": "uwe", "user_password": PASSWORD, "user_again": PASSWORD}
    answer = fresh.post("/assistant/credentials", data=form(code=f" {CODE.lower()} ", **more))
    assert (answer.status_code, answer.location) == (303, "/assistant")
    assert {login: user.role for login, user in site.users.items()} == {"ida": Role.ADMIN, "uwe": Role.USER}
    assert fresh.get("/assistant").status_code == 200
    assert fresh.post("/assistant/credentials", data=form(login="eve")).location == "/assistant"
    assert fresh.get("/assistant/credentials").location == "/assistant"
    assert "eve" not in site.users
    told = [event.message for event in site.events if event.type == "audit"]
    assert any("user ida added as admin in the assistant" in text for text in told)


def test_after_a_reset_nobody_needs_the_code_for_a_while(
    site: FakeSite, settings: WebSettings, passwords: Passwords, clock: Clock
) -> None:
    """SR-3, DI-5: who reached the contact may not reach the log; later the code counts again."""
    site.users.clear()
    until = settings.now() + timedelta(minutes=15)
    known = replace(settings, setup_code=CODE, setup_open_until=until)
    app = create_app(site.ask, site.tell, known, passwords=passwords)
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    assert 'name="code"' not in client.get("/assistant/credentials").text
    clock.advance(15 * 60.0)
    assert 'name="code"' in client.get("/assistant/credentials").text
    assert client.post("/assistant/credentials", data=form(code="")).status_code == 422
    clock.advance(-60.0)
    assert client.post("/assistant/credentials", data=form(code="")).status_code == 303
    assert "ida" in site.users


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "ABCDE-23457"}, "not the code"),
        ({"code": ""}, "not the code"),
        ({"login": "Admin"}, "may not be"),
        ({"password": "short", "again": "short"}, "12 to"),
        ({"again": "other"}, "differ"),
        ({"user_login": "ida", "user_password": PASSWORD, "user_again": PASSWORD}, "Somebody has this login"),
        ({"user_login": "uwe"}, "12 to"),
    ],
)
def test_what_won_t_do_is_told_and_nobody_is_made(
    fresh: FlaskClient, site: FakeSite, changes: dict[str, str], said: str
) -> None:
    """US-1, RELIABILITY 4.3: at the field; no password in the answer."""
    answer = fresh.post("/assistant/credentials", data=form(**changes))
    assert (answer.status_code, said in answer.text) == (422, True)
    assert PASSWORD not in answer.text
    assert not site.users


def test_the_code_can_t_be_guessed(fresh: FlaskClient, site: FakeSite, clock: Clock) -> None:
    """US-3: six wrong ones lock, also the right one; later it counts again."""
    for _ in range(6):
        fresh.post("/assistant/credentials", data=form(code="ABCDE-99999"))
    assert "Too many wrong codes" in fresh.post("/assistant/credentials", data=form()).text
    assert not site.users
    clock.advance(61)
    assert fresh.post("/assistant/credentials", data=form()).status_code == 303


def test_without_a_code_nobody_makes_a_login(nobody: FlaskClient, site: FakeSite) -> None:
    """US-1: an EVCE that was begun with a site file."""
    site.users.clear()
    assert nobody.post("/assistant/credentials", data=form(code="")).status_code == 422
    assert not site.users
    assert nobody.get("/login").status_code == 200


def begin_empty(site: FakeSite) -> None:
    text = canonical_json(SiteDocument.parse({"site": {"name": UNNAMED}}))
    site.apply(RevisionRecord(8, text, "first start", "", site.now()))


def test_the_frame_is_round_the_pages_of_its_steps_only(admin: FlaskClient, site: FakeSite) -> None:
    """UI-6: entered, left, taken up again where something is open."""
    begin_empty(site)
    assert 'class="assisted"' not in admin.get("/configuration/stations").text
    assert admin.post("/assistant").location == "/configuration/section/site"
    page = admin.get("/configuration/stations").text
    assert 'class="assisted"' in page
    assert re.search(r'aria-current="step"><i[^>]*>3</i>Stations', page)
    assert 'href="/configuration/meters"' in page
    assert '<li class="step-untouched"><a href="/configuration/meters">' in page  # nobody has been there
    admin.get("/configuration/meters")
    assert '<li class="step-done"><a href="/configuration/meters">' in admin.get("/configuration/zones").text
    elsewhere = admin.get("/configuration/section/tariff").text
    assert 'class="assisted"' not in elsewhere
    assert "Back to the assistant" in elsewhere
    assert "Back to the assistant" not in page
    assert admin.post("/assistant/leave").location == "/"
    assert 'class="assisted"' not in admin.get("/configuration/stations").text


def test_in_the_assistant_what_harms_nothing_is_saved_at_once(admin: FlaskClient, site: FakeSite) -> None:
    """UI-6, CF-1: a revision of its own each; and on to the next step."""
    begin_empty(site)
    admin.post("/assistant")
    sent = {"based_on": "8", "name": "Harbour", "time_zone": "Europe/Paris"}
    answer = admin.post("/configuration/section/site", data=sent)
    assert (answer.status_code, answer.location) == (303, "/configuration/stations")
    assert document_of(site.revisions[0].document).site.name == "Harbour"
    zone = {"based_on": "9", "name": "Main board", "maximum_a": "100", "mode": "static"}
    assert admin.post("/configuration/zones/edit", data=zone).location == "/configuration/zones"
    assert document_of(site.revisions[0].document).zones[0].id == "main-board"
    assert site.revisions[0].number == 10


def test_what_harms_is_looked_at_first(admin: FlaskClient, site: FakeSite) -> None:
    """CF-1: also in the assistant: a station is taken away."""
    admin.post("/assistant")
    answer = admin.post("/configuration/stations/delete", data={"based_on": "7", "name": "CP-01"})
    assert answer.status_code == 200
    assert site.revisions[0].number == 7


def test_a_site_file_takes_the_place_of_all_settings(admin: FlaskClient, site: FakeSite) -> None:
    """UI-6: offered first; seen before it counts; a wrong one changes nothing."""
    page = admin.post("/assistant/site-file", data={"based_on": "7", "text": "[site]\nname = 1\n"})
    assert page.status_code == 422
    assert "site.name" in page.text
    text = write_toml(SiteDocument.parse({"site": {"name": "Old site"}}))
    review = admin.post("/assistant/site-file", data={"based_on": "7", "text": text})
    assert review.status_code == 200
    assert site.revisions[0].number == 7
    sent = {"based_on": "7", "onto": "7", "text": text, "confirmed": "1"}
    assert admin.post("/assistant/site-file", data=sent).location == "/assistant"
    assert document_of(site.revisions[0].document).site.name == "Old site"


def test_the_summary_follows_the_site(admin: FlaskClient, site: FakeSite) -> None:
    """UI-6: each line in words, with the step that mends it."""
    begin_empty(site)
    assert "No station is registered." in admin.get("/assistant/summary").text
    live = admin.get("/assistant/findings").text
    assert 'href="/configuration/zones"' in live
    assert "3 things are still open" in live
