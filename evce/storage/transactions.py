"""Sessions in the database: a start gives one id and one record, a stop is never refused."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func
from sqlmodel import Session, col, select

from evce.departures import Statement
from evce.energy_split import Split
from evce.records import MATCHED_MINUS_ONE, OrphanStopRecord, SessionRecord
from evce.storage.rows import table_of
from evce.storage.tables import OrphanStopRow, SessionRow
from evce.units import BoxIdentity, ConnectorKey, TransactionId, WattHours

__all__ = [
    "BEFORE_START",
    "BELOW_START",
    "FOREIGN_STATION",
    "MATCHED_MINUS_ONE",
    "STOPPED_TWICE",
    "StartOutcome",
    "StopOutcome",
    "every_session",
    "fold_id_tag",
    "highest_id",
    "open_sessions",
    "orphan_stops",
    "record_progress",
    "record_start",
    "record_stop",
    "session_of",
    "sessions",
]

ORPHANS_KEPT = 10_000
"""Enough for years of a healthy site, and a bound for a station that goes mad."""

# What a session or an orphan is flagged with here, beside what its station actor found.
BELOW_START = "meter_stop_below_meter_start"
BEFORE_START = "stopped_before_started"
STOPPED_TWICE = "stopped_twice_differently"
FOREIGN_STATION = "transaction_of_another_station"

_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class StartOutcome:
    """`duplicate`: a retry, nothing new was written."""

    session: SessionRecord
    duplicate: bool = False


@dataclass(frozen=True, slots=True)
class StopOutcome:
    """`orphan`: kept beside the sessions, `session` None. `duplicate`: this stop was known already."""

    session: SessionRecord | None
    orphan: bool = False
    duplicate: bool = False


def fold_id_tag(id_tag: str) -> str:
    """What two IdTags that are the same card have in common (CiString20, AU-7)."""
    return id_tag.casefold()


def record_start(db: Session, new_id: Callable[[], int], start: SessionRecord) -> StartOutcome:
    """Keeps a StartTransaction; `start.transaction` is ignored, the id comes from `new_id`.

    The same station, connector, timestamp, meterStart and idTag (case apart) is the same transaction,
    whatever else differs and whether or not it has stopped since (RELIABILITY invariant 12).
    """
    known = db.exec(
        select(SessionRow).where(
            SessionRow.station == start.connector.station,
            SessionRow.connector == start.connector.number,
            SessionRow.started_at == start.started_at,
            SessionRow.meter_start == start.meter_start,
            SessionRow.id_tag_key == fold_id_tag(start.id_tag),
        )
    ).first()
    if known is not None:
        return StartOutcome(_session(known), duplicate=True)
    row = SessionRow(
        id=new_id(),
        station=start.connector.station,
        connector=start.connector.number,
        station_name=start.station_name,
        id_tag=start.id_tag,
        id_tag_key=fold_id_tag(start.id_tag),
        vip=start.vip,
        started_at=start.started_at,
        meter_start=start.meter_start,
        flags=list(start.flags),
        charged=0.0,
        periods={},
    )
    return StartOutcome(_session(_stored(db, row)))


def record_stop(db: Session, stop: OrphanStopRecord, split: Split | None = None) -> StopOutcome:
    """Keeps a StopTransaction: ends its session, or becomes an orphan when it has none.

    - A known id of the same station ends the session. The first stop counts: one that comes again
      is a duplicate, and flags the session when it tells something else.
    - A known id of *another* station ends nothing: it is kept as a flagged orphan.
    - -1 (errata 3.18: the station never learnt its id) ends the station's only running session, provided
      that the session began before the stop, at no higher register, with the same card if the stop names
      one, and that it never reported progress (a station that does so knows its id). Else: an orphan.
    - Any other id: an orphan. The same orphan again is a duplicate.

    `split` tells when it charged; without it what was noted so far counts.
    """
    row = _session_of(db, stop)
    if row is None:
        return _record_orphan(db, stop, stop.flags)
    if row.station != stop.station:
        return _record_orphan(db, stop, (*stop.flags, FOREIGN_STATION))
    if row.stopped_at is not None:
        return _stopped_again(db, row, stop)
    flags = [*row.flags, *stop.flags]
    if stop.transaction != row.id:
        flags.append(MATCHED_MINUS_ONE)
    if stop.meter_stop < row.meter_start:
        flags.append(BELOW_START)
    if stop.stopped_at < row.started_at:
        flags.append(BEFORE_START)
    row.stopped_at = stop.stopped_at
    row.meter_stop = stop.meter_stop
    row.energy = max(0.0, stop.meter_stop - row.meter_start)
    row.stop_reason = stop.reason
    row.flags = _distinct(flags)
    _keep_split(row, split or _split(row))
    return StopOutcome(_session(_stored(db, row)))


def record_progress(
    db: Session, transaction: TransactionId, at: datetime, energy: WattHours, split: Split | None = None
) -> bool:
    """Notes what a running session has charged since its start, and when; False if none of that id runs."""
    row = db.get(SessionRow, transaction) if 0 < transaction <= _LARGEST_ID else None
    if row is None or row.stopped_at is not None:
        return False
    row.progress_at = at
    row.energy = max(0.0, energy)
    _keep_split(row, split or _split(row))
    db.add(row)
    return True


def session_of(db: Session, transaction: int) -> SessionRecord | None:
    """The session of that id."""
    row = db.get(SessionRow, transaction) if 0 < transaction <= _LARGEST_ID else None
    return None if row is None else _session(row)


def open_sessions(db: Session, station: BoxIdentity | None = None) -> list[SessionRecord]:
    """The sessions still running, of one station or of all, in the order of their ids."""
    query = select(SessionRow).where(col(SessionRow.stopped_at).is_(None))
    if station is not None:
        query = query.where(SessionRow.station == station)
    return [_session(row) for row in db.exec(query.order_by(col(SessionRow.id)))]


def sessions(
    db: Session,
    *,
    station: BoxIdentity | None,
    running_only: bool,
    started_from: datetime | None,
    started_before: datetime | None,
    limit: int,
    offset: int,
) -> list[SessionRecord]:
    """A page of the sessions, newest first."""
    query = select(SessionRow)
    first, last = max(0, offset), max(0, offset) + max(0, limit)
    if station is not None:
        query = query.where(SessionRow.station == station)
    if started_from is not None:
        query = query.where(SessionRow.started_at >= started_from)
    if started_before is not None:
        query = query.where(SessionRow.started_at < started_before)
    if running_only:
        # They are few and have an index of their own; asked for an order, SQLite would walk all sessions.
        running = db.exec(query.where(col(SessionRow.stopped_at).is_(None))).all()
        newest_first = sorted(running, key=lambda row: (row.started_at, row.id), reverse=True)
        return [_session(row) for row in newest_first[first:last]]
    query = query.order_by(col(SessionRow.started_at).desc(), col(SessionRow.id).desc())
    return [_session(row) for row in db.exec(query.limit(last - first).offset(first))]


def every_session(
    db: Session, started_from: datetime | None, started_before: datetime | None
) -> Iterator[SessionRecord]:
    """All sessions of a period, oldest first, for an export: without rows kept in memory."""
    table = table_of(SessionRow)
    query = table.select().order_by(table.c.started_at, table.c.id)
    if started_from is not None:
        query = query.where(table.c.started_at >= started_from)
    if started_before is not None:
        query = query.where(table.c.started_at < started_before)
    for row in db.connection().execution_options(yield_per=1000).execute(query):
        yield _session(row)


def orphan_stops(db: Session, limit: int) -> list[OrphanStopRecord]:
    """The stops without a session, newest first."""
    newest_first = select(OrphanStopRow).order_by(col(OrphanStopRow.id).desc()).limit(limit)
    return [
        OrphanStopRecord(
            station=BoxIdentity(row.station),
            transaction=int(row.claimed_transaction),
            stopped_at=row.stopped_at,
            meter_stop=row.meter_stop,
            id_tag=row.id_tag,
            reason=row.reason,
            flags=tuple(row.flags),
            received_at=row.received_at,
        )
        for row in db.exec(newest_first)
    ]


def highest_id(db: Session) -> int:
    """The highest transaction id in the table, 0 without sessions."""
    return db.exec(select(func.max(SessionRow.id))).one() or 0


def _session_of(db: Session, stop: OrphanStopRecord) -> SessionRow | None:
    if stop.transaction == -1:
        return _running_without_id(db, stop)
    if 0 < stop.transaction <= _LARGEST_ID:
        return db.get(SessionRow, stop.transaction)
    return None


def _running_without_id(db: Session, stop: OrphanStopRecord) -> SessionRow | None:
    """The session that a stop with -1 means, also when that stop has ended it before."""
    again = db.exec(
        select(SessionRow).where(
            SessionRow.station == stop.station,
            SessionRow.stopped_at == stop.stopped_at,
            SessionRow.meter_stop == stop.meter_stop,
        )
    ).all()
    matched = [row for row in again if MATCHED_MINUS_ONE in row.flags]
    if matched:
        return matched[0]
    running = db.exec(
        select(SessionRow).where(SessionRow.station == stop.station, col(SessionRow.stopped_at).is_(None))
    ).all()
    if len(running) != 1:
        return None
    row = running[0]
    same_card = stop.id_tag is None or fold_id_tag(stop.id_tag) == row.id_tag_key
    began_before = row.started_at <= stop.stopped_at and row.meter_start <= stop.meter_stop
    return row if same_card and began_before and row.progress_at is None else None


def _stopped_again(db: Session, row: SessionRow, stop: OrphanStopRecord) -> StopOutcome:
    same = row.stopped_at == stop.stopped_at and row.meter_stop == stop.meter_stop
    if not same and STOPPED_TWICE not in row.flags:
        row.flags = [*row.flags, STOPPED_TWICE]
        _stored(db, row)
    return StopOutcome(_session(row), duplicate=True)


def _record_orphan(db: Session, stop: OrphanStopRecord, flags: Iterable[str]) -> StopOutcome:
    known = db.exec(
        select(OrphanStopRow).where(
            OrphanStopRow.station == stop.station,
            OrphanStopRow.claimed_transaction == str(stop.transaction),
            OrphanStopRow.stopped_at == stop.stopped_at,
            OrphanStopRow.meter_stop == stop.meter_stop,
        )
    ).first()
    if known is not None:
        return StopOutcome(None, orphan=True, duplicate=True)
    row = OrphanStopRow(
        station=stop.station,
        claimed_transaction=str(stop.transaction),
        stopped_at=stop.stopped_at,
        meter_stop=stop.meter_stop,
        id_tag=stop.id_tag,
        reason=stop.reason,
        flags=_distinct(flags),
        received_at=stop.received_at,
    )
    db.add(row)
    db.flush()
    if row.id is not None and row.id > ORPHANS_KEPT:
        db.exec(delete(OrphanStopRow).where(col(OrphanStopRow.id) <= row.id - ORPHANS_KEPT))
    return StopOutcome(None, orphan=True)


def _stored(db: Session, row: SessionRow) -> SessionRow:
    """Writes the row and reads it back, so that what is answered is what was kept."""
    db.add(row)
    db.flush()
    db.refresh(row)
    return row


def _distinct(flags: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(flags))


def _split(row: SessionRow | Row[Any]) -> Split | None:
    return None if row.charged is None else Split(row.charged, row.periods or {})


def _keep_split(row: SessionRow, split: Split | None) -> None:
    """A session that began before this was kept has none."""
    if split is not None:
        fitted = split.fitted(row.energy)
        row.charged, row.periods = fitted.charged, dict(fitted.periods)


def _session(row: SessionRow | Row[Any]) -> SessionRecord:
    return SessionRecord(
        transaction=TransactionId(row.id),
        connector=ConnectorKey(BoxIdentity(row.station), row.connector),
        station_name=row.station_name,
        id_tag=row.id_tag,
        vip=row.vip,
        started_at=row.started_at,
        meter_start=row.meter_start,
        stopped_at=row.stopped_at,
        meter_stop=row.meter_stop,
        energy=row.energy,
        stop_reason=row.stop_reason,
        flags=tuple(row.flags),
        statement=Statement(row.stated_departure, row.stated_energy),
        split=_split(row),
        progress_at=row.progress_at,
    )
