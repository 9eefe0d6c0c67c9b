"""The folder of the releases that a machine has, and the file that tells which of them runs."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evce.errors import StorageError
from evce.release.course import Course
from evce.release.package import Manifest, ReleaseRefusedError, is_version
from evce.storage.id_floor import sync_folder, write_durably

__all__ = ["FOLDER", "ROOM", "Installed", "ReleaseShelf"]

FOLDER: Final = "releases"
"""In the data folder."""

ROOM: Final = "release-room"
"""In the data folder too, while a package is handed over and installed."""

_STATE, _MANIFEST = "state.json", "manifest.json"
_LOCK, _INSTALLING = "lock", "installing.lock"
_LONGEST = 100_000


@dataclass(frozen=True, slots=True)
class Installed:
    """A release that is there, whole; `python` runs its `program`."""

    manifest: Manifest
    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "venv" / "bin" / "python"

    @property
    def program(self) -> Path:
        return self.folder / "venv" / "bin" / "evce"


class ReleaseShelf:
    """The folder `releases` of a data folder, one folder for each version; a manifest in it says: complete.

    For any process: what changes the state holds the lock of the folder.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    @property
    def folder(self) -> Path:
        """Where they lie."""
        return self._folder

    def course(self) -> Course:
        """Which release runs. Raises StorageError where nobody can tell."""
        try:
            with (self._folder / _STATE).open(encoding="utf-8") as file:
                text = file.read(_LONGEST)
        except FileNotFoundError:
            return Course()
        except (OSError, UnicodeDecodeError) as error:
            raise StorageError(f"{self._folder / _STATE} can't be read: {error}") from error
        found = Course.read(text)
        if found is None:
            raise StorageError(
                f"{self._folder / _STATE} is damaged: remove it, and EVCE starts as it was first installed"
            )
        return found

    def change(self, step: Callable[[Course], Course]) -> Course:
        """Take the state one step on; on the disk when this returns. Raises StorageError."""
        with self._locked():
            before = self.course()
            after = step(before)
            if after != before:
                try:
                    write_durably(self._folder / _STATE, after.text().encode())
                except OSError as error:
                    raise StorageError(f"{self._folder / _STATE} can't be written: {error}") from error
            return after

    def find(self, version: str) -> Installed | None:
        """The release of this version, where it is there and whole."""
        folder = self._folder / version
        try:
            if not is_version(version):
                return None
            found = Installed(Manifest.parse((folder / _MANIFEST).read_bytes()), folder)
        except (OSError, ReleaseRefusedError):
            return None
        return found if found.program.is_file() else None

    def installed(self) -> list[Installed]:
        """What is there, the newest package first."""
        try:
            names = [path.name for path in self._folder.iterdir()]
        except OSError:
            return []
        found = [one for one in map(self.find, names) if one is not None]
        return sorted(found, key=lambda one: one.manifest.made_at, reverse=True)

    @contextmanager
    def placing(self, version: str) -> Iterator[Path]:
        """An empty folder for a release that is being installed; removed again unless it is completed.

        What an earlier attempt has left goes first. Raises StorageError, also while another is at it.
        """
        with self._locked(_INSTALLING, wait=False):
            course = self.course()
            if version in {course.current, course.former, course.to_run} and self.find(version) is not None:
                raise StorageError(f"release {version} is in use here: it is installed already")
            folder = self._folder / version
            try:
                for path in self._folder.iterdir():
                    if path.is_dir() and (path == folder or self.find(path.name) is None):
                        shutil.rmtree(path)
                folder.mkdir(mode=0o700)
            except OSError as error:
                raise StorageError(f"{self._folder} can't be written: {error}") from error
            try:
                yield folder
            finally:
                if self.find(version) is None:
                    shutil.rmtree(folder, ignore_errors=True)

    def complete(self, manifest: Manifest) -> Installed:
        """Say that the release in its folder is whole, on the disk too. Raises StorageError."""
        folder = self._folder / manifest.version
        try:
            os.sync()  # thousands of files: a power cut after this finds them all
            write_durably(folder / _MANIFEST, manifest.to_bytes())
            sync_folder(self._folder)
        except OSError as error:
            raise StorageError(f"{folder} can't be written: {error}") from error
        return Installed(manifest, folder)

    def prune(self) -> None:
        """Remove what is neither run, nor on trial, nor what one could go back to."""
        with self._locked():
            course = self.course()
            held = {course.current, course.former, course.to_run}
            for one in self.installed():
                if one.manifest.version not in held:
                    shutil.rmtree(one.folder, ignore_errors=True)

    @contextmanager
    def _locked(self, name: str = _LOCK, *, wait: bool = True) -> Iterator[None]:
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            handle = os.open(self._folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(f"{self._folder}: {error.strerror}") from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            yield
        except BlockingIOError:
            raise StorageError("another release is being installed at this moment") from None
        finally:
            os.close(handle)
