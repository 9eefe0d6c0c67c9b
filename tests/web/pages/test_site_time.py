"""Tests of the page and the calls of the site's time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from actors.messages import SITE_TIME, SetSiteTime
from evce.site_time import TimeSource
from tests.web.conftest import Clock
from tests.web.fake_site import FakeSite
from tests.web.program import calling, switch

PAGE = "/configuration/time"
CALL = "/api/v1/time"


def orders(site: FakeSite) -> list[SetSiteTime]:
    return [message for name, message in site.told if name == SITE_TIME and isinstance(message, SetSiteTime)]


def operated(site: FakeSite) -> None:
    """The operator has told the time."""
    site.time.shown = replace(
        site.time.shown, source=TimeSource.OPERATOR, operator_rules=True, heard_at=site.now()
    )


# The page.


@pytest.mark.parametrize("address", ["/configuration/section/site", "/configuration/section/cpo", PAGE])
def test_the_sites_time_stands_beside_the_hosts_and_the_browsers(
    admin: FlaskClient, site: FakeSite, address: str
) -> None:
    """CPO-4: with its source; where the site's time zone is configured, and at the remote operator."""
    site.time.ahead = 3600.0
    page = admin.get(address).text
    for words in (
        "2026-11-22 20:00:00",
        "2026-11-22 19:00:00",
        "behind the site by 1 h 00 min",
        "Your browser",
    ):
        assert words in page
    assert "the computer on which EVCE runs" in page
    operated(site)
    page = admin.get(address).text
    assert "While the operator tells the time nobody else sets it." in page
    assert "heard just now" not in page
    assert "heard 1 h 00 min ago" in page


def test_it_is_set_from_the_browser_after_a_question(
    admin: FlaskClient, site: FakeSite, clock: Clock
) -> None:
    """CPO-4: it says which clock is set, and whose doing it was; the host's can be taken again."""
    question = admin.get(PAGE).text
    assert "The clock of the computer on which EVCE runs stays as it is" in question
    assert "follow_host" not in question
    there = (clock() + timedelta(seconds=90)).isoformat()
    answer = admin.post(PAGE, data={"browser_time": there}, follow_redirects=True)
    assert (answer.status_code, "moved by +90.0 s" in answer.text) == (200, True)
    assert "olivia, who set it" in answer.text
    (order,) = orders(site)
    assert (order.source, order.by) == (TimeSource.PERSON, "olivia")
    back = admin.post(PAGE, data={"follow_host": "1"}, follow_redirects=True)
    assert "moved by -90.0 s" in back.text
    assert site.time.ahead == 0.0


@pytest.mark.parametrize("told", ["", "noon", "2026-11-22T18:00:00"])
def test_a_browser_that_tells_no_time_sets_none(admin: FlaskClient, site: FakeSite, told: str) -> None:
    """CPO-4: without JavaScript, say; a time without an offset could be of any zone."""
    answer = admin.post(PAGE, data={"browser_time": told})
    assert (answer.status_code, "tell its time. Try again." in answer.text) == (422, True)
    assert orders(site) == []


def test_while_the_operator_tells_the_time_it_is_refused(admin: FlaskClient, site: FakeSite) -> None:
    """CPO-4: no button, and no way round it."""
    operated(site)
    assert "data-from-browser" not in admin.get(PAGE).text
    for form in ({"browser_time": "2026-11-22T18:01:00Z"}, {"follow_host": "1"}):
        answer = admin.post(PAGE, data=form)
        assert (answer.status_code, "comes from the operator" in answer.text) == (409, True)


def test_what_is_out_of_the_ordinary_is_shown(admin: FlaskClient, site: FakeSite) -> None:
    """CPO-4: an operator that isn't followed, a guess, who else may set it."""
    site.time.shown = replace(
        site.time.shown,
        operator_rules=True,
        programs_may=True,
        refused="it jumped by +3600 s; it is followed once it has stood for an hour",
        guessed=True,
        slewing=-2.5,
    )
    site.time.ahead = -90.0
    page = admin.get(PAGE).text
    for words in (
        "it jumped by +3600 s",
        "lost its time",
        "still moved by -2.5 s",
        "ahead of the site by 1 min",
        "Programs may set the time too",
        "As soon as the operator tells the time",
        "Told to stations",
    ):
        assert words in page


def test_a_page_about_something_else_does_without_it(admin: FlaskClient, site: FakeSite) -> None:
    """The actor may be starting again."""
    site.silent.add(SITE_TIME)
    assert admin.get("/configuration/section/site").status_code == 200
    assert admin.get(PAGE).status_code == 503


# The calls.


@pytest.fixture
def program(app: Flask, site: FakeSite) -> FlaskClient:
    switch(site, time_synchronisation=True)
    return calling(app)


def test_a_program_reads_and_sets_the_time(program: FlaskClient, site: FakeSite) -> None:
    """API-4: any offset; the answer is what holds now."""
    assert program.get(CALL).get_json()["source"] == "host"
    told = program.put(CALL, json={"time": "2026-11-22T19:00:30+01:00"})
    assert told.status_code == 200
    body: dict[str, Any] = told.get_json()
    assert (body["time"], body["ahead_of_host_s"]) == ("2026-11-22T18:00:30.000+00:00", 30.0)
    assert (body["source"], body["by"]) == ("web services", "wanda")
    assert orders(site)[0].source is TimeSource.WEB_SERVICES


def test_it_is_off_until_it_is_switched_on(app: Flask, site: FakeSite) -> None:
    """API-4: off by default; the refusal names the switch. Reading is always possible."""
    switch(site)
    program = calling(app)
    refused = program.put(CALL, json={"time": "2026-11-22T18:00:00Z"})
    assert refused.status_code == 403
    assert "webservices.time_synchronisation switches it on" in refused.get_json()["detail"]
    assert program.get(CALL).status_code == 200
    assert orders(site) == []


def test_beside_an_operator_it_is_refused(program: FlaskClient, site: FakeSite) -> None:
    """API-4: advice to leave it off when a CPO is connected; one of them rules."""
    operated(site)
    refused = program.put(CALL, json={"time": "2026-11-22T18:00:00Z"})
    assert refused.status_code == 409
    assert "the time comes from the operator" in refused.get_json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "pointer", "detail"),
    [
        ({"time": "2026-11-22T18:00:00"}, 422, "#/time", "a time such as 2026-11-22T18:00:00+01:00"),
        ({"time": 1795370400}, 422, "#/time", "a time such as"),
        ({"time": "1970-01-01T00:00:00Z"}, 422, "#/time", "1970-01-01 00:00:00 UTC can't be"),
        ({}, 422, "#/time", "is missing"),
        ({"time": "2026-11-22T18:00:00Z", "zone": "x"}, 422, "#/zone", "unknown; there is time"),
        (["2026"], 400, "#", "a JSON object"),
    ],
)
def test_what_is_no_time_is_refused(
    program: FlaskClient, site: FakeSite, body: object, status: int, pointer: str, detail: str
) -> None:
    """API-4, RELIABILITY §3: the field, and what is allowed."""
    refused = program.put(CALL, json=body)
    assert refused.status_code == status
    (error,) = refused.get_json()["errors"]
    assert error["pointer"] == pointer
    assert detail in error["detail"]
    assert orders(site) == []


def test_people_read_it_but_set_it_on_the_page(admin: FlaskClient) -> None:
    """API-4: the role Webservices."""
    assert admin.get(CALL).status_code == 200
    assert admin.put(CALL, json={"time": "2026-11-22T18:00:00Z"}).status_code == 403
