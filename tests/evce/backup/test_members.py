"""Tests of what lies in the envelope: plain files below the data folder, nothing else."""

import io
from collections.abc import Iterator

import pytest

from evce.backup.members import Member, MemberReader, fits_in, write_member
from evce.backup.refusals import BackupRefusedError, Reason
from evce.backup.sealing import Sealer, open_sealed
from tests.evce.backup.builders import CHEAP, PHRASE, SALT, announced


def read(pieces: Iterator[bytes]) -> dict[str, bytes]:
    reader = MemberReader(pieces)
    return {member.name: b"".join(reader.content()) for member in reader.members()}


@pytest.mark.parametrize("cut", [1, 7, 1000])
def test_files_come_out_as_they_went_in_however_the_pieces_fall(cut: int) -> None:
    """SR-1."""
    out = io.BytesIO()
    sealer = Sealer(out, PHRASE, SALT, CHEAP)
    files = {"manifest.json": b"{}", "evce.db": b"x" * 5000, "authority/root.pem": b"", "cpo.txt": b"key"}
    for name, content in files.items():
        write_member(sealer, Member(name, len(content)), [content[:3], content[3:]])
    sealer.finish()
    plain = b"".join(open_sealed(out, PHRASE).pieces(1 << 20))
    assert read(iter([plain[i : i + cut] for i in range(0, len(plain), cut)])) == files


def test_a_member_that_nobody_reads_is_passed_over() -> None:
    pieces = [*announced("evce.db", b"x" * 100), *announced("cpo.txt", b"key")]
    assert [member.name for member in MemberReader(iter(pieces)).members()] == ["evce.db", "cpo.txt"]


@pytest.mark.parametrize(
    "name",
    [
        "../evce.db",
        "authority/../../x",
        "/etc/passwd",
        "",
        ".",
        "a//b",
        "a/",
        ".hidden",
        "a\\..\\b",
        "a\0b",
        "a/b/c/d/e/f",
        "evce.db-wal",
        "evce.lock",
        "EVCE.SOCK",
        "ids.floor",
        "form-secret",
        "key.pem",
        "snapshots/evce-1.snapshot",
        "restoring/new/evce.db",
        "before-restore/x",
        "backup-1/evce.db",
        "resetting",
        "x" * 101,
    ],
)
def test_no_file_lies_outside_or_in_the_place_of_evce_s_own(name: str) -> None:
    """SR-2: RELIABILITY §3, `../`."""
    assert not fits_in(name)
    with pytest.raises(BackupRefusedError) as refused:
        read(iter(announced(name, b"x")))
    assert refused.value.reason is Reason.OUTSIDE
    with pytest.raises(ValueError, match="can't be in a backup"):
        write_member(Sealer(io.BytesIO(), PHRASE, SALT, CHEAP), Member(name, 1), [b"x"])


@pytest.mark.parametrize("kind", ["symlink", "link", "directory", "device", 1, None])
def test_only_plain_files_are_taken(kind: str) -> None:
    """SR-2: RELIABILITY §3, symlink."""
    with pytest.raises(BackupRefusedError) as refused:
        read(iter(announced("authority/root.pem", b"/etc/passwd", kind)))
    assert refused.value.reason is Reason.LINK


@pytest.mark.parametrize(
    "pieces",
    [
        [b"\x00"],
        [b"\xff\xff\xff\xff", b"x"],
        [b"\x00\x00\x00\x00"],
        [b"\x00\x00\x00\x02", b"{}"],
        [b"\x00\x00\x00\x03", b"[1]"],
        [b"\x00\x00\x00\x02", b"xx"],
        [*announced("evce.db", b"abc", size=4)],
        [*announced("evce.db", b"abc", size=-1)],
        [*announced("evce.db", b"a"), *announced("evce.db", b"b")],
    ],
)
def test_what_makes_no_sense_is_refused(pieces: list[bytes]) -> None:
    """SR-2."""
    with pytest.raises(BackupRefusedError) as refused:
        read(iter(pieces))
    assert refused.value.reason is Reason.CONTENT


@pytest.mark.parametrize("content", [b"ab", b"abcd"])
def test_a_file_that_changes_while_it_is_packed_ends_the_backup(content: bytes) -> None:
    """SR-1."""
    with pytest.raises(OSError, match="changed while"):
        write_member(Sealer(io.BytesIO(), PHRASE, SALT, CHEAP), Member("cpo.txt", 3), [content])
