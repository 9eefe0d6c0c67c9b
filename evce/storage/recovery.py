"""Opens the store whatever state its file is in: a damaged one gives way to the last good snapshot."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from evce.storage.engine import database_path, database_url, sound
from evce.storage.errors import storage_error
from evce.storage.snapshots import newest_snapshots, quarantine, restore
from evce.storage.store import Store

__all__ = ["open_store"]


def open_store(where: str | Path, now: datetime, *, fault: Callable[[], None] | None = None) -> Store:
    """The store at `where`, for the daemon: checked, and repaired from a snapshot if it must be.

    A damaged file is moved aside, never deleted; then, and when the file has vanished, the newest sound
    snapshot takes its place, else an empty database. `Store.recovery` tells people what was done.

    Raises StorageUnavailableError when the disk can't be read or written, NewerSchemaError.
    """
    path = database_path(database_url(where))
    recovery = ""
    if path is not None:
        try:
            recovery = _repair(path, now)
        except Exception as error:
            trouble = storage_error(error)
            if trouble is None or trouble is error:
                raise
            raise trouble from error
    store = Store(where, now, fault=fault)
    store.recovery = recovery
    return store


def _repair(path: Path, now: datetime) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        if sound(path):
            return ""
        found = f"The database was damaged and is kept as {quarantine(path, now).name}."
    elif newest_snapshots(path):
        found = "The database file was missing."
    else:
        return ""
    snapshot = restore(path)
    if snapshot is None:
        return f"{found} There was no sound snapshot: EVCE goes on with an empty database."
    return f"{found} EVCE goes on with the snapshot {snapshot.name}: what came after it is missing."
