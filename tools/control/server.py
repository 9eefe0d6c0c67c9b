"""The daemon's end of the control socket; only the daemon's own user and root get in."""

import contextlib
import logging
import os
import socket
import struct
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tools.control.wire import LONGEST, SOCKET_NAME, pack, unpack

__all__ = ["ControlServer", "Deed"]

logger = logging.getLogger(__name__)

Deed = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Does what a request says and returns the answer; a ValueError, LookupError or OSError is told as it is."""

LONGEST_PATH = 107
"""Bytes of `sun_path` without its end, unix(7)."""

PATIENCE = 10.0
"""Seconds for a connected client to send its request."""


class ControlServer:
    """Serves one connection at a time on a thread of its own; the data folder is 0700, the socket 0600."""

    def __init__(self, folder: Path, deeds: Mapping[str, Deed]) -> None:
        self._path = folder / SOCKET_NAME
        self._deeds = dict(deeds)
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Listen. Raises OSError where the folder takes no socket (its path may be too long for one)."""
        length = len(os.fsencode(self._path))
        if length > LONGEST_PATH:
            raise OSError(f"{self._path}: a socket's path may have {LONGEST_PATH} bytes, not {length}")
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        before = os.umask(0o177)
        try:
            listener.bind(str(self._path))
        finally:
            os.umask(before)
        listener.listen(4)
        self._socket = listener
        self._thread = threading.Thread(target=self._serve, args=(listener,), name="control", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and remove the socket."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._path.unlink(missing_ok=True)
            self._socket = None

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._answer(connection)
                except OSError as error:
                    logger.info("a control connection broke: %s", error)

    def _answer(self, connection: socket.socket) -> None:
        if _peer(connection) not in (0, os.geteuid()):
            connection.sendall(pack({"error": "only the daemon's own user and root may control it"}))
            return
        connection.settimeout(PATIENCE)
        with connection.makefile("rb") as lines:
            line = lines.readline(LONGEST)
        connection.sendall(pack(self._do(line)))

    def _do(self, line: bytes) -> dict[str, Any]:
        try:
            request = unpack(line)
            deed = self._deeds.get(str(request.get("do")))
            if deed is None:
                return {"error": f"do={request.get('do')!r}: know {', '.join(sorted(self._deeds))}"}
            return deed(request)
        except (ValueError, LookupError, OSError, RuntimeError) as error:
            return {"error": str(error) or type(error).__name__}


def _peer(connection: socket.socket) -> int:
    """Return the user id at the other end (SO_PEERCRED, unix(7))."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", packed)[1])
