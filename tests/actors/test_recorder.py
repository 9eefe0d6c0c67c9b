"""The recorder answers once it is on the disk, and says so when it can't be."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actors import recorder as module
from actors.messages import (
    AlarmCleared,
    AlarmRaised,
    AppendRevision,
    CardChecked,
    CheckCard,
    CommitPledges,
    FindOpenTransactions,
    FindPledges,
    FindRemoteLimits,
    KeepRemoteLimits,
    ListCards,
    ListCourse,
    ListEvents,
    ListLimits,
    ListOrphanStops,
    ListRevisions,
    ListSessions,
    ListZoneHistory,
    Message,
    OpenTransactionsFound,
    PledgesCommitted,
    PledgesFound,
    Question,
    RecordCourse,
    RecordEvent,
    RecordingFailed,
    RecordLimits,
    RecordProgress,
    RecordStart,
    RecordStop,
    RecordZoneSample,
    RemoteLimitsFound,
    SaveCard,
    StartRecorded,
    StopRecorded,
    StorageState,
)
from actors.recorder import RESTORED, STORAGE_FAILED, Recorder
from actors.runtime import Runtime, SimulatedRuntime
from evce.records import CardRecord, PledgeRecord, RevisionRecord, SessionPoint, ZoneHistoryPoint
from evce.storage import NewerSchemaError, StorageUnavailableError, Store, open_store
from evce.storage.audit_seals import AUDIT
from evce.storage.snapshots import SnapshotCopy, SnapshotPlan, newest_snapshots
from evce.units import BoxIdentity, ConnectorKey, TransactionId, ZoneId
from tests.actors.ears import listen
from tests.actors.runtimes import BOTH, running, wait
from tests.evce.storage.builders import NOW, Disk, later, limit_record, write_raw

__all__ = ["running"]

CP1 = ConnectorKey(BoxIdentity("CP-01"), 1)


def start(request: str = "s1", number: int = 0, **changes: Any) -> RecordStart:
    values = {
        "connector": CP1,
        "station_name": "Garage 1",
        "id_tag": "ABC",
        "vip": False,
        "started_at": later(number),
        "meter_start": 1000.0,
    }
    return RecordStart("station/CP-01", request, **{**values, **changes})


def stop(transaction: int, request: str = "e1") -> RecordStop:
    return RecordStop("station/CP-01", request, CP1.station, transaction, later(3600), 8000.0)


def pledges(plan: int, amps: float = 16.0) -> CommitPledges:
    return CommitPledges("zone/main", plan, (PledgeRecord(CP1, amps, 120.0, None),))


def event(number: int, type_: str = "system") -> RecordEvent:
    return RecordEvent(later(number), "CP-01", type_, f"line {number}")


@dataclass
class House:
    """A recorder with ears for the view, a root zone and a station."""

    runtime: Runtime
    path: Path
    disk: Disk = field(default_factory=Disk)
    refuses: Exception | None = None
    plan: SnapshotPlan | None = None
    opened: list[Store] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.view = listen(self.runtime, "view")
        self.zone = listen(self.runtime, "zone/main")
        self.station = listen(self.runtime, "station/CP-01")

    def open(self, now: datetime) -> Store:
        if self.refuses is not None:
            raise self.refuses
        self.opened.append(open_store(self.path, now, fault=self.disk))
        return self.opened[-1]

    def begin(self) -> None:
        self.runtime.spawn(
            "recorder", lambda context: Recorder(context, self.open, ("view", "zone/main"), self.plan)
        )

    def tell(self, *messages: Message) -> None:
        for message in messages:
            assert self.runtime.tell("recorder", message)

    def ask(self, question: Question) -> Any:
        return self.runtime.ask("recorder", question, timeout=5.0)

    def wait(self, condition: Callable[[], object]) -> None:
        wait(self.runtime, lambda: bool(condition()), seconds=15.0)


@pytest.fixture
def house(running: Runtime, tmp_path: Path) -> House:
    made = House(running, tmp_path / "evce.db")
    made.begin()
    made.wait(lambda: made.view.of(StorageState))
    return made


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Timers that a test on real threads can wait for."""
    for name in ("EVENTS_EVERY", "SAMPLES_EVERY", "RETRY_EVERY", "LOOK_AT_SNAPSHOTS_EVERY"):
        monkeypatch.setattr(module, name, 0.05)


