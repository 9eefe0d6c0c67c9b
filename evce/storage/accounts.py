"""Revisions of the configuration, users and browser sessions in the database."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from evce.errors import RevisionConflictError
from evce.records import LoginLockRecord, RevisionRecord, UserRecord, WebSessionRecord
from evce.storage.ids import IdSource
from evce.storage.login_locks import forget_login_lock, keep_login_lock, login_locks
from evce.storage.tables import RevisionRow, UserRow, WebSessionRow
from evce.storage.unit import Part

__all__ = [
    "AccountsPart",
    "append_revision",
    "delete_user",
    "delete_web_session",
    "delete_web_sessions",
    "find_user",
    "find_web_session",
    "newest_revision",
    "revision",
    "revisions",
    "save_user",
    "save_web_session",
    "users",
]


def append_revision(db: Session, record: RevisionRecord) -> None:
    """Adds a revision. Raises RevisionConflictError unless its number is the newest plus one."""
    newest = newest_revision(db)
    expected = newest.number + 1 if newest else 1
    if record.number != expected:
        raise RevisionConflictError(
            f"revision {record.number} can't follow revision {expected - 1}: it would have to be {expected}"
        )
    db.add(
        RevisionRow(
            number=record.number,
            document=record.document,
            author=record.author,
            comment=record.comment,
            created_at=record.created_at,
        )
    )
    db.flush()


def revisions(db: Session) -> list[RevisionRecord]:
    """All revisions, newest first."""
    return [_revision(row) for row in db.exec(select(RevisionRow).order_by(col(RevisionRow.number).desc()))]


def newest_revision(db: Session) -> RevisionRecord | None:
    """The revision in force; None before the first."""
    row = db.exec(select(RevisionRow).order_by(col(RevisionRow.number).desc()).limit(1)).first()
    return None if row is None else _revision(row)


def revision(db: Session, number: int) -> RevisionRecord | None:
    """The revision of that number."""
    row = db.get(RevisionRow, number)
    return None if row is None else _revision(row)


def save_user(db: Session, user: UserRecord) -> None:
    """Adds or changes a user. A new password hash ends all browser sessions of that user."""
    known = db.get(UserRow, user.login)
    if known is not None and known.password_hash != user.password_hash:
        delete_web_sessions(db, user.login)
    db.merge(
        UserRow(
            login=user.login,
            role=user.role,
            password_hash=user.password_hash,
            created_at=user.created_at,
            last_access_at=user.last_access_at,
            language=user.language,
        )
    )
    db.flush()


def find_user(db: Session, login: str) -> UserRecord | None:
    """The user of that login, exactly as written."""
    row = db.get(UserRow, login)
    return None if row is None else _user(row)


def users(db: Session) -> list[UserRecord]:
    """All users by login."""
    return [_user(row) for row in db.exec(select(UserRow).order_by(col(UserRow.login)))]


def delete_user(db: Session, login: str) -> bool:
    """Removes a user with all browser sessions; False if there was none."""
    row = db.get(UserRow, login)
    if row is None:
        return False
    delete_web_sessions(db, login)
    db.delete(row)
    db.flush()
    return True


def save_web_session(db: Session, record: WebSessionRecord) -> bool:
    """Adds or renews a browser session; False, and nothing kept, when its user is gone meanwhile."""
    if db.get(UserRow, record.login) is None:
        return False
    db.merge(
        WebSessionRow(
            token_hash=record.token_hash,
            login=record.login,
            created_at=record.created_at,
            last_used_at=record.last_used_at,
        )
    )
    db.flush()
    return True


def find_web_session(db: Session, token_hash: str) -> WebSessionRecord | None:
    """The browser session of that token's hash."""
    row = db.get(WebSessionRow, token_hash)
    if row is None:
        return None
    return WebSessionRecord(row.token_hash, row.login, row.created_at, row.last_used_at)


def delete_web_session(db: Session, token_hash: str) -> bool:
    """Ends one browser session; False if there was none."""
    row = db.get(WebSessionRow, token_hash)
    if row is None:
        return False
    db.delete(row)
    return True


def delete_web_sessions(
    db: Session, login: str | None = None, last_used_before: datetime | None = None
) -> None:
    """Ends the browser sessions of a user, or those not used since a time, or all."""
    query = delete(WebSessionRow)
    if login is not None:
        query = query.where(col(WebSessionRow.login) == login)
    if last_used_before is not None:
        query = query.where(col(WebSessionRow.last_used_at) < last_used_before)
    db.exec(query)


def _revision(row: RevisionRow) -> RevisionRecord:
    return RevisionRecord(row.number, row.document, row.author, row.comment, row.created_at)


def _user(row: UserRow) -> UserRecord:
    return UserRecord(
        row.login, row.role, row.password_hash, row.created_at, row.last_access_at, row.language
    )


class AccountsPart(Part):
    """The calls of a store for the configuration, users and browser sessions."""

    _ids: IdSource

    def append_revision(self, record: RevisionRecord) -> None:
        """Adds a revision. Raises RevisionConflictError unless its number is the newest plus one."""
        with self._unit.writing() as db:
            append_revision(db, record)

    def revisions(self) -> list[RevisionRecord]:
        """All revisions, newest first."""
        with self._unit.reading() as db:
            return revisions(db)

    def newest_revision(self) -> RevisionRecord | None:
        """The revision in force."""
        with self._unit.reading() as db:
            return newest_revision(db)

    def revision(self, number: int) -> RevisionRecord | None:
        """The revision of that number."""
        with self._unit.reading() as db:
            return revision(db, number)

    def save_user(self, user: UserRecord) -> None:
        """Adds or changes a user; a new password hash ends that user's browser sessions."""
        with self._unit.writing() as db:
            save_user(db, user)

    def find_user(self, login: str) -> UserRecord | None:
        """The user of that login."""
        with self._unit.reading() as db:
            return find_user(db, login)

    def users(self) -> list[UserRecord]:
        """All users by login."""
        with self._unit.reading() as db:
            return users(db)

    def delete_user(self, login: str) -> bool:
        """Removes a user with all browser sessions; False if there was none."""
        with self._unit.writing() as db:
            return delete_user(db, login)

    def save_web_session(self, record: WebSessionRecord) -> bool:
        """Adds or renews a browser session; False when its user is gone."""
        with self._unit.writing() as db:
            return save_web_session(db, record)

    def find_web_session(self, token_hash: str) -> WebSessionRecord | None:
        """The browser session of that token's hash."""
        with self._unit.reading() as db:
            return None if self._ids.lost else find_web_session(db, token_hash)

    def delete_web_session(self, token_hash: str) -> bool:
        """Ends one browser session; False if there was none."""
        with self._unit.writing() as db:
            return delete_web_session(db, token_hash)

    def delete_web_sessions(self, login: str | None = None, last_used_before: datetime | None = None) -> None:
        """Ends the browser sessions of a user, or those not used since a time, or all."""
        with self._unit.writing() as db:
            delete_web_sessions(db, login, last_used_before)

    def keep_login_lock(self, record: LoginLockRecord) -> None:
        """Writes the failed logins of one login from one source."""
        with self._unit.writing() as db:
            keep_login_lock(db, record)

    def forget_login_lock(self, login: str, source: str) -> None:
        """Removes them after a success."""
        with self._unit.writing() as db:
            forget_login_lock(db, login, source)

    def login_locks(self, now: datetime) -> list[LoginLockRecord]:
        """The failed logins of the last hour."""
        with self._unit.reading() as db:
            return login_locks(db, now)
