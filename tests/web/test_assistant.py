"""Tests of the assistant's steps, and of what is told to be open."""

from dataclasses import replace

import pytest
from flask import Flask

from evce.configuration.document import SiteDocument
from evce.facts import Link
from evce.views import AlarmView, SiteSnapshot
from tests.web.conftest import Clock
from tests.web.fake_document import fake_document
from tests.web.fake_site import FakeSite
from web.assistant import (
    STEPS,
    UNNAMED,
    Standing,
    assisted,
    findings,
    next_address,
    standings,
    step_at,
    turn,
    way,
)

EMPTY = SiteDocument.parse({"site": {"name": UNNAMED}})


def empty_snapshot(clock: Clock) -> SiteSnapshot:
    return SiteSnapshot(1, UNNAMED, "UTC", clock())


def test_every_page_of_a_step_is_found() -> None:
    """UI-6: the step's own page and those below it, nothing else."""
    found = {
        path: step.name if (step := step_at(path)) else ""
        for path in (
            "/configuration/stations",
            "/configuration/stations/edit",
            "/configuration/section/ocpp",
            "/configuration/meter_models/edit",
            "/cards/add",
            "/configuration/section/tariff",
            "/",
        )
    }
    assert list(found.values()) == ["stations", "stations", "site", "meters", "cards", "", ""]


def test_the_way_leads_through_every_step_once() -> None:
    """UI-6: cards are skipped with an operator, and where no card is asked for."""
    addresses = ["/assistant/credentials"]
    while addresses[-1] != STEPS[-1].address:
        addresses.append(next_address(addresses[-1], EMPTY))
    assert addresses == [step.address for step in STEPS]
    plain = EMPTY.plain()
    plain["cpo"] |= {"enabled": True, "url": "ws://operator/ocpp"}
    assert [s.name for s in STEPS if s not in way(SiteDocument.parse(plain))] == ["cards"]
    plain = EMPTY.plain()
    plain["authentication"]["mode"] = "plug_and_charge"
    assert next_address("/configuration/section/authentication", SiteDocument.parse(plain)) == (
        "/assistant/summary"
    )


def test_an_empty_site_is_open_where_nothing_can_charge(app: Flask, clock: Clock) -> None:
    """UI-6: no name, no station, no zone, no card."""
    with app.test_request_context():
        found = standings(findings(EMPTY, empty_snapshot(clock), cards=False))
    assert {step for step, standing in found.items() if standing is Standing.OPEN} == {
        "site",
        "stations",
        "zones",
        "cards",
    }


def test_what_is_away_is_named(app: Flask, site: FakeSite, clock: Clock) -> None:
    """UI-6: stations, meters, loose stations, fuses; in words, with the page that mends it."""
    plain = fake_document(clock()).plain()
    plain["stations"][1]["zone"] = None
    plain["zones"][0] |= {"building_maximum_a": None}
    document = SiteDocument.parse(plain)
    first = site.snapshot.stations[next(iter(site.snapshot.stations))]
    stations = {key: replace(one, link=Link.CONNECTED) for key, one in site.snapshot.stations.items()}
    stations[first.box_identity] = replace(first, link=Link.LOST)
    meters = {key: replace(one, state="not connected") for key, one in site.snapshot.meters.items()}
    with app.test_request_context():
        found = findings(document, replace(site.snapshot, stations=stations, meters=meters), cards=True)
    lines = [(one.step, one.standing, one.text, one.address) for one in found]
    assert any(s == "stations" and w is Standing.OPEN and first.name in text for s, w, text, _ in lines)
    assert any(s == "meters" and w is Standing.OPEN and "edit?name=" in where for s, w, _, where in lines)
    assert any(s == "assignment" and w is Standing.OPEN for s, w, _, _ in lines)
    assert any(s == "zones" and w is Standing.LOOK for s, w, _, _ in lines)
    assert standings(found)["cards"] is Standing.GOOD


def test_an_outlet_that_nobody_described_is_named(app: Flask, site: FakeSite, clock: Clock) -> None:
    """UI-6: no summary is all green while an alarm stands; what is away is told of its station already."""
    spoken_of = AlarmView("unknown_connector", "CP-01/2", "", "", "warning", clock())
    alarms = (spoken_of, *(replace(spoken_of, code=code) for code in ("disconnected", "meter_lost")))
    with app.test_request_context():
        found = findings(fake_document(clock()), replace(site.snapshot, alarms=alarms), cards=True)
    told = {one.address: one.text for one in found if one.standing is Standing.LOOK}
    assert "outlet CP-01/2" in told["/configuration/stations/edit?name=CP-01"]
    assert told["/alarms"] == "One alarm is active."


@pytest.mark.parametrize("on", [True, False])
def test_a_browser_enters_and_leaves(app: Flask, on: bool) -> None:
    """UI-6."""
    with app.test_request_context():
        turn(True)
        turn(on)
        assert assisted() is on
