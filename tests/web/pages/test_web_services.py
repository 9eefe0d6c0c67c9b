"""The web services described: for programs, and on a page."""

import re

from flask import Flask
from flask.testing import FlaskClient

from evce.units import ZoneId
from evce.views import RemoteLimitView, RemoteView
from tests.web.fake_site import FakeSite
from tests.web.program import calling, switch
from web.openapi import operations


def test_the_document_is_there_for_programs(app: Flask, site: FakeSite, nobody: FlaskClient) -> None:
    """API-1: with a login, like all the rest."""
    assert nobody.get("/api/v1/openapi.json").status_code == 401
    switch(site)
    told = calling(app).get("/api/v1/openapi.json").get_json()
    assert told["openapi"] == "3.1.0"
    assert told["servers"] == [{"url": "https://localhost"}]
    assert told["info"]["version"] == "1.0"


def test_the_page_lists_every_call_with_parameters_example_and_errors(app: Flask, user: FlaskClient) -> None:
    """API-1: nothing of it comes from elsewhere, and no script is needed."""
    text = user.get("/web-services").text
    assert text.count('<details class="call"') == len(operations(app))
    for words in (
        "/api/v1/zones/{zone_id}/remote-limit",
        "GET /api/v1/connectors/CP-01/1",
        "If-None-Match",
        "&#34;amps_per_phase&#34;: 16.0",
        "Within the minimum period the first value holds",
        "How many at most. Default 100.",
    ):
        assert words in text
    main = text.split('<main id="content"')[1].split("</main>")[0]
    assert "<script" not in main
    assert re.findall(r'(?:src|href)="(?!/|#)', main) == []


def test_the_page_says_whether_programs_may_call(
    admin: FlaskClient, user: FlaskClient, site: FakeSite
) -> None:
    """API-1, API-3: and where to switch them on."""
    assert "/configuration/section/webservices" in admin.get("/web-services").text
    assert "An administrator can switch them on" in user.get("/web-services").text
    switch(site)
    assert "Programs may call" in user.get("/web-services").text
    assert "Remote energy management is switched off" in user.get("/web-services").text
    switch(site, remote_energy_management=True)
    assert "The login “wanda” may limit zones" in user.get("/web-services").text


def test_the_way_to_the_page_is_in_the_menu(user: FlaskClient) -> None:
    """API-1."""
    assert 'href="/web-services"' in user.get("/").text


def test_the_settings_tell_how_it_stands_with_remote_energy_management(
    admin: FlaskClient, site: FakeSite
) -> None:
    """API-3: the guide's read-only sign whether it is active, and what it limits."""
    address = "/configuration/section/webservices"
    card = admin.get(address).text.split("Remote energy management</h2>")[1]
    assert '<span class="pill">off</span>' in card
    limit = RemoteLimitView(ZoneId("garage"), 16.0)
    site.change(remote=RemoteView("active", "service", site.now(), 60.0, 600.0, (limit,)))
    card = admin.get(address).text.split("Remote energy management</h2>")[1]
    for words in ('<span class="pill">active</span>', "just now", ">Garage</a> 16 A", 'href="/web-services"'):
        assert words in card
