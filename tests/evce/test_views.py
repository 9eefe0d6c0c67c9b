"""Tests of the views."""

from datetime import UTC, datetime

from evce.views import SiteSnapshot


def test_an_empty_snapshot_has_nothing_to_show() -> None:
    snapshot = SiteSnapshot(0, "Site", "Europe/Paris", datetime(2026, 1, 1, tzinfo=UTC))
    assert not snapshot.zones
    assert not snapshot.alarms
