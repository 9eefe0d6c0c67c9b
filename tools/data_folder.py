"""The folder that holds everything a site has stored: where its files are, and who is working on it."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from evce.errors import StorageError
from evce.storage.id_floor import sync_folder
from evce.storage.store import Store
from tools.backups.placing import COMMITTED, REPLACED, STAGED, WORK, finish, forget_leftovers

__all__ = ["DataFolder", "FolderInUseError"]


_FORGOTTEN = (
    "evce.db*",
    "snapshots",
    "station-files",
    "station-firmware",
    "reports",
    "authority",
    "form-secret",
    "network",
    "time.json",
    COMMITTED,
    REPLACED,
    f"{STAGED}*",
    f"{WORK}*",
)
"""What a reset deletes. The certificate of the pages stays, browsers know it; so does the floor of the
transaction ids, because stations remember theirs."""


class FolderInUseError(StorageError):
    """Another EVCE is working on this folder."""


class DataFolder:
    """One site's data folder. `hold` makes sure that only one program changes it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def database(self) -> Path:
        return self.path / "evce.db"

    @property
    def _lock(self) -> Path:
        return self.path / "evce.lock"

    @property
    def _resetting(self) -> Path:
        return self.path / "resetting"

    def forget_everything(self) -> None:
        """Delete what the site has stored, for good; only while the folder is held.

        What a power cut left of it is deleted at the next start, before anything is read. Files that EVCE
        didn't make stay. Raises `StorageError` when the folder can't be written.
        """
        try:
            self._resetting.touch(mode=0o600)
            sync_folder(self.path)
            self._finish_reset()
        except OSError as error:
            raise StorageError(f"{self.path}: {error.strerror}") from error

    def _finish_reset(self) -> None:
        if not self._resetting.exists():
            return
        for found in sorted(one for pattern in _FORGOTTEN for one in self.path.glob(pattern)):
            if found.is_dir() and not found.is_symlink():
                shutil.rmtree(found)
            else:
                found.unlink()
        sync_folder(self.path)
        self._resetting.unlink()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep the folder, made where it is missing, to this process.

        The kernel lets go of the lock when the process ends, however it ends. Raises `FolderInUseError`
        when another one has it, `StorageError` when the folder can't be written.
        """
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Passwords' hashes, cards and sessions are nobody else's business.
            handle = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(f"{self.path}: {error.strerror}") from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(handle, 20, 0).decode(errors="replace").strip() or "unknown"
                advice = "stop it first; `evce config` and the pages change a running site"
                raise FolderInUseError(f"{self.path} is in use by process {holder}: {advice}") from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            self._finish_reset()
            finish(self.path)
            forget_leftovers(self.path)
            yield
        finally:
            os.close(handle)

    def read(self, now: datetime) -> Store:
        """The database, only to read; also beside the daemon. Raises `StorageError` when there is none."""
        if not self.database.is_file():
            raise StorageError(f"{self.path} holds no site: there is no {self.database.name} in it")
        return Store(self.database, now, read_only=True)

    def write(self, now: datetime) -> Store:
        """The database, made where it is missing; only while the folder is held."""
        return Store(self.database, now)
