"""The uplinks in the database: the journal toward the operator, both sides' transaction ids, and notes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from evce.records import JournalRecord, SessionRecord, UplinkMemory
from evce.storage.tables import CpoNoteRow, CpoTransactionRow, JournalRow
from evce.storage.transactions import open_sessions, session_of
from evce.storage.unit import Part
from evce.units import BoxIdentity, TransactionId

__all__ = [
    "HEAD_LENGTH",
    "JournalState",
    "UplinksPart",
    "clear_given_up",
    "cpo_transactions",
    "journal",
    "journal_state",
    "keep_message",
    "keep_note",
    "keep_start",
    "keep_stop",
    "message_failed",
    "message_taken",
    "open_uplink",
]

HEAD_LENGTH = 20
"""Messages handed out at a time: memory stays small however long the operator is away."""

_REASONS = frozenset(
    {
        "DeAuthorized",
        "EVDisconnected",
        "EmergencyStop",
        "HardReset",
        "Local",
        "Other",
        "PowerLoss",
        "Reboot",
        "Remote",
        "SoftReset",
        "UnlockCommand",
    }
)
"""OCPP 1.6 §7.36; any other reason is EVCE's own."""


@dataclass(frozen=True, slots=True)
class JournalState:
    """The head of a station's journal, oldest first, and how many messages wait or were given up."""

    entries: tuple[JournalRecord, ...]
    waiting: int
    given_up: int


def keep_start(db: Session, session: SessionRecord, payload: Mapping[str, Any], now: datetime) -> bool:
    """Put a session's start into the journal, once; False when it was there before."""
    if db.get(CpoTransactionRow, int(session.transaction)) is not None:
        return False
    db.add(CpoTransactionRow(local_transaction=int(session.transaction), station=session.connector.station))
    _append(db, session.connector.station, "StartTransaction", session.transaction, payload, now)
    return True


def keep_stop(db: Session, session: SessionRecord, payload: Mapping[str, Any] | None, now: datetime) -> bool:
    """Put a session's end into the journal, once; without a payload it is told from the record.

    False for a session that the operator was never to know of, and when its end was there before.
    """
    row = db.get(CpoTransactionRow, int(session.transaction))
    if row is None or row.stop_kept or session.stopped_at is None:
        return False
    row.stop_kept = True
    db.add(row)
    said = _stop_of(session) if payload is None else payload
    _append(db, session.connector.station, "StopTransaction", session.transaction, said, now)
    return True


