"""Remote energy management as programs see it."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from evce.units import ZoneId
from tests.web.conftest import Clock
from tests.web.fake_site import FakeSite
from tests.web.program import calling, switch

LIMIT = "/api/v1/zones/garage/remote-limit"
STATUS = "/api/v1/remote"
BEAT = "/api/v1/remote/heartbeat"


@pytest.fixture
def program(app: Flask, site: FakeSite) -> FlaskClient:
    switch(site, remote_energy_management=True)
    return calling(app)


def put(client: FlaskClient, amps: object, **headers: str) -> TestResponse:
    return client.put(LIMIT, json={"amps_per_phase": amps}, headers=headers)


def held(site: FakeSite) -> dict[ZoneId, float]:
    assert site.remote is not None
    return site.remote.limits.in_force(site.now().timestamp())


def test_a_limit_is_set_lowered_and_taken_away(program: FlaskClient, site: FakeSite, clock: Clock) -> None:
    """API-3: within the period the first value holds, and the answer says until when; lower is at once."""
    assert program.get(LIMIT).get_json() == {"zone": "garage", "amps_per_phase": None}
    first = put(program, 30)
    assert (first.status_code, first.get_json()) == (
        200,
        {"zone": "garage", "amps_per_phase": 30.0, "holds_until": "2026-11-22T18:01:00+00:00"},
    )
    clock.advance(10)
    site.change()
    later = put(program, 40)
    assert later.status_code == 429
    assert (later.get_json()["amps_per_phase"], later.get_json()["holds_until"]) == (
        30.0,
        "2026-11-22T18:01:00+00:00",
    )
    assert 49 <= int(later.headers["Retry-After"]) <= 51
    assert program.delete(LIMIT).status_code == 429
    assert put(program, 6.5).get_json()["amps_per_phase"] == 6.5
    assert program.get(LIMIT).get_json()["amps_per_phase"] == 6.5
    clock.advance(51)
    assert program.delete(LIMIT).get_json()["amps_per_phase"] is None
    assert held(site) == {}


def test_the_status_tells_who_and_what(program: FlaskClient, user: FlaskClient, clock: Clock) -> None:
    """API-3: shown to programs and people; silence drops what was set."""
    assert program.get(STATUS).get_json()["state"] == "never heard"
    put(program, 16)
    clock.advance(30)
    status = user.get(STATUS).get_json()
    assert (status["state"], status["login"], status["heartbeat_period_s"]) == ("active", "wanda", 600.0)
    (limit,) = status["limits"]
    assert (limit["zone"], limit["amps_per_phase"], limit["dropped"]) == ("garage", 16.0, False)
    clock.advance(500)
    assert program.post(BEAT).get_json()["state"] == "active"
    clock.advance(599)
    assert program.get(LIMIT).get_json()["amps_per_phase"] == 16.0
    clock.advance(2)
    status = program.get(STATUS).get_json()
    assert (status["state"], status["limits"][0]["dropped"]) == ("silent", True)
    assert program.post(BEAT).get_json()["state"] == "active"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ('{"amps_per_phase": "16"}', 422, "#/amps_per_phase"),
        ('{"amps_per_phase": true}', 422, "#/amps_per_phase"),
        ('{"amps_per_phase": null}', 422, "#/amps_per_phase"),
        ('{"amps_per_phase": -1}', 422, "#/amps_per_phase"),
        ('{"amps_per_phase": NaN}', 422, "#/amps_per_phase"),
        ('{"amps_per_phase": Infinity}', 422, "#/amps_per_phase"),
        ('{"amps_per_phase": 1e999}', 422, "#/amps_per_phase"),
        ('{"amps_per_phase": 1' + "0" * 400 + "}", 422, "#/amps_per_phase"),
        ('{"amps_per_phase": 100.1}', 422, "#/amps_per_phase"),
        ('{"amps_per_phase": [16]}', 422, "#/amps_per_phase"),
        ("{}", 422, "#/amps_per_phase"),
        ('{"amps_per_phase": 16, "a/b~": 1}', 422, "#/a~1b~0"),
        ("[16]", 400, "#"),
        ("16", 400, "#"),
        ("", 400, "#"),
        ("{", 400, "#"),
        ("[" * 10_000, 400, "#"),
    ],
)
def test_what_is_no_limit_is_refused_with_its_place(
    program: FlaskClient, site: FakeSite, body: str, status: int, pointer: str
) -> None:
    """API-3, RELIABILITY REST: bad type, negative, NaN: 400/422 and a pointer; nothing is applied."""
    answer = program.put(LIMIT, data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert pointer in [one["pointer"] for one in answer.get_json()["errors"]]
    assert held(site) == {}


def test_a_body_that_says_to_be_something_else_is_refused(program: FlaskClient, site: FakeSite) -> None:
    """API-3: application/json is asked for."""
    body = json.dumps({"amps_per_phase": 16})
    assert program.put(LIMIT, data=body, content_type="text/plain").status_code == 400
    assert held(site) == {}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_zone_that_is_not_there_is_404(program: FlaskClient, method: str) -> None:
    """API-3, RELIABILITY REST: unknown zone."""
    answer = program.open("/api/v1/zones/roof/remote-limit", method=method, json={"amps_per_phase": 16})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_who_knows_another_limit_changes_nothing(program: FlaskClient, site: FakeSite) -> None:
    """API-2, RELIABILITY REST: a stale ETag is 412, and the answer tells what holds."""
    stale = program.get(LIMIT).headers["ETag"]
    fresh = put(program, 30, **{"If-Match": stale}).headers["ETag"]
    assert program.get(LIMIT, headers={"If-None-Match": fresh}).status_code == 304
    refused = put(program, 20, **{"If-Match": stale})
    assert refused.status_code == 412
    assert (refused.get_json()["amps_per_phase"], refused.headers["ETag"]) == (30.0, fresh)
    assert program.delete(LIMIT, headers={"If-Match": '"nan", W/"30.000", "x"'}).status_code == 412
    assert held(site) == {ZoneId("garage"): 30.0}
    assert put(program, 20, **{"If-Match": f'"x", {fresh}'}).status_code == 200
    assert put(program, 10, **{"If-Match": "*"}).status_code == 200
    assert held(site) == {ZoneId("garage"): 10.0}


@pytest.mark.parametrize("call", [("PUT", LIMIT), ("DELETE", LIMIT), ("POST", BEAT)])
def test_only_the_one_login_limits_while_it_is_switched_on(
    app: Flask, site: FakeSite, admin: FlaskClient, call: tuple[str, str]
) -> None:
    """API-3: its own switch, one login; people can't at all, also administrators."""
    method, address = call
    wish: Any = {"method": method, "json": {"amps_per_phase": 16}}
    switch(site)
    off = calling(app).open(address, **wish)
    assert off.status_code == 403
    assert "webservices.remote_energy_management" in off.get_json()["detail"]
    switch(site, remote_energy_management=True, remote_login="somebody else")
    other = calling(app).open(address, **wish)
    assert other.status_code == 403
    assert site.events[0].type == "audit"
    assert "may limit zones" in site.events[0].message
    switch(site, remote_energy_management=True)
    assert admin.open(address, **wish).status_code == 403
    assert calling(app).open(address, **wish).status_code == 200


def test_while_it_is_off_the_status_says_so(app: Flask, site: FakeSite) -> None:
    """API-3: nobody is there to be asked, and nothing fails."""
    switch(site)
    status = calling(app).get(STATUS).get_json()
    assert (status["state"], status["limits"], status["heard_at"]) == ("off", [], None)
    assert calling(app).get(LIMIT).get_json()["amps_per_phase"] is None


@pytest.mark.parametrize("how", ["gone", "silent"])
def test_while_the_part_that_holds_limits_is_away_a_program_is_told(
    program: FlaskClient, site: FakeSite, how: str
) -> None:
    """API-3: 503; it tries again."""
    getattr(site, how).add("remote")
    assert put(program, 16).status_code == 503
    assert program.post(BEAT).status_code == 503
