"""The limit ledger on disk: folded hour by hour, read by period, bounded."""

from datetime import timedelta

import pytest

from evce.storage import Store, limits
from evce.units import ZoneId
from tests.evce.storage.builders import NOW, later, limit_record

MAIN = ZoneId("main")


def test_an_hour_told_again_keeps_its_extremes(store: Store) -> None:
    """AC-2, UI-9: also when what is told anew knows less, as after a restart."""
    store.record_limits([limit_record(peak=80.0), limit_record(phase=1, peak=30.0)])
    lower = limit_record(at=later(60), peak=20.0, setpoint=24.0, lowest=10.0, lowest_bound_by="meter lost")
    store.record_limits([lower, limit_record(at=later(90), peak=79.0)])
    first, second = store.limits(NOW)
    assert (first.peak, first.peak_at) == (80.0, NOW)
    assert (first.setpoint, first.setpoint_at) == (24.0, later(60))
    assert (first.lowest, first.lowest_at, first.lowest_bound_by) == (10.0, later(60), "meter lost")
    assert second == limit_record(phase=1, peak=30.0)


def test_periods_and_zones_are_read_oldest_first(store: Store) -> None:
    """UI-9: by time, zone and phase."""
    told = [
        limit_record(zone, phase, at=later(3600 * hour))
        for hour in range(3)
        for zone in ("garage", "main")
        for phase in range(3)
    ]
    store.record_limits(reversed(told))
    assert store.limits(NOW) == told
    assert store.limits(later(1), later(7200)) == told[6:12]
    assert store.limits(NOW, zone=MAIN) == [record for record in told if record.zone == MAIN]
    assert store.limits(NOW, zone=ZoneId("other")) == []


def test_the_ledger_is_bounded_by_number_not_by_the_clock(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "HOURS_KEPT", 4)
    monkeypatch.setattr("evce.storage.store.PRUNE_AFTER", 1)
    for hour in range(10):
        store.record_limits(limit_record(phase=phase, at=later(3600 * hour)) for phase in range(3))
    store.record_limits([limit_record("garage")])
    store.record_limits([limit_record(at=later(365 * 86400))])
    kept = [(record.at - NOW) // timedelta(hours=1) for record in store.limits(later(-1), zone=MAIN)]
    assert kept == [7, 7, 7, 8, 8, 8, 9, 9, 9, 365 * 24]
    assert len(store.limits(NOW, zone=ZoneId("garage"))) == 1
