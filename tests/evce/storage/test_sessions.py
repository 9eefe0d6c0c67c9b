"""The calls for sessions share the store's unit of work with all others."""

from pathlib import Path

import pytest

from evce.records import CardRecord
from evce.storage import Store
from evce.storage.errors import StorageUnavailableError
from evce.units import BoxIdentity, ConnectorKey, TransactionId
from tests.evce.storage.builders import CP1, NOW, Disk, later, start, stop


def together(store: Store, transaction: TransactionId) -> None:
    with store.group():
        assert store.record_progress(transaction, later(60.0), 500.0)
        store.save_card(CardRecord("ABCD1234", authorised=True), NOW)


def test_a_session_and_its_card_are_kept_together_or_not_at_all(path: Path) -> None:
    """OC-6: nothing of a group stays when its commit fails."""
    disk = Disk()
    with Store(path, NOW, fault=disk) as store:
        first = start(store).session.transaction
        disk.full = True
        with pytest.raises(StorageUnavailableError):
            together(store, first)
        disk.full = False
        (running,) = store.open_transactions(CP1.station)
        assert running.energy == 0.0
        assert store.find_card("ABCD1234") is None


def test_ids_rise_through_every_call_that_gives_one(store: Store) -> None:
    """OC-6: RELIABILITY invariant 13: none twice, also not after a stop."""
    given = []
    for number in range(3):
        begun = start(store, started_at=later(10.0 * number)).session.transaction
        stop(store, begun, stopped_at=later(10.0 * number + 5.0))
        given.append(begun)
    assert given == sorted(set(given))
    assert [session.transaction for session in store.sessions()] == given[::-1]


def test_the_sessions_of_one_station_are_a_page_of_their_own(store: Store) -> None:
    """LG-3, CDR-3: newest first, also where others have had hundreds meanwhile."""
    other = ConnectorKey(BoxIdentity("CP-99"), 1)
    own = start(store, started_at=later(10.0)).session.transaction
    newer = start(store, connector=other, started_at=later(20.0)).session.transaction
    assert [one.transaction for one in store.sessions()] == [newer, own]
    assert [one.transaction for one in store.sessions(station=CP1.station)] == [own]
    assert [one.transaction for one in store.sessions(station=other.station, limit=1)] == [newer]
    assert store.sessions(station=BoxIdentity("nobody")) == []
