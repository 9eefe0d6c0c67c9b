"""What a backup says of itself, in front of everything else."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from evce.backup.refusals import BackupRefusedError, Reason

__all__ = ["COUNTED", "LONGEST_MANIFEST", "Manifest"]

LONGEST_MANIFEST: Final = 1 << 20

COUNTED: Final = ("users", "admins", "stations", "zones", "meters", "cards", "sessions", "events")
"""What a manifest tells the number of."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made_at` is aware; `left_out` names files of the configuration that lie outside of the data folder."""

    evce: str
    schema: str
    site: str
    made_at: datetime
    revision: int
    counts: Mapping[str, int]
    files: tuple[str, ...] = ()
    left_out: tuple[str, ...] = field(default=())

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "evce": self.evce,
            "schema": self.schema,
            "site": self.site,
            "made_at": self.made_at.isoformat(),
            "revision": self.revision,
            "counts": dict(self.counts),
            "files": list(self.files),
            "left_out": list(self.left_out),
        }

    def to_bytes(self) -> bytes:
        """As it lies in a backup."""
        return json.dumps(self.plain(), ensure_ascii=False, indent=1).encode()

    @classmethod
    def parse(cls, source: bytes | Mapping[str, Any]) -> "Manifest":
        """From JSON, or what it holds. Raises BackupRefusedError."""
        try:
            plain = json.loads(source) if isinstance(source, bytes) else source
            counts = {name: int(plain["counts"][name]) for name in COUNTED}
            made_at = datetime.fromisoformat(plain["made_at"])
            if made_at.tzinfo is None or min(counts.values()) < 0:
                raise ValueError("made_at")
            return cls(
                str(plain["evce"])[:50],
                str(plain["schema"])[:50],
                str(plain["site"])[:200],
                made_at,
                int(plain["revision"]),
                counts,
                tuple(str(name) for name in plain["files"]),
                tuple(str(name) for name in plain["left_out"]),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BackupRefusedError(Reason.CONTENT, "its manifest can't be read") from None
