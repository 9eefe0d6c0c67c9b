"""What waits for the disk is bounded and written together."""

from pathlib import Path

import pytest

from evce.records import CardRecord, EventRecord, StationMemory, WearRecord, ZoneHistoryPoint
from evce.storage import StorageUnavailableError, Store, batch
from evce.storage.batch import Batch
from evce.units import BoxIdentity, ConnectorKey, TransactionId, ZoneId
from tests.evce.storage.builders import NOW, Disk, later, limit_record, start

MAIN = ZoneId("main")
KEY = ConnectorKey(BoxIdentity("CP-01"), 1)


def event(number: int) -> EventRecord:
    return EventRecord(later(number), "CP-01", "system", f"line {number}")


def point(seconds: float) -> ZoneHistoryPoint:
    return ZoneHistoryPoint(later(seconds), None, (1.0, 1.0, 1.0), (9.0, 9.0, 9.0))


def filled() -> Batch:
    waiting = Batch()
    waiting.add_event(event(1))
    waiting.add_seen("TAG", later(5))
    waiting.add_progress(TransactionId(1), later(10), 200.0)
    waiting.add_progress(TransactionId(1), later(20), 500.0)
    waiting.add_history(MAIN, point(0))
    waiting.add_wear((WearRecord(KEY, 5, 70.0),))
    waiting.add_wear((WearRecord(KEY, 6, 69.0),))
    waiting.add_station(StationMemory(KEY.station, "Vendor", "Model"))
    waiting.add_station(StationMemory(KEY.station, "Vendor", "Newer"))
    waiting.add_limits((limit_record(peak=80.0),))
    waiting.add_limits((limit_record(peak=30.0, at=later(60), lowest=5.0),))
    return waiting


def write(store: Store, waiting: Batch, samples: bool) -> None:
    with store.group():
        if samples:
            waiting.write_samples(store)
        waiting.write_events(store, NOW)
    waiting.clear(samples=samples)


def test_everything_that_waited_is_written(store: Store) -> None:
    """OC-6, LG-1"""
    start(store)
    store.save_card(CardRecord("tag", True), NOW)
    waiting = filled()
    assert (waiting.has_events, waiting.has_samples) == (True, True)
    write(store, waiting, samples=True)
    assert (waiting.has_events, waiting.has_samples) == (False, False)
    assert store.list_events() == [event(1)]
    assert store.list_cards()[0].last_seen_at == later(5)
    assert store.sessions()[0].energy == 500.0
    assert len(store.zone_history(MAIN, NOW, 10, NOW)) == 1
    assert store.wear(KEY.station) == [WearRecord(KEY, 6, 69.0)]
    assert store.station_memory(KEY.station) == StationMemory(KEY.station, "Vendor", "Newer")
    assert [(record.peak, record.lowest) for record in store.limits(NOW)] == [(80.0, 5.0)]


def test_samples_can_wait_longer(store: Store) -> None:
    start(store)
    waiting = filled()
    write(store, waiting, samples=False)
    assert (waiting.has_events, waiting.has_samples) == (False, True)
    assert store.sessions()[0].energy == 0.0


def test_a_write_that_fails_loses_nothing(path: Path) -> None:
    disk = Disk()
    with Store(path, NOW, fault=disk) as store:
        waiting = filled()
        disk.full = True
        with pytest.raises(StorageUnavailableError):
            write(store, waiting, samples=True)
        disk.full = False
        write(store, waiting, samples=True)
        assert store.list_events() == [event(1)]


def test_too_many_lines_are_counted_instead(store: Store) -> None:
    """LG-1"""
    waiting = Batch()
    for number in range(batch.EVENTS_BOUND + 7):
        waiting.add_event(event(number))
    write(store, waiting, samples=False)
    found = store.list_events(limit=10_000)
    assert found[0] == event(batch.EVENTS_BOUND + 6)
    assert found[-2] == event(7)
    assert found[-1].message.startswith("7 lines of this log were dropped")
    write(store, waiting, samples=False)
    assert len(store.list_events(limit=10_000)) == batch.EVENTS_BOUND + 1


def test_too_many_samples_push_out_the_oldest(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "HISTORY_BOUND", 3)
    waiting = Batch()
    for number in range(5):
        waiting.add_history(MAIN, point(10 * number))
    write(store, waiting, samples=True)
    assert [entry.at for entry in store.zone_history(MAIN, NOW, 10, NOW)] == [later(20), later(30), later(40)]


def test_hours_of_the_limit_ledger_are_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that refuses for a day costs the oldest hours, not the memory."""
    monkeypatch.setattr(batch, "LIMITS_BOUND", 3)
    waiting = Batch()
    for hour in range(5):
        waiting.add_limits((limit_record(at=later(3600 * hour)),))
    write(store, waiting, samples=True)
    assert [record.at for record in store.limits(NOW)] == [later(3600 * hour) for hour in (2, 3, 4)]
