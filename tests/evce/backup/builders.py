"""What the tests of backups share: an envelope round some bytes, and its parts."""

import io
import json
import struct
from collections.abc import Iterable

from evce.backup.sealing import Sealer

__all__ = ["PHRASE", "SALT", "announced", "sealed"]

PHRASE = "correct horse battery"
SALT = bytes(range(16))
CHEAP = 10


def sealed(*content: bytes, phrase: str = PHRASE) -> bytes:
    """A backup's envelope with a cheap key, round `content`."""
    out = io.BytesIO()
    sealer = Sealer(out, phrase, SALT, CHEAP)
    for part in content:
        sealer.write(part)
    sealer.finish()
    return out.getvalue()


def announced(name: str, content: bytes, kind: str = "file", size: int | None = None) -> Iterable[bytes]:
    """A member as it lies in the envelope, whatever may be wrong with it."""
    line = json.dumps({"name": name, "kind": kind, "size": len(content) if size is None else size}).encode()
    return (struct.pack(">I", len(line)), line, content)
