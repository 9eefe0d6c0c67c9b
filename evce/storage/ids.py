"""Where transaction ids come from, and how a database that is an older copy is found out."""

from pathlib import Path

from sqlalchemy import delete
from sqlmodel import Session

from evce.storage import pledges
from evce.storage.id_floor import FILE_NAME, Floor, read_floor, write_floor
from evce.storage.meta import read_meta, write_meta
from evce.storage.tables import PledgeRow, WebSessionRow
from evce.storage.transactions import highest_id

__all__ = ["IdSource"]

BLOCK = 100
"""Ids reserved in the side file at a time: one small durable write for so many sessions."""
UNKNOWN_GAP = 100_000
"""Skipped when nothing tells how many ids a copy from elsewhere misses: a large site's year or more."""
PLANS_SKIPPED = 1_000_000
"""Skipped plan numbers after a restore; at one plan a second the missing days have fewer."""

_OPENING = "opening"
_FLOOR = "id_floor"


class IdSource:
    """Gives transaction ids: positive, rising, never one twice, even after a restore (invariant 13).

    `lost` says that the database is an older copy: `look` finds out, and the first write then
    removes what an older copy can't know (pledges, browser sessions).
    """

    def __init__(self, database: Path | None) -> None:
        self._side = None if database is None else database.with_name(FILE_NAME)
        self._next = 1
        self._reserved = 1
        self._opening = 0
        self._begun = False
        self.lost = False

    def look(self, db: Session) -> None:
        """Reads database and side file; writes nothing."""
        opening, floor = read_meta(db, _OPENING), read_meta(db, _FLOOR) or 1
        side = None if self._side is None else read_floor(self._side)
        self._next = max(1, highest_id(db) + 1)
        if side is not None:
            self._next = max(self._next, side.floor)
            self.lost = side.opening > (opening or 0)
        elif opening is not None and self._side is not None:
            self._next = max(self._next, floor) + UNKNOWN_GAP
            self.lost = True
        else:
            self._next = max(self._next, floor)
        self._reserved = self._next
        self._opening = max(opening or 0, side.opening if side else 0) + 1

    def begin(self, db: Session) -> None:
        """Takes possession of the database, within its first write transaction."""
        if self.lost:
            db.exec(delete(PledgeRow))
            db.exec(delete(WebSessionRow))
            write_meta(db, pledges.NEWEST_PLAN, pledges.newest_plan(db) + PLANS_SKIPPED)
        write_meta(db, _OPENING, self._opening)
        write_meta(db, _FLOOR, self._reserved)
        db.flush()

    def begun(self) -> None:
        """The first write is durable: from now on an older copy shows by its lower count."""
        self.lost = False
        self._begun = True
        self._save(self._reserved)

    def next_id(self, db: Session) -> int:
        """A new transaction id. OSError when the side file can't be written: then no id is given."""
        given = max(self._next, highest_id(db) + 1)
        if given >= self._reserved:
            self._save(given + BLOCK)
            self._reserved = given + BLOCK
            write_meta(db, _FLOOR, self._reserved)
        self._next = given + 1
        return given

    def touch(self, db: Session) -> None:
        """Writes something that changes nothing."""
        write_meta(db, "probe", (read_meta(db, "probe") or 0) + 1)

    def newest_plan(self, db: Session) -> int:
        """The highest plan number that may ever have been sent."""
        return pledges.newest_plan(db) + (PLANS_SKIPPED if self.lost else 0)

    def end(self) -> None:
        """Gives the rest of the block back, unless another program reserved ids meanwhile."""
        there = None if self._side is None else read_floor(self._side)
        if self._side is not None and self._begun and there is not None and there.floor == self._reserved:
            write_floor(self._side, Floor(self._next, there.opening))
            self._reserved = self._next

    def _save(self, reserved: int) -> None:
        """Raises the side file's numbers; another program may have raised them too."""
        if self._side is None:
            return
        there = read_floor(self._side) or Floor(1, 0)
        write_floor(self._side, Floor(max(reserved, there.floor), max(self._opening, there.opening)))
