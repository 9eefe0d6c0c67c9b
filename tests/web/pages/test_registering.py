"""Tests of registering stations by programs."""

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from evce.units import BoxIdentity
from tests.web.fake_site import FakeSite
from tests.web.program import pointers
from web.revisions import document_of

STATIONS = "/api/v1/stations"
FIRST = BoxIdentity("00-1E-C0-9A-41-7F")
SECOND = BoxIdentity("NEW-2")


@pytest.fixture(autouse=True)
def _strangers(site: FakeSite) -> None:
    known = site.snapshot.stations
    first = replace(
        known[FIRST],
        vendor="Schneider Electric",
        model="EVlink City",
        serial_number="3N99",
        firmware="3.4.0.16",
        address="192.168.0.77",
    )
    second = replace(first, box_identity=SECOND, model="Odd", serial_number="", address="192.168.0.78")
    site.change(stations={**known, FIRST: first, SECOND: second})


def registered(site: FakeSite) -> dict[str, tuple[str, str, str | None]]:
    document = document_of(site.revisions[0].document)
    return {s.box_identity: (s.name, str(s.family), s.zone) for s in document.stations}


def test_who_waits_is_told_with_what_it_said_and_would_be(admin: FlaskClient) -> None:
    """OC-2, OC-4: for programs."""
    told = admin.get(f"{STATIONS}/detected").get_json()
    assert told["based_on"] >= 1
    first, second = told["stations"]
    assert (first["vendor"], first["model"], first["firmware"]) == (
        "Schneider Electric",
        "EVlink City",
        "3.4.0.16",
    )
    assert (first["proposed"]["family"], second["proposed"]["family"]) == ("city", "generic")


def test_many_are_registered_in_one_revision(admin: FlaskClient, site: FakeSite) -> None:
    """OC-2: as they are, or with what differs; who did it stands in the revision."""
    before = site.revisions[0].number
    wish = {"stations": [FIRST.lower(), {"box_identity": SECOND, "name": "Gate", "zone": "garage"}]}
    answer = admin.post(STATIONS, json=wish)
    assert (answer.status_code, answer.get_json()["revision"]) == (201, before + 1)
    known = registered(site)
    assert known[SECOND] == ("Gate", "generic", "garage")
    assert FIRST.lower() in {name.lower() for name in known}
    assert site.revisions[0].author == "olivia"
    assert admin.get(f"{STATIONS}/detected").get_json()["stations"] == []


def test_one_that_never_called_is_given_whole(admin: FlaskClient, site: FakeSite) -> None:
    """OC-2"""
    whole = {"box_identity": "LATER", "name": "Later", "family": "city", "connectors": [{"wiring": "MONO1"}]}
    assert admin.post(STATIONS, json={"stations": [whole]}).status_code == 201
    assert registered(site)["LATER"] == ("Later", "city", None)


@pytest.mark.parametrize(
    ("wish", "status", "fields"),
    [
        (["NEW-2"], 400, {"#"}),
        ({"stations": []}, 400, {"#/stations"}),
        ({"stations": ["NEW-2"], "force": 1}, 400, {"#"}),
        ({"stations": ["nobody"]}, 422, {"#/stations/0/box_identity"}),
        ({"stations": ["NEW-2", 7]}, 422, {"#/stations/1"}),
        ({"stations": ["NEW-2"], "based_on": 10_000}, 409, {"#/based_on"}),
        (
            {"stations": [str(FIRST), {"box_identity": "NEW-2", "zone": "moon", "family": "car"}]},
            422,
            {"#/stations/1/family"},
        ),
        (
            {"stations": ["NEW-2", {"box_identity": "NEW-2", "name": "Twice"}]},
            422,
            {"#/stations/1/box_identity"},
        ),
    ],
)
def test_what_is_wrong_names_row_and_field_and_nothing_is_applied(
    admin: FlaskClient, site: FakeSite, wish: Any, status: int, fields: set[str]
) -> None:
    """OC-4: per-row errors."""
    before = site.revisions[0]
    answer = admin.post(STATIONS, json=wish)
    assert (answer.status_code, fields <= set(pointers(answer))) == (status, True)
    assert site.revisions[0] is before


def test_no_other_role_registers(user: FlaskClient, site: FakeSite) -> None:
    """US-2"""
    before = site.revisions[0]
    assert user.post(STATIONS, json={"stations": ["NEW-2"]}).status_code == 403
    assert user.get(f"{STATIONS}/detected").status_code == 403
    assert site.revisions[0] is before
