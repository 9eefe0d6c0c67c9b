"""Files that stations send to EVCE or fetch from it, each at an address that works for one action."""

import logging
import os
import re
import secrets
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import IO, BinaryIO

from actors.messages import FileMoved
from evce.errors import EvceError
from evce.units import BoxIdentity, Seconds
from web.site import Tell

__all__ = ["FILE_MOST", "FileExchange", "FileExchangeError", "Incoming", "KeptFile", "Ticket", "safe_name"]

log = logging.getLogger(__name__)

FILE_MOST = 128 * 1024 * 1024
"""Bytes of one file: diagnostics are some MB, the largest firmware seen is under 100 MB."""

FILES_KEPT = 20
"""Received files of one station; the oldest goes."""

FOLDER_MOST = 512 * 1024 * 1024
"""Bytes of all received files together, on a disk that others need too."""

DISK_LEFT = 256 * 1024 * 1024
"""What a file must leave free for the database."""

VALID: Seconds = 6 * 3600.0
"""How long an address works: a station may wait for its car to leave before it updates."""

FETCHES = 3
"""A firmware may be asked for again after a download that failed (UpdateFirmware says two retries)."""

_SAFE = re.compile(r"[^A-Za-z0-9._-]+")


class FileExchangeError(EvceError, OSError):
    """There is no way for a file now: no server, no room, or too large."""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that a station has sent."""

    name: str
    size: int
    received_at: datetime


@dataclass(slots=True)
class Ticket:
    """What one address is good for. `source` is the file to be fetched, None for one to be received."""

    token: str
    station: BoxIdentity
    request: str
    expires_at: float
    source: Path | None = None
    left: int = 1


class FileExchange:
    """The addresses that are open, and the folder of what came. Safe from any thread.

    `folder` holds `received/STATION/` and `served/`; `monotonic` gives seconds. `published` is told by
    whoever serves: scheme and port.
    """

    def __init__(self, folder: Path, tell: Tell, monotonic: Callable[[], float], address: str = "") -> None:
        self._folder = folder
        self._tell = tell
        self._monotonic = monotonic
        self._address = address
        self._base = ("", 0)
        self._tickets: dict[str, Ticket] = {}
        self._lock = Lock()
        shutil.rmtree(folder / "served", ignore_errors=True)  # nobody has an address of them any more

    def published(self, scheme: str, port: int) -> None:
        """The addresses are served from now on."""
        self._base = (scheme, port)

    def to_receive(self, station: BoxIdentity, request: str, peer: str) -> str:
        """The address at which this station may leave one file; a name may follow its slash."""
        ticket = self._open(Ticket(secrets.token_urlsafe(32), station, request, self._monotonic() + VALID))
        return f"{self._root(peer)}/{ticket.token}/"

    def to_serve(self, station: BoxIdentity, request: str, name: str, content: IO[bytes], peer: str) -> str:
        """The address at which this station may fetch a copy of `content`, under that name."""
        root = self._root(peer)
        folder = self._folder / "served"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        token, name = secrets.token_urlsafe(32), safe_name(name)
        source = folder / f"{token[:16]}-{name}"
        with Incoming(source, self._room()) as copy:
            while chunk := content.read(1 << 20):
                copy.write(chunk)
        if copy.size == 0:
            source.unlink(missing_ok=True)
            raise FileExchangeError("the file is empty")
        ticket = Ticket(token, station, request, self._monotonic() + VALID, source, FETCHES)
        self._open(ticket)
        return f"{root}/{token}/{name}"

    def ticket(self, token: str, *, to_serve: bool) -> Ticket | None:
        """What this address is good for now; None where it isn't."""
        with self._lock:
            self._forget_old()
            found = self._tickets.get(token)
            return found if found is not None and (found.source is not None) == to_serve else None

    def incoming(self, ticket: Ticket, name: str) -> "Incoming":
        """Where the bytes of a file go; `arrived` makes it known once they are all there."""
        folder = self._station_folder(ticket.station)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        return Incoming(folder / f"{stamp}-{ticket.token[:4]}-{safe_name(name)}", self._room())

    def arrived(self, ticket: Ticket, incoming: "Incoming") -> None:
        """The file is here whole: its address has done its service."""
        self._use(ticket)
        self._tidy(ticket.station)
        moved = FileMoved(ticket.station, ticket.request, incoming.path.name, incoming.size, received=True)
        self._tell(f"station/{ticket.station}", moved)

    def taken(self, ticket: Ticket) -> None:
        """The station begins to fetch the file: once more of the times that it may."""
        self._use(ticket)

    def fetched(self, ticket: Ticket, size: int) -> None:
        """The station has the whole file."""
        name = "" if ticket.source is None else ticket.source.name
        moved = FileMoved(ticket.station, ticket.request, name, size, received=False)
        self._tell(f"station/{ticket.station}", moved)

    def kept(self, station: BoxIdentity) -> list[KeptFile]:
        """What this station has sent, newest first."""
        return [
            KeptFile(path.name, path.stat().st_size, datetime.fromtimestamp(path.stat().st_mtime, UTC))
            for path in reversed(_files(self._station_folder(station)))
        ]

    def path(self, station: BoxIdentity, name: str) -> Path | None:
        """The file of that name; None for one that isn't there."""
        folder = self._station_folder(station)
        return next((path for path in _files(folder) if path.name == name), None)

    def _root(self, peer: str) -> str:
        scheme, port = self._base
        if not port:
            raise FileExchangeError("EVCE serves no files: its port for them could not be opened")
        host = self._address or _own_address(peer)
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/files"

    def _open(self, ticket: Ticket) -> Ticket:
        with self._lock:
            self._forget_old()
            self._tickets[ticket.token] = ticket
        return ticket

    def _use(self, ticket: Ticket) -> None:
        with self._lock:
            ticket.left -= 1
            if ticket.left <= 0:
                self._tickets.pop(ticket.token, None)
                if ticket.source is not None:
                    ticket.source.unlink(missing_ok=True)

    def _forget_old(self) -> None:
        now = self._monotonic()
        for token, ticket in list(self._tickets.items()):
            if now >= ticket.expires_at:
                del self._tickets[token]
                if ticket.source is not None:
                    ticket.source.unlink(missing_ok=True)

    def _station_folder(self, station: BoxIdentity) -> Path:
        # An identity may hold what a path must not; its bytes in hexadecimal can't clash with another's.
        plain = _SAFE.sub("_", station)
        suffix = "" if plain == station and not plain.startswith(".") else "-" + station.encode().hex()[:64]
        return self._folder / "received" / f"{plain.lstrip('.')[:64]}{suffix}"

    def _room(self) -> int:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(self._folder).free - DISK_LEFT
        if free <= 0:
            raise FileExchangeError("the disk has no room for files")
        return min(FILE_MOST, free)

    def _tidy(self, station: BoxIdentity) -> None:
        for path in _files(self._station_folder(station))[:-FILES_KEPT]:
            path.unlink(missing_ok=True)
        everything = sorted(
            (p for p in (self._folder / "received").rglob("*") if p.is_file()),
            key=lambda p: p.stat().st_mtime,
        )
        total = sum(path.stat().st_size for path in everything)
        for path in everything[:-1]:
            if total <= FOLDER_MOST:
                break
            total -= path.stat().st_size
            path.unlink(missing_ok=True)