@BOTH
def test_a_start_and_a_stop_are_answered_after_the_commit(house: House) -> None:
    """OC-6: what is answered is on the disk, as another program sees it."""
    house.tell(start())
    house.wait(lambda: house.station.of(StartRecorded))
    (started,) = house.station.of(StartRecorded)
    with Store(house.path, NOW, read_only=True) as reader:
        assert reader.sessions() == [started.session]
    house.tell(start("s2"), stop(started.session.transaction), stop(started.session.transaction, "e2"))
    house.wait(lambda: len(house.station.of(StopRecorded)) == 2)
    assert house.station.of(StartRecorded)[1] == StartRecorded("s2", started.session, duplicate=True)
    first, again = house.station.of(StopRecorded)
    assert (first.request, first.duplicate, again.request, again.duplicate) == ("e1", False, "e2", True)
    with Store(house.path, NOW, read_only=True) as reader:
        assert reader.sessions() == [first.session]


@BOTH
def test_what_waits_together_is_one_commit(house: House) -> None:
    before = house.disk.commits
    house.tell(*(start(f"s{number}", number) for number in range(50)), pledges(1), stop(4711))
    house.wait(lambda: len(house.station.of(StartRecorded)) == 50 and house.zone.of(PledgesCommitted))
    house.wait(lambda: house.station.of(StopRecorded))
    assert house.station.of(StopRecorded) == [StopRecorded("e1", None, orphan=True)]
    assert house.disk.commits - before < 52
    if isinstance(house.runtime, SimulatedRuntime):
        assert house.disk.commits - before == 1
    assert len(house.ask(ListOrphanStops())) == 1


@BOTH
def test_a_group_doesn_t_grow_without_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GROUP_BOUND", 10)
    before = house.disk.commits
    house.tell(*(start(f"s{number}", number) for number in range(35)))
    house.wait(lambda: len(house.station.of(StartRecorded)) == 35)
    assert house.disk.commits - before >= 4


@BOTH
def test_a_question_sees_what_was_told_before_it(house: House) -> None:
    house.tell(SaveCard(CardRecord("ABC", authorised=True)), start())
    assert [card.id_tag for card in house.ask(ListCards())] == ["ABC"]
    assert len(house.ask(ListSessions(running_only=True))) == 1


@BOTH
def test_pledges_are_committed_and_found_by_the_next_root(house: House) -> None:
    """OC-6"""
    house.tell(pledges(41, 10.0), pledges(42, 20.0))
    house.wait(lambda: len(house.zone.of(PledgesCommitted)) == 2)
    house.tell(FindPledges("zone/main"))
    house.wait(lambda: house.zone.of(PledgesFound))
    (found,) = house.zone.of(PledgesFound)
    assert found.newest_plan == 42
    assert [(record.connector, record.amps) for record in found.pledges] == [(CP1, 20.0)]


@BOTH
def test_a_station_finds_its_running_sessions(house: House) -> None:
    """OC-6"""
    house.tell(start(), FindOpenTransactions("station/CP-01", CP1.station))
    house.wait(lambda: house.station.of(OpenTransactionsFound))
    (found,) = house.station.of(OpenTransactionsFound)
    assert found.sessions == (house.station.of(StartRecorded)[0].session,)


@BOTH
def test_a_card_is_checked_in_any_case_and_an_unknown_one_collected(house: House, quick: None) -> None:
    """AU-5, AU-7"""
    house.tell(SaveCard(CardRecord("ABC", authorised=True)))
    for request, tag in (("1", "abc"), ("2", "new"), ("3", "NEW")):
        house.tell(CheckCard("station/CP-01", request, tag, CP1.station))
    house.wait(lambda: len(house.station.of(CardChecked)) == 3)
    known, unknown, again = house.station.of(CardChecked)
    assert known.card is not None
    assert known.card.authorised
    assert unknown.card is None
    assert again.card is not None
    assert not again.card.authorised
    house.wait(lambda: all(card.last_seen_at for card in house.ask(ListCards())))


