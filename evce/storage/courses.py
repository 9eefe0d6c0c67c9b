"""The courses of sessions in the database: the newest points are kept, whole sessions go."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from typing import Final

from sqlalchemy import delete
from sqlmodel import Session, col, select

from evce.records import SessionPoint
from evce.storage.rows import replace_rows
from evce.storage.tables import SessionPointRow
from evce.units import TransactionId

__all__ = ["POINTS_KEPT", "course", "prune_courses", "record_course"]

POINTS_KEPT = 400_000
"""About 40 MB: at a hundred points a session the newest 4,000 sessions."""

REASON_LENGTH = 500
"""A longer reason is cut: the size of the table is then known from its number of points."""

_FIELDS: Final = tuple(field.name for field in fields(SessionPoint))


def record_course(db: Session, points: Iterable[SessionPoint]) -> int:
    """Adds points of any sessions; one told again takes the place of the first. How many."""
    values = {(point.transaction, point.at): asdict(point) for point in points}
    for value in values.values():
        if value["reason"] is not None:
            value["reason"] = value["reason"][:REASON_LENGTH]
    replace_rows(db, SessionPointRow, ("transaction", "at"), list(values.values()))
    db.expire_all()
    return len(values)


def course(db: Session, transaction: TransactionId) -> list[SessionPoint]:
    """The points of a session, oldest first; none of one that is too old."""
    wanted = select(SessionPointRow).where(SessionPointRow.transaction == transaction)
    rows = db.exec(wanted.order_by(col(SessionPointRow.at)))
    return [SessionPoint(**{name: getattr(row, name) for name in _FIELDS}) for row in rows]


def prune_courses(db: Session) -> None:
    """Removes the courses of the oldest sessions where there are too many points."""
    newest_first = select(SessionPointRow.transaction).order_by(col(SessionPointRow.transaction).desc())
    newest_to_go = db.exec(newest_first.offset(POINTS_KEPT).limit(1)).first()
    if newest_to_go is not None:
        db.exec(delete(SessionPointRow).where(col(SessionPointRow.transaction) <= newest_to_go))
