"""What drivers stated of their sessions, and what earlier sessions teach about later ones."""

from sqlmodel import Session, col, select

from evce.departures import Statement, Visit
from evce.storage.tables import SessionRow
from evce.units import TransactionId

__all__ = ["record_statement", "visits"]

_UNTAUGHT = frozenset({"unauthorised", "superseded"})
"""Flags of sessions that were no visit like others: given nothing, or ended by what came after them."""


def record_statement(db: Session, transaction: TransactionId, statement: Statement) -> bool:
    """Keeps what the driver of a running session states; the newest counts. False if it runs no more."""
    row = db.get(SessionRow, transaction)
    if row is None or row.stopped_at is not None:
        return False
    row.stated_departure = statement.departure
    row.stated_energy = statement.energy
    db.add(row)
    return True


def visits(db: Session, limit: int) -> list[Visit]:
    """Of the newest sessions that have ended and charged something, newest first, those that teach."""
    query = (
        select(SessionRow)
        .where(col(SessionRow.stopped_at).is_not(None), SessionRow.energy > 0.0)
        .order_by(col(SessionRow.started_at).desc(), col(SessionRow.id).desc())
        .limit(limit)
    )
    return [
        Visit(
            arrived=row.started_at,
            stay=(row.stopped_at - row.started_at).total_seconds(),
            energy=row.energy,
            card=row.id_tag_key,
            statement=Statement(row.stated_departure, row.stated_energy),
        )
        for row in db.exec(query)
        if row.stopped_at is not None and not _UNTAUGHT.intersection(row.flags)
    ]
