"""The recorder: the one writer of the database, which answers once what it was told is on the disk."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from actors.messages.base import Message, Question
from actors.messages.cpo import FindJournal, KeepCpoNote
from actors.messages.remote import FindRemoteLimits, KeepRemoteLimits
from actors.messages.security import FindStationSecurity
from actors.messages.storage import (
    CheckCard,
    CommitPledges,
    FindOpenTransactions,
    FindPledges,
    ListCourse,
    RecordCourse,
    RecordEvent,
    RecordingFailed,
    RecordLimits,
    RecordProgress,
    RecordStart,
    RecordStation,
    RecordStop,
    RecordWear,
    RecordZoneSample,
    StorageState,
)
from actors.messages.view import AlarmCleared, AlarmRaised
from actors.recording import Answer, answer, event_of, read, record
from actors.supervised import LONGEST_PAUSE_S, Context, Supervised
from evce.errors import StorageError
from evce.records import EventRecord
from evce.storage import CorruptDatabaseError, NewerSchemaError, Store
from evce.storage.audit_seals import AUDIT
from evce.storage.batch import Batch
from evce.storage.snapshots import SnapshotCopy, SnapshotPlan, prune_snapshots
from evce.units import TransactionId
from evce.views import AlarmView

__all__ = ["HANG_BUDGET_S", "RESTORED", "STORAGE_FAILED", "OpenStore", "Recorder"]

log = logging.getLogger(__name__)

OpenStore = Callable[[datetime], Store]
"""Opens the store, given the time; usually `evce.storage.open_store` on the site's database."""

HANG_BUDGET_S = 30.0
"""For the recorder's child spec: a slow flash card may take seconds for one write, checking a large database
at the start as well, and no reduction waits for the recorder."""

STORAGE_FAILED = "storage_failed"
RESTORED = "database_restored"

# How long what isn't urgent waits, in seconds. Each write costs 20 to 40 kB of flash, so these bound what
# a quiet site writes in a day: at most 17,280 groups of events and 1,440 of samples.
EVENTS_EVERY = 5.0
SAMPLES_EVERY = 60.0
RETRY_EVERY = 5.0
"""While the disk refuses: how often it is tried again (each transaction that comes in tries as well)."""
LOOK_AT_SNAPSHOTS_EVERY = 600.0
SNAPSHOT_STEP_EVERY = 0.05

GROUP_BOUND = 200
"""Transactions and pledges in one commit: about 0.3 s of work, the longest that the first one waits."""
KEPT_BOUND = 1000
"""Orders without an answer (cards, users, revisions) kept while the disk refuses; above, the oldest goes."""


_EVENTS = "events"
_SAMPLES = "samples"
_UNOPENED = "the database is not open yet"


_ADVICE_DISK = "Free space on the disk, or have it checked and replaced."
_ADVICE: dict[type[StorageError], str] = {
    CorruptDatabaseError: "The last good snapshot takes its place; have the disk checked.",
    NewerSchemaError: "Install the EVCE that wrote the database, or restore a snapshot taken before.",
}
_ADVICE_RESTORED = "Compare the newest sessions and the configuration with what you remember."


@dataclass(frozen=True, slots=True)
class _Flush(Message):
    """Time to write what waited; `samples` too."""

    samples: bool


@dataclass(frozen=True, slots=True)
class _Retry(Message):
    """Time to see whether the disk takes writes again."""


@dataclass(frozen=True, slots=True)
class _LookAtSnapshots(Message):
    """Time to see whether a snapshot is due."""


@dataclass(frozen=True, slots=True)
class _StepSnapshot(Message):
    """Time for the next piece of the snapshot."""