@BOTH
def test_events_and_samples_are_written_together_after_a_while(house: House, quick: None) -> None:
    """LG-1, OC-6"""
    house.tell(start())
    house.wait(lambda: house.station.of(StartRecorded))
    now = house.runtime.clock.utc_now()
    point = ZoneHistoryPoint(now, None, (1.0, 1.0, 1.0), (9.0, 9.0, 9.0))
    limits = tuple(limit_record(phase=phase, at=now) for phase in range(3))
    house.tell(
        event(1),
        RecordProgress(TransactionId(1), later(60), 500.0),
        RecordZoneSample(ZoneId("main"), point),
        RecordLimits(limits),
    )
    house.wait(lambda: house.ask(ListEvents()) == [event(1)])
    house.wait(lambda: house.ask(ListSessions())[0].energy == 500.0)
    since = now - timedelta(minutes=1)
    house.wait(lambda: len(house.ask(ListZoneHistory(ZoneId("main"), since))) == 1)
    house.wait(lambda: house.ask(ListLimits(since - timedelta(hours=1))) == list(limits))


@BOTH
def test_the_course_of_a_session_is_known_before_it_is_written(house: House, quick: None) -> None:
    """UI-8: what waits for the next write belongs to the answer, what is written does as well."""
    point = SessionPoint(TransactionId(7), later(0), 16.0, 9.5, 10.0, "Charging", "why")
    for number in range(3):
        points = (replace(point, at=later(number)), replace(point, transaction=TransactionId(8)))
        house.tell(RecordCourse("zone/main", later(number), points))
        house.wait(lambda number=number: len(house.ask(ListCourse(7))) == number + 1)
    house.tell(start())  # its commit writes what waits with it or leaves it waiting: nothing is told twice
    house.wait(lambda: house.station.of(StartRecorded))
    assert [found.at for found in house.ask(ListCourse(7))] == [later(0), later(1), later(2)]


@pytest.mark.parametrize("kind", ["simulated"])
def test_a_busy_log_is_one_commit_in_its_period(house: House) -> None:
    """LG-1: bytes written in a day are bounded."""
    assert isinstance(house.runtime, SimulatedRuntime)
    before = house.disk.commits
    for number in range(600):
        house.tell(event(number), RecordProgress(TransactionId(1), later(number), 1.0))
        house.runtime.run_for(0.1)
    assert 10 <= house.disk.commits - before <= 60 / module.EVENTS_EVERY + 2


@BOTH
def test_a_line_of_the_audit_is_written_at_once(house: House) -> None:
    house.tell(event(1, AUDIT))
    assert house.ask(ListEvents(type=AUDIT)) == [event(1, AUDIT)]


@BOTH
def test_a_stop_without_id_knows_of_progress_that_is_not_written_yet(house: House) -> None:
    house.tell(start())
    house.wait(lambda: house.station.of(StartRecorded))
    house.tell(RecordProgress(TransactionId(1), later(60), 500.0))
    entry = house.runtime.directory.find("recorder")
    assert entry is not None
    house.wait(entry.inbox.empty)  # samples give way to everything else
    assert house.ask(ListSessions())[0].energy == 0.0
    house.tell(stop(-1))
    house.wait(lambda: house.station.of(StopRecorded))
    assert house.station.of(StopRecorded)[0].orphan


@BOTH
def test_a_revision_out_of_the_row_is_logged_and_the_rest_of_the_group_kept(
    house: House, quick: None
) -> None:
    def revision(number: int) -> AppendRevision:
        return AppendRevision(RevisionRecord(number, "{}", "ann", "", NOW))

    house.tell(revision(1), revision(5), revision(2))
    assert [found.number for found in house.ask(ListRevisions())] == [2, 1]
    house.wait(lambda: house.ask(ListEvents()))
    assert "revision 5 can't follow" in house.ask(ListEvents())[0].message


