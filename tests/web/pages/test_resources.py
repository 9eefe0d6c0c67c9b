"""What programs read, each kind of thing at its address."""

from dataclasses import replace
from typing import Any

import fastjsonschema
import pytest
from flask import Flask
from flask.testing import FlaskClient

from evce.units import MeterId, ZoneId
from tests.web.fake_site import FakeSite
from tests.web.program import calling, switch
from web.openapi import openapi

ONES = {
    "zones": "garage",
    "stations": "CP-01",
    "connectors": "CP-01/1",
    "transactions": "473",
    "meters": "main-meter",
    "cards": "04A1B037C",
}


@pytest.fixture
def program(app: Flask, site: FakeSite) -> FlaskClient:
    switch(site)
    return calling(app)


def told(client: FlaskClient, address: str) -> Any:
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 200, (address, answer.text)
    return answer.get_json()


def test_every_answer_is_what_its_schema_says(app: Flask, program: FlaskClient) -> None:
    """API-1, API-2: the description is true of every list and of each thing."""
    paths = openapi(app, "1", "https://localhost")["paths"]
    for kind, one in ONES.items():
        rule = f"/api/v1/{kind}/{{identity}}/{{number}}" if kind == "connectors" else None
        listed = paths[f"/api/v1/{kind}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        rule = rule or next(
            path for path in paths if path.startswith(f"/api/v1/{kind}/{{") and path.count("/") == 4
        )
        single = paths[rule]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        everything = told(program, f"{kind}?limit=500")
        fastjsonschema.compile(listed)(everything)
        fastjsonschema.compile(single)(told(program, f"{kind}/{one}"))
        assert everything["items"]
    schema = paths["/api/v1/site"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    fastjsonschema.compile(schema)(told(program, "site"))


def test_the_site_counts_what_there_is(program: FlaskClient, site: FakeSite) -> None:
    """API-2."""
    found = told(program, "site")
    assert (found["name"], found["time_zone"], found["revision"]) == ("Harbour car park", "Europe/Paris", 8)
    assert (
        found["transactions_running"] == len(told(program, "connectors?in_use=true&limit=500")["items"]) == 14
    )
    assert found["stations"] == len(told(program, "stations?registered=true")["items"])


def test_things_tell_what_the_pages_show(program: FlaskClient, site: FakeSite) -> None:
    """API-2, UI-9: units in the names, why in words."""
    zone = told(program, "zones/main")
    assert (zone["maximum_a"], zone["mode"], zone["limit_a"]) == (250, "dynamic", [189.4, 196.1, 178.8])
    assert "what the building leaves" in zone["why"][0]
    outlet = told(program, "connectors/CP-01/1")
    assert (outlet["zone"], outlet["setpoint_a"], outlet["status"]) == ("garage", 16.0, "Charging")
    assert outlet["why"]
    assert told(program, f"transactions/{outlet['transaction']}")["connector"] == "CP-01/1"
    assert told(program, "cards/04a1b037c")["id_tag"] == "04A1B037C"
    assert told(program, "meters/main-meter")["state"] == "connected"


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("zones?parent=main", lambda one: one["parent"] == "main"),
        ("zones?mode=static", lambda one: one["mode"] == "static"),
        ("stations?zone=garage", lambda one: one["zone"] == "garage"),
        ("stations?link=lost", lambda one: one["link"] == "lost"),
        ("stations?registered=false", lambda one: not one["registered"]),
        ("connectors?station=CP-01", lambda one: one["station"] == "CP-01"),
        ("connectors?status=Charging&zone=main", lambda one: one["status"] == "Charging"),
        ("connectors?in_use=false", lambda one: one["transaction"] is None),
        ("transactions?running=true", lambda one: one["stopped_at"] is None),
        ("transactions?before=2026-11-22T10:00:00Z", lambda one: one["started_at"] < "2026-11-22T10:00"),
        (
            "transactions?since=2026-11-22T17:00:00%2B01:00",
            lambda one: one["started_at"] >= "2026-11-22T16:00",
        ),
        ("meters?role=production", lambda one: one["role"] == "production"),
        ("cards?vip=true", lambda one: one["vip"]),
        ("cards?authorised=false", lambda one: not one["authorised"]),
        ("cards?text=doctor", lambda one: one["comment"] == "Doctor Dee"),
    ],
)
def test_a_filter_leaves_what_fits(program: FlaskClient, address: str, fits: Any) -> None:
    """API-2: some, not all, and only those."""
    kind = address.partition("?")[0]
    found, everything = (told(program, f"{one}limit=500")["items"] for one in (f"{address}&", f"{kind}?"))
    assert 0 < len(found) < len(everything)
    assert found == [one for one in everything if one in found]
    assert all(fits(one) for one in found)


