"""Tests of what programs read of the site; the addresses are tested with their pages."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from flask import Flask

from evce.facts import Link
from evce.units import ZoneId
from evce.views import RemoteLimitView, RemoteView
from tests.web.fake_site import FakeSite
from web import resources
from web.api_calls import schema_of


@pytest.mark.parametrize(
    "kind",
    [
        resources.Site,
        resources.Zone,
        resources.Station,
        resources.Connector,
        resources.Transaction,
        resources.Meter,
        resources.Card,
    ],
)
def test_each_kind_of_thing_has_a_schema(kind: type) -> None:
    """API-1, API-2."""
    assert schema_of(kind)["properties"]


def test_times_are_utc_and_phases_are_lists(site: FakeSite) -> None:
    """API-2."""
    station = next(iter(site.snapshot.stations.values()))
    seen = datetime(2026, 11, 22, 19, 0, tzinfo=timezone(timedelta(hours=1)))
    told = resources.plain(resources.station_of(replace(station, last_seen_at=seen, link=Link.LOST)))
    assert (told["last_seen_at"], told["link"]) == ("2026-11-22T18:00:00+00:00", "lost")
    assert isinstance(told["connectors"], list)


def test_a_zone_tells_the_limit_that_was_set_from_elsewhere(app: Flask, site: FakeSite) -> None:
    """API-2, API-3."""
    garage = ZoneId("garage")
    remote = RemoteView("active", "service", None, 60.0, 600.0, (RemoteLimitView(garage, 16.004),))
    snapshot = replace(site.snapshot, remote=remote)
    with app.test_request_context():
        assert resources.zone_of(snapshot, snapshot.zones[garage]).remote_limit_a == 16.0
        assert resources.zone_of(snapshot, snapshot.zones[ZoneId("main")]).remote_limit_a is None
