"""Energy by day: what the sessions that began on each day have charged."""

from collections.abc import Collection
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from evce.records import DailyEnergy
from evce.storage.rows import table_of
from evce.storage.tables import SessionRow
from evce.units import BoxIdentity

__all__ = ["daily_energy"]


def daily_energy(
    db: Session, since: datetime, zone: ZoneInfo, stations: Collection[BoxIdentity] | None = None
) -> list[DailyEnergy]:
    """Sum up the sessions that began from `since` on, by day in `zone`, oldest first; days without one lack.

    Running ones count with what they have so far. `stations` None means all of them.
    """
    table = table_of(SessionRow)
    query = table.select().with_only_columns(table.c.started_at, table.c.station, table.c.energy)
    sums: dict[date, DailyEnergy] = {}
    rows = db.connection().execution_options(yield_per=1000)
    for started_at, station, energy in rows.execute(query.where(table.c.started_at >= since)):
        if stations is None or station in stations:
            day = started_at.astimezone(zone).date()
            known = sums.get(day, DailyEnergy(day, 0.0, 0))
            sums[day] = DailyEnergy(day, known.energy + energy, known.sessions + 1)
    return [sums[day] for day in sorted(sums)]