@pytest.mark.parametrize("kind", ["connectors", "transactions", "cards", "stations?registered=true"])
def test_pages_follow_one_another_to_the_last(program: FlaskClient, kind: str) -> None:
    """API-2: the address of the next page keeps the filter; nothing comes twice."""
    parted = "&" if "?" in kind else "?"
    whole = told(program, f"{kind}{parted}limit=500")
    assert whole["next"] is None
    address: str | None = f"/api/v1/{kind}{parted}limit=5"
    found: list[Any] = []
    while address is not None:
        page = program.get(address).get_json()
        assert len(page["items"]) <= 5
        found += page["items"]
        address = page["next"]
    assert found == whole["items"]
    assert len(found) > 5


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("zones?limit=0", ["limit"]),
        ("zones?limit=501&offset=-1", ["limit", "offset"]),
        ("zones?limit=ten", ["limit"]),
        ("zones?limit=" + "9" * 5000, ["limit"]),
        ("zones?parent=roof", ["parent"]),
        ("zones?colour=red&mode=fast", ["mode", "colour"]),
        ("zones?mode=static&mode=dynamic", ["mode"]),
        ("stations?link=Connected", ["link"]),
        ("connectors?in_use=1", ["in_use"]),
        ("transactions?since=yesterday", ["since"]),
        ("transactions?before=2026-11-22T10:00:00", ["before"]),
        ("transactions?running=false", ["running"]),
        ("cards?text=" + "x" * 101, ["text"]),
    ],
)
def test_a_query_that_can_not_be_understood_is_refused_with_every_fault(
    program: FlaskClient, address: str, wrong: list[str]
) -> None:
    """API-2, RELIABILITY REST: bad type, negative, unknown zone."""
    answer = program.get(f"/api/v1/{address}")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert [one["parameter"] for one in answer.get_json()["errors"]] == wrong


@pytest.mark.parametrize(
    "address",
    [
        "zones/roof",
        "stations/none",
        "connectors/none/1",
        "connectors/CP-01/9",
        "transactions/99999",
        f"transactions/{10**30}",
        "meters/none",
        "cards/none",
        "nothing",
        "zones/" + "x" * 3000,
    ],
)
def test_what_is_not_there_is_404(program: FlaskClient, address: str) -> None:
    """API-2, RELIABILITY REST: unknown zone."""
    answer = program.get(f"/api/v1/{address}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert len(answer.get_json()["detail"]) < 250


@pytest.mark.parametrize("address", ["site", *ONES, *(f"{kind}/{one}" for kind, one in ONES.items())])
def test_what_is_known_is_not_sent_again(program: FlaskClient, site: FakeSite, address: str) -> None:
    """API-2: If-None-Match; another moment alone is no change."""
    first = program.get(f"/api/v1/{address}")
    version = {"If-None-Match": first.headers["ETag"]}
    site.change()
    again = program.get(f"/api/v1/{address}", headers=version)
    assert (again.status_code, again.data) == (304, b"")
    assert program.get(f"/api/v1/{address}", headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_change_has_another_version(program: FlaskClient, site: FakeSite) -> None:
    """API-2."""
    version = {"If-None-Match": program.get("/api/v1/zones/main").headers["ETag"]}
    zones = site.snapshot.zones
    site.change(zones={**zones, ZoneId("main"): replace(zones[ZoneId("main")], suspended=3)})
    answer = program.get("/api/v1/zones/main", headers=version)
    assert answer.status_code == 200
    assert answer.get_json()["suspended"] == 3
    meters = {key: meter for key, meter in site.snapshot.meters.items() if key != MeterId("main-meter")}
    site.change(meters=meters)
    assert program.get("/api/v1/meters/main-meter").status_code == 404


@pytest.mark.parametrize(
    ("silent", "address"), [("view", "zones"), ("recorder", "cards"), ("recorder", "transactions")]
)
def test_a_part_that_does_not_answer_is_503(
    program: FlaskClient, site: FakeSite, silent: str, address: str
) -> None:
    """API-2: and a program knows when to try again."""
    program.get("/api/v1/zones")
    site.silent.add(silent)
    answer = program.get(f"/api/v1/{address}")
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert answer.headers["Retry-After"]
