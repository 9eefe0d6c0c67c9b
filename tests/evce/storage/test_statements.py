"""What drivers state is kept with their session, and past sessions teach."""

from datetime import timedelta

import pytest

from evce.departures import UNSTATED, Statement, Visit
from evce.storage import Store
from evce.units import TransactionId
from tests.evce.storage.builders import NOW, later, start, stop

SAID = Statement(NOW + timedelta(hours=9), 20_000.0)


def test_a_statement_stays_with_its_session_and_the_newest_counts(store: Store) -> None:
    """LM-4: also after a restart, and after the end."""
    transaction = start(store).session.transaction
    assert store.record_statement(transaction, Statement(energy=5_000.0))
    assert store.record_statement(transaction, SAID)
    (running,) = store.open_transactions()
    assert running.statement == SAID
    stop(store, transaction)
    ended = store.session(transaction)
    assert ended is not None
    assert ended.statement == SAID


def test_a_statement_for_what_runs_no_more_is_dropped(store: Store) -> None:
    """LM-4."""
    transaction = start(store).session.transaction
    stop(store, transaction)
    assert not store.record_statement(transaction, SAID)
    assert not store.record_statement(TransactionId(4711), SAID)
    ended = store.session(transaction)
    assert ended is not None
    assert ended.statement == UNSTATED


@pytest.mark.parametrize("flags", [("unauthorised",), ("superseded",)])
def test_past_sessions_teach_newest_first_except_those_that_were_no_visits(
    store: Store, flags: tuple[str, ...]
) -> None:
    """LM-4: running ones, such without energy, and such as were given nothing teach nothing."""
    first = start(store, id_tag="AnN").session.transaction
    store.record_statement(first, SAID)
    stop(store, first, meter_stop=12_000.0, stopped_at=later(3_600.0))
    second = start(store, started_at=later(7_200.0)).session.transaction
    stop(store, second, meter_stop=9_000.0, stopped_at=later(10_800.0))
    refused = start(store, started_at=later(20_000.0), flags=flags).session.transaction
    stop(store, refused, meter_stop=9_000.0, stopped_at=later(21_000.0))
    empty = start(store, started_at=later(30_000.0)).session.transaction
    stop(store, empty, meter_stop=1_000.0, stopped_at=later(31_000.0))
    start(store, started_at=later(40_000.0))
    newest, oldest = store.visits()
    assert newest.arrived == later(7_200.0)
    assert oldest == Visit(NOW, 3_600.0, 11_000.0, "ann", SAID)
    assert store.visits(2) == [newest]
