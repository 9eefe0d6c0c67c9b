"""Puts an unpacked site in the place of the present one: the old site or the new one, whatever happens."""

import os
import shutil
from pathlib import Path

from evce.backup.members import DATABASE
from evce.errors import StorageError
from evce.release.shelf import ROOM
from evce.storage.engine import wal_files
from evce.storage.id_floor import sync_folder
from evce.storage.snapshots import FOLDER

__all__ = ["ASIDE", "COMMITTED", "NEW", "REPLACED", "STAGED", "WORK", "commit", "finish", "forget_leftovers"]

NEW = "new"
"""In an unpacked folder: what comes, named as in the data folder."""

STAGED = "restore-"
"""How unpacked folders begin."""

WORK = "backup-"
"""How files and folders begin that a backup needs for a while."""

COMMITTED = "restoring"
"""Once an unpacked folder has this name, the site in it counts; until then the present one does."""

ASIDE = "old"
"""In the same folder: what it has replaced."""

REPLACED = "before-restore"
"""What that folder is called in the end; the next restore or reset deletes it."""

AUTHORITY = "authority"


def commit(folder: Path, unpacked: Path) -> None:
    """Put `unpacked` in place; only while the data folder is held and nobody uses the database.

    One rename decides. What a power cut leaves undone after it is done at the next start. Raises
    StorageError.
    """
    try:
        for path in sorted((unpacked / NEW).rglob("*")):
            parent = (folder / path.relative_to(unpacked / NEW)).parent
            if parent.resolve() != folder.resolve() / parent.relative_to(folder):
                raise StorageError(f"nothing was restored: {parent} is a link")
        _sync_tree(unpacked)
        unpacked.replace(folder / COMMITTED)
        sync_folder(folder)
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"nothing was restored: {error}") from error
    finish(folder)


def finish(folder: Path) -> bool:
    """Finish what was decided; whether there was anything. Each step may be the last before a power cut.

    What comes is moved last, so that whatever still lies in `new` tells what is to do. Raises StorageError.
    """
    coming = folder / COMMITTED
    try:
        if not coming.is_dir():
            return False
        new, old = coming / NEW, coming / ASIDE
        old.mkdir(mode=0o700, exist_ok=True)
        if (new / AUTHORITY).is_dir():
            _exchange(folder, new, old, AUTHORITY)
        for path in sorted(new.rglob("*")) if new.is_dir() else ():
            name = str(path.relative_to(new))
            if path.is_file() and name != DATABASE:
                _exchange(folder, new, old, name)
        if (new / DATABASE).exists():
            for stale in (folder / FOLDER, *wal_files(folder / DATABASE)):
                _move(stale, old / stale.name)
            _exchange(folder, new, old, DATABASE)
        if (folder / REPLACED).exists():
            shutil.rmtree(folder / REPLACED)
        coming.replace(folder / REPLACED)
        sync_folder(folder)
    except OSError as error:
        raise StorageError(f"the restore can't be finished: {error}") from error
    return True


def forget_leftovers(folder: Path) -> None:
    """Remove what an interrupted backup or update, or a restore that was never decided, has left."""
    for pattern in (f"{STAGED}*", f"{WORK}*", ROOM):
        for path in folder.glob(pattern):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def _exchange(folder: Path, new: Path, old: Path, name: str) -> None:
    """Move the present one aside, then the new one to its place."""
    _move(folder / name, old / name)
    _move(new / name, folder / name)


def _move(source: Path, target: Path) -> None:
    if not os.path.lexists(source):
        return
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    source.replace(target)
    sync_folder(target.parent)
    sync_folder(source.parent)


def _sync_tree(unpacked: Path) -> None:
    for path in [unpacked, *unpacked.rglob("*")]:
        if path.is_dir():
            sync_folder(path)
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
