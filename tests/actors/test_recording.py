"""Each message of the recorder stands for one call of the store."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from actors.messages import (
    AppendRevision,
    CardChecked,
    CardsChanged,
    CardsFound,
    CheckCard,
    CommitPledges,
    DeleteCard,
    DeleteUser,
    DeleteWebSession,
    DeleteWebSessions,
    FindCard,
    FindCards,
    FindForecast,
    FindOpenTransactions,
    FindPledges,
    FindSession,
    FindUser,
    FindWebSession,
    ForecastFound,
    ForgetLoginLock,
    KeepLoginLock,
    KeepRemoteLimits,
    ListCards,
    ListEvents,
    ListLimits,
    ListLoginLocks,
    ListOrphanStops,
    ListRevisions,
    ListSessions,
    ListZoneHistory,
    Message,
    NewestRevision,
    OpenTransactionsFound,
    PledgesCommitted,
    Question,
    RecordEvent,
    RecordStatement,
    ReplaceCards,
    SaveCard,
    SaveCards,
    SaveUser,
    SaveWebSession,
    StorageState,
)
from actors.recording import answer, event_of, read, record
from evce.departures import Statement
from evce.records import (
    CardRecord,
    EventRecord,
    LimitRecord,
    LoginLockRecord,
    PledgeRecord,
    RevisionRecord,
    UserRecord,
    WebSessionRecord,
    ZoneHistoryPoint,
)
from evce.storage import Store
from evce.storage.batch import Batch
from evce.units import ZoneId
from tests.evce.storage.builders import CP1, NOW, later, limit_record, start, stop

ANN = UserRecord("ann", "administrator", "hash", NOW)
BROWSER = WebSessionRecord("token", "ann", NOW, NOW)
LOCK = LoginLockRecord("ann", "10.0.0.9", 2, 1, NOW, later(60))
CARD = CardRecord("ABC", True, registered_at=NOW)
FIRST = RevisionRecord(1, "{}", "ann", "", NOW)
EVENT = RecordEvent(NOW, "CP-01", "system", "line", "ann")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "evce.db", NOW)


def told(store: Store, *messages: Message) -> None:
    for message in messages:
        answered = record(store, Batch(), message, NOW)
        assert answered is None or isinstance(answered[1], CardsChanged)


@pytest.mark.parametrize(
    ("messages", "look", "expected"),
    [
        ([SaveCard(CARD)], lambda store: store.list_cards(), [CARD]),
        (
            [SaveCards((CardRecord("A", True), CARD))],
            lambda store: [card.id_tag for card in store.list_cards()],
            ["A", CARD.id_tag],
        ),
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
        ([KeepLoginLock(LOCK)], lambda store: store.login_locks(NOW), [LOCK]),
        ([KeepLoginLock(LOCK), ForgetLoginLock("ann", "10.0.0.9")], lambda store: store.login_locks(NOW), []),
        ([KeepRemoteLimits({ZoneId("main"): 16.0})], lambda store: store.remote_limits(), {"main": 16.0}),
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
        (ListLoginLocks(), [LOCK]),
        (FindCard("abc"), CARD),
        (ListCards(text="b"), [CARD]),
        (ListCards(vip=True), []),
        (ListRevisions(), [FIRST]),
        (NewestRevision(), FIRST),
        (ListEvents(), [EVENT]),
        (ListEvents(devices=("CP-02",)), []),
        (ListEvents(type="system", limit=1), [EVENT]),
        (ListEvents(author="ANN", text="LIN", since=NOW, before=later(1)), [EVENT]),
        (ListEvents(author="bob"), []),
        (ListEvents(text="other"), []),
        (ListEvents(since=later(1)), []),
        (ListEvents(before=NOW), []),
        (ListEvents(offset=1), []),
        (ListEvents(audit=False), [EVENT]),
        (ListEvents(type="audit"), []),
    ],
)
def test_a_question_gets_what_its_class_names(store: Store, question: Question, expected: object) -> None:
    told(store, SaveUser(ANN), SaveWebSession(BROWSER), KeepLoginLock(LOCK))
    told(store, SaveCard(CARD), AppendRevision(FIRST), EVENT)
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


def test_a_question_about_limits_gets_hours_or_the_days_of_a_time_zone(store: Store) -> None:
    """UI-9: NOW is noon in UTC and past midnight of the next day in Auckland (+13:00)."""
    hour = limit_record()
    store.record_limits([hour])
    assert answer(store, ListLimits(NOW), NOW) == [hour]
    assert answer(store, ListLimits(NOW, zone=ZoneId("other")), NOW) == []
    (day,) = cast(list[LimitRecord], answer(store, ListLimits(NOW, time_zone="Pacific/Auckland"), NOW))
    assert day == replace(hour, at=datetime(2026, 11, 1, 11, 0, tzinfo=UTC))


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
    store.commit_pledges(1, [PledgeRecord(CP1, 16.0, 120.0, 9.0, NOW)], NOW)
    asked = FindOpenTransactions("station/x", CP1.station)
    assert read(store, batch, asked, NOW) == (
        "station/x",
        OpenTransactionsFound(CP1.station, (), (PledgeRecord(CP1, 16.0, 120.0, 9.0, NOW),)),
    )
    for message in (FindPledges("zone/main"), asked):
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


def test_a_forecast_comes_from_the_sessions_before_and_what_the_driver_states(store: Store) -> None:
    """LM-4: answered once the statement is kept; without anything to go by there is none."""
    session = start(store, started_at=later(7 * 86_400.0)).session
    asks = FindForecast("station/CP-01", session.transaction)
    assert record(store, Batch(), asks, NOW) == ("station/CP-01", ForecastFound(session.transaction, None))
    for day in range(5):
        begun = start(store, started_at=later(day * 86_400.0), meter_start=float(day)).session
        ended = later(day * 86_400.0 + 7_200.0)
        stop(store, begun.transaction, stopped_at=ended, meter_stop=5_000.0 + day)
    answered = read(store, Batch(), asks, NOW)
    assert answered is not None
    found = answered[1]
    assert isinstance(found, ForecastFound)
    assert found.forecast is not None
    assert set(found.forecast.stays) == {7_200.0}
    statement = Statement(session.started_at + timedelta(hours=9), 20_000.0)
    told = record(store, Batch(), RecordStatement("station/CP-01", session.transaction, statement), NOW)
    assert told is not None
    assert isinstance(told[1], ForecastFound)
    assert told[1] != found
    kept = store.session(session.transaction)
    assert kept is not None
    assert kept.statement == statement


@pytest.mark.parametrize(
    ("message", "withdrawn"),
    [
        (SaveCard(CARD), False),
        (SaveCard(CardRecord("ABC", False)), True),
        (SaveCard(CardRecord("ABC", True, zones=(ZoneId("z"),))), True),
        (SaveCards((CARD, CardRecord("DEF", False))), True),
        (DeleteCard("ABC"), True),
        (ReplaceCards((CARD,)), True),
    ],
)
def test_the_stations_hear_of_cards_that_changed(store: Store, message: Message, withdrawn: bool) -> None:
    """AU-2: and whether a cache may hold what is good no more."""
    assert record(store, Batch(), message, NOW) == ("site", CardsChanged(withdrawn))


def test_a_station_gets_the_cards_that_may_charge(store: Store) -> None:
    """AU-2."""
    told(store, SaveCards((CARD, CardRecord("DEF", False))))
    assert read(store, Batch(), FindCards("station/x", "r"), NOW) == (
        "station/x",
        CardsFound("r", (store.find_card("ABC"),)),  # type: ignore[arg-type]
    )
