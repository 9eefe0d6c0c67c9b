"""Asks a running daemon through its control socket."""

import contextlib
import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from evce.errors import StorageError
from tools.control.wire import END, LONGEST, SOCKET_NAME, pack, unpack

__all__ = ["ControlError", "control", "follow"]

SILENCE = 60.0
"""Seconds without a line of a stream after which nobody is believed to be there."""


class ControlError(StorageError):
    """The daemon refused, or nobody answers."""


def control(data: Path, do: str, *, timeout: float = 20.0, **arguments: Any) -> dict[str, Any]:
    """Have the daemon that holds this data folder do something; returns its answer.

    `timeout` in seconds. Raises `ControlError` with the daemon's own words when it refuses.
    """
    path = data / SOCKET_NAME
    with _asked(path, {"do": do, **arguments}, timeout) as lines:
        return _answer(path, lines)


def follow(
    data: Path, do: str, *, timeout: float = SILENCE, **arguments: Any
) -> Generator[dict[str, Any], None, None]:
    """Have the daemon do something that it answers in a stream; ends with it.

    `timeout` is the longest silence in seconds. Whoever closes the iterator ends what the daemon does for it.
    Raises `ControlError` as `control` does, and when the stream breaks off.
    """
    path = data / SOCKET_NAME
    with _asked(path, {"do": do, **arguments}, timeout) as lines:
        while END not in (answer := _answer(path, lines)):
            yield answer


@contextmanager
def _asked(path: Path, request: dict[str, Any], timeout: float) -> Iterator[IO[bytes]]:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(timeout)
            sock.connect(str(path))
            with contextlib.suppress(BrokenPipeError):  # refused before it was heard: the answer says why
                sock.sendall(pack(request))
            with sock.makefile("rb") as lines:
                yield lines
    except ControlError:
        raise
    except OSError as error:
        raise ControlError(f"no daemon answers at {path}: {error.strerror or error}") from error


def _answer(path: Path, lines: IO[bytes]) -> dict[str, Any]:
    line = lines.readline(LONGEST)
    if not line:
        raise ControlError(f"the daemon at {path} closed the connection without an answer")
    try:
        answer = unpack(line)
    except ValueError as error:
        raise ControlError(f"{path} said something that is no answer: {error}") from error
    if "error" in answer:
        raise ControlError(str(answer["error"]))
    return answer