class Recorder(Supervised):
    """Runs on its own thread, the only one that touches the database.

    What arrives is collected; once the inbox is drained all of it is committed as one group, and only
    then answered (RELIABILITY invariants 10 and 11). When the disk refuses, whoever waits for a transaction
    or a pledge gets RecordingFailed, `state_to` and every root zone that ever asked are told, an alarm is
    raised, and reading goes on. A death loses what waited: stations and zones ask again.
    """

    drain_on_stop: ClassVar[bool] = True
    longest_pause_s: ClassVar[float] = LONGEST_PAUSE_S
    """Without it nothing is raised, which harms no feeder."""
    event_bound: ClassVar[int] = 2000
    sample_bound: ClassVar[int] = 4096

    def __init__(
        self,
        context: Context,
        open_store: OpenStore,
        state_to: Sequence[str] = ("view",),
        snapshots: SnapshotPlan | None = None,
    ) -> None:
        super().__init__(context)
        self._open_store = open_store
        self._state_to = dict.fromkeys(state_to)
        self._plan = snapshots or SnapshotPlan()
        self._store: Store | None = None
        self._trouble = ""
        self._group: list[Message] = []
        self._kept: list[Message] = []
        self._timed = {_EVENTS: False, _SAMPLES: False}
        self._batch = Batch()
        self._copy: SnapshotCopy | None = None
        self._written_since_snapshot = True

    def on_begin(self) -> None:
        """Opens the database. A failure to do so is no death: the recorder says so and tries again."""
        self._trouble = _UNOPENED
        self._open()
        self.after(LOOK_AT_SNAPSHOTS_EVERY, _LookAtSnapshots(), key="snapshots")

    def on_message(self, message: Message) -> None:
        match message:
            case RecordEvent(type=type_) if type_ != AUDIT:
                self._batch.add_event(event_of(message))
                self._flush_soon()
            case RecordProgress(transaction=transaction, at=at, energy=energy, split=split):
                self._batch.add_progress(transaction, at, energy, split)
                self._flush_soon()
            case RecordZoneSample(zone=zone, point=point):
                self._batch.add_history(zone, point)
                self._flush_soon()
            case RecordLimits(records=records):
                self._batch.add_limits(records)
                self._flush_soon()
            case RecordStation(memory=memory):
                self._batch.add_station(memory)
            case RecordWear(records=records):
                self._batch.add_wear(records)
                self._flush_soon()
            case RecordCourse(points=points):
                self._batch.add_course(points)
                self._flush_soon()
            case _Flush(samples=samples):
                self._timed[_SAMPLES if samples else _EVENTS] = False
                self._commit(samples=samples)
            case _Retry():
                self._retry()
            case _LookAtSnapshots():
                self._look_at_snapshots()
            case _StepSnapshot():
                self._step_snapshot()
            case _:
                if isinstance(message, FindPledges | CommitPledges):
                    self._state_to.setdefault(message.reply_to)
                self._group.append(message)
                if len(self._group) >= GROUP_BOUND:
                    self._commit()

    def on_drained(self) -> None:
        """Everything that arrived is collected: one commit for all, then the answers."""
        if self._group:
            self._commit()

    def on_question(self, question: Question) -> object:
        """Answers from the database, after what was told before has been written.

        StorageState instead of an answer means that the database can't be read now.
        """
        if self._group and not self._trouble:
            self._commit()
        if self._store is None:
            return StorageState(False, self._trouble)
        try:
            if isinstance(question, ListCourse):  # the newest points wait for the next write
                transaction = TransactionId(question.transaction)
                return self._store.course(transaction) + self._batch.course(transaction)
            return answer(self._store, question, self.utc_now())
        except StorageError as error:
            self._failed(error)
            return StorageState(False, str(error))

    def on_end(self) -> None:
        """Writes what waits and closes the database."""
        self._commit(samples=True)
        self._cancel_snapshot()
        if self._store is not None:
            self._store.close()

    # Committing.

    def _commit(self, *, samples: bool = False) -> None:
        group = self._kept + self._group
        self._kept, self._group = [], []
        # A stop with -1 is matched by whether its session ever reported progress.
        samples = samples or any(
            isinstance(message, RecordStop) and message.transaction < 0 for message in group
        )
        now = self.utc_now()
        try:
            store = self._store
            if store is None:
                raise StorageError(self._trouble)
            with store.group():
                if self._trouble:
                    store.probe()  # a group without content would commit on a full disk as well
                if samples:
                    self._batch.write_samples(store)
                answers = [record(store, self._batch, message, now) for message in group]
                self._batch.write_events(store, now)
        except StorageError as error:
            self._failed(error)
            self._refuse(group, str(error))
            return
        self._batch.clear(samples=samples)
        self._disarm(_EVENTS)
        if samples:
            self._disarm(_SAMPLES)
        self._flush_soon()
        self._written_since_snapshot = True
        self._tell(answers)
        self._works()

    def _refuse(self, group: list[Message], reason: str) -> None:
        """Nothing of the group was kept: tells who waits for it, answers what reading can, keeps the rest."""
        kept: dict[object, Message] = {}
        for message in group:
            match message:
                case RecordStart() | RecordStop():
                    self.send(message.reply_to, RecordingFailed(message.request, reason))
                case CommitPledges(reply_to=reply_to, plan=plan):
                    self.send(reply_to, RecordingFailed(str(plan), reason))
                case CheckCard(reply_to=reply_to, request=request):
                    if not self._read_anyway(message):
                        self.send(reply_to, RecordingFailed(request, reason))
                case KeepCpoNote(reply_to=reply_to, request=request) if request:
                    self.send(reply_to, RecordingFailed(request, reason))
                case KeepRemoteLimits():
                    kept["remote"] = message
                case (
                    FindPledges()
                    | FindOpenTransactions()
                    | FindJournal()
                    | FindStationSecurity()
                    | FindRemoteLimits()
                ):
                    if isinstance(message, FindPledges):
                        self.send(message.reply_to, StorageState(False, reason))
                    if not self._read_anyway(message):
                        kept[message] = message
                case _:
                    kept[id(message)] = message
        self._kept = list(kept.values())[-KEPT_BOUND:]

    def _read_anyway(self, message: Message) -> bool:
        """Whether the message could be answered by reading alone."""
        if self._store is None:
            return False
        try:
            self._tell([read(self._store, self._batch, message, self.utc_now())])
        except StorageError:
            return False
        return True

    def _tell(self, answers: Sequence[Answer | None]) -> None:
        for answered in answers:
            if answered is not None:
                self.send(*answered)

    def _flush_soon(self) -> None:
        """Arms the timers for what waits, unless they run already."""
        if self._batch.has_events and not self._timed[_EVENTS]:
            self._timed[_EVENTS] = True
            self.after(EVENTS_EVERY, _Flush(samples=False), key=_EVENTS)
        if self._batch.has_samples and not self._timed[_SAMPLES]:
            self._timed[_SAMPLES] = True
            self.after(SAMPLES_EVERY, _Flush(samples=True), key=_SAMPLES)

    def _disarm(self, what: str) -> None:
        self._timed[what] = False
        self.cancel(what)

    # The state of the disk.

    def _open(self) -> None:
        try:
            self._store = self._open_store(self.utc_now())
        except StorageError as error:
            self._failed(error)
            return
        if self._store.recovery:
            self._raise_alarm(RESTORED, self._store.recovery, _ADVICE_RESTORED)
            self._batch.add_event(EventRecord(self.utc_now(), self.name, "system", self._store.recovery))
        self._commit()

    def _retry(self) -> None:
        if self._store is None:
            self._open()
        else:
            self._commit(samples=True)
        if self._trouble:
            self.after(RETRY_EVERY, _Retry(), key="retry")

    def _failed(self, error: StorageError) -> None:
        """The disk refused. Reductions go on, raises stop: nobody gets an answer that isn't true."""
        self._cancel_snapshot()
        first = self._trouble in ("", _UNOPENED)
        self._trouble = str(error)
        if isinstance(error, CorruptDatabaseError) and self._store is not None:
            # Opening again finds the damage and puts the last good snapshot in its place.
            self._store.close()
            self._store = None
        if first:
            self._announce(StorageState(False, self._trouble))
            text = f"The database can't be used: {self._trouble}. Charging goes on, but no current is raised"
            self._raise_alarm(STORAGE_FAILED, text, _ADVICE.get(type(error), _ADVICE_DISK))
            self.after(0.0 if self._store is None else RETRY_EVERY, _Retry(), key="retry")

    def _works(self) -> None:
        if not self._trouble:
            return
        self._trouble = ""
        self.cancel("retry")
        self._announce(StorageState(True))
        self.send("view", AlarmCleared(STORAGE_FAILED, self.name, self.utc_now()))

    def _announce(self, state: StorageState) -> None:
        for name in self._state_to:
            self.send(name, state)

    def _raise_alarm(self, code: str, message: str, advice: str) -> None:
        alarm = AlarmView(code, self.name, message, advice, "critical", self.utc_now())
        self.send("view", AlarmRaised(alarm))

    # Snapshots.

    def _look_at_snapshots(self) -> None:
        self.after(LOOK_AT_SNAPSHOTS_EVERY, _LookAtSnapshots(), key="snapshots")
        store = self._store
        if store is None or store.path is None or self._trouble or self._copy is not None:
            return
        try:
            if self._written_since_snapshot and self._plan.due(store.path, self.utc_now()):
                self._copy = store.begin_snapshot(self.utc_now())
                self._written_since_snapshot = False
                self.after(0.0, _StepSnapshot(), key="step")
        except OSError as error:
            self._note_failed_snapshot(error)

    def _step_snapshot(self) -> None:
        if self._copy is None or self._store is None or self._store.path is None:
            return
        try:
            if not self._copy.step():
                self.after(SNAPSHOT_STEP_EVERY, _StepSnapshot(), key="step")
                return
            self._copy = None
            prune_snapshots(self._store.path, self._plan.keep)
            # The system's log belongs to somebody else: what was sealed until now can be shown by it.
            log.info(
                "snapshot taken; the newest seal of the audit log is %s", self._store.newest_seal() or "-"
            )
        except OSError as error:
            self._copy = None
            self._note_failed_snapshot(error)

    def _note_failed_snapshot(self, error: OSError) -> None:
        """No reason to stop anything: the next look tries again, and the log tells."""
        self._written_since_snapshot = True
        text = f"No snapshot of the database could be taken: {error}"
        self._batch.add_event(EventRecord(self.utc_now(), self.name, "system", text))
        self._flush_soon()

    def _cancel_snapshot(self) -> None:
        copy, self._copy = self._copy, None
        if copy is not None:
            copy.cancel()
            self._written_since_snapshot = True
