"""The reports that are kept on disk: a few of each device, in a folder of their own, bounded altogether."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Final
from urllib.parse import quote, unquote

from web.file_exchange import Incoming, room

__all__ = ["EACH_KEPT", "FOLDER_MOST", "KeptReport", "ReportKind", "ReportShelf"]

EACH_KEPT: Final = 5
"""Reports of each kind that one device keeps; the oldest goes."""

FOLDER_MOST: Final = 200 * 1024 * 1024
"""Bytes of all reports together; a report of a station is some 30 kB."""

_NAME = re.compile(r"(\d{8}T\d{12})Z-(periodic|requested)\.html")
_STATIONS = "stations"
_OWN = "evce"


class ReportKind(StrEnum):
    """Why a report was made."""

    PERIODIC = "periodic"
    REQUESTED = "requested"


@dataclass(frozen=True, slots=True)
class KeptReport:
    """A report on disk. `station` is empty for that of EVCE itself; `size` in bytes."""

    station: str
    kind: ReportKind
    made_at: datetime
    size: int

    @property
    def id(self) -> str:
        """How pages and programs name it."""
        return f"{_folder_of(self.station)}/{_file_name(self.made_at, self.kind)}"

    @property
    def name(self) -> str:
        """How it is called when it leaves EVCE; different reports have different names."""
        device = re.sub(r"[^A-Za-z0-9_-]", lambda one: f"%{ord(one[0]):02X}", self.station) or "EVCE"
        return f"{device}-{_file_name(self.made_at, self.kind)}"


class ReportShelf:
    """Safe from any thread. What is no report in the folder is left alone, and not listed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()

    def kept(self) -> list[KeptReport]:
        """All reports, newest first."""
        found = (one for folder in self._folders() for one in _in(folder))
        return sorted(found, key=lambda one: (one.made_at, one.station), reverse=True)

    def keep(self, station: str, kind: ReportKind, made_at: datetime, html: str) -> KeptReport:
        """Write it; the oldest of its kind goes. Raises `FileExchangeError` where there is no room."""
        folder = self._folder / _folder_of(station)
        path = folder / _file_name(made_at, kind)
        with self._lock:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with Incoming(path, room(self._folder)) as file:
                file.write(html.encode())
            self._tidy(folder, kind)
        return KeptReport(station, kind, made_at, len(html.encode()))

    def find(self, report: str) -> KeptReport | None:
        """The report of that id."""
        return next((one for one in self.kept() if one.id == report), None)

    def path(self, report: KeptReport) -> Path:
        """Where it is, until it goes."""
        return self._folder / report.id

    def read(self, report: KeptReport) -> bytes:
        """Its page. Raises FileNotFoundError once it has gone."""
        return self.path(report).read_bytes()

    def _folders(self) -> Iterator[Path]:
        yield self._folder / _OWN
        stations = self._folder / _STATIONS
        if stations.is_dir():
            yield from sorted(stations.iterdir())

    def _tidy(self, folder: Path, kind: ReportKind) -> None:
        same = [path for path in sorted(folder.iterdir()) if path.name.endswith(f"-{kind}.html")]
        for path in same[:-EACH_KEPT]:
            path.unlink(missing_ok=True)
        everything = self.kept()
        total = sum(one.size for one in everything)
        while total > FOLDER_MOST and len(everything) > 1:
            oldest = everything.pop()
            total -= oldest.size
            (self._folder / oldest.id).unlink(missing_ok=True)


def _folder_of(station: str) -> str:
    """A station may be called `..`: no dot gets through."""
    return f"{_STATIONS}/{quote(station, safe='').replace('.', '%2E')}" if station else _OWN


def _file_name(made_at: datetime, kind: ReportKind) -> str:
    return f"{made_at.astimezone(UTC):%Y%m%dT%H%M%S%f}Z-{kind}.html"


def _in(folder: Path) -> Iterator[KeptReport]:
    station = "" if folder.name == _OWN and folder.parent.name != _STATIONS else unquote(folder.name)
    try:
        entries = list(os.scandir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return
    for entry in entries:
        if (told := _NAME.fullmatch(entry.name)) is not None:
            made_at = datetime.strptime(told[1], "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC)
            yield KeptReport(station, ReportKind(told[2]), made_at, entry.stat().st_size)
