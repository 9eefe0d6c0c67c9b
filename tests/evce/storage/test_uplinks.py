"""The journal toward the operator: each start and end once, in order, with both sides' ids."""

from pathlib import Path

from evce.records import SessionRecord
from evce.storage import Store
from evce.storage.uplinks import HEAD_LENGTH
from evce.units import BoxIdentity, ConnectorKey
from tests.evce.storage.builders import NOW, Disk, later, start, stop

BOX = BoxIdentity("CP-01")
OTHER = ConnectorKey(BoxIdentity("CP-02"), 1)
SAID = {"connectorId": 1, "idTag": "ABCD1234", "meterStart": 1000, "timestamp": "2026-11-01T12:00:00Z"}


def actions(store: Store, box: BoxIdentity = BOX) -> list[tuple[str, int]]:
    return [(entry.action, int(entry.transaction)) for entry in store.journal(box)]


def began(store: Store, number: int = 0) -> SessionRecord:
    session = start(store, started_at=later(number)).session
    store.keep_start(session, SAID, NOW)
    return session


def test_a_start_is_kept_once_however_often_it_is_told(store: Store) -> None:
    """CPO-3: RELIABILITY invariants 12 and 14."""
    session = start(store).session
    assert store.keep_start(session, SAID, NOW)
    assert not store.keep_start(start(store).session, SAID, NOW)
    (entry,) = store.journal(BOX)
    assert (entry.action, entry.transaction, entry.payload) == ("StartTransaction", session.transaction, SAID)


def test_an_end_follows_its_start_with_the_operator_s_id(store: Store) -> None:
    """CPO-3: the id that the operator gave is known to the messages that come after."""
    session = began(store)
    ended = stop(store, session.transaction).session
    assert ended is not None
    assert store.keep_stop(ended, {"transactionId": 1, "meterStop": 8000}, NOW)
    assert not store.keep_stop(ended, None, NOW)
    first, second = store.journal(BOX)
    assert store.message_taken(BOX, first.entry, 77)
    assert not store.message_taken(BOX, first.entry, 78)
    (left,) = store.journal(BOX)
    assert (left.entry, left.action, left.cpo_transaction) == (second.entry, "StopTransaction", 77)
    assert store.cpo_transactions() == {session.transaction: 77}


def test_entries_of_another_station_are_nobody_else_s_to_settle(store: Store) -> None:
    session = began(store)
    (entry,) = store.journal(BOX)
    assert not store.message_taken(OTHER.station, entry.entry, 5)
    store.message_failed(OTHER.station, entry.entry, 9, "no", given_up=True)
    assert store.journal(BOX) == [entry]
    assert not store.keep_message(OTHER.station, "MeterValues", session.transaction, {}, NOW)


def test_an_end_that_no_station_told_is_told_from_the_record(store: Store) -> None:
    """OC-3, CPO-3: a session closed by force ends at the operator's too, in OCPP's words."""
    session = began(store)
    ended = stop(store, session.transaction, reason="Forced").session
    assert ended is not None
    store.keep_stop(ended, None, NOW)
    told = store.journal(BOX)[1].payload
    assert told == {
        "transactionId": session.transaction,
        "meterStop": 8000,
        "timestamp": "2026-11-01T13:00:00.000Z",
        "reason": "Other",
    }


def test_a_session_that_the_operator_was_never_told_of_has_no_end_for_it(store: Store) -> None:
    session = start(store).session
    ended = stop(store, session.transaction).session
    assert ended is not None
    assert not store.keep_stop(ended, None, NOW)
    assert store.journal() == []


def test_what_happened_without_the_uplink_is_made_up_for(store: Store) -> None:
    """CPO-3: switched on, the operator hears of running sessions and of ends that it missed."""
    missed = began(store)
    stop(store, missed.transaction)
    running = start(store, started_at=later(7200)).session
    start(store, OTHER)
    memory = store.open_uplink(BOX, later(7300))
    assert actions(store) == [
        ("StartTransaction", missed.transaction),
        ("StartTransaction", running.transaction),
        ("StopTransaction", missed.transaction),
    ]
    assert (memory.waiting, [entry.action for entry in memory.entries]) == (
        3,
        ["StartTransaction", "StartTransaction", "StopTransaction"],
    )
    assert store.open_uplink(BOX, later(7400)).waiting == 3
    assert store.journal(OTHER.station) == []


def test_the_memory_names_running_sessions_with_both_ids(store: Store) -> None:
    session = began(store)
    (entry,) = store.journal(BOX)
    store.message_taken(BOX, entry.entry, -5)
    memory = store.open_uplink(BOX, NOW)
    assert memory.transactions == ((session.transaction, -5),)


def test_what_is_given_up_stays_and_stands_in_nobody_s_way(store: Store) -> None:
    """CPO-3: a message finally given up is kept, out of the line."""
    began(store, 1)
    second = began(store, 2)
    first = store.journal(BOX)[0]
    store.message_failed(BOX, first.entry, 3, "InternalError", given_up=False)
    assert store.journal_state(BOX).entries[0].attempts == 3
    store.message_failed(BOX, first.entry, 500, "InternalError", given_up=True)
    state = store.journal_state(BOX)
    assert [entry.transaction for entry in state.entries] == [second.transaction]
    assert (state.waiting, state.given_up) == (1, 1)
    assert store.journal(given_up=True)[0].failure == "InternalError"
    assert store.clear_given_up(BOX) == 1
    assert store.journal_state(BOX).given_up == 0


def test_only_the_head_is_handed_out(store: Store) -> None:
    for number in range(HEAD_LENGTH + 5):
        began(store, number)
    state = store.journal_state(BOX)
    assert (len(state.entries), state.waiting) == (HEAD_LENGTH, HEAD_LENGTH + 5)


def test_an_entry_s_number_is_never_given_again(store: Store) -> None:
    """A settlement that is told twice must not settle another message."""
    began(store, 1)
    (entry,) = store.journal(BOX)
    store.message_taken(BOX, entry.entry, 1)
    began(store, 2)
    assert store.journal(BOX)[0].entry > entry.entry


def test_notes_are_kept_replaced_and_removed(store: Store) -> None:
    store.keep_cpo_note(BOX, "card", "AB", {"status": "Accepted"}, NOW)
    store.keep_cpo_note(BOX, "card", "AB", {"status": "Accepted", "parentIdTag": "P"}, later(1))
    store.keep_cpo_note(BOX, "key", "WebSocketPingInterval", {"value": 30, "over": 120}, later(2))
    assert store.open_uplink(BOX, NOW).notes == {
        ("card", "AB"): {"status": "Accepted", "parentIdTag": "P"},
        ("key", "WebSocketPingInterval"): {"value": 30, "over": 120},
    }
    store.keep_cpo_note(BOX, "card", "AB", None, NOW)
    assert [key for key, _ in store.open_uplink(BOX, NOW).notes] == ["key"]
    assert store.open_uplink(OTHER.station, NOW).notes == {}


def test_a_start_and_its_journal_are_on_the_disk_together_or_not_at_all(path: Path) -> None:
    """CPO-3: RELIABILITY invariant 11; a power cut between the two is none."""
    disk = Disk()
    with Store(path, NOW, fault=disk) as store:
        disk.full = True
        try:
            with store.group():
                store.keep_start(start(store).session, SAID, NOW)
        except OSError:
            pass
        else:
            raise AssertionError("the disk was full")
        disk.full = False
        assert (store.sessions(), store.journal()) == ([], [])
