"""Asks a running daemon through its control socket."""

import socket
from pathlib import Path
from typing import Any

from evce.errors import StorageError
from tools.control.wire import LONGEST, SOCKET_NAME, pack, unpack

__all__ = ["ControlError", "control"]


class ControlError(StorageError):
    """The daemon refused, or nobody answers."""


def control(data: Path, do: str, *, timeout: float = 20.0, **arguments: Any) -> dict[str, Any]:
    """Have the daemon that holds this data folder do something; returns its answer.

    `timeout` in seconds. Raises `ControlError` with the daemon's own words when it refuses.
    """
    path = data / SOCKET_NAME
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(timeout)
            sock.connect(str(path))
            sock.sendall(pack({"do": do, **arguments}))
            with sock.makefile("rb") as lines:
                line = lines.readline(LONGEST)
    except OSError as error:
        raise ControlError(f"no daemon answers at {path}: {error.strerror or error}") from error
    if not line:
        raise ControlError(f"the daemon at {path} closed the connection without an answer")
    try:
        answer = unpack(line)
    except ValueError as error:
        raise ControlError(f"{path} said something that is no answer: {error}") from error
    if "error" in answer:
        raise ControlError(str(answer["error"]))
    return answer
