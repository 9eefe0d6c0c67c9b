"""The envelope of a backup: pieces that are compressed and encrypted, with a signature over the whole file.

::

    magic · format · cost of the key · salt · check      the check tells a wrong pass phrase before all else
    length · piece, length · piece, …                     AES-256-GCM, the nonce is the number of the piece
    0 · signature                                         HMAC-SHA256 over everything before it

Both keys come from the pass phrase by scrypt. The signature is checked before anything is decrypted, and
all of it is decrypted before anything is believed.
"""

import hashlib
import hmac
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evce.backup.refusals import BackupRefusedError, Reason

__all__ = [
    "FORMAT",
    "LONGEST_PASS_PHRASE",
    "MOST_RATIO",
    "SALT_LENGTH",
    "SHORTEST_PASS_PHRASE",
    "Opened",
    "Sealer",
    "open_sealed",
    "pass_phrase_fault",
]

FORMAT: Final = 1
"""Of the envelope and of what is inside; a file with a higher one is refused."""

SALT_LENGTH: Final = 16
SHORTEST_PASS_PHRASE: Final = 12
LONGEST_PASS_PHRASE: Final = 200
"""Characters; as for passwords (ASVS)."""

MOST_RATIO: Final = 100
"""Times the size of the file that its content may have."""

PIECE: Final = 1 << 20
"""Bytes of content in one piece: what is held in memory at a time."""

_MAGIC: Final = b"EVCE-BK\n"
_HEADER: Final = struct.Struct(">8sHBx16s")
_LENGTH: Final = struct.Struct(">I")
_CHECK_LENGTH: Final = 16
_SIGNATURE_LENGTH: Final = 32
_LONGEST_PIECE: Final = PIECE + 64
_COST: Final = 16
"""scrypt with n = 2**16, r = 8: 64 MiB and a quarter of a second, like the passwords of the pages."""
_COSTS: Final = range(10, 18)
"""What a file may ask for: no more than 128 MiB."""
_RAW, _DEFLATED = b"\x00", b"\x01"
_DEFLATED_AT_MOST: Final = MOST_RATIO // 2
"""A piece that would shrink further is kept as it is, so that no backup of ours looks like a bomb."""


def pass_phrase_fault(pass_phrase: str) -> str | None:
    """What is wrong with a pass phrase for a new backup; None when it will do."""
    if SHORTEST_PASS_PHRASE <= len(pass_phrase) <= LONGEST_PASS_PHRASE:
        return None
    return (
        f"the pass phrase has {len(pass_phrase)} characters, it needs {SHORTEST_PASS_PHRASE} to "
        f"{LONGEST_PASS_PHRASE}"
    )


class _Keys:
    """What a pass phrase opens: `cipher` reads, `signer` begins a signature."""

    def __init__(self, pass_phrase: str, salt: bytes, cost: int) -> None:
        made = hashlib.scrypt(
            pass_phrase.encode(), salt=salt, n=2**cost, r=8, p=1, maxmem=2 * 1024 * 2**cost, dklen=64
        )
        self.cipher = AESGCM(made[:32])
        self._signing = made[32:]

    def signer(self) -> hmac.HMAC:
        return hmac.new(self._signing, digestmod=hashlib.sha256)

    def check(self, header: bytes) -> bytes:
        return hmac.new(self._signing, b"check" + header, hashlib.sha256).digest()[:_CHECK_LENGTH]


class Sealer:
    """Writes a backup's envelope to `out`; `write` what belongs in it, then `finish`."""

    def __init__(self, out: BinaryIO, pass_phrase: str, salt: bytes, cost: int = _COST) -> None:
        """`salt` is 16 random bytes, new for each file. Raises ValueError for a pass phrase that won't do."""
        if fault := pass_phrase_fault(pass_phrase):
            raise ValueError(fault)
        if len(salt) != SALT_LENGTH or cost not in _COSTS:
            raise ValueError(f"a salt of {len(salt)} bytes with cost {cost}")
        self._out = out
        self._keys = _Keys(pass_phrase, salt, cost)
        self._signer = self._keys.signer()
        self._number = 0
        self._waiting = bytearray()
        header = _HEADER.pack(_MAGIC, FORMAT, cost, salt)
        self._put(header + self._keys.check(header))

    def write(self, data: bytes) -> None:
        """Add content. Raises OSError."""
        self._waiting += data
        while len(self._waiting) >= PIECE:
            piece = bytes(self._waiting[:PIECE])
            del self._waiting[:PIECE]
            self._seal(piece)

    def finish(self) -> None:
        """Write what is left, and the signature. The file isn't closed."""
        if self._waiting:
            self._seal(bytes(self._waiting))
            self._waiting.clear()
        self._put(_LENGTH.pack(0))
        self._out.write(self._signer.digest())

    def _seal(self, piece: bytes) -> None:
        deflated = zlib.compress(piece, 6)
        small = len(deflated) < len(piece) <= _DEFLATED_AT_MOST * len(deflated)
        body = _DEFLATED + deflated if small else _RAW + piece
        sealed = self._keys.cipher.encrypt(_nonce(self._number), body, None)
        self._number += 1
        self._put(_LENGTH.pack(len(sealed)) + sealed)

    def _put(self, data: bytes) -> None:
        self._signer.update(data)
        self._out.write(data)


