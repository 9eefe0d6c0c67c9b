"""Makes a backup of a data folder, also while the daemon works on it (SR-1)."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from evce import __version__
from evce.backup.manifest import Manifest
from evce.backup.members import DATABASE, MANIFEST, Member, fits_in, write_member
from evce.backup.sealing import SALT_LENGTH, Sealer, open_sealed
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import parse_json
from evce.errors import StorageError
from evce.storage import Store
from evce.storage.copies import copy_database, counts
from evce.storage.id_floor import sync_folder
from evce.storage.migration import HEAD
from tools.backups.placing import WORK
from tools.data_folder import DataFolder

__all__ = ["DISK_LEFT", "Progress", "make_backup"]

DISK_LEFT = 64 * 1024 * 1024
"""Bytes that stay free for the daemon."""

_BLOCK = 1 << 20
_COPIED, _PACKED = 0.4, 0.9
"""Shares of the way: the database is copied; everything is packed; the rest is reading it back."""

Progress = Callable[[float], None]


def make_backup(
    folder: DataFolder, target: Path, pass_phrase: str, now: datetime, progress: Progress = lambda _: None
) -> Manifest:
    """Write a backup to `target`, which appears once it is whole and was read back; returns what is in it.

    Nothing is changed but a folder in the data folder for the time being. `progress` gets the share that is
    done, 0 to 1. Raises StorageError, or ValueError for a pass phrase that won't do.
    """
    work = folder.path / f"{WORK}{secrets.token_hex(4)}"
    part = target.with_name(f".{target.name}.part")
    try:
        _room_for(folder, target)
        work.mkdir(mode=0o700)
        copy = work / DATABASE
        copy_database(folder.database, copy, lambda share: progress(_COPIED * share))
        manifest, files = _described(folder, copy, now)
        with os.fdopen(
            os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "w+b"
        ) as out:
            sealer = Sealer(out, pass_phrase, secrets.token_bytes(SALT_LENGTH))
            told = manifest.to_bytes()
            write_member(sealer, Member(MANIFEST, len(told)), [told])
            size = copy.stat().st_size
            write_member(
                sealer,
                Member(DATABASE, size),
                _blocks(copy, lambda done: progress(_COPIED + (_PACKED - _COPIED) * done / size)),
            )
            for name, path in files:
                content = path.read_bytes()
                write_member(sealer, Member(name, len(content)), [content])
            sealer.finish()
            out.flush()
            os.fsync(out.fileno())
            open_sealed(out, pass_phrase)
        part.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(f"the backup can't be made: {error}") from error
    finally:
        part.unlink(missing_ok=True)
        shutil.rmtree(work, ignore_errors=True)
    progress(1.0)
    return manifest


def _room_for(folder: DataFolder, target: Path) -> None:
    """A copy of the database, and a file that may be as large."""
    wanted = 2 * folder.database.stat().st_size + DISK_LEFT if folder.database.exists() else DISK_LEFT
    for place in (folder.path, target.parent):
        free = shutil.disk_usage(place).free
        if free < wanted:
            raise StorageError(f"{place} has {free >> 20} MiB free, the backup needs {wanted >> 20} MiB")


def _described(folder: DataFolder, copy: Path, now: datetime) -> tuple[Manifest, list[tuple[str, Path]]]:
    with Store(copy, now, read_only=True) as store:
        revision = store.newest_revision()
    if revision is None:
        raise StorageError(f"{folder.path} holds no site yet: there is nothing to back up")
    document = parse_json(revision.document)
    files, left_out = _files(folder.path, document)
    described = {
        **counts(copy),
        "stations": len(document.stations),
        "zones": len(document.zones),
        "meters": len(document.meters),
    }
    manifest = Manifest(
        evce=__version__,
        schema=HEAD,
        site=document.site.name,
        made_at=now,
        revision=revision.number,
        counts=described,
        files=tuple(name for name, _ in files),
        left_out=tuple(left_out),
    )
    return manifest, files


def _files(folder: Path, document: SiteDocument) -> tuple[list[tuple[str, Path]], list[str]]:
    """The authority, and the files that the document names; the second list has those that can't be taken."""
    authority = sorted(path for path in (folder / "authority").glob("*.pem") if _plain(path))
    found = {f"authority/{path.name}": path for path in authority}
    left_out = []
    cpo, ocpp = document.cpo, document.ocpp
    named = (
        cpo.credentials_file,
        cpo.ca_file,
        cpo.certificate_file,
        cpo.key_file,
        ocpp.tls_certificate_file,
        ocpp.tls_key_file,
        ocpp.tls_client_ca_file,
    )
    for name in named:
        if name is None:
            continue
        path = folder / name
        if fits_in(name) and path.is_file() and _below(path, folder):
            found[name] = path
        else:
            left_out.append(name)
    return sorted(found.items()), left_out


def _plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _below(path: Path, folder: Path) -> bool:
    return path.resolve() == folder.resolve() / path.relative_to(folder)


def _blocks(path: Path, progress: Callable[[int], None]) -> Iterator[bytes]:
    done = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            done += len(block)
            progress(done)
            yield block
