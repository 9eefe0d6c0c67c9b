"""The limit ledger in the database: one row per zone, hour and phase, for a good year."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Final

from sqlalchemy import delete
from sqlmodel import Session, col, select

from evce.limit_ledger import merged
from evce.records import LimitRecord
from evce.storage.rows import replace_rows
from evce.storage.tables import LimitRow
from evce.units import ZoneId

__all__ = ["HOURS_KEPT", "limits", "prune_limits", "record_limits"]

HOURS_KEPT = 9_600
"""400 days, about 4 MB a zone."""

_FIELDS: Final = tuple(field.name for field in fields(LimitRecord))

_Key = tuple[ZoneId, datetime, int]


def record_limits(db: Session, records: Iterable[LimitRecord]) -> None:
    """Folds records of single hours into what is known of them."""
    folded: dict[_Key, LimitRecord] = {}
    for record in records:
        key = (record.zone, record.at, record.phase)
        folded[key] = merged(folded[key], record) if key in folded else record
    known = select(LimitRow).where(
        col(LimitRow.zone).in_({zone: None for zone, _, _ in folded}),
        col(LimitRow.at).in_({at: None for _, at, _ in folded}),
    )
    for row in db.exec(known):
        key = (ZoneId(row.zone), row.at, row.phase)
        if key in folded:
            folded[key] = merged(_record(row), folded[key])
    replace_rows(db, LimitRow, ("zone", "at", "phase"), [asdict(record) for record in folded.values()])
    db.expire_all()


def limits(
    db: Session, since: datetime, before: datetime | None = None, zone: ZoneId | None = None
) -> list[LimitRecord]:
    """The hours of a zone, or of all, that begin in a period; oldest first, by zone and phase."""
    wanted = select(LimitRow).where(LimitRow.at >= since)
    if before is not None:
        wanted = wanted.where(LimitRow.at < before)
    if zone is not None:
        wanted = wanted.where(LimitRow.zone == zone)
    rows = db.exec(wanted.order_by(col(LimitRow.at), col(LimitRow.zone), col(LimitRow.phase)))
    return [_record(row) for row in rows]


def prune_limits(db: Session) -> None:
    """Removes each zone's oldest hours where there are too many.

    By number, not by age: a clock that jumps a year ahead must not take the year's ledger with it.
    """
    for zone in db.exec(select(LimitRow.zone).distinct()).all():
        newest_first = select(LimitRow.at).where(LimitRow.zone == zone).distinct()
        oldest = newest_first.order_by(col(LimitRow.at).desc()).offset(HOURS_KEPT).limit(1)
        newest_to_go = db.exec(oldest).first()
        if newest_to_go is not None:
            db.exec(delete(LimitRow).where(col(LimitRow.zone) == zone, col(LimitRow.at) <= newest_to_go))


def _record(row: LimitRow) -> LimitRecord:
    return LimitRecord(**{name: getattr(row, name) for name in _FIELDS})
