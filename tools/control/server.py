"""The daemon's end of the control socket; only the daemon's own user and root get in."""

import contextlib
import logging
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any

from tools.control.wire import END, LONGEST, SOCKET_NAME, pack, unpack

__all__ = ["ControlServer", "Deed", "Stream", "StreamedDeed", "together"]

logger = logging.getLogger(__name__)

Stream = Generator[dict[str, Any] | None, None, None]
"""Answers one after the other; while there is none, None several times a second to look for the client."""

Deed = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Does what a request says and returns the answer; a ValueError, LookupError or OSError is told as it is."""

StreamedDeed = Callable[[Mapping[str, Any]], Stream]
"""A deed with a stream of answers; the stream is closed as soon as its client has gone."""

LONGEST_PATH = 107
"""Bytes of `sun_path` without its end, unix(7)."""

PATIENCE = 10.0
"""Seconds for a connected client to send its request, and to take a line of the answer."""

UNREAD = 0.2
"""Seconds for the request of a client that is refused anyway."""

AT_ONCE = 8
"""Connections served at the same time: two engineers with a trace each and what else they ask."""


def together(*groups: Mapping[str, Deed | StreamedDeed]) -> dict[str, Deed | StreamedDeed]:
    """All deeds of these groups. Raises ValueError for two of one name: one could never be asked for."""
    known: dict[str, Deed | StreamedDeed] = {}
    for group in groups:
        if twice := sorted(known.keys() & group.keys()):
            raise ValueError(f"two deeds of one name: {', '.join(twice)}")
        known |= group
    return known


class ControlServer:
    """Serves each connection on a thread of its own; the data folder is 0700, the socket 0600."""

    def __init__(self, folder: Path, deeds: Mapping[str, Deed | StreamedDeed]) -> None:
        self._path = folder / SOCKET_NAME
        self._deeds = dict(deeds)
        self._socket: socket.socket | None = None
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._stopping = threading.Event()

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
        listener.listen(AT_ONCE)
        self._socket = listener
        threading.Thread(target=self._listen, args=(listener,), name="control", daemon=True).start()

    def stop(self) -> None:
        """Stop listening, end the streams and remove the socket."""
        self._stopping.set()
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
            self._path.unlink(missing_ok=True)
            self._socket = None

    def _listen(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            if self._places.acquire(blocking=False):
                threading.Thread(
                    target=self._serve, args=(connection,), name="control-client", daemon=True
                ).start()
            else:
                with connection, contextlib.suppress(OSError):
                    _refuse(connection, f"{AT_ONCE} others are served now; end one of them")

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection:
                connection.settimeout(PATIENCE)
                self._answer(connection)
        except OSError as error:
            logger.info("a control connection broke: %s", error)
        finally:
            self._places.release()

    def _answer(self, connection: socket.socket) -> None:
        if peer(connection) not in (0, os.geteuid()):
            _refuse(connection, "only the daemon's own user and root may control it")
            return
        with connection.makefile("rb") as lines:
            line = lines.readline(LONGEST)
        answer = self._do(line)
        if isinstance(answer, dict):
            connection.sendall(pack(answer))
        else:
            with contextlib.closing(answer):
                self._stream(connection, answer)

    def _do(self, line: bytes) -> dict[str, Any] | Stream:
        try:
            request = unpack(line)
            deed = self._deeds.get(str(request.get("do")))
            if deed is None:
                return {"error": f"do={request.get('do')!r}: know {', '.join(sorted(self._deeds))}"}
            return deed(request)
        except (ValueError, LookupError, OSError, RuntimeError) as error:
            return {"error": _in_words(error)}

    def _stream(self, connection: socket.socket, stream: Stream) -> None:
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        while not self._stopping.is_set():
            try:
                answer = next(stream)
            except StopIteration:
                connection.sendall(pack({END: True}))
                return
            except (ValueError, LookupError, OSError, RuntimeError) as error:
                connection.sendall(pack({"error": _in_words(error)}))
                return
            # A client says nothing more: whatever can be read from it is its end.
            if poll.poll(0):
                return
            if answer is not None:
                connection.sendall(pack(answer))


def _refuse(connection: socket.socket, reason: str) -> None:
    """Say why; what was asked is thrown away, since closing with it unread would reset the connection."""
    connection.settimeout(UNREAD)
    connection.sendall(pack({"error": reason}))
    with contextlib.suppress(TimeoutError):
        connection.recv(LONGEST)


def _in_words(error: Exception) -> str:
    # A KeyError's own text is in quotes.
    text = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    return text or type(error).__name__


def peer(connection: socket.socket) -> int:
    """Return the user id at the other end (SO_PEERCRED, unix(7))."""
    packed = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", packed)[1])
