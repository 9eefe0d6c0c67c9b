"""Tests of the maintenance report of EVCE."""

from collections import Counter
from dataclasses import replace
from functools import cache

import pytest

from evce.records import LimitRecord, RevisionRecord
from evce.reports import Inside, Section, SiteRecords, html_page, site_sections
from evce.units import BoxIdentity, ZoneId
from evce.views import UplinkView
from tests.evce.reports.samples import AT, inside
from tests.web.fake_document import fake_document
from tests.web.fake_site import FakeSite

PEAK = LimitRecord(
    ZoneId("main"), AT, 1, 250.0, True, 201.5, AT, 90.0, AT, 120.0, "meter", 100.0, AT, "input"
)


def sections(the_inside: Inside | None = None) -> dict[str, Section]:
    site = FakeSite(now=lambda: AT)
    station = BoxIdentity("CP-01")
    uplink = UplinkView(station, "waiting", 3, 1, "operator: connection refused")
    snapshot = replace(site.snapshot, uplinks={station: uplink})
    records = SiteRecords(
        RevisionRecord(7, "{}", "olivia", "more room", AT),
        fake_document(AT, cpo={"enabled": True, "url": "wss://cpo.example/ocpp"}),
        (PEAK,),
        Counter({"CP-01": 4}),
        Counter({"main-meter": 9}),
    )
    found = site_sections("1.2.3", snapshot, records, the_inside or inside())
    return {one.title: one for one in found}


@cache
def usual() -> dict[str, Section]:
    return sections()


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ("Summary", ("1.2.3", "2 h 0 min", "Harbour car park")),
        (
            "Machine and process",
            ("edge-1", "3,000.0 MB available", "20,000.0 MB free", "18:00:00 UTC", "12.0%"),
        ),
        ("Configuration", ("olivia", "more room", "ocpp.heartbeat_s", "wss://cpo.example/ocpp")),
        ("Zones", ("Garage", "201.5 A of 250 A", "90.0 A under 120.0 A (meter)", "100.0 A (input)")),
        ("Stations", ("CP-01", "3.4.0.16", "Wear of the stations", "Links lost")),
        ("Meters", ("main-meter", "Event lines, 24 h")),
        ("Uplink", ("wss://cpo.example/ocpp", "operator: connection refused")),
        ("Actors", ("zone/main", "ValueError: odd", "900", "backing off")),
        ("Database and disk", ("2.5 MB", "10.0 MB", "120.0 MB at the rate since the start")),
        ("Last log lines", ("actors.meter: site running",)),
    ],
)
def test_it_tells_what_a_service_engineer_asks_first(section: str, words: tuple[str, ...]) -> None:
    """LG-2: each in the part where one looks for it."""
    page = html_page("", "", [usual()[section]])
    for word in words:
        assert word in page, word


def test_every_zone_of_the_tree_has_its_line_below_its_parent() -> None:
    """LG-2, EL-1"""
    snapshot = FakeSite(now=lambda: AT).snapshot
    rows = [row[1] for row in usual()["Zones"].tables[0].rows]
    assert sorted(rows) == sorted(snapshot.zones)
    for zone in snapshot.zones.values():
        if zone.parent is not None:
            assert rows.index(zone.parent) < rows.index(zone.id)


def test_every_alarm_and_every_finding_is_told() -> None:
    """LG-2"""
    found = usual()
    assert len(found["Alarms"].tables[0].rows) == len(FakeSite(now=lambda: AT).snapshot.alarms)
    findings = found["Configuration"].tables[0].rows
    assert len(findings) == len(fake_document(AT).zones)


def test_a_rate_is_not_told_from_the_first_minutes() -> None:
    """LG-2: they are mostly the start."""
    young = inside()
    young = replace(young, host=replace(young.host, process_up=60.0))
    assert ("Written a day", "known after the first hour") in sections(young)["Database and disk"].facts
    unknown = sections(inside(written=None))["Database and disk"].facts
    assert [name for name, _ in unknown] == ["evce.db"]
