"""The limits of remote energy management in the database, for the next process."""

from collections.abc import Mapping

from sqlalchemy import delete
from sqlmodel import Session, col, select

from evce.storage.rows import replace_rows
from evce.storage.tables import MetaRow
from evce.units import Amps, ZoneId

__all__ = ["keep_remote_limits", "remote_limits"]

_PREFIX = "remote_ma/"
"""Of the keys; what follows is the zone. The values are in mA."""


def keep_remote_limits(db: Session, limits: Mapping[ZoneId, Amps]) -> None:
    """Writes the limits, in A per phase, over all those before."""
    db.exec(delete(MetaRow).where(col(MetaRow.key).startswith(_PREFIX, autoescape=True)))
    rows = [{"key": f"{_PREFIX}{zone}", "value": round(amps * 1000)} for zone, amps in limits.items()]
    replace_rows(db, MetaRow, ("key",), rows)
    db.expire_all()


def remote_limits(db: Session) -> dict[ZoneId, Amps]:
    """The limits that were written last, in A per phase."""
    rows = db.exec(select(MetaRow).where(col(MetaRow.key).startswith(_PREFIX, autoescape=True)))
    return {ZoneId(row.key.removeprefix(_PREFIX)): row.value / 1000.0 for row in rows}
