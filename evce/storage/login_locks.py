"""The locks against guessing in the database: only those of the last hour are worth keeping."""

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlmodel import Session, col, select

from evce.records import LoginLockRecord
from evce.storage.rows import replace_rows
from evce.storage.tables import LoginLockRow

__all__ = ["FORGIVEN_AFTER", "forget_login_lock", "keep_login_lock", "login_locks"]

FORGIVEN_AFTER: Final = timedelta(hours=1)
"""After so long without another failure nothing is remembered; no lock is longer."""

_FIELDS: Final = tuple(field.name for field in fields(LoginLockRecord))


def keep_login_lock(db: Session, record: LoginLockRecord) -> None:
    """Writes it over the one before; those that are forgiven go."""
    db.exec(delete(LoginLockRow).where(col(LoginLockRow.last) < record.last - FORGIVEN_AFTER))
    replace_rows(db, LoginLockRow, ("login", "source"), [asdict(record)])
    db.expire_all()


def forget_login_lock(db: Session, login: str, source: str) -> None:
    """Removes it, if there is one."""
    row = db.get(LoginLockRow, (login, source))
    if row is not None:
        db.delete(row)


def login_locks(db: Session, now: datetime) -> list[LoginLockRecord]:
    """All that aren't forgiven yet, the longest ago first."""
    wanted = select(LoginLockRow).where(col(LoginLockRow.last) >= now - FORGIVEN_AFTER)
    rows = db.exec(wanted.order_by(col(LoginLockRow.last)))
    return [LoginLockRecord(**{name: getattr(row, name) for name in _FIELDS}) for row in rows]
