"""Tests of the room in which releases are installed."""

import io
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evce.release.course import BASE, Course
from evce.release.shelf import ReleaseShelf
from evce.storage.migration import HEAD
from tests.conftest import TIMEOUT_FACTOR
from tests.evce.release.test_shelf import put
from web.child_program import JobState
from web.release_room import InstallJob, ReleaseRoom, ReleaseRoomError, known

AT = datetime(2026, 11, 23, tzinfo=UTC)

Furnish = Callable[[str], ReleaseRoom]


@pytest.fixture
def furnish(tmp_path: Path) -> Iterator[Furnish]:
    """A room whose child is a line of Python; it finds its arguments in `a`."""
    rooms: list[ReleaseRoom] = []

    def make(code: str) -> ReleaseRoom:
        program = (sys.executable, "-S", "-c", f"import sys, time; a = sys.argv[1:]\n{code}")
        rooms.append(ReleaseRoom(tmp_path, program, tmp_path / "evce.db", HEAD, lambda: AT))
        return rooms[-1]

    yield make
    for room in rooms:
        room.stop()


def until(room: ReleaseRoom, wanted: Callable[[InstallJob], bool]) -> InstallJob:
    pause = threading.Event()
    for _ in range(int(1000 * TIMEOUT_FACTOR)):
        job = room.job()
        if job is not None and wanted(job):
            return job
        pause.wait(0.02)
    raise AssertionError(room.job())


def ended(room: ReleaseRoom) -> InstallJob:
    return until(room, lambda job: job.state is not JobState.RUNNING)


def test_a_package_is_installed_by_a_child(furnish: Furnish, tmp_path: Path) -> None:
    """SR-4: which is told the file and the folder; the upload goes afterwards."""
    keep = tmp_path / "seen"
    room = furnish(
        f"open({str(keep)!r}, 'w').write(' '.join(a) + ' ' + open(a[2]).read())\n"
        'print(\'{"installed": "1.1"}\')'
    )
    assert room.job() is None
    room.install(io.BytesIO(b"package"))
    assert ended(room) == InstallJob(JobState.DONE, 100, version="1.1")
    upload = tmp_path / "release-room" / "upload.evce-release"
    assert keep.read_text() == f"release install {upload} --data {tmp_path} --machine package"
    assert not upload.parent.exists()
    room.forget()
    assert room.job() is None


def test_it_tells_how_far_it_is_and_one_is_enough(furnish: Furnish) -> None:
    """SR-4"""
    room = furnish('print(\'{"done": 30, "step": "installing its packages"}\', flush=True)\ntime.sleep(600)')
    room.install(io.BytesIO(b""))
    job = until(room, lambda job: job.percent > 0)
    assert job == InstallJob(percent=30, step="installing its packages")
    with pytest.raises(ReleaseRoomError, match="at this moment"):
        room.install(io.BytesIO(b""))
    room.forget()
    assert room.job() is None


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ('print(\'{"refused": "its signature"}\'); sys.exit(1)', "its signature"),
        ("sys.exit(3)", "ended with code 3"),
        ("pass", "ended with code 0"),
    ],
)
def test_a_failure_says_why(furnish: Furnish, code: str, words: str) -> None:
    """SR-4"""
    room = furnish(code)
    room.install(io.BytesIO(b""))
    job = ended(room)
    assert job.state is JobState.FAILED
    assert words in job.detail


def test_a_disk_that_refuses_is_told(furnish: Furnish, tmp_path: Path) -> None:
    """RELIABILITY 3"""
    (tmp_path / "release-room").write_text("no folder")
    with pytest.raises(ReleaseRoomError):
        furnish("pass").install(io.BytesIO(b""))


def test_what_is_installed_can_be_started_and_left_again(furnish: Furnish, tmp_path: Path) -> None:
    """SR-4"""
    room, shelf = furnish("pass"), ReleaseShelf(tmp_path)
    put(shelf, "1.1")
    assert [one.manifest.version for one in room.ready()] == ["1.1"]
    assert room.way_back() is None
    with pytest.raises(ReleaseRoomError, match="not ready"):
        room.start("1.2", "olivia")
    with pytest.raises(ReleaseRoomError, match="no release to go back to"):
        room.back("olivia")
    room.start("1.1", "olivia")
    assert room.course().to_run == "1.1"
    assert room.ready() == []
    shelf.change(lambda course: course.kept(AT).told())
    way = room.way_back()
    assert way is not None
    assert (way.version, way.barred) == (BASE, "")
    room.seen()
    assert room.course().last is None
    assert room.back("olivia") == BASE
    assert room.course().to_run == BASE


def test_what_was_rolled_back_isn_t_offered_again(furnish: Furnish, tmp_path: Path) -> None:
    """SR-4: until somebody has read why."""
    room, shelf = furnish("pass"), ReleaseShelf(tmp_path)
    put(shelf, "1.1")
    shelf.change(lambda _: Course().wanted("1.1", "", AT).rolled_back("why", AT).told())
    assert room.ready() == []
    room.seen()
    assert len(room.ready()) == 1


def test_a_way_back_that_is_barred_says_why(furnish: Furnish, tmp_path: Path) -> None:
    """SR-4"""
    room = furnish("pass")
    ReleaseShelf(tmp_path).change(lambda _: Course("1.1", "1.0", AT))
    with pytest.raises(ReleaseRoomError, match="not there any more"):
        room.back("olivia")


def test_nobody_can_tell_without_a_room_or_from_a_damaged_file(furnish: Furnish, tmp_path: Path) -> None:
    """RELIABILITY 3"""
    room = furnish("pass")
    assert known(None) is None
    assert known(room) == Course()
    ReleaseShelf(tmp_path).change(lambda _: Course("1.1"))
    (tmp_path / "releases" / "state.json").write_text("{")
    assert known(room) is None