class Opened:
    """A backup whose signature was found good; `pieces` gives its content."""

    def __init__(self, file: BinaryIO, keys: _Keys, size: int) -> None:
        self._file = file
        self._keys = keys
        self.size = size
        """Of the sealed file, in bytes."""

    def pieces(self, most: int) -> Iterator[bytes]:
        """The content from its beginning, piece by piece, `most` bytes of it.

        Raises BackupRefusedError: bomb, too large; or signature, when the file was changed meanwhile.
        """
        self._file.seek(_HEADER.size + _CHECK_LENGTH)
        total = number = 0
        while length := _LENGTH.unpack(_read(self._file, _LENGTH.size))[0]:
            try:
                body = self._keys.cipher.decrypt(_nonce(number), _read(self._file, length), None)
            except InvalidTag:
                raise _changed("a piece can't be decrypted") from None
            piece = _inflated(body)
            number += 1
            total += len(piece)
            if total > MOST_RATIO * self.size:
                detail = f"it unpacks to more than {MOST_RATIO} times its own {self.size} bytes"
                raise BackupRefusedError(Reason.BOMB, detail)
            if total > most:
                raise BackupRefusedError(Reason.TOO_LARGE, f"it unpacks to more than {most} bytes")
            yield piece


def open_sealed(file: BinaryIO, pass_phrase: str, progress: Callable[[int], None] = lambda _: None) -> Opened:
    """Check the signature of the whole file, without decrypting anything of it.

    `progress` gets the bytes that were looked at. Raises BackupRefusedError: foreign, newer, pass phrase,
    truncated, signature.
    """
    file.seek(0)
    header = file.read(_HEADER.size)
    if not header.startswith(_MAGIC):
        raise BackupRefusedError(Reason.FOREIGN, "the file is no backup of EVCE")
    if len(header) < _HEADER.size:
        raise _truncated()
    _, form, cost, salt = _HEADER.unpack(header)
    if form > FORMAT:
        detail = f"it has format {form}, this EVCE knows {FORMAT}: install the EVCE that made it"
        raise BackupRefusedError(Reason.NEWER, detail)
    if form < 1 or cost not in _COSTS:
        raise BackupRefusedError(Reason.FOREIGN, "the file has a header that no EVCE has written")
    keys = _Keys(pass_phrase, salt, cost)
    check = _read(file, _CHECK_LENGTH)
    if not hmac.compare_digest(check, keys.check(header)):
        raise BackupRefusedError(Reason.PASS_PHRASE, "the pass phrase doesn't fit this file")
    signer = keys.signer()
    signer.update(header + check)
    while True:
        prefix = _read(file, _LENGTH.size)
        signer.update(prefix)
        length = _LENGTH.unpack(prefix)[0]
        if length == 0:
            break
        if length > _LONGEST_PIECE:
            raise _changed("a piece is longer than any that EVCE writes")
        signer.update(_read(file, length))
        progress(file.tell())
    if not hmac.compare_digest(_read(file, _SIGNATURE_LENGTH), signer.digest()):
        raise _changed("its signature doesn't fit")
    if file.read(1):
        raise _changed("something follows its end")
    return Opened(file, keys, file.tell())


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


def _inflated(body: bytes) -> bytes:
    method, data = body[:1], body[1:]
    if method == _RAW:
        return data
    if method != _DEFLATED:
        raise BackupRefusedError(Reason.NEWER, "it is compressed in a way that this EVCE doesn't know")
    inflater = zlib.decompressobj()
    try:
        piece = inflater.decompress(data, PIECE + 1)
    except zlib.error:
        raise BackupRefusedError(Reason.CONTENT, "a piece of it can't be decompressed") from None
    if len(piece) > PIECE:
        raise BackupRefusedError(Reason.BOMB, f"a piece unpacks to more than {PIECE} bytes")
    if not inflater.eof:
        raise BackupRefusedError(Reason.CONTENT, "a piece of it can't be decompressed")
    return piece


def _read(file: BinaryIO, count: int) -> bytes:
    data = file.read(count)
    if len(data) < count:
        raise _truncated()
    return data


def _truncated() -> BackupRefusedError:
    return BackupRefusedError(Reason.TRUNCATED, "the file ends in the middle: its end is missing")


def _changed(how: str) -> BackupRefusedError:
    return BackupRefusedError(Reason.SIGNATURE, f"the file was changed after it was made: {how}")
