"""What the stations have told of themselves, in the database."""

from collections.abc import Iterable

from sqlmodel import Session

from evce.records import StationMemory
from evce.storage.rows import replace_rows
from evce.storage.tables import StationRow
from evce.units import BoxIdentity

__all__ = ["keep_stations", "station_memory"]


def keep_stations(db: Session, memories: Iterable[StationMemory]) -> None:
    """Writes what is known now over what was known before."""
    rows = [
        {
            "station": memory.station,
            "vendor": memory.vendor,
            "model": memory.model,
            "serial_number": memory.serial_number,
            "firmware": memory.firmware,
            "keys": None
            if memory.keys is None
            else {name: list(entry) for name, entry in memory.keys.items()},
            "whole_amps": memory.whole_amps,
            "in_watts": memory.in_watts,
            "grain_known": memory.grain_known,
            "no_composite": memory.no_composite,
        }
        for memory in memories
    ]
    replace_rows(db, StationRow, ("station",), rows)
    db.expire_all()


def station_memory(db: Session, station: BoxIdentity) -> StationMemory | None:
    """What one station had told, None if it has never spoken."""
    row = db.get(StationRow, station)
    if row is None:
        return None
    keys = (
        None
        if row.keys is None
        else {name: (str(text), bool(fixed)) for name, (text, fixed) in row.keys.items()}
    )
    return StationMemory(
        station,
        row.vendor,
        row.model,
        row.serial_number,
        row.firmware,
        keys,
        row.whole_amps,
        row.in_watts,
        row.grain_known,
        row.no_composite,
    )
