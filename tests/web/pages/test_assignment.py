"""Tests of putting stations into zones."""

import re

from flask.testing import FlaskClient

from actors.messages import RevisionRecord
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import canonical_json
from tests.web.conftest import Clock
from tests.web.fake_document import fake_document
from tests.web.fake_site import FakeSite
from web.pages.assignment import terminal_zones
from web.revisions import document_of


def ticked(text: str) -> list[str]:
    return re.findall(r'name="station" value="([^"]+)" checked', text)


def test_only_zones_that_hold_stations_are_offered(clock: Clock) -> None:
    """EL-1: a zone holds sub-zones or stations."""
    assert [zone.id for zone in terminal_zones(fake_document(clock()))] == [
        "garage",
        "deck-north",
        "deck-south",
        "street",
    ]


def test_the_stations_of_a_zone_are_ticked_those_without_come_first(
    admin: FlaskClient, site: FakeSite
) -> None:
    """UI-7: assigned is green, free is white, unassigned on top."""
    plain = document_of(site.revisions[0].document).plain()
    plain["stations"][19]["zone"] = None
    text = canonical_json(SiteDocument.parse(plain))
    site.apply(RevisionRecord(8, text, "bob", "", site.now()))
    page = admin.get("/configuration/assignment?zone=deck-north").text
    assert ticked(page) == [f"CP-{n:02d}" for n in (7, 8, 9, 10, 11)]
    assert re.findall(r'name="station" value="([^"]+)"', page)[0] == "CP-20"
    assert admin.get("/configuration/assignment?zone=deck").status_code == 404


def test_clicks_move_stations(admin: FlaskClient, site: FakeSite) -> None:
    """UI-7: into the zone, out of it, others untouched; seen before it counts."""
    stations = ["CP-01", "CP-02", "CP-03", "CP-04", "CP-05", "CP-08"]
    form = {
        "based_on": "7",
        "zone": "garage",
        "station": stations,
        "listed": [f"CP-{n:02d}" for n in range(1, 21)],
    }
    review = admin.post("/configuration/assignment", data=form)
    assert "stations[CP-06].zone" in review.text
    assert "stations[CP-08].zone" in review.text
    admin.post("/configuration/assignment", data={**form, "confirmed": "1"})
    zones = {s.box_identity: s.zone for s in document_of(site.revisions[0].document).stations}
    assert [s for s, zone in zones.items() if zone == "garage"] == stations
    assert zones["CP-06"] is None
    assert zones["CP-07"] == "deck-north"


def test_a_zone_that_is_gone_takes_no_station(admin: FlaskClient, site: FakeSite) -> None:
    """RELIABILITY 3: 404, nothing in force."""
    form = {"based_on": "7", "zone": "gone", "station": ["CP-01"], "confirmed": "1"}
    assert admin.post("/configuration/assignment", data=form).status_code == 404
    assert site.revisions[0].number == 7


def test_a_zone_with_sub_zones_takes_no_station(admin: FlaskClient, site: FakeSite) -> None:
    """EL-1: never both."""
    form = {"based_on": "7", "zone": "deck", "station": ["CP-01"], "confirmed": "1"}
    assert admin.post("/configuration/assignment", data=form).status_code == 404
    assert site.revisions[0].number == 7


def test_a_search_leaves_what_it_does_not_show_as_it_is(admin: FlaskClient, site: FakeSite) -> None:
    """UI-7: by name, identity, address or family."""
    page = admin.get("/configuration/assignment?zone=deck-north&text=cp-08").text
    assert re.findall(r'name="listed" value="([^"]+)"', page) == ["CP-08"]
    form = {"based_on": "7", "zone": "deck-north", "listed": "CP-08", "confirmed": "1"}
    admin.post("/configuration/assignment", data=form)
    zones = {s.box_identity: s.zone for s in document_of(site.revisions[0].document).stations}
    assert (zones["CP-08"], zones["CP-07"]) == (None, "deck-north")
    assert "1 station has no zone yet." in admin.get("/configuration/assignment").text
    assert "No station matches." in admin.get("/configuration/assignment?text=nobody").text


def test_in_the_assistant_the_way_on_saves_what_is_ticked(admin: FlaskClient, site: FakeSite) -> None:
    """UI-6, UI-7: nothing that was ticked is lost by going on."""
    admin.post("/assistant")
    form = {"based_on": "7", "zone": "garage", "station": "CP-08", "ahead": "1"}
    answer = admin.post("/configuration/assignment", data=form)
    assert answer.headers["Location"] == "/configuration/section/cpo"
    zones = {s.box_identity: s.zone for s in document_of(site.revisions[0].document).stations}
    assert zones["CP-08"] == "garage"
