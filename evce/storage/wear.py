"""The wear of the stations' memories in the database: how many profiles each connector was ever sent."""

from collections.abc import Iterable

from sqlmodel import Session, col, select

from evce.records import WearRecord
from evce.storage.rows import replace_rows
from evce.storage.tables import WearRow
from evce.units import BoxIdentity, ConnectorKey

__all__ = ["keep_wear", "wear"]


def keep_wear(db: Session, records: Iterable[WearRecord]) -> None:
    """Writes the counts over those before."""
    rows = [
        {
            "station": record.connector.station,
            "connector": record.connector.number,
            "total": record.total,
            "left": record.left,
            "today": record.today,
        }
        for record in records
    ]
    replace_rows(db, WearRow, ("station", "connector"), rows)
    db.expire_all()


def wear(db: Session, station: BoxIdentity) -> list[WearRecord]:
    """The counts of one station, by connector."""
    rows = db.exec(select(WearRow).where(col(WearRow.station) == station).order_by(col(WearRow.connector)))
    return [WearRecord(ConnectorKey(station, row.connector), row.total, row.left, row.today) for row in rows]
