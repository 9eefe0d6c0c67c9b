"""Tests of what the pages work out of a snapshot."""

from dataclasses import replace

import pytest
from flask import Flask

from evce.facts import ConnectorStatus
from evce.units import ZoneId
from tests.web.fake_site import FakeSite, key
from web import figures
from web.figures import ZoneState
from web.states import State


def test_stations_and_charge_points_are_counted_apart(site: FakeSite) -> None:
    """UI-1: 20 registered stations with 29 connectors; the detected one is not counted."""
    counted = figures.fleet(site.snapshot)
    assert (counted.station_count, counted.connector_count, counted.sessions) == (20, 29, 14)
    assert counted.stations[State.FAULTED] == 1
    assert counted.connectors[State.DISCONNECTED] == 4
    assert counted.power > 100_000


def test_the_tree_has_every_zone_and_station_once(site: FakeSite) -> None:
    """UI-1: three levels, stations at the leaves."""
    tree = figures.zone_tree(site.snapshot)
    assert [node.zone.name for node in tree] == ["Main switchboard", "Quay street"]
    assert sum(node.station_count for node in tree) == 20
    deck = tree[0].children[1]
    assert [child.zone.name for child in deck.children] == ["Deck north", "Deck south"]
    assert tree[0].charging == 7


def test_a_detected_station_stands_apart(site: FakeSite) -> None:
    """OC-2, EL-8: it has no zone, so it gets 0 A and its own place."""
    assert [s.registered for s in figures.unassigned(site.snapshot)] == [False]


@pytest.mark.parametrize(
    ("patch", "state"),
    [
        ({"measured": (251.0, 10.0, 10.0)}, ZoneState.OVER),
        ({"bound_by": "meter lost", "measured": None}, ZoneState.METER_LOST),
        ({"pledged": (10.0, 196.1, 10.0)}, ZoneState.FULL),
        ({}, ZoneState.CHARGING),
    ],
)
def test_a_zone_s_dot_tells_the_gravest(site: FakeSite, patch: dict[str, object], state: ZoneState) -> None:
    """UI-1: live colours."""
    zone = replace(site.snapshot.zones[ZoneId("main")], **patch)  # type: ignore[arg-type]
    assert figures.zone_state(site.snapshot, zone) is state


def test_an_empty_zone_is_idle(site: FakeSite) -> None:
    """UI-1: nothing plugged, nothing pledged."""
    zone = replace(site.snapshot.zones[ZoneId("deck-south")], pledged=(0.0, 0.0, 0.0))
    site.stop(key("CP-12/1"))
    assert figures.zone_state(site.snapshot, zone) is ZoneState.IDLE


def test_running_sessions_are_newest_first_and_know_why(site: FakeSite) -> None:
    """UI-1, UI-9: the zone's sentence wins over the connector's."""
    lines = figures.running_sessions(site.snapshot)
    assert [line.transaction.started_at for line in lines] == sorted(
        (line.transaction.started_at for line in lines), reverse=True
    )
    zone = site.snapshot.zones[ZoneId("garage")]
    site.set_zone(replace(zone, reasons={key("CP-01/1"): "Because of the zone."}))
    line = next(x for x in figures.running_sessions(site.snapshot) if x.connector.key == key("CP-01/1"))
    assert line.why == "Because of the zone."


def test_alarms_come_gravest_first(site: FakeSite) -> None:
    """UI-2: the error of 31 minutes ago before the warning of 12."""
    assert [a.severity for a in figures.sorted_alarms(site.snapshot)] == ["error", "warning"]
    seen = tuple(
        replace(alarm, acknowledged_by="erika" if alarm.severity == "error" else "")
        for alarm in site.snapshot.alarms
    )
    site.change(alarms=seen)
    assert [a.severity for a in figures.sorted_alarms(site.snapshot)] == ["warning", "error"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CP-02/2", True),
        ("CP-02/3", False),
        ("CP-99/1", False),
        ("CP-02", False),
        ("CP-02/x", False),
        ("", False),
    ],
)
def test_a_connector_is_found_by_its_text(site: FakeSite, text: str, found: bool) -> None:
    """UI-1: what the stop form sends."""
    assert (figures.find_connector(site.snapshot, text) is not None) is found


def test_the_path_to_a_zone_starts_at_its_root(site: FakeSite) -> None:
    """UI-2: bread crumbs; a circle of parents ends."""
    names = [zone.id for zone in figures.path_to(site.snapshot, ZoneId("deck-north"))]
    assert names == ["main", "deck", "deck-north"]
    main = site.snapshot.zones[ZoneId("main")]
    site.set_zone(replace(main, parent=ZoneId("deck-north")))
    assert len(figures.path_to(site.snapshot, ZoneId("deck-north"))) <= len(site.snapshot.zones)


@pytest.mark.parametrize(
    ("status", "free"),
    [
        (ConnectorStatus.AVAILABLE, True),
        (ConnectorStatus.PREPARING, True),
        (ConnectorStatus.FAULTED, False),
        (ConnectorStatus.UNAVAILABLE, False),
    ],
)
def test_only_a_sound_connector_without_a_session_may_be_started(
    site: FakeSite, status: ConnectorStatus, free: bool
) -> None:
    """OC-3: remote start."""
    connector = replace(site.snapshot.stations[key("CP-08/1").station].connectors[0], status=status)
    assert figures.is_free(connector) is free
    busy = site.snapshot.stations[key("CP-01/1").station].connectors[0]
    assert not figures.is_free(busy)


@pytest.mark.parametrize(
    ("bound_by", "word"),
    [
        ("maximum", "configured maximum"),
        ("meter", "building leaves"),
        ("meter lost", "degraded"),
        ("meter, 18 A produced", "building leaves, as the meter reads it, with 18 A of local production"),
        ("meter lost, 3 A produced", "degraded"),
        ("input at 50 %", "a digital input (at 50 %)"),
        ("tariff Peak at 80 %", "the times of use (Peak at 80 %)"),
        ("remote at 16.0 A", "remote energy management (16.0 A)"),
        ("something new", "something new"),
    ],
)
def test_what_sets_the_limit_is_a_sentence(app: Flask, site: FakeSite, bound_by: str, word: str) -> None:
    """UI-9: for every zone."""
    zone = replace(site.snapshot.zones[ZoneId("main")], bound_by=bound_by)
    with app.test_request_context():
        assert word in figures.bound_by_sentence(zone)
