"""Pledges in the database: what each connector may be drawing, one row each, and the newest plan."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from evce.records import PledgeRecord
from evce.storage.meta import read_meta, write_meta
from evce.storage.rows import replace_rows
from evce.storage.tables import PledgeRow
from evce.units import BoxIdentity, ConnectorKey

__all__ = ["NEWEST_PLAN", "commit_pledges", "newest_plan", "pledges"]

NEWEST_PLAN = "newest_plan"


def commit_pledges(db: Session, plan: int, records: Iterable[PledgeRecord], now: datetime) -> None:
    """Writes the pledges of a plan over those before, and remembers the plan's number."""
    rows = {
        record.connector: {
            "station": record.connector.station,
            "connector": record.connector.number,
            "amps": record.amps,
            "lease": record.lease,
            "fallback": record.fallback,
            "written_at": record.written_at or now,
        }
        for record in records
    }
    replace_rows(db, PledgeRow, ("station", "connector"), list(rows.values()))
    if plan > newest_plan(db):
        write_meta(db, NEWEST_PLAN, plan)


def newest_plan(db: Session) -> int:
    """The highest plan number ever committed, 0 before the first."""
    return read_meta(db, NEWEST_PLAN) or 0


def pledges(db: Session, station: BoxIdentity | None = None) -> list[PledgeRecord]:
    """All pledges, or those of one station, by connector."""
    query = select(PledgeRow).order_by(col(PledgeRow.station), col(PledgeRow.connector))
    rows = db.exec(query if station is None else query.where(col(PledgeRow.station) == station))
    return [
        PledgeRecord(
            connector=ConnectorKey(BoxIdentity(row.station), row.connector),
            amps=row.amps,
            lease=row.lease,
            fallback=row.fallback,
            written_at=row.written_at,
        )
        for row in rows
    ]
