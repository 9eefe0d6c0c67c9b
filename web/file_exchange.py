"""Files that stations send to EVCE or fetch from it, each at an address that works for one action."""

import logging
import os
import re
import secrets
import shutil
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import IO, BinaryIO

from actors.messages import FileMoved
from evce.configuration.choices import FileTransfer
from evce.errors import EvceError
from evce.units import BoxIdentity, Seconds
from web.site import Tell

__all__ = [
    "FILE_MOST",
    "FileExchange",
    "FileExchangeError",
    "Incoming",
    "KeptFile",
    "Ticket",
    "room",
    "safe_name",
]

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
    """What one address is good for.

    `source` is the file to be fetched under `name`, None for one to be received.
    """

    token: str
    station: BoxIdentity
    request: str
    expires_at: float
    source: Path | None = None
    name: str = ""
    left: int = 1
    user: str = ""
    """Its login of FTP, the token being the password; empty over HTTP."""


class FileExchange:
    """The addresses that are open, and the folder of what came. Safe from any thread.

    `folder` holds `received/STATION/` and `served/`; `monotonic` gives seconds. `published` and `closed` are
    told by whoever serves: scheme and port. Stations use HTTP unless `ways` says otherwise.
    """

    def __init__(self, folder: Path, tell: Tell, monotonic: Callable[[], float], address: str = "") -> None:
        self._folder = folder
        self._tell = tell
        self._monotonic = monotonic
        self._address = address
        self._ports: dict[FileTransfer, int] = {}
        self._reasons: dict[FileTransfer, str] = {}
        self._ways: Mapping[BoxIdentity, FileTransfer] = {}
        self._tickets: dict[str, Ticket] = {}
        self._lock = Lock()
        shutil.rmtree(folder / "served", ignore_errors=True)  # nobody has an address of them any more

    def published(self, way: FileTransfer, port: int) -> None:
        """The addresses of this way are served from now on."""
        self._ports[way] = port

    def closed(self, way: FileTransfer, reason: str) -> None:
        """They aren't served, for this reason."""
        self._ports.pop(way, None)
        self._reasons[way] = reason

    def ways(self, ways: Mapping[BoxIdentity, FileTransfer]) -> None:
        """How each station leaves and fetches files from now on."""
        self._ways = dict(ways)

    def to_receive(self, station: BoxIdentity, request: str, peer: str) -> str:
        """The address at which this station may leave one file; a name may follow its slash."""
        way, root = self._root(station, peer)
        ticket = self._ticket(way, station, request)
        self._open(ticket)
        return _address(root, ticket, "")

    def to_serve(
        self,
        station: BoxIdentity,
        request: str,
        name: str,
        content: IO[bytes],
        peer: str,
        kept: Path | None = None,
    ) -> str:
        """The address at which this station may fetch a copy of `content`, under that name.

        `kept` is where it lies already, in a file that is never written to again: no disk is needed for it.
        """
        way, root = self._root(station, peer)
        folder = self._folder / "served"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ticket, name = self._ticket(way, station, request), safe_name(name)
        source = folder / f"{secrets.token_hex(8)}-{name}"
        if not _linked(kept, source):
            with Incoming(source, room(self._folder)) as copy:
                while chunk := content.read(1 << 20):
                    copy.write(chunk)
            if copy.size == 0:
                source.unlink(missing_ok=True)
                raise FileExchangeError("the file is empty")
        ticket.source, ticket.name, ticket.left = source, name, FETCHES
        self._open(ticket)
        return _address(root, ticket, name)

    def login(self, user: str, password: str) -> Ticket | None:
        """What this login of FTP is good for now; None where it isn't."""
        with self._lock:
            self._forget_old()
            found = self._tickets.get(password)
        return found if found is not None and found.user and found.user == user else None

    def ticket(self, token: str, *, to_serve: bool) -> Ticket | None:
        """What this address is good for now; None where it isn't."""
        with self._lock:
            self._forget_old()
            found = self._tickets.get(token)
        fits = found is not None and not found.user and (found.source is not None) == to_serve
        return found if fits else None

    def incoming(self, ticket: Ticket, name: str) -> "Incoming":
        """Where the bytes of a file go; `arrived` makes it known once they are all there."""
        folder = self._station_folder(ticket.station)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        return Incoming(folder / f"{stamp}-{ticket.token[:4]}-{safe_name(name)}", room(self._folder))

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

    def _root(self, station: BoxIdentity, peer: str) -> tuple[FileTransfer, tuple[str, str]]:
        """The station's way, with the scheme and the place of its addresses."""
        way = self._ways.get(station, FileTransfer.HTTP)
        port = self._ports.get(way)
        if port is None:
            reason = self._reasons.get(way, "its port for them could not be opened")
            raise FileExchangeError(f"EVCE serves no files over {way.upper()}: {reason}")
        host = self._address or _own_address(peer)
        return way, (way.value, f"{f'[{host}]' if ':' in host else host}:{port}")

    def _ticket(self, way: FileTransfer, station: BoxIdentity, request: str) -> Ticket:
        """A login of FTP is shorter: not every station takes a long address."""
        http = way is FileTransfer.HTTP
        token = secrets.token_urlsafe(32 if http else 16)
        user = "" if http else f"s{secrets.token_hex(4)}"
        return Ticket(token, station, request, self._monotonic() + VALID, user=user)

    def _open(self, ticket: Ticket) -> None:
        with self._lock:
            self._forget_old()
            self._tickets[ticket.token] = ticket

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


def _address(root: tuple[str, str], ticket: Ticket, name: str) -> str:
    scheme, place = root
    if ticket.user:
        return f"{scheme}://{ticket.user}:{ticket.token}@{place}/{name}"
    return f"{scheme}://{place}/files/{ticket.token}/{name}"


def _linked(kept: Path | None, source: Path) -> bool:
    """Whether it could be given a second name: a hundred stations need the room of one file."""
    if kept is None:
        return False
    try:
        source.hardlink_to(kept)
    except OSError:  # another file system, or one that knows no links
        return False
    return True


def room(folder: Path) -> int:
    """Bytes that a file there may have now. Raises FileExchangeError where the disk has none to spare."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free - DISK_LEFT
    if free <= 0:
        raise FileExchangeError("the disk has no room for files")
    return min(FILE_MOST, free)


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