@BOTH
def test_a_full_disk_fails_who_waits_raises_an_alarm_and_is_over_one_day(house: House, quick: None) -> None:
    """OC-6: no false acknowledgement; the station retries, raises stop, cards and questions go on."""
    house.tell(SaveCard(CardRecord("ABC", authorised=True)), start("s0"))
    house.wait(lambda: house.station.of(StartRecorded))
    house.disk.full = True
    house.tell(
        start("s1", 1),
        stop(1),
        pledges(7),
        CheckCard("station/CP-01", "c1", "abc", CP1.station),
        FindPledges("zone/main"),
        FindOpenTransactions("station/CP-01", CP1.station),
        KeepRemoteLimits({ZoneId("main"): 16.0}),
        FindRemoteLimits("zone/main"),
        KeepRemoteLimits({ZoneId("main"): 12.0}),
        SaveCard(CardRecord("LATER", authorised=True)),
        event(1),
    )
    house.wait(lambda: house.zone.of(PledgesFound) and house.station.of(OpenTransactionsFound))
    house.wait(lambda: len(house.station.of(RecordingFailed)) == 2 and house.zone.of(RecordingFailed))
    assert [failed.request for failed in house.station.of(RecordingFailed)] == ["s1", "e1"]
    assert [failed.request for failed in house.zone.of(RecordingFailed)] == ["7"]
    assert house.station.of(CardChecked)[0].card is not None
    assert [raised.alarm.code for raised in house.view.of(AlarmRaised)] == [STORAGE_FAILED]
    for heard in (house.view, house.zone):
        assert not heard.of(StorageState)[-1].writable
    assert len(house.ask(ListSessions())) == 1
    assert house.zone.of(PledgesCommitted) == []
    assert [dict(found.limits) for found in house.zone.of(RemoteLimitsFound)] == [{}], (
        "nothing is on disk yet"
    )

    house.disk.full = False
    house.wait(lambda: house.view.of(AlarmCleared)[1:])
    house.wait(lambda: house.zone.of(StorageState)[-1].writable)
    assert [card.id_tag for card in house.ask(ListCards())] == ["ABC", "LATER"]
    house.wait(lambda: event(1) in house.ask(ListEvents()))
    house.tell(start("s2", 1), pledges(8), FindRemoteLimits("zone/main"))
    house.wait(lambda: house.zone.of(RemoteLimitsFound)[1:])
    assert house.zone.of(RemoteLimitsFound)[-1].limits == {"main": 12.0}
    house.wait(lambda: len(house.station.of(StartRecorded)) == 2 and house.zone.of(PledgesCommitted))
    assert len(house.ask(ListSessions())) == 2


@BOTH
def test_a_disk_that_still_refuses_is_not_called_well_by_an_empty_commit(house: House, quick: None) -> None:
    house.disk.full = True
    house.tell(start())
    house.wait(lambda: house.station.of(RecordingFailed))
    probed: list[Store] = []

    def refuse(store: Store) -> None:
        probed.append(store)
        raise StorageUnavailableError("database or disk is full")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "probe", refuse)
        house.disk.full = False
        house.wait(lambda: len(probed) > 3)
        assert len(house.view.of(AlarmRaised)) == 1
        assert not house.view.of(StorageState)[-1].writable
    house.wait(lambda: house.view.of(StorageState)[-1].writable)


@BOTH
@pytest.mark.parametrize("error", [StorageUnavailableError("no such disk"), NewerSchemaError("version 9999")])
def test_a_database_that_can_t_be_opened_is_tried_again(
    running: Runtime, tmp_path: Path, quick: None, error: Exception
) -> None:
    """OC-6"""
    house = House(running, tmp_path / "evce.db", refuses=error)
    house.begin()
    house.wait(lambda: house.view.of(AlarmRaised))
    assert house.ask(ListSessions()) == StorageState(False, str(error))
    house.tell(
        FindPledges("zone/main"),
        FindPledges("zone/main"),
        start(),
        CheckCard("station/CP-01", "c1", "abc", CP1.station),
    )
    house.wait(lambda: len(house.station.of(RecordingFailed)) == 2)
    house.refuses = None
    house.wait(lambda: house.zone.of(PledgesFound) and house.view.of(AlarmCleared))
    assert len(house.zone.of(PledgesFound)) == 1
    house.tell(start())
    house.wait(lambda: house.station.of(StartRecorded))


