"""Messages about the configuration in force."""

from dataclasses import dataclass

from actors.messages.base import Message, Question
from evce.records import RevisionRecord

__all__ = ["ApplyRevision", "GetRevision", "ResetToFactory", "Restart", "RestoreBackup"]


@dataclass(frozen=True, slots=True)
class ApplyRevision(Message):
    """Put this revision in force; its number must be the one in force plus one, or nothing happens."""

    revision: RevisionRecord


@dataclass(frozen=True, slots=True)
class ResetToFactory(Message):
    """Delete everything that this EVCE holds, and start it anew; `author` wanted it (SR-3)."""

    author: str


@dataclass(frozen=True, slots=True)
class Restart(Message):
    """End in good order, and start anew with all that is stored; `author` wanted it (SR-3)."""

    author: str


@dataclass(frozen=True, slots=True)
class RestoreBackup(Message):
    """Put an unpacked backup in the place of this site, and start anew; `author` wanted it (SR-2).

    `folder` is the name of the folder in the data folder that it was unpacked to. Without `users` those that
    are here stay.
    """

    folder: str
    users: bool
    author: str


@dataclass(frozen=True, slots=True)
class GetRevision(Question):
    """Answer: the `RevisionRecord` in force."""
