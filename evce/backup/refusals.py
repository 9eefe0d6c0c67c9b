"""Why a file is refused as a backup, by a name that programs can tell apart and a sentence for people."""

from enum import StrEnum

from evce.errors import EvceError

__all__ = ["BackupRefusedError", "Reason"]


class Reason(StrEnum):
    """What is wrong with a file (RELIABILITY §3); none of them changes anything."""

    FOREIGN = "foreign"
    """No backup at all."""
    NEWER = "newer"
    """Made by an EVCE that knows more than this one."""
    PASS_PHRASE = "pass-phrase"  # noqa: S105
    """Another pass phrase, or a header that somebody changed: nobody can tell the two apart."""
    TRUNCATED = "truncated"
    SIGNATURE = "signature"
    """Changed after it was made."""
    BOMB = "bomb"
    """More than `MOST_RATIO` times as large once unpacked."""
    TOO_LARGE = "too-large"
    OUTSIDE = "outside"
    """A member that would lie outside of the data folder, or in the place of EVCE's own files."""
    LINK = "link"
    """A member that is no plain file."""
    CONTENT = "content"
    """Genuine, but not a site that this EVCE can run."""


class BackupRefusedError(EvceError, ValueError):
    """A file is no backup that can be restored; nothing was changed."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