class Incoming:
    """One file that is being written under another name until it is whole; left early, nothing stays."""

    def __init__(self, path: Path, most: int) -> None:
        self.path = path
        self.size = 0
        self._most = most
        self._part = path.with_name(f".{path.name}.part")
        self._file: BinaryIO

    def __enter__(self) -> "Incoming":
        self._file = os.fdopen(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        return self

    def write(self, chunk: bytes) -> None:
        """Add bytes. Raises FileExchangeError when the file grows beyond what there is room for."""
        self.size += len(chunk)
        if self.size > self._most:
            raise FileExchangeError(f"a file may have {self._most} bytes")
        self._file.write(chunk)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if kind is None:
            self._part.replace(self.path)
        else:
            self._part.unlink(missing_ok=True)


def safe_name(name: str) -> str:
    """A file name without anything that leads elsewhere or surprises a shell."""
    plain = _SAFE.sub("_", name.replace("\\", "/").rsplit("/", 1)[-1]).lstrip(".")
    return plain[-80:] or "file"


def _files(folder: Path) -> list[Path]:
    """Whole files, oldest first: their names begin with the time."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def _own_address(peer: str) -> str:
    """This computer's address as that peer reaches it: whence a packet to it would leave (none is sent)."""
    family = socket.AF_INET6 if ":" in peer else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((peer or "192.0.2.1", 9))
            return str(probe.getsockname()[0])
    except OSError as error:
        raise FileExchangeError(f"no way to the station's address {peer!r}: {error.strerror}") from error
