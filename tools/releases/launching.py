"""Hands a command over to the release that the data folder names, before anything of the site is read."""

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from evce.errors import StorageError
from evce.release.course import BASE, Course
from evce.release.shelf import ReleaseShelf
from evce.storage.migration import HEAD
from evce.storage.snapshots import put_back
from tools.data_folder import DataFolder

__all__ = ["ANEW", "RUNNING", "base_schema", "hand_over", "running_release", "start_again", "start_release"]

RUNNING: Final = "EVCE_RELEASE"
"""Environment variable in which a release finds its own version: it hands nothing over."""

ANEW: Final = 75
"""Exit code (EX_TEMPFAIL) of a daemon that wants `start_again`; else the service manager begins anew."""

_LAUNCHER: Final = "EVCE_LAUNCHER"
"""The command line that this machine's own installation was started with, as JSON: how to begin anew."""

_BASE_SCHEMA: Final = "EVCE_BASE_SCHEMA"
"""The version of the tables that it knows."""


def running_release() -> str:
    """The version of the release that this process is; BASE for the machine's own installation."""
    return os.environ.get(RUNNING, BASE)


def base_schema() -> str:
    """The version of the tables that this machine's own installation knows."""
    return os.environ.get(_BASE_SCHEMA, HEAD)


def hand_over(data: Path) -> None:
    """Become the same command of the release that runs this site; returns where that is this very program.

    A newer release may have changed what lies in the data folder.
    """
    if RUNNING not in os.environ:
        try:
            version = ReleaseShelf(data).course().current
        except StorageError as error:
            _say(str(error))
            return
        if version != BASE:
            _become(data, version)


def start_release(data: Path) -> None:
    """As `hand_over`, for the daemon: a start that counts for a release on trial, and ends one that won't do.

    Raises StorageError, FolderInUseError.
    """
    if RUNNING in os.environ or not ReleaseShelf(data).folder.exists():
        return
    shelf, folder = ReleaseShelf(data), DataFolder(data)
    with folder.hold():
        course = shelf.change(lambda course: course.starting(datetime.now(UTC)))
        while True:
            course = _undo(folder, shelf, course)
            if course.to_run == BASE or (why := _missing(shelf, course.to_run)) is None:
                break
            course = shelf.change(lambda course, why=why: _without(course, why))  # type: ignore[misc]
    if course.to_run != BASE:
        _become(data, course.to_run)


def start_again(data: Path) -> None:
    """End this process and begin anew with the release that is wanted now; returns where it is this one.

    The service manager sees one process that went on.
    """
    if ReleaseShelf(data).course().to_run == running_release():
        return
    command = json.loads(os.environ.get(_LAUNCHER, "null")) or sys.orig_argv
    own = (RUNNING, _LAUNCHER, _BASE_SCHEMA)
    environment = {name: value for name, value in os.environ.items() if name not in own}
    _flush()
    os.execvpe(command[0], command, environment)  # noqa: S606


def _become(data: Path, version: str) -> None:
    """Returns only where the release can't be run."""
    found = ReleaseShelf(data).find(version)
    if found is None:
        _say(f"release {version} is not whole: the machine's own installation goes on")
        return
    launcher = json.dumps(sys.orig_argv)
    if found.folder.stat().st_uid != os.geteuid():
        # What the service's user has written must not be run with the rights of root.
        _say(f"release {version} is another user's: the machine's own installation does it")
        return
    environment = {**os.environ, RUNNING: version, _LAUNCHER: launcher, _BASE_SCHEMA: HEAD}
    command = [str(found.python), str(found.program), *sys.argv[1:]]
    _flush()
    try:
        os.execve(command[0], command, environment)  # noqa: S606
    except OSError as error:
        _say(f"release {version} can't be run: {error.strerror}")


def _undo(folder: DataFolder, shelf: ReleaseShelf, course: Course) -> Course:
    """Put the database back to what it was before a release that runs no more."""
    if course.undo is None:
        return course
    snapshot = put_back(folder.database, course.undo, datetime.now(UTC))
    if snapshot is not None:
        _say(f"the database is that of {snapshot.name} again, from before the update")
    return shelf.change(Course.undone)


def _missing(shelf: ReleaseShelf, version: str) -> str | None:
    """Why this release can't even be begun."""
    found = shelf.find(version)
    if found is None:
        return "its files are missing"
    return None if os.access(found.python, os.X_OK) else "there is no Python for it on this machine any more"


def _without(course: Course, why: str) -> Course:
    now = datetime.now(UTC)
    return course.rolled_back(why, now) if course.trial is not None else course.lost(why, now)


def _say(text: str) -> None:
    print(f"EVCE: {text}", file=sys.stderr, flush=True)


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
