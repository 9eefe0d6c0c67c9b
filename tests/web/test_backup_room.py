"""Tests of the room in which child processes make and check backups."""

import io
import json
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evce.backup.manifest import COUNTED
from evce.backup.refusals import Reason
from tests.conftest import TIMEOUT_FACTOR
from web import backup_room
from web.backup_room import BackupJob, BackupRoom, BackupRoomError, JobKind
from web.child_program import JobState

MANIFEST = {
    "evce": "1.0",
    "schema": "0010",
    "site": "Harbour",
    "made_at": "2026-11-22T00:00:00+00:00",
    "revision": 1,
    "counts": dict.fromkeys(COUNTED, 2),
    "files": [],
    "left_out": [],
}

Furnish = Callable[[str], BackupRoom]


class Clock:
    moment = 0.0

    def __call__(self) -> float:
        return self.moment


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def furnish(tmp_path: Path, clock: Clock) -> Iterator[Furnish]:
    """A room whose child is a line of Python; it finds its arguments in `a`, the pass phrase in `p`."""
    rooms: list[BackupRoom] = []

    def make(code: str) -> BackupRoom:
        begin = "import sys, json, os, time; a = sys.argv[1:]; p = sys.stdin.readline().strip()\n"
        rooms.append(BackupRoom(tmp_path, (sys.executable, "-S", "-c", begin + code), clock))
        return rooms[-1]

    yield make
    for room in rooms:
        room.stop()


def ended(room: BackupRoom) -> BackupJob:
    """The job once its child has ended."""
    pause = threading.Event()
    for _ in range(int(1000 * TIMEOUT_FACTOR)):
        job = room.job()
        if job is not None and job.state is not JobState.RUNNING:
            return job
        pause.wait(0.02)
    raise AssertionError(room.job())


SAY = f"print(json.dumps({{'manifest': {MANIFEST!r}}}))"


def test_a_backup_is_made_by_a_child_that_is_given_the_pass_phrase_unseen(
    furnish: Furnish, tmp_path: Path
) -> None:
    """SR-1: never on a command line, which everybody on the machine can read."""
    room = furnish(f"open(a[2], 'w').write(json.dumps([a, p]))\n{SAY}")
    assert room.job() is None
    room.make("correct horse")
    job = ended(room)
    assert (job.kind, job.state, job.percent) == (JobKind.MAKE, JobState.DONE, 100)
    assert job.manifest is not None
    assert job.manifest.site == "Harbour"
    arguments, phrase = json.loads(room.made.read_text())
    assert phrase == "correct horse"
    assert "correct horse" not in " ".join(arguments)
    assert arguments[:2] == ["backup", "make"]
    assert str(tmp_path) in arguments


def test_it_tells_how_far_it_is_and_can_be_ended(furnish: Furnish, tmp_path: Path) -> None:
    """SR-1: one at a time; whatever there was of it is gone."""
    room = furnish("print(json.dumps({'done': 41}), flush=True)\ntime.sleep(600)")
    room.make("x")
    pause = threading.Event()
    for _ in range(int(500 * TIMEOUT_FACTOR)):
        job = room.job()
        assert job is not None
        if job.percent == 41:
            break
        pause.wait(0.02)
    assert job == BackupJob(JobKind.MAKE, percent=41)
    with pytest.raises(BackupRoomError, match="another backup"):
        room.make("y")
    room.forget()
    assert room.job() is None
    assert not list(tmp_path.iterdir())


def test_a_file_is_taken_over_checked_and_handed_to_the_restore(furnish: Furnish, tmp_path: Path) -> None:
    """SR-2: once; what isn't wanted any more goes."""
    room = furnish(f"os.mkdir(a[4]); open(a[4] + '/x', 'w').write(open(a[2]).read())\n{SAY}")
    room.check(io.BytesIO(b"uploaded"), "phrase")
    job = ended(room)
    assert (tmp_path / job.staged / "x").read_text() == "uploaded"
    taken = room.restoring()
    assert taken == job
    with pytest.raises(BackupRoomError, match="choose the file again"):
        room.restoring()
    assert [path.name for path in tmp_path.iterdir()] == [job.staged]
    room.give_back(taken)
    room.forget()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("code", "reason", "detail"),
    [
        ("print(json.dumps({'refused': 'bomb', 'detail': 'much'})); sys.exit(1)", Reason.BOMB, "much"),
        ("print(json.dumps({'failed': 'no room'})); sys.exit(1)", None, "no room"),
        ("print('{half a'); sys.exit(1)", None, "ended with code 1"),
        ("os.kill(os.getpid(), 9)", None, "ended with code -9"),
        ("print(json.dumps({'manifest': {}}))", None, "manifest can't be read"),
        ("print('[1]')", None, "ended with code 0"),
    ],
)
def test_what_goes_wrong_has_its_name(
    furnish: Furnish, code: str, reason: Reason | None, detail: str
) -> None:
    """SR-2."""
    room = furnish(code)
    room.check(io.BytesIO(b"x"), "phrase")
    job = ended(room)
    assert (job.state, job.reason) == (JobState.FAILED, reason)
    assert detail in job.detail
    with pytest.raises(BackupRoomError):
        room.restoring()
    room.make("the next is welcome")


def test_a_file_beyond_the_limit_is_refused(furnish: Furnish, monkeypatch: pytest.MonkeyPatch) -> None:
    """SR-2: RELIABILITY §3."""
    monkeypatch.setattr(backup_room, "UPLOAD_MOST", 10)
    room = furnish("")
    with pytest.raises(BackupRoomError, match="larger than"):
        room.check(io.BytesIO(b"x" * 11), "phrase")
    assert room.job() is None


def test_nobody_leaves_a_backup_lying_about(furnish: Furnish, clock: Clock, tmp_path: Path) -> None:
    """SR-1: after an hour it is gone."""
    room = furnish(f"open(a[2], 'w').write('x')\n{SAY}")
    room.make("phrase")
    ended(room)
    assert room.made.exists()
    clock.moment = backup_room.KEPT + 1
    assert room.job() is None
    assert not list(tmp_path.iterdir())


def test_a_program_that_can_not_be_started_is_told(tmp_path: Path, clock: Clock) -> None:
    """SR-1."""
    with pytest.raises(BackupRoomError, match="No such file"):
        BackupRoom(tmp_path, ("/nowhere/python",), clock).make("phrase")
