"""The firmware files kept for stations, in a folder of their own, and how far each station's update is."""

import hashlib
import json
import logging
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from threading import RLock
from typing import IO, Any

from evce.electrical import Family
from evce.firmware.library import FirmwareRefusedError, KeptFirmware, refuse_firmware
from evce.firmware.updates import UpdateCourse
from evce.firmware.versions import version_in
from evce.units import BoxIdentity
from web.file_exchange import FileExchangeError, Incoming, room, safe_name

__all__ = ["KEPT_MOST", "FirmwareShelf"]

log = logging.getLogger(__name__)

KEPT_MOST = 30
"""Files: a few versions of each family."""

_CHUNK = 1 << 20
_INDEX = "shelf.json"


class FirmwareShelf:
    """Files under their ids, and `shelf.json` beside them. Safe from any thread; one process at a time.

    An index that can't be read is put aside, and the shelf begins empty: stations charge all the same.
    """

    def __init__(self, folder: Path, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._now = now
        self._lock = RLock()
        self._files: dict[str, KeptFirmware] = {}
        self._courses: dict[BoxIdentity, UpdateCourse] = {}
        self._read()

    # Files.

    def files(self) -> list[KeptFirmware]:
        """What is kept, as it was added."""
        with self._lock:
            return list(self._files.values())

    def add(
        self, family: str, version: str, model: str, name: str, content: IO[bytes], author: str
    ) -> KeptFirmware:
        """Keep a copy; an empty `version` is read off the file's name.

        Raises FirmwareRefusedError with everything that is wrong, by field.
        """
        version, model = version.strip() or version_in(name), model.strip()
        faults = refuse_firmware(family, version, model)
        if len(self.files()) >= KEPT_MOST:
            faults["file"] = f"{KEPT_MOST} files are kept at most: remove one first"
        if faults:
            raise FirmwareRefusedError(faults)
        made = KeptFirmware(
            secrets.token_hex(6), Family(family), version, model, safe_name(name), 0, "", self._now(), author
        )
        digest = hashlib.sha256()
        try:
            with Incoming(self._folder / made.id, room(self._folder)) as copy:
                while chunk := content.read(_CHUNK):
                    digest.update(chunk)
                    copy.write(chunk)
                if copy.size == 0:
                    raise FileExchangeError("the file is empty")
        except OSError as error:
            raise FirmwareRefusedError({"file": str(error)}) from error
        made = replace(made, size=copy.size, sha256=digest.hexdigest())
        with self._lock:
            self._files[made.id] = made
            self._write()
        return made

    def find(self, file: str) -> KeptFirmware | None:
        """The file of that id."""
        with self._lock:
            return self._files.get(file)

    def open(self, file: str) -> IO[bytes]:
        """Its content. Raises OSError where it is gone, and FirmwareRefusedError where it was changed."""
        known = self.find(file)
        if known is None:
            raise FileNotFoundError(f"no firmware {file!r} is kept")
        content = (self._folder / known.id).open("rb")
        if hashlib.file_digest(content, "sha256").hexdigest() != known.sha256:
            content.close()
            raise FirmwareRefusedError({"file": f"{known.name} was changed on the disk: add it again"})
        content.seek(0)
        return content

    def remove(self, file: str) -> KeptFirmware | None:
        """Keep it no longer; nothing more is tried with it."""
        with self._lock:
            known = self._files.pop(file, None)
            if known is not None:
                self._write()
                (self._folder / known.id).unlink(missing_ok=True)
        return known

    # Courses.

    def courses(self) -> dict[BoxIdentity, UpdateCourse]:
        """What was tried with each station that isn't done."""
        with self._lock:
            return dict(self._courses)

    def follow(self, station: BoxIdentity, course: UpdateCourse | None) -> None:
        """Keep how far a station is, over a restart too; None: it is done."""
        with self._lock:
            if self._courses.get(station) == course:
                return
            self._courses.pop(station, None)
            if course is not None:
                self._courses[station] = course
            self._write()

    # The disk.

    def _read(self) -> None:
        path = self._folder / _INDEX
        try:
            plain = json.loads(path.read_text(encoding="utf-8"))
            self._files = {
                one["id"]: _file(one) for one in plain["files"] if (self._folder / one["id"]).is_file()
            }
            self._courses = {BoxIdentity(one["station"]): _course(one) for one in plain["courses"]}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("the list of firmware %s can't be read, and is put aside: %s", path, error)
            self._files, self._courses = {}, {}
            with suppress(OSError):
                path.replace(path.with_suffix(".corrupt"))
        else:
            for other in self._folder.iterdir():
                if other.name not in (*self._files, _INDEX) and other.suffix != ".corrupt":
                    other.unlink(missing_ok=True)  # a copy that a power cut ended

    def _write(self) -> None:
        """Written beside and renamed, so that a power cut leaves the old list or the new one."""
        plain = {
            "files": [_plain(one) for one in self._files.values()],
            "courses": [_plain(one) for one in self._courses.values()],
        }
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._folder / f".{_INDEX}.new"
        with os.fdopen(
            os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
        ) as file:
            json.dump(plain, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._folder / _INDEX)


def _plain(thing: KeptFirmware | UpdateCourse) -> dict[str, Any]:
    return {name: v.isoformat() if isinstance(v, datetime) else v for name, v in asdict(thing).items()}


def _file(plain: Mapping[str, Any]) -> KeptFirmware:
    at = datetime.fromisoformat(plain["added_at"])
    return KeptFirmware(**{**plain, "family": Family(plain["family"]), "added_at": at})


def _course(plain: Mapping[str, Any]) -> UpdateCourse:
    at = datetime.fromisoformat(plain["due_at"])
    return UpdateCourse(**{**plain, "station": BoxIdentity(plain["station"]), "due_at": at})
