"""The event log in the database: the newest lines are kept, audit lines apart from the chatter."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, insert, or_
from sqlmodel import Session, col, select

from evce.records import EventRecord
from evce.storage.audit_seals import AUDIT, IS_AUDIT, newest_seal, seal
from evce.storage.columns import readable, storable
from evce.storage.tables import EventRow

__all__ = ["append_events", "list_events", "prune_events"]

MESSAGE_LENGTH = 2000
"""A longer message is cut: the size of the log is then known from its number of lines."""


def append_events(db: Session, events: Iterable[EventRecord]) -> int:
    """Adds lines to the log, audit lines with their seals; how many."""
    rows = []
    before: str | None = None
    for event in events:
        line = EventRecord(
            storable(event.at),
            readable(event.device),
            event.type,
            readable(event.message[:MESSAGE_LENGTH]),
            readable(event.author),
        )
        sealed = ""
        if event.type == AUDIT:
            before = sealed = seal(newest_seal(db) if before is None else before, line)
        rows.append({**asdict(line), "seal": sealed})
    if rows:
        db.exec(insert(EventRow), params=rows)
    return len(rows)


def prune_events(db: Session, keep: int, keep_audit: int) -> None:
    """Removes all but the newest `keep_audit` audit lines and the newest `keep` others."""
    _keep_newest(db, IS_AUDIT, keep_audit)
    _keep_newest(db, ~IS_AUDIT, keep)


def _keep_newest(db: Session, which: ColumnElement[bool], keep: int) -> None:
    ids = select(EventRow.id).where(which).order_by(col(EventRow.id).desc())
    newest_to_go = db.exec(ids.offset(keep).limit(1)).first()
    if newest_to_go is not None:
        db.exec(delete(EventRow).where(which, col(EventRow.id) <= newest_to_go))


def list_events(
    db: Session,
    *,
    limit: int,
    devices: Collection[str] = (),
    type_: str | None,
    author: str = "",
    text: str = "",
    since: datetime | None = None,
    before: datetime | None = None,
    offset: int = 0,
    audit: bool = True,
) -> list[EventRecord]:
    """The newest lines first, of some devices and of one type if told, `offset` of them left out.

    `author` and `text` may be any part, in small or capital letters; `text` is looked for in device and
    message. `since` is included, `before` is not. Without `audit`, audit lines are neither told nor counted.
    """
    query = select(EventRow).order_by(col(EventRow.id).desc())
    if devices:
        query = query.where(col(EventRow.device).in_(devices))
    if type_ is not None:
        query = query.where(EventRow.type == type_)
    if not audit:
        query = query.where(EventRow.type != AUDIT)
    if author:
        query = query.where(_has(EventRow.author, author))
    if text:
        query = query.where(or_(_has(EventRow.message, text), _has(EventRow.device, text)))
    if since is not None:
        query = query.where(col(EventRow.at) >= since)
    if before is not None:
        query = query.where(col(EventRow.at) < before)
    return [
        EventRecord(at=row.at, device=row.device, type=row.type, message=row.message, author=row.author)
        for row in db.exec(query.offset(max(0, offset)).limit(max(0, limit)))
    ]


def _has(column: str, part: str) -> ColumnElement[bool]:
    return func.lower(column).contains(part.lower(), autoescape=True)
