"""Tests of the energy by day."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from evce.records import DailyEnergy
from evce.storage import Store
from evce.units import BoxIdentity
from tests.evce.storage.builders import NOW, later, start, stop

UTC = ZoneInfo("UTC")


def charge(store: Store, seconds: float, energy: float) -> None:
    """A session that begins so long after NOW and charges so much, Wh."""
    transaction = start(store, started_at=later(seconds), meter_start=0.0).session.transaction
    stop(store, transaction, meter_stop=energy, stopped_at=later(seconds + 1800.0))


def test_sessions_count_on_the_day_they_began_by_the_clock_of_the_site(store: Store) -> None:
    """UI-8: an hour before midnight in UTC is the next day in Auckland."""
    midnight = NOW.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    late = (midnight - timedelta(hours=1) - NOW).total_seconds()
    charge(store, late, 5_000.0)
    charge(store, late + 7_200.0, 3_000.0)
    charge(store, late + 10_800.0, 1_000.0)
    first = (midnight - timedelta(hours=1)).date()
    assert store.daily_energy(NOW, UTC) == [
        DailyEnergy(first, 5_000.0, 1),
        DailyEnergy(first + timedelta(days=1), 4_000.0, 2),
    ]
    there = store.daily_energy(NOW, ZoneInfo("Pacific/Auckland"))
    assert [(day.energy, day.sessions) for day in there] == [(9_000.0, 3)]


def test_only_what_was_asked_for_counts(store: Store) -> None:
    """UI-8: stations, and from when on; a running session counts with what it has."""
    charge(store, 0.0, 5_000.0)
    running = start(store, started_at=later(7_200.0), meter_start=0.0).session
    store.record_progress(running.transaction, later(7_300.0), 250.0)
    station = running.connector.station
    (day,) = store.daily_energy(NOW, UTC, [station])
    assert (day.energy, day.sessions) == (5_250.0, 2)
    (day,) = store.daily_energy(later(3_600.0), UTC)
    assert (day.energy, day.sessions) == (250.0, 1)
    assert store.daily_energy(NOW, UTC, [BoxIdentity("nobody")]) == []
