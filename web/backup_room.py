"""Where backups are made, checked and prepared for a restore: by child processes, one at a time.

A site of a million sessions takes minutes. The daemon only looks at what its child says of itself.
"""

import logging
import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import IO, Any

from evce.backup.manifest import Manifest
from evce.backup.refusals import BackupRefusedError, Reason
from evce.errors import EvceError
from evce.units import Seconds
from web.child_program import ChildError, ChildProgram, JobState, receive

__all__ = ["UPLOAD_MOST", "BackupJob", "BackupRoom", "BackupRoomError", "JobKind"]

log = logging.getLogger(__name__)

UPLOAD_MOST = 256 * 1024 * 1024
"""Bytes of a file that a browser may hand over: some millions of sessions. The command line takes more."""

KEPT: Seconds = 3600.0
"""How long a backup waits to be fetched, or to be restored."""


class BackupRoomError(EvceError, RuntimeError):
    """Not now: something else is under way, or there is no room."""


class JobKind(StrEnum):
    """What was asked for."""

    MAKE = "make"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class BackupJob:
    """What is known of a job; `percent` while it runs, `manifest` once it is done, `detail` of a failure.

    `reason` is the name of a refusal, None for another failure. `staged` is the name of the folder that a
    checked backup lies in, ready to be restored.
    """

    kind: JobKind
    state: JobState = JobState.RUNNING
    percent: int = 0
    manifest: Manifest | None = None
    reason: Reason | None = None
    detail: str = ""
    staged: str = ""


class BackupRoom:
    """The jobs of one data folder. Safe from any thread; asks nothing of the actors.

    `program` begins the command line of a child. Everything lies in `backup-room` and `restore-…` of the
    data folder, which the next start removes. `monotonic` gives seconds.
    """

    def __init__(self, folder: Path, program: Sequence[str], monotonic: Callable[[], float]) -> None:
        self._folder = folder
        self._room = folder / "backup-room"
        self._child = ChildProgram(self._room, program)
        self._monotonic = monotonic
        self._lock = Lock()
        self._job: BackupJob | None = None
        self._ended_at = 0.0

    @property
    def made(self) -> Path:
        """The file that was made last."""
        return self._room / "made.evce"

    def make(self, pass_phrase: str) -> None:
        """Begin to make a backup. Raises BackupRoomError."""
        with self._lock:
            self._begin(JobKind.MAKE)
            arguments = ("make", str(self.made), "--data", str(self._folder))
            self._start(BackupJob(JobKind.MAKE), arguments, pass_phrase)

    def check(self, upload: IO[bytes], pass_phrase: str) -> None:
        """Take a file over, and begin to check it. Raises BackupRoomError."""
        with self._lock:
            self._begin(JobKind.CHECK)
            file = self._room / "upload.evce"
            try:
                receive(upload, file, UPLOAD_MOST)
            except ChildError as error:
                raise BackupRoomError(str(error)) from error
            staged = f"restore-{secrets.token_hex(8)}"
            arguments = ("check", str(file), "--into", str(self._folder / staged))
            self._start(BackupJob(JobKind.CHECK, staged=staged), arguments, pass_phrase)

    def job(self) -> BackupJob | None:
        """The job that runs, or ended a while ago."""
        with self._lock:
            self._look()
            return self._job

    def forget(self) -> None:
        """End what runs, and remove what there is of it."""
        with self._lock:
            self._clear()

    def restoring(self) -> BackupJob:
        """The checked backup, which is the restore's from now on. Raises BackupRoomError without one."""
        with self._lock:
            self._look()
            job = self._job
            if job is None or job.kind is not JobKind.CHECK or job.state is not JobState.DONE:
                raise BackupRoomError("no checked backup waits to be restored: choose the file again")
            self._job = None
            shutil.rmtree(self._room, ignore_errors=True)
            return job

    def give_back(self, job: BackupJob) -> None:
        """Nothing came of the restore."""
        with self._lock:
            self._job = job

    def stop(self) -> None:
        """End the child; what a restore needs stays."""
        with self._lock:
            self._child.end()

    def _begin(self, kind: JobKind) -> None:
        self._look()
        if self._child.runs:
            raise BackupRoomError("another backup is being made or checked at this moment")
        self._clear()
        try:
            shutil.rmtree(self._room, ignore_errors=True)
            self._room.mkdir(mode=0o700)
        except OSError as error:
            raise BackupRoomError(f"the disk refuses: {error.strerror}") from error
        log.info("a child process is about to %s a backup", kind)

    def _start(self, job: BackupJob, arguments: Sequence[str], pass_phrase: str) -> None:
        command = ("backup", *arguments, "--pass-phrase-file", "-", "--machine")
        try:
            self._child.start(command, f"{pass_phrase}\n")
        except ChildError as error:
            raise BackupRoomError(str(error)) from error
        self._job = job

    def _look(self) -> None:
        job = self._job
        if job is not None and self._child.runs:
            code = self._child.code()
            self._job = _after(job, self._child.said(), code)
            if code is not None:
                self._ended_at = self._monotonic()
                if self._job.state is JobState.FAILED:
                    log.warning("the backup failed: %s %s", self._job.detail, self._child.errors())
        elif job is not None and self._monotonic() - self._ended_at > KEPT:
            self._clear()

    def _clear(self) -> None:
        self._child.end()
        if self._job is not None and self._job.staged:
            shutil.rmtree(self._folder / self._job.staged, ignore_errors=True)
        shutil.rmtree(self._room, ignore_errors=True)
        self._job = None


def _after(job: BackupJob, said: Sequence[Mapping[str, Any]], code: int | None) -> BackupJob:
    """The job as its child tells it; `code` is None while that runs."""
    percent = max((int(line["done"]) for line in said if isinstance(line.get("done"), int)), default=0)
    if code is None:
        return replace(job, percent=percent)
    last: Mapping[str, Any] = said[-1] if said else {}
    if code == 0 and "manifest" in last:
        try:
            manifest = Manifest.parse(last["manifest"])
        except BackupRefusedError as error:
            return replace(job, state=JobState.FAILED, detail=error.detail)
        return replace(job, state=JobState.DONE, percent=100, manifest=manifest)
    reason = Reason(last["refused"]) if last.get("refused") in tuple(Reason) else None
    detail = str(last.get("detail") or last.get("failed") or f"the process ended with code {code}")
    return replace(job, state=JobState.FAILED, reason=reason, detail=detail)
