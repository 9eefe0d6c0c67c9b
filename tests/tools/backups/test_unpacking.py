"""Tests of checking a backup: what can't be restored is refused by name, and the site isn't touched."""

import json
import secrets
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from evce.backup.members import Member, MemberReader, write_member
from evce.backup.refusals import BackupRefusedError, Reason
from evce.backup.sealing import Sealer, open_sealed
from evce.errors import StorageError
from tests.tools.backups.builders import LATER, PHRASE
from tools.backups.unpacking import read_unpacked, unpack

Files = dict[str, bytes]


def contents(file: Path) -> Files:
    with file.open("rb") as opened:
        reader = MemberReader(open_sealed(opened, PHRASE).pieces(1 << 30))
        return {member.name: b"".join(reader.content()) for member in reader.members()}


def written(file: Path, files: Files) -> Path:
    """A backup with a good signature round whatever these files are."""
    with file.open("wb") as out:
        sealer = Sealer(out, PHRASE, secrets.token_bytes(16), 10)
        for name, content in files.items():
            write_member(sealer, Member(name, len(content)), [content])
        sealer.finish()
    return file


def database(change: str) -> Callable[[Files, Path], None]:
    """Change the database inside."""

    def do(files: Files, scratch: Path) -> None:
        (scratch / "x.db").write_bytes(files["evce.db"])
        with closing(sqlite3.connect(scratch / "x.db")) as db, db:
            db.execute(change)
        files["evce.db"] = (scratch / "x.db").read_bytes()

    return do


def manifest(**change: Any) -> Callable[[Files, Path], None]:
    def do(files: Files, _: Path) -> None:
        files["manifest.json"] = json.dumps(json.loads(files["manifest.json"]) | change).encode()

    return do


def without(name: str) -> Callable[[Files, Path], None]:
    def do(files: Files, _: Path) -> None:
        del files[name]

    return do


def damage(files: Files, _: Path) -> None:
    files["evce.db"] = files["evce.db"][:5000] + secrets.token_bytes(20_000) + files["evce.db"][25_000:]


GENUINE: dict[str, tuple[Callable[[Files, Path], Any], Reason, str]] = {
    "no manifest": (without("manifest.json"), Reason.CONTENT, "begin with its manifest"),
    "no database": (without("evce.db"), Reason.CONTENT, "not everything"),
    "a file is missing": (without("operator.txt"), Reason.CONTENT, "not everything"),
    "a file too many": (lambda files, _: files.update({"x.txt": b""}), Reason.CONTENT, "not everything"),
    "no time": (manifest(made_at="soon"), Reason.CONTENT, "manifest can't be read"),
    "other counts": (database("DELETE FROM sessions"), Reason.CONTENT, "isn't the one of its manifest"),
    "a damaged database": (damage, Reason.CONTENT, "damaged"),
    "no database at all": (lambda files, _: files.update({"evce.db": b"x" * 9}), Reason.CONTENT, "damaged"),
    "newer tables": (database("UPDATE alembic_version SET version_num = '9999'"), Reason.NEWER, "newer EVCE"),
    "tables of another program": (database("DROP TABLE alembic_version"), Reason.CONTENT, "another program"),
    "no configuration": (database("DELETE FROM revisions"), Reason.CONTENT, "no configuration"),
    "an unknown setting": (
        database('UPDATE revisions SET document = \'{"site": {"name": "x"}, "warp": 1}\''),
        Reason.CONTENT,
        "doesn't take its configuration",
    ),
}


@pytest.mark.parametrize("what", GENUINE)
def test_a_genuine_file_that_is_no_site_is_refused(file: Path, tmp_path: Path, what: str) -> None:
    """SR-2: RELIABILITY §3; nothing is left of it."""
    spoil, reason, says = GENUINE[what]
    files = contents(file)
    spoil(files, tmp_path)
    with pytest.raises(BackupRefusedError, match=says) as refused:
        unpack(written(tmp_path / "spoilt.evce", files), PHRASE, tmp_path / "unpacked", LATER)
    assert refused.value.reason is reason
    assert not (tmp_path / "unpacked").exists()


def test_the_database_is_brought_to_the_tables_of_today_and_believed_by_nobody(
    file: Path, tmp_path: Path
) -> None:
    """SR-2: an older EVCE's backup is restored by a newer one."""
    unpacked = unpack(file, PHRASE, tmp_path / "unpacked", LATER)
    assert read_unpacked(tmp_path / "unpacked") == unpacked
    new = tmp_path / "unpacked" / "new"
    assert sorted(path.name for path in new.iterdir()) == ["authority", "evce.db", "operator.txt"]
    with closing(sqlite3.connect(new / "evce.db")) as db:
        assert db.execute("SELECT value FROM meta WHERE key = 'opening'").fetchone() == (0,)


def test_a_folder_that_is_there_already_or_gone_is_told(file: Path, tmp_path: Path) -> None:
    """SR-2: nothing is written into another one's folder."""
    (tmp_path / "unpacked").mkdir()
    with pytest.raises(StorageError, match="exists"):
        unpack(file, PHRASE, tmp_path / "unpacked", LATER)
    with pytest.raises(StorageError, match="isn't there any more"):
        read_unpacked(tmp_path / "nowhere")
    with pytest.raises(StorageError, match="No such file"):
        unpack(tmp_path / "none", PHRASE, tmp_path / "other", LATER)


def test_a_disk_without_room_is_named(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SR-2: RELIABILITY §3, too large."""
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10, 10, (64 << 20) + 1000))  # type: ignore[attr-defined]
    with pytest.raises(BackupRefusedError) as refused:
        unpack(file, PHRASE, tmp_path / "unpacked", LATER)
    assert refused.value.reason is Reason.TOO_LARGE
