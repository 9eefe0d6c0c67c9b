"""Tests of the lists of the configuration document."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from evce.configuration.document import SiteDocument
from evce.errors import ConfigurationError
from evce.units import BoxIdentity
from tests.web.conftest import Clock
from tests.web.fake_document import fake_document
from tests.web.fake_site import FakeSite
from web.things import THINGS, known_things


@pytest.fixture
def plain(clock: Clock) -> dict[str, Any]:
    return fake_document(clock()).plain()


def test_zones_are_listed_as_their_tree(app: Flask, site: FakeSite, clock: Clock) -> None:
    """EL-8: each below the zone that feeds it, with what hangs on it."""
    with app.test_request_context():
        rows, more = THINGS["zones"].rows(fake_document(clock()), site.snapshot, {})
    assert [(row.name, row.depth) for row in rows] == [
        ("main", 0),
        ("garage", 1),
        ("deck", 1),
        ("deck-north", 2),
        ("deck-south", 2),
        ("street", 0),
    ]
    assert (rows[0].leaf, rows[1].leaf, more) == (True, False, 0)
    assert rows[0].cells[:3] == ("250 A", "Dynamic", "Main meter")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 20),
        ({"text": "deck NORTH"}, 5),
        ({"text": "cp-07"}, 1),
        ({"zone": "garage"}, 6),
        ({"zone": "-"}, 0),
        ({"zone": "garage", "family": "smart_wallbox"}, 2),
        ({"page": "9"}, 0),
        ({"page": "x"}, 20),
    ],
)
def test_stations_are_filtered(
    app: Flask, site: FakeSite, clock: Clock, query: dict[str, str], found: int
) -> None:
    """OC-4: name, identity, zone, family."""
    with app.test_request_context():
        rows, _ = THINGS["stations"].rows(fake_document(clock()), site.snapshot, query)
    assert len(rows) == found


def test_many_stations_come_in_pages(app: Flask, site: FakeSite, clock: Clock) -> None:
    """OC-4: a hundred at a time."""
    stations = [
        {"box_identity": f"S{n}", "name": f"Station {n}", "connectors": [{"wiring": "TRI123"}]}
        for n in range(250)
    ]
    document = fake_document(clock(), stations=stations)
    with app.test_request_context():
        pages = [THINGS["stations"].rows(document, site.snapshot, {"page": str(n)}) for n in (1, 2, 3)]
    assert [(len(rows), more) for rows, more in pages] == [(100, 2), (100, 3), (50, 0)]


def test_what_is_live_stands_beside_what_is_configured(app: Flask, site: FakeSite, clock: Clock) -> None:
    """MT-8: the state of a meter, the link of a station."""
    station = site.snapshot.stations[BoxIdentity("CP-01")]
    site.set_station(replace(station, name="other"))
    with app.test_request_context():
        meters, _ = THINGS["meters"].rows(fake_document(clock()), site.snapshot, {})
        stations, _ = THINGS["stations"].rows(fake_document(clock()), site.snapshot, {"text": "CP-10"})
    assert {row.name: row.state for row in meters}["kiosk"] == "not connected"
    assert stations[0].state == "lost"
    assert meters[0].cells[3] == "TCP 192.168.0.40:502#255"


def test_a_thing_is_added_replaced_and_removed(plain: dict[str, Any]) -> None:
    """CF-1: in its place; what isn't there can't be."""
    meters = THINGS["meters"]
    meters.replace(plain, "kiosk", {"id": "kiosk", "name": "Ice cream"})
    assert [m["name"] for m in plain["meters"]][3] == "Ice cream"
    meters.add(plain, {"id": "new", "name": "New"})
    assert meters.place_of(plain, "new") == 4
    meters.remove(plain, "kiosk")
    assert [m["id"] for m in plain["meters"]] == ["main-meter", "solar", "lift", "new"]
    for act in (lambda: meters.find(plain, "x"), lambda: meters.remove(plain, "x")):
        with pytest.raises(LookupError):
            act()


def test_a_zone_lets_its_stations_go(plain: dict[str, Any]) -> None:
    """EL-8: they get 0 A; the periods forget it."""
    THINGS["zones"].remove(plain, "garage")
    document = SiteDocument.parse(plain)
    assert [s.box_identity for s in document.stations if s.zone is None] == [f"CP-0{n}" for n in range(1, 7)]
    assert document.tariff.periods[1].zones == ("street",)


def test_a_zone_with_sub_zones_stays(plain: dict[str, Any]) -> None:
    """EL-1: the person decides what becomes of them."""
    THINGS["zones"].remove(plain, "deck")
    with pytest.raises(ConfigurationError, match=r"zones\[deck-north\].parent"):
        SiteDocument.parse(plain)


def test_a_new_thing_begins_with_its_defaults_and_what_the_address_says(clock: Clock) -> None:
    """EL-8, OC-2: a sub-zone knows its parent, a detected station its identity."""
    document = fake_document(clock())
    zone = THINGS["zones"].blank({"parent": "main", "maximum_a": "20"})
    assert (zone["parent"], zone["maximum_a"], zone["mode"]) == ("main", "20", "static")
    station = THINGS["stations"].blank({"box_identity": "X-1"})
    assert (station["box_identity"], station["connectors.0"], station["family"]) == ("X-1", "1", "generic")
    period = THINGS["periods"].blank({})
    assert (len(period.getlist("days")), period["enabled"]) == (7, "1")
    assert known_things(document)["meters"][0].value == "main-meter"
