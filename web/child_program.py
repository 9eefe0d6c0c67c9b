"""A long piece of work as a child process, which the daemon only looks at, and large files for it."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import IO, Any

from evce.errors import EvceError
from evce.units import Seconds

__all__ = ["ChildError", "ChildProgram", "JobState", "receive"]

_DISK_LEFT = 256 * 1024 * 1024
_CHUNK = 1 << 20
_ENDS_WITHIN: Seconds = 5.0


class ChildError(EvceError, RuntimeError):
    """There is no room for its file, or no process can be started."""


class JobState(StrEnum):
    """How far the work is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ChildProgram:
    """One child at a time, which says how far it is in lines of JSON; `room` is a folder for what it says.

    Not safe from several threads: its owner has a lock.
    """

    def __init__(self, room: Path, program: Sequence[str]) -> None:
        self._room = room
        self._program = tuple(program)
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def runs(self) -> bool:
        """Whether one was started that `code` hasn't told the end of."""
        return self._child is not None

    def start(self, arguments: Sequence[str], given: str = "") -> None:
        """Begin; `given` is its standard input. Raises ChildError."""
        try:
            with (self._room / "said").open("wb") as said, (self._room / "errors").open("wb") as errors:
                child = subprocess.Popen(  # noqa: S603  (the daemon's own program, and paths of its own)
                    [*self._program, *arguments], stdin=subprocess.PIPE, stdout=said, stderr=errors
                )
        except OSError as error:
            raise ChildError(f"no process can be started for it: {error.strerror}") from error
        self._child = child
        if (pipe := child.stdin) is not None:
            with suppress(BrokenPipeError), pipe:  # one that has ended already is seen at the next look
                pipe.write(given.encode())

    def code(self) -> int | None:
        """The exit code of a child that has ended since; None while it runs, or where there is none."""
        code = None if self._child is None else self._child.poll()
        if code is not None:
            self._child = None
        return code

    def said(self) -> list[Mapping[str, Any]]:
        """What the child has said; its last line may be half a line yet."""
        found = []
        try:
            lines = (self._room / "said").read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        for line in lines:
            try:
                found.append(json.loads(line))
            except ValueError:
                continue
        return [line for line in found if isinstance(line, dict)]

    def errors(self) -> str:
        """The end of what it wrote to its standard error."""
        try:
            return (self._room / "errors").read_text(errors="replace")[-500:].strip()
        except OSError:
            return ""

    def end(self) -> None:
        """End it."""
        child, self._child = self._child, None
        if child is not None:
            child.terminate()
            try:
                child.wait(_ENDS_WITHIN)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def receive(upload: IO[bytes], file: Path, most: int) -> None:
    """Take a file over; nothing of it stays where it is too large. Raises ChildError."""
    try:
        left = min(most, shutil.disk_usage(file.parent).free - _DISK_LEFT)
        with file.open("wb") as out:
            while chunk := upload.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise ChildError(
                        f"the file is larger than {most >> 20} MiB, or than the disk has room for"
                    )
                out.write(chunk)
    except OSError as error:
        file.unlink(missing_ok=True)
        raise ChildError(f"the disk refuses: {error.strerror}") from error
    except ChildError:
        file.unlink(missing_ok=True)
        raise
