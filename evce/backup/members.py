"""What lies in the envelope: plain files by name, each behind a line that announces it."""

import json
import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from evce.backup.refusals import BackupRefusedError, Reason
from evce.backup.sealing import Sealer

__all__ = ["DATABASE", "MANIFEST", "Member", "MemberReader", "fits_in", "write_member"]

MANIFEST: Final = "manifest.json"
DATABASE: Final = "evce.db"

_LENGTH: Final = struct.Struct(">I")
_LONGEST_LINE: Final = 4096
_PLAIN: Final = "file"
_PART: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@+ -]{0,99}")
_DEEPEST: Final = 5
_OWN: Final = re.compile(
    r"(?:evce\.(?:db.+|lock)|ids\.floor|form-secret|certificate\.pem|key\.pem|time\.json|resetting|"
    r"restor.*|before-restore|backup-.*|snapshots|station-.*|reports|[a-z]+\.sock)",
    re.IGNORECASE,
)
"""Files that EVCE keeps for this machine: no backup has them, and none may bring them."""


@dataclass(frozen=True, slots=True)
class Member:
    """A plain file: its name below the data folder, and its size in bytes."""

    name: str
    size: int


def fits_in(name: str) -> bool:
    """Whether a file of this name may be in a backup: below the data folder, and not EVCE's own."""
    parts = name.split("/")
    return (
        len(parts) <= _DEEPEST
        and all(_PART.fullmatch(part) for part in parts)
        and _OWN.fullmatch(parts[0]) is None
    )


def write_member(sealer: Sealer, member: Member, content: Iterable[bytes]) -> None:
    """Put a file in. Raises ValueError for a name that won't do, OSError when it isn't as long as it was."""
    if not fits_in(member.name):
        raise ValueError(f"{member.name!r} can't be in a backup")
    line = json.dumps({"name": member.name, "kind": _PLAIN, "size": member.size}).encode()
    sealer.write(_LENGTH.pack(len(line)) + line)
    left = member.size
    for block in content:
        left -= len(block)
        if left < 0:
            break
        sealer.write(block)
    if left:
        raise OSError(f"{member.name} changed while it was read")


class MemberReader:
    """Gives the members one after the other; the content of each is read before the next."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = b""
        self._left = 0

    def members(self) -> Iterator[Member]:
        """Announce each member, to be read with `content`. Raises BackupRefusedError."""
        seen: set[str] = set()
        while (prefix := self._take(_LENGTH.size, may_end=True)) is not None:
            member = self._announced(prefix)
            if member.name in seen:
                raise BackupRefusedError(Reason.CONTENT, f"{member.name!r} is in it twice")
            seen.add(member.name)
            self._left = member.size
            yield member
            for _ in self.content():
                pass

    def content(self) -> Iterator[bytes]:
        """The bytes of the member that was announced last."""
        while self._left:
            if not self._buffer:
                self._fill()
            block = self._buffer[: self._left]
            self._buffer = self._buffer[len(block) :]
            self._left -= len(block)
            yield block

    def _announced(self, prefix: bytes) -> Member:
        length = _LENGTH.unpack(prefix)[0]
        if not 0 < length <= _LONGEST_LINE:
            raise BackupRefusedError(Reason.CONTENT, "what is in it can't be read")
        try:
            told = json.loads(self._take(length) or b"")
            name, kind, size = told["name"], told["kind"], told["size"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise BackupRefusedError(Reason.CONTENT, "what is in it can't be read") from None
        if not isinstance(name, str) or not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise BackupRefusedError(Reason.CONTENT, "what is in it can't be read")
        if kind != _PLAIN:
            raise BackupRefusedError(Reason.LINK, f"{name[:100]!r} in it is no plain file")
        if not fits_in(name):
            raise BackupRefusedError(Reason.OUTSIDE, f"{name[:100]!r} in it may not be in a backup")
        return Member(name, size)

    def _take(self, count: int, *, may_end: bool = False) -> bytes | None:
        while len(self._buffer) < count:
            try:
                self._buffer += next(self._pieces)
            except StopIteration:
                if may_end and not self._buffer:
                    return None
                raise BackupRefusedError(Reason.CONTENT, "a file in it is shorter than announced") from None
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _fill(self) -> None:
        taken = self._take(1)
        self._buffer = (taken or b"") + self._buffer