@BOTH
def test_a_damaged_database_gives_way_to_the_last_snapshot_while_running(house: House, quick: None) -> None:
    """OC-6"""
    house.tell(start())
    house.wait(lambda: house.station.of(StartRecorded))
    house.opened[0].take_snapshot(NOW)

    def damage() -> None:
        house.path.write_bytes(b"damaged" * 1000)
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    house.disk.harm = damage
    house.tell(start("s1", 1))
    house.wait(lambda: house.station.of(RecordingFailed))
    house.wait(lambda: house.view.of(AlarmCleared)[1:])
    codes = [raised.alarm.code for raised in house.view.of(AlarmRaised)]
    assert codes == [STORAGE_FAILED, RESTORED]
    house.tell(start("s2"), start("s3", 1))
    house.wait(lambda: len(house.station.of(StartRecorded)) == 3)
    assert [recorded.duplicate for recorded in house.station.of(StartRecorded)] == [False, True, False]
    assert list(house.path.parent.glob("evce.db.corrupt-*Z"))


@BOTH
def test_an_orderly_stop_writes_what_waits(house: House) -> None:
    """OC-6"""
    house.tell(start(), event(1))
    house.wait(lambda: house.station.of(StartRecorded))
    house.tell(event(2), RecordProgress(TransactionId(1), later(60), 500.0), start("s2", 5))
    entry = house.runtime.directory.find("recorder")
    assert entry is not None
    house.runtime.stop_actor(entry.ref)
    house.wait(lambda: house.runtime.directory.find("recorder") is None)
    with Store(house.path, NOW) as store:
        assert [line.message for line in store.list_events()] == ["line 2", "line 1"]
        assert [session.energy for session in store.sessions()] == [0.0, 500.0]


@BOTH
def test_snapshots_are_taken_in_steps_and_few_are_kept(
    running: Runtime, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SNAPSHOT_STEP_EVERY", 0.001)
    monkeypatch.setattr(SnapshotCopy.step, "__defaults__", (8192,))
    house = House(running, tmp_path / "evce.db", plan=SnapshotPlan(keep=2))
    with Store(house.path, NOW) as store:
        older = [store.take_snapshot(later(-86400 * days)) for days in (400, 401)]
    house.begin()
    house.tell(start())
    house.wait(lambda: house.station.of(StartRecorded))
    house.wait(lambda: older[1] not in newest_snapshots(house.path))
    newest, second = newest_snapshots(house.path)
    assert second == older[0]
    with Store(newest, NOW, read_only=True) as snapshot:
        assert len(snapshot.sessions()) <= 1


@BOTH
def test_a_snapshot_that_fails_is_logged_and_stops_nothing(house: House, quick: None) -> None:
    house.path.with_name("snapshots").write_text("a file where the folder should be")
    house.tell(module._LookAtSnapshots(), start())
    house.wait(lambda: house.ask(ListEvents()))
    assert "No snapshot" in house.ask(ListEvents())[0].message
    house.wait(lambda: house.station.of(StartRecorded))
    assert house.view.of(AlarmRaised) == []


@BOTH
def test_a_message_that_it_doesn_t_know_is_no_reason_to_die(house: House) -> None:
    house.tell(StorageState(True), start())
    house.wait(lambda: house.station.of(StartRecorded))
    assert house.runtime.directory.find("recorder") is not None


@BOTH
def test_a_recorder_that_died_goes_on_with_the_same_database(house: House) -> None:
    """OC-6"""
    house.tell(start())
    house.wait(lambda: house.station.of(StartRecorded))
    house.runtime.kill("recorder")
    house.tell(event(1))
    house.wait(lambda: house.runtime.directory.find("recorder") is None)
    house.begin()
    house.tell(start("s2"))
    house.wait(lambda: len(house.station.of(StartRecorded)) == 2)
    assert house.station.of(StartRecorded)[1].duplicate


@BOTH
def test_pledges_of_a_database_put_back_by_hand_are_void(running: Runtime, tmp_path: Path) -> None:
    """OC-6"""
    path = tmp_path / "evce.db"
    with Store(path, NOW) as store:
        store.commit_pledges(5, [PledgeRecord(CP1, 32.0, 120.0, None)], NOW)
    write_raw(path, "UPDATE meta SET value = 0 WHERE key = 'opening'")
    house = House(running, path)
    house.begin()
    house.tell(FindPledges("zone/main"))
    house.wait(lambda: house.zone.of(PledgesFound))
    found = house.zone.of(PledgesFound)[0]
    assert found.pledges == ()
    assert found.newest_plan > 5