def keep_message(
    db: Session,
    station: BoxIdentity,
    action: str,
    transaction: int,
    payload: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Put another message of a running session into the journal; False for one that isn't the operator's."""
    row = db.get(CpoTransactionRow, transaction) if 0 < transaction < 2**63 else None
    if row is None or row.station != station or row.stop_kept:
        return False
    _append(db, station, action, TransactionId(transaction), payload, now)
    return True


def open_uplink(db: Session, station: BoxIdentity, now: datetime) -> UplinkMemory:
    """All that is known of a station's uplink, after what happened without it has been put in.

    A session that runs and that the operator doesn't know of gets its start into the journal, one that ended
    while the uplink was off its end.
    """
    for running in open_sessions(db, station):
        keep_start(db, running, _start_of(running), now)
    unfinished = select(CpoTransactionRow).where(
        CpoTransactionRow.station == station, col(CpoTransactionRow.stop_kept).is_(False)
    )
    transactions = []
    for known in db.exec(unfinished.order_by(col(CpoTransactionRow.local_transaction))).all():
        session = session_of(db, known.local_transaction)
        if session is not None and session.stopped_at is not None:
            keep_stop(db, session, None, now)
        elif session is not None and known.cpo_transaction is not None:
            transactions.append((TransactionId(known.local_transaction), known.cpo_transaction))
    db.flush()
    state = journal_state(db, station)
    notes = select(CpoNoteRow).where(CpoNoteRow.station == station).order_by(col(CpoNoteRow.written_at))
    return UplinkMemory(
        station=station,
        entries=state.entries,
        waiting=state.waiting,
        given_up=state.given_up,
        transactions=tuple(transactions),
        notes={(note.kind, note.key): dict(note.value) for note in db.exec(notes)},
    )


def journal_state(db: Session, station: BoxIdentity) -> JournalState:
    """The head of the journal and its length."""
    counts = dict(
        db.exec(
            select(JournalRow.given_up, func.count())
            .where(JournalRow.station == station)
            .group_by(col(JournalRow.given_up))
        ).all()
    )
    entries = journal(db, station, given_up=False, limit=HEAD_LENGTH) if counts.get(False) else []
    return JournalState(tuple(entries), counts.get(False, 0), counts.get(True, 0))


def journal(
    db: Session, station: BoxIdentity | None, *, given_up: bool | None, limit: int
) -> list[JournalRecord]:
    """The messages of a station or of all, oldest first."""
    query = (
        select(JournalRow, CpoTransactionRow.cpo_transaction)
        .join(
            CpoTransactionRow,
            col(CpoTransactionRow.local_transaction) == JournalRow.local_transaction,
            isouter=True,
        )
        .order_by(col(JournalRow.id))
        .limit(limit)
    )
    if station is not None:
        query = query.where(JournalRow.station == station)
    if given_up is not None:
        query = query.where(JournalRow.given_up == given_up)
    return [_record(row, cpo) for row, cpo in db.exec(query).all()]


def message_taken(db: Session, station: BoxIdentity, entry: int, cpo_transaction: int | None) -> bool:
    """The operator has a message: it leaves the journal; its transaction id is kept with ours."""
    row = db.get(JournalRow, entry)
    if row is None or row.station != station:
        return False
    if cpo_transaction is not None:
        known = db.get(CpoTransactionRow, row.local_transaction)
        if known is not None:
            known.cpo_transaction = cpo_transaction
            db.add(known)
    db.delete(row)
    db.flush()
    return True


def message_failed(
    db: Session, station: BoxIdentity, entry: int, attempts: int, failure: str, *, given_up: bool
) -> None:
    """The operator answered with an error; one that is given up stays, out of the line."""
    row = db.get(JournalRow, entry)
    if row is not None and row.station == station:
        row.attempts, row.failure, row.given_up = attempts, failure, given_up
        db.add(row)
        db.flush()


def clear_given_up(db: Session, station: BoxIdentity) -> int:
    """Forget the messages of a station that were given up; how many there were."""
    rows = db.exec(
        select(JournalRow).where(JournalRow.station == station, col(JournalRow.given_up).is_(True))
    ).all()
    for row in rows:
        db.delete(row)
    db.flush()
    return len(rows)


def keep_note(
    db: Session, station: BoxIdentity, kind: str, key: str, value: Mapping[str, Any] | None, now: datetime
) -> None:
    """Keep a fact, or with None remove it."""
    if value is None:
        db.exec(
            delete(CpoNoteRow).where(
                col(CpoNoteRow.station) == station, col(CpoNoteRow.kind) == kind, col(CpoNoteRow.key) == key
            )
        )
    else:
        db.merge(CpoNoteRow(station=station, kind=kind, key=key, value=dict(value), written_at=now))
    db.flush()


def cpo_transactions(db: Session, station: BoxIdentity | None) -> dict[TransactionId, int | None]:
    """The operator's id of each session that it is told of, by ours."""
    query = select(CpoTransactionRow).order_by(col(CpoTransactionRow.local_transaction))
    if station is not None:
        query = query.where(CpoTransactionRow.station == station)
    return {TransactionId(row.local_transaction): row.cpo_transaction for row in db.exec(query)}


def _append(
    db: Session,
    station: str,
    action: str,
    transaction: TransactionId,
    payload: Mapping[str, Any],
    now: datetime,
) -> None:
    text = json.dumps(dict(payload), separators=(",", ":"))
    db.add(
        JournalRow(
            station=station, action=action, local_transaction=int(transaction), payload=text, kept_at=now
        )
    )
    db.flush()


def _start_of(session: SessionRecord) -> dict[str, Any]:
    return {
        "connectorId": session.connector.number,
        "idTag": session.id_tag,
        "meterStart": round(session.meter_start),
        "timestamp": _time(session.started_at),
    }


def _stop_of(session: SessionRecord) -> dict[str, Any]:
    """An end that no station told, in OCPP's words."""
    stopped_at = session.started_at if session.stopped_at is None else session.stopped_at
    meter_stop = session.meter_start if session.meter_stop is None else session.meter_stop
    reason = session.stop_reason or "Local"
    return {
        "transactionId": int(session.transaction),
        "meterStop": round(meter_stop),
        "timestamp": _time(stopped_at),
        "reason": reason if reason in _REASONS else "Other",
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _record(row: JournalRow, cpo_transaction: int | None) -> JournalRecord:
    return JournalRecord(
        entry=row.id or 0,
        station=BoxIdentity(row.station),
        action=row.action,
        transaction=TransactionId(row.local_transaction),
        payload=json.loads(row.payload),
        kept_at=row.kept_at,
        cpo_transaction=cpo_transaction,
        attempts=row.attempts,
        failure=row.failure,
        given_up=row.given_up,
    )


class UplinksPart(Part):
    """The calls of a store for uplinks to a remote operator (CPO-3)."""

    def open_uplink(self, station: BoxIdentity, now: datetime) -> UplinkMemory:
        """All that is known of a station's uplink, after what happened without it has been put in."""
        with self._unit.writing() as db:
            return open_uplink(db, station, now)

    def keep_start(self, session: SessionRecord, payload: Mapping[str, Any], now: datetime) -> bool:
        """Puts a session's start into the journal, once."""
        with self._unit.writing() as db:
            return keep_start(db, session, payload, now)

    def keep_stop(self, session: SessionRecord, payload: Mapping[str, Any] | None, now: datetime) -> bool:
        """Puts the end of a session that the operator knows of into the journal, once."""
        with self._unit.writing() as db:
            return keep_stop(db, session, payload, now)

    def keep_message(
        self, station: BoxIdentity, action: str, transaction: int, payload: Mapping[str, Any], now: datetime
    ) -> bool:
        """Puts another message of a running session into the journal."""
        with self._unit.writing() as db:
            return keep_message(db, station, action, transaction, payload, now)

    def message_taken(self, station: BoxIdentity, entry: int, cpo_transaction: int | None = None) -> bool:
        """The operator has a message of the journal; False when it was not there any more."""
        with self._unit.writing() as db:
            return message_taken(db, station, entry, cpo_transaction)

    def message_failed(
        self, station: BoxIdentity, entry: int, attempts: int, failure: str, *, given_up: bool = False
    ) -> None:
        """The operator answered a message of the journal with an error."""
        with self._unit.writing() as db:
            message_failed(db, station, entry, attempts, failure, given_up=given_up)

    def clear_given_up(self, station: BoxIdentity) -> int:
        """Forgets the messages of a station that were given up; how many there were."""
        with self._unit.writing() as db:
            return clear_given_up(db, station)

    def keep_cpo_note(
        self, station: BoxIdentity, kind: str, key: str, value: Mapping[str, Any] | None, now: datetime
    ) -> None:
        """Keeps a fact of an uplink, or with None removes it."""
        with self._unit.writing() as db:
            keep_note(db, station, kind, key, value, now)

    def journal_state(self, station: BoxIdentity) -> JournalState:
        """The head of a station's journal and its length."""
        with self._unit.reading() as db:
            return journal_state(db, station)

    def journal(
        self, station: BoxIdentity | None = None, *, given_up: bool | None = None, limit: int = 100
    ) -> list[JournalRecord]:
        """The messages on their way to the operator, oldest first."""
        with self._unit.reading() as db:
            return journal(db, station, given_up=given_up, limit=limit)

    def cpo_transactions(self, station: BoxIdentity | None = None) -> dict[TransactionId, int | None]:
        """The operator's id of each session that it is told of, by ours; None while it gave none."""
        with self._unit.reading() as db:
            return cpo_transactions(db, station)
