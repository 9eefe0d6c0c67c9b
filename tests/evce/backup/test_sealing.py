"""Tests of the envelope: nobody reads or changes it without the pass phrase; each refusal has its name."""

import io
import os
import struct
import zlib
from collections.abc import Callable

import pytest

from evce.backup.refusals import BackupRefusedError, Reason
from evce.backup.sealing import PIECE, Sealer, _Keys, _nonce, open_sealed, pass_phrase_fault
from tests.evce.backup.builders import CHEAP, PHRASE, SALT, sealed

HEADER = 28 + 16


def opened(file: bytes, phrase: str = PHRASE, most: int = 1 << 30) -> bytes:
    return b"".join(open_sealed(io.BytesIO(file), phrase).pieces(most))


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 17])
def test_what_was_sealed_comes_out_again(size: int) -> None:
    """SR-1: and is not to be seen in the file."""
    content = os.urandom(size // 2) + b"secret words" * (size // 24)
    file = sealed(content, b"and more")
    assert opened(file) == content + b"and more"
    assert b"secret words" not in file


def test_the_same_twice_is_compressed_and_stays_far_from_a_bomb() -> None:
    """SR-1: a large empty database is restored like any other."""
    content = bytes(8 * PIECE)
    assert opened(sealed(content)) == content
    text = os.urandom(PIECE // 2).hex().encode()
    assert len(sealed(text)) < 0.7 * len(text)


def changed(at: int) -> Callable[[bytes], bytes]:
    return lambda file: file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]


REFUSED: dict[str, tuple[Callable[[bytes], bytes], Reason]] = {
    "empty": (lambda _: b"", Reason.FOREIGN),
    "a spreadsheet": (lambda _: b"idTag;comment\n" * 100, Reason.FOREIGN),
    "an archive": (lambda _: b"PK\x03\x04" + bytes(200), Reason.FOREIGN),
    "cut in its header": (lambda file: file[:12], Reason.TRUNCATED),
    "cut behind its header": (lambda file: file[:HEADER], Reason.TRUNCATED),
    "cut in the middle": (lambda file: file[: len(file) // 2], Reason.TRUNCATED),
    "cut in its signature": (lambda file: file[:-1], Reason.TRUNCATED),
    "another cost": (lambda file: file[:10] + b"\x1e" + file[11:], Reason.FOREIGN),
    "another salt": (changed(14), Reason.PASS_PHRASE),
    "a newer format": (lambda file: file[:8] + b"\x00\x02" + file[10:], Reason.NEWER),
    "no format": (lambda file: file[:8] + b"\x00\x00" + file[10:], Reason.FOREIGN),
    "a changed piece": (changed(HEADER + 40), Reason.SIGNATURE),
    "a changed signature": (changed(-1 + len(sealed(b"x" * 100))), Reason.SIGNATURE),
    "an endless piece": (lambda file: file[:HEADER] + b"\xff" * 8 + file[HEADER:], Reason.SIGNATURE),
    "something behind": (lambda file: file + b"x", Reason.SIGNATURE),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_that_somebody_has_changed_is_refused_by_name(what: str) -> None:
    """SR-2: RELIABILITY §3."""
    spoil, reason = REFUSED[what]
    with pytest.raises(BackupRefusedError) as refused:
        opened(spoil(sealed(b"x" * 100)))
    assert refused.value.reason is reason


def test_every_byte_counts() -> None:
    """SR-2."""
    file = sealed(b"what a site is")
    for at in range(0, len(file), 5):
        with pytest.raises(BackupRefusedError):
            opened(changed(at)(file))


def test_another_pass_phrase_opens_nothing() -> None:
    """SR-2."""
    with pytest.raises(BackupRefusedError) as refused:
        opened(sealed(b"x"), "incorrect horse")
    assert refused.value.reason is Reason.PASS_PHRASE


def genuine(*bodies: bytes) -> bytes:
    """A file with a good signature round pieces that EVCE doesn't write."""
    out = io.BytesIO()
    sealer = Sealer(out, PHRASE, SALT, CHEAP)
    keys = _Keys(PHRASE, SALT, CHEAP)
    for number, body in enumerate(bodies):
        piece = keys.cipher.encrypt(_nonce(number), body, None)
        sealer._put(struct.pack(">I", len(piece)) + piece)
    sealer.finish()
    return out.getvalue()


@pytest.mark.parametrize(
    ("bodies", "reason"),
    [
        ([b"\x01" + zlib.compress(bytes(PIECE + 1), 9)], Reason.BOMB),
        ([b"\x01" + zlib.compress(bytes(8 * PIECE), 9)], Reason.BOMB),
        ([b"\x01" + zlib.compress(bytes(PIECE), 9)] * 4, Reason.BOMB),
        ([b"\x01" + zlib.compress(b"x")[:-3]], Reason.CONTENT),
        ([b"\x01not deflated"], Reason.CONTENT),
        ([b"\x02x"], Reason.NEWER),
    ],
)
def test_what_is_genuine_but_unpacks_beyond_measure_is_refused(bodies: list[bytes], reason: Reason) -> None:
    """SR-2: at most a piece in memory, at most a hundred times the file on the disk."""
    with pytest.raises(BackupRefusedError) as refused:
        opened(genuine(*bodies))
    assert refused.value.reason is reason


def test_more_than_there_is_room_for_is_refused() -> None:
    """SR-2."""
    with pytest.raises(BackupRefusedError) as refused:
        opened(sealed(os.urandom(2 * PIECE)), most=PIECE)
    assert refused.value.reason is Reason.TOO_LARGE


def test_a_file_that_changes_between_the_two_looks_is_refused() -> None:
    """SR-2: what was verified is what is unpacked."""
    file = io.BytesIO(sealed(b"x" * 100))
    found = open_sealed(file, PHRASE)
    file.seek(HEADER + 30)
    file.write(b"changed")
    with pytest.raises(BackupRefusedError) as refused:
        list(found.pieces(1000))
    assert refused.value.reason is Reason.SIGNATURE


@pytest.mark.parametrize(
    ("phrase", "told"), [("short", "5 characters"), ("x" * 201, "201"), ("x" * 12, None)]
)
def test_a_pass_phrase_is_long_enough(phrase: str, told: str | None) -> None:
    """SR-1."""
    fault = pass_phrase_fault(phrase)
    assert fault is None if told is None else told in str(fault)
    if fault:
        with pytest.raises(ValueError, match=told):
            Sealer(io.BytesIO(), phrase, SALT, CHEAP)
