"""Audit lines sealed one after another: a line changed, added or removed leaves a seal that doesn't fit."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final, Protocol

from sqlalchemy import ColumnElement, literal_column
from sqlmodel import Session, col, select

from evce.records import EventRecord
from evce.storage.tables import EventRow

__all__ = ["AUDIT", "IS_AUDIT", "SealReport", "check_seals", "newest_seal", "seal"]

AUDIT: Final = "audit"
"""The type of the lines that say who changed what; a flood of other lines must not push them out."""

IS_AUDIT: ColumnElement[bool] = col(EventRow.type) == literal_column(f"'{AUDIT}'")
"""Spelled out, so that the database can use the index of these lines."""


class _Line(Protocol):
    """What is sealed of a line, as it is read back."""

    @property
    def at(self) -> datetime: ...
    @property
    def device(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def author(self) -> str: ...


@dataclass(frozen=True, slots=True)
class SealReport:
    """What the seals say: how many lines there are, how many of them are from before there were seals.

    `newest` is the seal of the newest line, empty where there is none. `broken` are the lines whose seal
    doesn't fit what they say and the line before them, oldest first. `found` tells whether the seal that was
    asked for is there, None where none was.
    """

    lines: int
    unsealed: int
    newest: str
    broken: tuple[EventRecord, ...]
    found: bool | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing has been changed, as far as seals can tell."""
        return not self.broken and self.found is not False


def seal(before: str, line: _Line) -> str:
    """The seal of a line whose predecessor has the seal `before`: SHA-256, 64 hexadecimal digits."""
    sealed = [before, line.at.isoformat(), line.device, line.message, line.author]
    return sha256(json.dumps(sealed).encode()).hexdigest()


def newest_seal(db: Session) -> str:
    """The seal of the newest audit line, empty where there is none."""
    newest = select(EventRow.seal).where(IS_AUDIT).order_by(col(EventRow.id).desc()).limit(1)
    return db.exec(newest).first() or ""


def check_seals(db: Session, wanted: str = "") -> SealReport:
    """Follow the chain from the oldest line that is kept: what that one says is believed.

    `wanted` is a seal that was noted earlier: lines cut off at the end leave no other trace.
    """
    lines = db.exec(
        select(EventRow).where(IS_AUDIT).order_by(col(EventRow.id)).execution_options(yield_per=500)
    )
    return _followed(lines, wanted)


def _followed(lines: Iterable[EventRow], wanted: str) -> SealReport:
    count = unsealed = 0
    before: str | None = None
    found = False
    broken: list[EventRecord] = []
    for line in lines:
        count += 1
        if not line.seal and not before:
            unsealed += 1  # from before there were seals; later ones without are no lines of ours
            before = ""
            continue
        if before is not None and line.seal != seal(before, line):
            broken.append(EventRecord(line.at, line.device, line.type, line.message, line.author))
        before = line.seal or before
        found = found or line.seal == wanted
    return SealReport(count, unsealed, before or "", tuple(broken), found if wanted else None)
