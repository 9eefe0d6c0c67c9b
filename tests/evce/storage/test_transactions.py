"""A start gives one id and one record, a stop is never refused."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evce.energy_split import Split
from evce.storage import Store, transactions
from evce.storage.transactions import (
    BEFORE_START,
    BELOW_START,
    FOREIGN_STATION,
    MATCHED_MINUS_ONE,
    STOPPED_TWICE,
)
from evce.tariff import NO_PERIOD
from evce.units import BoxIdentity, ConnectorKey, TransactionId
from tests.evce.storage.builders import NOW, later, start, stop


@pytest.mark.parametrize("changes", [{}, {"id_tag": "abcd1234"}, {"station_name": "Renamed", "vip": True}])
def test_a_retried_start_gets_the_same_id_and_one_record(store: Store, changes: dict[str, object]) -> None:
    """OC-6, AU-7: same station, connector, timestamp, meterStart and idTag are the same transaction."""
    first, again = start(store), start(store, **changes)
    assert not first.duplicate
    assert again == replace(first, duplicate=True)
    assert store.sessions() == [first.session]


@pytest.mark.parametrize(
    "changes",
    [
        {"connector": ConnectorKey(BoxIdentity("CP-01"), 2)},
        {"connector": ConnectorKey(BoxIdentity("CP-02"), 1)},
        {"started_at": later(0.000001)},
        {"meter_start": 1001.0},
        {"id_tag": "OTHER"},
    ],
)
def test_a_start_that_differs_is_another_transaction(store: Store, changes: dict[str, object]) -> None:
    first, second = start(store), start(store, **changes)
    assert not second.duplicate
    assert second.session.transaction > first.session.transaction > 0


def test_a_start_that_is_repeated_after_its_stop_finds_the_ended_session(store: Store) -> None:
    transaction = start(store).session.transaction
    ended = stop(store, transaction).session
    assert start(store) == transactions.StartOutcome(ended, duplicate=True)


def test_a_stop_ends_its_session(store: Store) -> None:
    session = start(store).session
    outcome = stop(store, session.transaction, reason="EVDisconnected", flags=("late",))
    assert outcome.session == replace(
        session,
        stopped_at=later(3600),
        meter_stop=8000.0,
        energy=7000.0,
        stop_reason="EVDisconnected",
        flags=("late",),
        split=Split(0.0, {NO_PERIOD: 7000.0}),
    )
    assert store.session(session.transaction) == outcome.session
    assert store.open_transactions(BoxIdentity("CP-01")) == []


def test_when_a_session_charged_is_kept_with_it_as_it_goes(store: Store) -> None:
    """CDR-2: the parts always add up to its energy; the last word is that of its end."""
    session = start(store).session
    assert session.split == Split()
    noted = Split(40.0, {"Peak": 300.0, NO_PERIOD: 200.0})
    store.record_progress(session.transaction, later(60), 500.0, noted)
    (running,) = store.open_transactions()
    assert (running.split, running.progress_at) == (noted, later(60))
    store.record_progress(session.transaction, later(70), 600.0)
    (running,) = store.open_transactions()
    assert running.split == Split(40.0, {"Peak": 300.0, NO_PERIOD: 300.0})
    final = Split(3000.0, {"Peak": 3000.0, NO_PERIOD: 4000.0})
    stopped = store.record_stop(
        BoxIdentity("CP-01"),
        session.transaction,
        stopped_at=later(3600),
        meter_stop=8000.0,
        now=later(3600),
        split=final,
    )
    assert stopped.session is not None
    assert stopped.session.split == final


def test_a_repeated_stop_is_a_duplicate(store: Store) -> None:
    transaction = start(store).session.transaction
    first = stop(store, transaction)
    assert stop(store, transaction) == replace(first, duplicate=True)


def test_a_second_stop_that_differs_changes_nothing_but_a_flag(store: Store) -> None:
    transaction = start(store).session.transaction
    first = stop(store, transaction).session
    assert first is not None
    for _ in range(2):
        again = stop(store, transaction, meter_stop=9999.0)
        assert again.duplicate
        assert again.session == replace(first, flags=(STOPPED_TWICE,))


@pytest.mark.parametrize(
    ("changes", "flag", "energy"),
    [
        ({"meter_stop": 900.0}, BELOW_START, 0.0),
        ({"stopped_at": later(-1)}, BEFORE_START, 7000.0),
        ({"meter_stop": float("nan")}, BELOW_START, 0.0),
    ],
)
def test_a_stop_that_makes_no_sense_is_kept_with_a_flag(
    store: Store, changes: dict[str, object], flag: str, energy: float
) -> None:
    session = stop(store, start(store).session.transaction, **changes).session
    assert session is not None
    assert session.flags == (flag,)
    assert session.energy == energy


@pytest.mark.parametrize("transaction", [4711, 0, -1, -2, 10**40])
def test_a_stop_without_a_session_is_kept_as_an_orphan(store: Store, transaction: int) -> None:
    outcome = stop(store, transaction, id_tag="ABCD1234", reason="Local", flags=("skewed",))
    assert outcome == transactions.StopOutcome(None, orphan=True)
    assert stop(store, transaction) == transactions.StopOutcome(None, orphan=True, duplicate=True)
    (orphan,) = store.orphan_stops()
    assert (orphan.station, orphan.transaction, orphan.reason) == ("CP-01", transaction, "Local")
    assert orphan.flags == ("skewed",)


def test_a_stop_of_another_station_ends_nothing(store: Store) -> None:
    transaction = start(store).session.transaction
    assert stop(store, transaction, station="CP-02").orphan
    assert store.orphan_stops()[0].flags == (FOREIGN_STATION,)
    assert len(store.open_transactions()) == 1


def test_a_stop_without_id_ends_the_only_running_session_of_the_station(store: Store) -> None:
    """OC-6: a station that never learnt its id says -1 (errata 3.18)."""
    transaction = start(store).session.transaction
    outcome = stop(store, -1, id_tag="abcd1234")
    assert outcome.session is not None
    assert outcome.session.transaction == transaction
    assert outcome.session.flags == (MATCHED_MINUS_ONE,)
    assert stop(store, -1) == replace(outcome, duplicate=True)
    assert store.orphan_stops() == []


def other_connector(store: Store) -> None:
    start(store, ConnectorKey(BoxIdentity("CP-01"), 2))


def has_progress(store: Store) -> None:
    store.record_progress(TransactionId(1), later(60), 1200.0)


def nothing(store: Store) -> None:
    pass


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        (other_connector, {}),
        (has_progress, {}),
        (nothing, {"id_tag": "OTHER"}),
        (nothing, {"stopped_at": later(-1)}),
        (nothing, {"meter_stop": 999.0}),
        (nothing, {"station": "CP-02"}),
    ],
)
def test_a_stop_without_id_that_may_mean_something_else_is_an_orphan(
    store: Store, before: Callable[[Store], None], changes: dict[str, object]
) -> None:
    assert start(store).session.transaction == 1
    before(store)
    assert stop(store, -1, **changes).orphan
    assert 1 in [session.transaction for session in store.open_transactions()]


def test_progress_moves_the_energy_of_a_running_session(store: Store) -> None:
    transaction = start(store).session.transaction
    assert store.record_progress(transaction, later(60), 500.0)
    assert store.sessions()[0].energy == 500.0
    # A wall clock that was set back doesn't hold the energy back.
    assert store.record_progress(transaction, later(-86400), 600.0)
    assert store.sessions()[0].energy == 600.0
    stop(store, transaction)
    assert not store.record_progress(transaction, later(7200), 9000.0)
    assert store.sessions()[0].energy == 7000.0


@pytest.mark.parametrize("transaction", [99, -1, 0, 10**40])
def test_progress_of_an_unknown_session_is_dropped(store: Store, transaction: int) -> None:
    assert not store.record_progress(TransactionId(transaction), NOW, 1.0)
    assert store.session(TransactionId(transaction)) is None


def test_sessions_are_paged_newest_first(store: Store) -> None:
    """CDR-3: running and ended ones, by period."""
    for minute in range(5):
        start(store, started_at=later(60 * minute))
    stop(store, 3)
    ids = [session.transaction for session in store.sessions(limit=2, offset=1)]
    assert ids == [4, 3]
    assert [s.transaction for s in store.sessions(running_only=True)] == [5, 4, 2, 1]
    period = {"started_from": later(60), "started_before": later(180)}
    assert [s.transaction for s in store.sessions(**period)] == [3, 2]  # type: ignore[arg-type]
    assert [s.transaction for s in store.every_session(**period)] == [2, 3]
    assert len(list(store.every_session())) == 5


def test_what_a_station_may_send_is_kept_and_can_be_read(store: Store) -> None:
    odd = json.loads('"a\\ud800\\u0000b"')
    session = start(store, id_tag=odd, meter_start=10**400, station_name=odd, flags=(odd,)).session
    assert session.meter_start == 0.0
    assert start(store, id_tag=odd, meter_start=float("nan")).duplicate
    assert store.sessions() == [session]


def test_orphans_are_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transactions, "ORPHANS_KEPT", 3)
    for transaction in range(100, 110):
        stop(store, transaction)
    assert [orphan.transaction for orphan in store.orphan_stops()] == [109, 108, 107]


STARTS = st.tuples(
    st.just("start"), st.integers(1, 2), st.integers(0, 2), st.sampled_from(["tag", "TAG", "b"])
)
STOPS = st.tuples(st.just("stop"), st.integers(0, 8), st.integers(0, 1), st.just(""))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    messages=st.lists(st.one_of(STARTS, STOPS), min_size=1, max_size=25), restarts=st.sets(st.integers(0, 25))
)
def test_any_order_of_retries_gives_one_record_each(
    tmp_path_factory: pytest.TempPathFactory, messages: list[tuple[str, int, int, str]], restarts: set[int]
) -> None:
    """OC-6: whatever is retried, in whatever order, across restarts: one record each, nothing lost."""
    path = tmp_path_factory.mktemp("retries") / "evce.db"
    store = Store(path, NOW)
    ids: dict[tuple[int, int, str], int] = {}
    stopped: dict[int, float] = {}
    orphans: dict[tuple[int, int], None] = {}
    for step, (kind, number, variant, tag) in enumerate(messages):
        if step in restarts:
            store.close()
            store = Store(path, NOW)
        if kind == "start":
            key = (number, variant, tag.casefold())
            connector = ConnectorKey(BoxIdentity("CP-01"), number)
            outcome = start(store, connector, started_at=later(variant), id_tag=tag)
            assert outcome.duplicate == (key in ids)
            assert ids.setdefault(key, outcome.session.transaction) == outcome.session.transaction
        else:
            ended = stop(store, number, meter_stop=5000.0 + variant)
            if number in ids.values():
                assert ended.duplicate == (number in stopped)
                stopped.setdefault(number, 5000.0 + variant)
            else:
                assert ended.orphan
                assert ended.duplicate == ((number, variant) in orphans)
                orphans[number, variant] = None
    kept = {session.transaction: session.meter_stop for session in store.sessions(limit=1000)}
    assert kept == {transaction: stopped.get(transaction) for transaction in ids.values()}
    assert len(store.orphan_stops()) == len(orphans)
    store.close()


def test_the_card_of_a_tag_doesn_t_depend_on_case() -> None:
    """AU-7"""
    assert transactions.fold_id_tag("AbC") == transactions.fold_id_tag("aBc")
