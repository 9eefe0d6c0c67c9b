"""Checks a backup and unpacks it beside the site that runs, which isn't touched (SR-2)."""

import json
import os
import shutil
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from evce.backup.manifest import LONGEST_MANIFEST, Manifest
from evce.backup.members import DATABASE, MANIFEST, Member, MemberReader
from evce.backup.refusals import BackupRefusedError, Reason
from evce.backup.sealing import open_sealed
from evce.configuration.revisions import parse_json
from evce.errors import ConfigurationError, StorageError
from evce.storage import NewerSchemaError, Store
from evce.storage.copies import counts
from evce.storage.engine import sound
from evce.storage.id_floor import FILE_NAME, sync_folder
from evce.storage.snapshots import FOLDER, mark_restored
from tools.backups.making import DISK_LEFT, Progress
from tools.backups.placing import NEW

__all__ = ["MOST_UNPACKED", "Unpacked", "read_unpacked", "unpack"]

MOST_UNPACKED = 8 << 30
"""Bytes: twenty times what a million sessions take."""

_NOTE = "unpacked.json"
_SIGNED, _UNPACKED = 0.3, 0.8
"""Shares of the way: the signature is good; everything is unpacked; the rest is looking at the database."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A backup that may take the place of a site: the folder that it lies in, and what is in it."""

    folder: Path
    manifest: Manifest


def unpack(
    source: Path, pass_phrase: str, into: Path, now: datetime, progress: Progress = lambda _: None
) -> Unpacked:
    """Unpack a backup into the new folder `into`, ready to be put in place.

    The signature of the whole file is checked before anything of it is decrypted, and everything is looked
    at before this returns: the database is sound, has tables that this EVCE knows (and gets those of today),
    and a document that it takes. Raises BackupRefusedError, or StorageError for a disk that refuses;
    the folder is removed then.
    """
    try:
        into.mkdir(mode=0o700)
        try:
            manifest = _unpacked(source, pass_phrase, into, progress)
            _look_at_database(into / NEW / DATABASE, now)
            found = counts(into / NEW / DATABASE)
            if any(found[name] != manifest.counts[name] for name in found):
                raise BackupRefusedError(Reason.CONTENT, "its database isn't the one of its manifest")
            (into / _NOTE).write_text(json.dumps(manifest.plain()), encoding="utf-8")
        except BaseException:
            shutil.rmtree(into, ignore_errors=True)
            raise
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"the backup can't be unpacked: {error}") from error
    progress(1.0)
    return Unpacked(into, manifest)


def read_unpacked(folder: Path) -> Unpacked:
    """What `unpack` has left in a folder. Raises StorageError when it isn't there any more."""
    try:
        plain: dict[str, Any] = json.loads((folder / _NOTE).read_bytes())
        return Unpacked(folder, Manifest.parse(plain))
    except (OSError, ValueError) as error:
        raise StorageError(f"the unpacked backup {folder.name} isn't there any more: {error}") from error


def _unpacked(source: Path, pass_phrase: str, into: Path, progress: Progress) -> Manifest:
    free = shutil.disk_usage(into).free - DISK_LEFT
    most = min(MOST_UNPACKED, max(0, free))
    with source.open("rb") as file:
        size = max(1, source.stat().st_size)
        opened = open_sealed(file, pass_phrase, lambda done: progress(_SIGNED * done / size))
        reader = MemberReader(opened.pieces(most))
        manifest: Manifest | None = None
        names: list[str] = []
        for member in reader.members():
            if manifest is None:
                if member.name != MANIFEST or member.size > LONGEST_MANIFEST:
                    raise BackupRefusedError(Reason.CONTENT, "it doesn't begin with its manifest")
                manifest = Manifest.parse(b"".join(reader.content()))
                continue
            names.append(member.name)
            if member.size > most:
                raise BackupRefusedError(Reason.TOO_LARGE, f"{member.name} in it has {member.size} bytes")
            if member.name == DATABASE:  # nearly all there is
                _write(into / NEW, member, reader, progress)
            else:
                _write(into / NEW, member, reader)
    if manifest is None or names != [DATABASE, *manifest.files]:
        raise BackupRefusedError(Reason.CONTENT, "not everything is in it that its manifest names")
    return manifest


def _write(folder: Path, member: Member, reader: MemberReader, progress: Progress = lambda _: None) -> None:
    """A new file, which nothing can redirect: its folders were made by this very process."""
    path = folder / member.name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    done = 0
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        for block in reader.content():
            file.write(block)
            done += len(block)
            progress(_SIGNED + (_UNPACKED - _SIGNED) * done / member.size)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _look_at_database(database: Path, now: datetime) -> None:
    if not sound(database):
        raise BackupRefusedError(Reason.CONTENT, "its database is damaged")
    try:
        with Store(database, now) as store:  # brings its tables to those of this EVCE
            revision = store.newest_revision()
        if revision is None:
            raise BackupRefusedError(Reason.CONTENT, "there is no configuration in it")
        parse_json(revision.document).model()
    except NewerSchemaError as error:
        detail = "a newer EVCE has made it: install that one"
        raise BackupRefusedError(Reason.NEWER, detail) from error
    except ConfigurationError as error:
        detail = f"this EVCE doesn't take its configuration: {str(error).splitlines()[0]}"
        raise BackupRefusedError(Reason.CONTENT, detail) from error
    except StorageError as error:
        raise BackupRefusedError(Reason.CONTENT, f"its database can't be used: {error}") from error
    try:
        mark_restored(database)
    except sqlite3.Error as error:
        raise StorageError(f"the backup can't be unpacked: {error}") from error
    with database.open("rb") as file:
        os.fsync(file.fileno())
    # What the migration kept beside the database.
    shutil.rmtree(database.parent / FOLDER, ignore_errors=True)
    (database.parent / FILE_NAME).unlink(missing_ok=True)
