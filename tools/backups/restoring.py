"""Restores a site from an unpacked backup, once nobody works on the data folder any more (SR-2)."""

import logging
import sqlite3
from datetime import datetime
from pathlib import Path

from evce.backup.manifest import Manifest
from evce.backup.members import DATABASE
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import next_revision, parse_json
from evce.errors import StorageError
from evce.records import EventRecord
from evce.storage import Store, mark_restored
from evce.storage.id_floor import FILE_NAME
from evce.storage.returning import carry_over, raise_floor
from tools.backups.placing import NEW, commit
from tools.backups.unpacking import read_unpacked
from tools.commands.revision_database import RevisionDatabase
from tools.commands.site_file import SITE_FILE_AUTHOR
from tools.data_folder import DataFolder

__all__ = ["admin_there", "restore_site"]

logger = logging.getLogger(__name__)


def admin_there(manifest: Manifest) -> bool:
    """Whether somebody could log in, were the users of the backup restored."""
    return manifest.counts["admins"] > 0


def restore_site(
    folder: DataFolder,
    unpacked: Path,
    author: str,
    now: datetime,
    *,
    users: bool,
    site_file: SiteDocument | None = None,
) -> Manifest:
    """Put what `unpack` has left in `unpacked` in the place of the site; only while the folder is held.

    What an older database can't know is taken over from the present one before: see
    `evce.storage.returning`. The stations are unverified afterwards, no transaction id is given again.
    Without `users` the present ones stay. A `site_file` that EVCE was started with counts as taken over: it
    comes into force again only once it says something new. Raises StorageError, with the old site whole.
    """
    manifest = read_unpacked(unpacked).manifest
    if users and not admin_there(manifest):
        raise StorageError("there is no administrator in the backup: restore it without its users")
    try:
        _prepare(folder, unpacked / NEW / DATABASE, manifest, author, now, users, site_file)
    except sqlite3.Error as error:
        raise StorageError(f"nothing was restored: {error}") from error
    commit(folder.path, unpacked)
    logger.warning(
        "restored the backup of %s, made %s, wanted by %s", manifest.site, manifest.made_at, author
    )
    return manifest


def _prepare(
    folder: DataFolder,
    staged: Path,
    manifest: Manifest,
    author: str,
    now: datetime,
    users: bool,
    site_file: SiteDocument | None,
) -> None:
    present = [folder.database] if folder.database.is_file() else []
    if present:
        with Store(folder.database, now):
            pass  # brings its tables to today's, where it wasn't running
        carry_over(staged, folder.database, manifest.made_at, users=users)
    elif not users:
        raise StorageError("there are no users here to keep: restore those of the backup")
    raise_floor(folder.path, staged, *present)
    _say(staged, manifest, author, now, users, site_file)
    mark_restored(staged)
    for side in staged.parent.glob(f"{FILE_NAME}*"):
        side.unlink()


def _say(
    staged: Path, manifest: Manifest, author: str, now: datetime, users: bool, site_file: SiteDocument | None
) -> None:
    """A line of the audit log, and a revision in the history."""
    made = f"{manifest.made_at:%Y-%m-%d %H:%M} UTC"
    with Store(staged, now) as store:
        revisions = RevisionDatabase(store)
        newest = revisions.newest()
        if newest is None:
            raise StorageError("there is no configuration in the backup")
        document, before = parse_json(newest.document), newest
        if site_file is not None:
            comment = "set aside by the restore of a backup"
            before = next_revision(
                before, site_file, author=SITE_FILE_AUTHOR, comment=comment, now=now, accept_unproven=True
            )
            revisions.append(before)
        comment = f"revision {newest.number} of the backup made {made}"
        revisions.append(
            next_revision(before, document, author=author, comment=comment, now=now, accept_unproven=True)
        )
        whose = "with its users" if users else "without its users"
        text = f"the backup of {manifest.site}, made {made}, was restored {whose}"
        store.append_events([EventRecord(now, "EVCE", "audit", text, author)])
