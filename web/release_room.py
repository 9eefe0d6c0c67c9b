"""Where a package of EVCE itself is installed, by a child process, and the release that runs is chosen."""

import logging
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import IO, Any

from evce.errors import EvceError, StorageError
from evce.release.course import Course, Outcome
from evce.release.package import MOST_BYTES, SUFFIX
from evce.release.shelf import ROOM, Installed, ReleaseShelf
from evce.release.way_back import WayBack, way_back
from web.child_program import ChildError, ChildProgram, JobState, receive

__all__ = ["InstallJob", "ReleaseRoom", "ReleaseRoomError", "known"]

log = logging.getLogger(__name__)


class ReleaseRoomError(EvceError, RuntimeError):
    """Not now, or not this one; the text says why."""


@dataclass(frozen=True, slots=True)
class InstallJob:
    """`percent` and `step` while it runs, `version` once it is done, `detail` of a failure."""

    state: JobState = JobState.RUNNING
    percent: int = 0
    step: str = ""
    version: str = ""
    detail: str = ""


class ReleaseRoom:
    """The releases of one data folder. Safe from any thread; asks nothing of the actors.

    `program` begins the command line of a child, `base_schema` is the version of the tables that the
    machine's own installation knows, `database` the file of the site.
    """

    def __init__(
        self,
        data: Path,
        program: Sequence[str],
        database: Path,
        base_schema: str,
        now: Callable[[], datetime],
    ) -> None:
        self._data = data
        self._room = data / ROOM
        self._database = database
        self._base_schema = base_schema
        self._now = now
        self._shelf = ReleaseShelf(data)
        self._child = ChildProgram(self._room, program)
        self._lock = Lock()
        self._job: InstallJob | None = None

    def course(self) -> Course:
        """Which release runs. Raises StorageError."""
        return self._shelf.course()

    def way_back(self) -> WayBack | None:
        """The release before, None where there was none. Raises StorageError."""
        return way_back(self._shelf, self.course(), self._database, self._base_schema)

    def ready(self) -> list[Installed]:
        """What is installed and could be started; not what was rolled back. Raises StorageError."""
        course = self.course()
        not_now = {course.current, course.former, course.to_run}
        if course.last is not None and course.last.outcome is Outcome.ROLLED_BACK:
            not_now.add(course.last.version)
        return [one for one in self._shelf.installed() if one.manifest.version not in not_now]

    def install(self, upload: IO[bytes]) -> None:
        """Take a package over, and begin to install it. Raises ReleaseRoomError."""
        with self._lock:
            self._look()
            if self._child.runs:
                raise ReleaseRoomError("another release is being installed at this moment")
            self._clear()
            file = self._room / f"upload{SUFFIX}"
            try:
                self._room.mkdir(mode=0o700)
                receive(upload, file, MOST_BYTES)
                self._child.start(("release", "install", str(file), "--data", str(self._data), "--machine"))
            except (ChildError, OSError) as error:
                shutil.rmtree(self._room, ignore_errors=True)
                raise ReleaseRoomError(str(error)) from error
            self._job = InstallJob()
            log.info("a child process is about to install a release")

    def job(self) -> InstallJob | None:
        """The installation that runs, or has ended."""
        with self._lock:
            self._look()
            return self._job

    def forget(self) -> None:
        """End what runs, and remove what there is of it."""
        with self._lock:
            self._clear()

    def stop(self) -> None:
        """End the child."""
        with self._lock:
            self._clear()

    def start(self, version: str, by: str) -> None:
        """Have the next start of EVCE run this release, on trial. Raises ReleaseRoomError, StorageError."""
        if version not in [one.manifest.version for one in self.ready()]:
            raise ReleaseRoomError(f"release {version} is not ready to be started")
        self._shelf.change(lambda course: course.wanted(version, by, self._now()))

    def back(self, by: str) -> str:
        """Have the next start of EVCE run the release before; which it is.

        Raises ReleaseRoomError, StorageError.
        """
        way = self.way_back()
        if way is None:
            raise ReleaseRoomError("there is no release to go back to")
        if way.barred:
            raise ReleaseRoomError(way.barred)
        self._shelf.change(lambda course: course.gone_back(by, self._now()))
        return way.version

    def seen(self) -> None:
        """Somebody has read how the last update ended. Raises StorageError."""
        self._shelf.change(Course.seen)

    def _look(self) -> None:
        job = self._job
        if job is not None and self._child.runs:
            code = self._child.code()
            self._job = _after(job, self._child.said(), code)
            if self._job.state is JobState.FAILED:
                log.warning("a release was not installed: %s %s", self._job.detail, self._child.errors())
            if code is not None:
                shutil.rmtree(self._room, ignore_errors=True)

    def _clear(self) -> None:
        self._child.end()
        shutil.rmtree(self._room, ignore_errors=True)
        self._job = None


def _after(job: InstallJob, said: Sequence[Mapping[str, Any]], code: int | None) -> InstallJob:
    """The installation as its child tells it; `code` is None while that runs."""
    last: Mapping[str, Any] = said[-1] if said else {}
    if code is None:
        percent = last.get("done")
        return replace(
            job,
            percent=percent if isinstance(percent, int) else job.percent,
            step=str(last.get("step") or job.step),
        )
    if code == 0 and last.get("installed"):
        return InstallJob(JobState.DONE, 100, version=str(last["installed"]))
    detail = str(last.get("refused") or f"the process ended with code {code}")
    return InstallJob(JobState.FAILED, detail=detail)


def known(room: ReleaseRoom | None) -> Course | None:
    """Which release runs; None where nobody can tell."""
    try:
        return None if room is None else room.course()
    except StorageError:
        return None
