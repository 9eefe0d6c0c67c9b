"""Tests of the audit lines of what is done through the control socket."""

import logging
import threading
from collections.abc import Iterator

import pytest

from actors.messages import Message, NewestRevision, Question, RecordEvent, StorageState
from actors.runtime import ThreadRuntime
from actors.supervised import Context, HangForDrill, Supervised
from tests.conftest import TIMEOUT_FACTOR
from tools.control import audit as audit_module
from tools.control.audit import Audit


class Disk:
    """What a scripted recorder got, and how it answers."""

    def __init__(self) -> None:
        self.lines: list[RecordEvent] = []
        self.came = threading.Condition()
        self.answer: object = None


class ScriptedRecorder(Supervised):
    def __init__(self, context: Context, disk: Disk) -> None:
        super().__init__(context)
        self.disk = disk

    def on_message(self, message: Message) -> None:
        assert isinstance(message, RecordEvent)
        with self.disk.came:
            self.disk.lines.append(message)
            self.disk.came.notify_all()

    def on_question(self, question: Question) -> object:
        assert isinstance(question, NewestRevision)
        if self.disk.answer == "hang":
            raise HangForDrill
        return self.disk.answer


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadRuntime]:
    monkeypatch.setattr(audit_module, "PATIENCE", 0.3)
    monkeypatch.setattr(audit_module, "TELL_AGAIN", 0.02)
    runtime = ThreadRuntime(seed=1)
    yield runtime
    runtime.close()


def test_a_line_is_on_disk_before_the_deed(runtime: ThreadRuntime, caplog: pytest.LogCaptureFixture) -> None:
    """AC-4: RELIABILITY invariant 20, who did what and when; in the log as well."""
    disk = Disk()
    runtime.spawn("recorder", lambda context: ScriptedRecorder(context, disk))
    with caplog.at_level(logging.WARNING):
        assert Audit(runtime).written("ann", "view was killed")
    (line,) = disk.lines
    assert (line.type, line.author, line.message) == ("audit", "ann", "view was killed")
    assert "audit: ann: view was killed" in caplog.text


@pytest.mark.parametrize("answer", [StorageState(False, "disk full"), "hang"])
def test_it_is_told_when_the_disk_does_not_have_it(runtime: ThreadRuntime, answer: object) -> None:
    """RELIABILITY §2: a full disk, or a recorder that hangs, stops no drill."""
    disk = Disk()
    disk.answer = answer
    runtime.spawn("recorder", lambda context: ScriptedRecorder(context, disk), hang_budget_s=60.0)
    assert not Audit(runtime).written("ann", "view was killed")
    assert len(disk.lines) == 1


def test_a_line_waits_for_the_next_recorder(runtime: ThreadRuntime) -> None:
    """RELIABILITY invariant 20: nothing that was done goes unwritten."""
    disk = Disk()
    assert not Audit(runtime).written("ann", "recorder was killed")
    runtime.spawn("recorder", lambda context: ScriptedRecorder(context, disk))
    with disk.came:
        assert disk.came.wait_for(lambda: len(disk.lines) == 1, 5.0 * TIMEOUT_FACTOR)
    assert disk.lines[0].message == "recorder was killed"


def test_a_note_waits_for_nothing(runtime: ThreadRuntime) -> None:
    """CF-1: what the recorder keeps itself needs no second promise."""
    Audit(runtime).note("ann", "card saved")
