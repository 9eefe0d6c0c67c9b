"""Each message of the recorder stands for one call of the store."""

from collections.abc import Callable
from pathlib import Path

import pytest

from actors.messages import (
    AppendRevision,
    CardChecked,
    CheckCard,
    CommitPledges,
    DeleteCard,
    DeleteUser,
    DeleteWebSession,
    DeleteWebSessions,
    FindCard,
    FindOpenTransactions,
    FindPledges,
    FindSession,
    FindUser,
    FindWebSession,
    ListCards,
    ListEvents,
    ListOrphanStops,
    ListRevisions,
    ListSessions,
    ListZoneHistory,
    Message,
    NewestRevision,
    PledgesCommitted,
    Question,
    RecordEvent,
    ReplaceCards,
    SaveCard,
    SaveUser,
    SaveWebSession,
    StorageState,
)
from actors.recording import answer, event_of, read, record
from evce.records import (
    CardRecord,
    EventRecord,
    PledgeRecord,
    RevisionRecord,
    UserRecord,
    WebSessionRecord,
    ZoneHistoryPoint,
)
from evce.storage import Store
from evce.storage.batch import Batch
from evce.units import ZoneId
from tests.evce.storage.builders import CP1, NOW, later, start, stop

ANN = UserRecord("ann", "administrator", "hash", NOW)
BROWSER = WebSessionRecord("token", "ann", NOW, NOW)
CARD = CardRecord("ABC", True, registered_at=NOW)
FIRST = RevisionRecord(1, "{}", "ann", "", NOW)
EVENT = RecordEvent(NOW, "CP-01", "system", "line", "ann")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evce.db", NOW)


def told(store: Store, *messages: Message) -> None:
    for message in messages:
        assert record(store, Batch(), message, NOW) is None


@pytest.mark.parametrize(
    ("messages", "look", "expected"),
    [
        ([SaveCard(CARD)], lambda store: store.list_cards(), [CARD]),
        ([SaveCard(CARD), DeleteCard("abc")], lambda store: store.list_cards(), []),
        (
            [SaveCard(CardRecord("OLD", True)), ReplaceCards((CARD,))],
            lambda store: store.list_cards(),
            [CARD],
        ),
        ([SaveUser(ANN)], lambda store: store.users(), [ANN]),
        ([SaveUser(ANN), DeleteUser("ann")], lambda store: store.users(), []),
        ([SaveUser(ANN), SaveWebSession(BROWSER)], lambda store: store.find_web_session("token"), BROWSER),
        (
            [SaveUser(ANN), SaveWebSession(BROWSER), DeleteWebSession("token")],
            lambda store: store.find_web_session("token"),
            None,
        ),
        (
            [SaveUser(ANN), SaveWebSession(BROWSER), DeleteWebSessions(login="ann")],
            lambda store: store.find_web_session("token"),
            None,
        ),
        (
            [SaveUser(ANN), SaveWebSession(BROWSER), DeleteWebSessions(last_used_before=later(-1))],
            lambda store: store.find_web_session("token"),
            BROWSER,
        ),
        ([AppendRevision(FIRST), AppendRevision(FIRST)], lambda store: store.revisions(), [FIRST]),
        ([EVENT], lambda store: store.list_events(), [EventRecord(NOW, "CP-01", "system", "line", "ann")]),
        ([StorageState(True)], lambda store: store.list_events(), []),
    ],
)
def test_an_order_changes_what_it_names(
    store: Store, messages: list[Message], look: Callable[[Store], object], expected: object
) -> None:
    """AU-4, AU-6, US-2, LG-1"""
    told(store, *messages)
    assert look(store) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (FindUser(), [ANN]),
        (FindUser("ann"), ANN),
        (FindUser("bob"), None),
        (FindWebSession("token"), BROWSER),
        (FindCard("abc"), CARD),
        (ListCards(text="b"), [CARD]),
        (ListCards(vip=True), []),
        (ListRevisions(), [FIRST]),
        (NewestRevision(), FIRST),
        (ListEvents(), [EVENT]),
        (ListEvents(device="CP-02"), []),
        (ListEvents(type="system", limit=1), [EVENT]),
    ],
)
def test_a_question_gets_what_its_class_names(store: Store, question: Question, expected: object) -> None:
    told(store, SaveUser(ANN), SaveWebSession(BROWSER), SaveCard(CARD), AppendRevision(FIRST), EVENT)
    assert answer(store, question, NOW) == expected


def test_questions_about_sessions_get_records(store: Store) -> None:
    """CDR-3"""
    running = start(store).session
    ended = stop(store, start(store, started_at=later(60)).session.transaction).session
    stop(store, 4711)
    assert answer(store, ListSessions(), NOW) == [ended, running]
    assert answer(store, ListSessions(running_only=True), NOW) == [running]
    assert answer(store, ListSessions(started_from=later(60), limit=5), NOW) == [ended]
    assert answer(store, ListSessions(started_before=later(60)), NOW) == [running]
    assert answer(store, ListSessions(offset=1), NOW) == [running]
    assert answer(store, FindSession(1), NOW) == running
    assert answer(store, FindSession(99), NOW) is None
    assert answer(store, ListOrphanStops(), NOW) == store.orphan_stops()


def test_a_question_about_a_zone_gets_its_history(store: Store) -> None:
    point = ZoneHistoryPoint(NOW, None, (1.0, 1.0, 1.0), (9.0, 9.0, 9.0))
    store.append_history([(ZoneId("main"), point)])
    assert answer(store, ListZoneHistory(ZoneId("main"), NOW), later(60)) == [point]


def test_a_question_that_isn_t_the_recorder_s_is_a_mistake(store: Store) -> None:
    with pytest.raises(TypeError, match="Question"):
        answer(store, Question(), NOW)


def test_an_answer_goes_to_who_asked(store: Store) -> None:
    """AU-5"""
    pledge = PledgeRecord(CP1, 6.0, 60.0, None)
    batch = Batch()
    assert record(store, batch, CommitPledges("zone/main", 3, (pledge,)), NOW) == (
        "zone/main",
        PledgesCommitted(3),
    )
    assert record(store, batch, CheckCard("station/x", "1", "new", CP1.station), NOW) == (
        "station/x",
        CardChecked("1", None),
    )
    assert not batch.has_events
    told_again = record(store, batch, CheckCard("station/x", "2", "NEW", CP1.station), NOW)
    assert told_again == ("station/x", CardChecked("2", store.find_card("new")))
    assert batch.has_events


def test_reading_alone_writes_nothing(store: Store) -> None:
    batch = Batch()
    assert read(store, batch, CheckCard("station/x", "1", "new", CP1.station), NOW) == (
        "station/x",
        CardChecked("1", None),
    )
    assert store.list_cards() == []
    for message in (FindPledges("zone/main"), FindOpenTransactions("station/x", CP1.station)):
        found = read(store, batch, message, NOW)
        assert found is not None
        assert found[0] in ("zone/main", "station/x")
    assert read(store, batch, SaveCard(CARD), NOW) is None
    assert store.list_cards() == []


def test_a_revision_that_comes_too_late_is_logged(store: Store) -> None:
    batch = Batch()
    record(store, batch, AppendRevision(FIRST), NOW)
    record(store, batch, AppendRevision(FIRST), NOW)
    batch.write_events(store, NOW)
    assert "would have to be 2" in store.list_events()[0].message


def test_a_line_keeps_all_that_was_told() -> None:
    assert event_of(EVENT) == EventRecord(NOW, "CP-01", "system", "line", "ann")
