"""The recorder's messages about people: users, their browser sessions, and the locks against guessing."""

from dataclasses import dataclass
from datetime import datetime

from actors.messages.base import Message, Question
from evce.records import LoginLockRecord, UserRecord, WebSessionRecord

__all__ = [
    "DeleteUser",
    "DeleteWebSession",
    "DeleteWebSessions",
    "FindUser",
    "FindWebSession",
    "ForgetLoginLock",
    "KeepLoginLock",
    "ListLoginLocks",
    "LoginLockRecord",
    "SaveUser",
    "SaveWebSession",
    "UserRecord",
    "WebSessionRecord",
]


@dataclass(frozen=True, slots=True)
class SaveUser(Message):
    """Adds or changes a user; a new password hash ends all browser sessions of that user."""

    user: UserRecord


@dataclass(frozen=True, slots=True)
class DeleteUser(Message):
    """Removes a user with all browser sessions; whether that may be is the asker's to know (US-2)."""

    login: str


@dataclass(frozen=True, slots=True)
class SaveWebSession(Message):
    session: WebSessionRecord


@dataclass(frozen=True, slots=True)
class DeleteWebSession(Message):
    token_hash: str


@dataclass(frozen=True, slots=True)
class DeleteWebSessions(Message):
    """Ends the browser sessions of a user, or those not used since a time, or (with neither) all."""

    login: str | None = None
    last_used_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class FindUser(Question):
    """Answer: `UserRecord | None`; with `login` None: `list[UserRecord]`."""

    login: str | None = None


@dataclass(frozen=True, slots=True)
class FindWebSession(Question):
    """Answer: `WebSessionRecord | None`."""

    token_hash: str


@dataclass(frozen=True, slots=True)
class KeepLoginLock(Message):
    """Failed logins, and the lock that may have come of them; a restart must not open it (US-3)."""

    lock: LoginLockRecord


@dataclass(frozen=True, slots=True)
class ForgetLoginLock(Message):
    """That login has succeeded from that source."""

    login: str
    source: str


@dataclass(frozen=True, slots=True)
class ListLoginLocks(Question):
    """Answer: `list[LoginLockRecord]`, those of the last hour."""
