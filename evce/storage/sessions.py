"""The sessions of a store: begun, gone on with, stated upon, ended, listed and summed up."""

from collections.abc import Collection, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from evce.departures import VISITS, Statement, Visit
from evce.energy_split import Split
from evce.records import DailyEnergy, OrphanStopRecord, SessionRecord
from evce.storage import energy, statements, transactions
from evce.storage.columns import finite
from evce.storage.ids import IdSource
from evce.storage.transactions import StartOutcome, StopOutcome
from evce.storage.unit import Part
from evce.units import BoxIdentity, ConnectorKey, TransactionId, WattHours

__all__ = ["SessionsPart"]


class SessionsPart(Part):
    """The calls of a store for sessions."""

    _ids: IdSource

    def record_start(
        self,
        connector: ConnectorKey,
        *,
        station_name: str,
        id_tag: str,
        started_at: datetime,
        meter_start: WattHours,
        vip: bool = False,
        flags: tuple[str, ...] = (),
    ) -> StartOutcome:
        """Keeps a StartTransaction and gives its transaction id; see `transactions.record_start`."""
        start = SessionRecord(
            transaction=TransactionId(0),
            connector=connector,
            station_name=station_name,
            id_tag=id_tag,
            vip=vip,
            started_at=started_at,
            meter_start=finite(meter_start),
            flags=flags,
        )
        with self._unit.writing() as db:
            return transactions.record_start(db, lambda: self._ids.next_id(db), start)

    def record_stop(
        self,
        station: BoxIdentity,
        transaction: int,
        *,
        stopped_at: datetime,
        meter_stop: WattHours,
        now: datetime,
        id_tag: str | None = None,
        reason: str | None = None,
        flags: tuple[str, ...] = (),
        split: Split | None = None,
    ) -> StopOutcome:
        """Keeps a StopTransaction, whatever its id; see `transactions.record_stop` for the rules."""
        stop = OrphanStopRecord(
            station, transaction, stopped_at, finite(meter_stop), id_tag, reason, flags, received_at=now
        )
        with self._unit.writing() as db:
            return transactions.record_stop(db, stop, split)

    def record_progress(
        self, transaction: TransactionId, at: datetime, energy: WattHours, split: Split | None = None
    ) -> bool:
        """Notes what a running session has charged since its start; False if it runs no more."""
        with self._unit.writing() as db:
            return transactions.record_progress(db, transaction, at, finite(energy), split)

    def record_statement(self, transaction: TransactionId, statement: Statement) -> bool:
        """Keeps what the driver of a running session states; False if it runs no more."""
        with self._unit.writing() as db:
            return statements.record_statement(db, transaction, statement)

    def visits(self, limit: int = VISITS) -> list[Visit]:
        """The newest sessions that have ended, for forecasts."""
        with self._unit.reading() as db:
            return statements.visits(db, limit)

    def open_transactions(self, station: BoxIdentity | None = None) -> list[SessionRecord]:
        """The sessions still running, of one station or of all."""
        with self._unit.reading() as db:
            return transactions.open_sessions(db, station)

    def session(self, transaction: TransactionId) -> SessionRecord | None:
        """The session of that id."""
        with self._unit.reading() as db:
            return transactions.session_of(db, transaction)

    def sessions(
        self,
        *,
        station: BoxIdentity | None = None,
        running_only: bool = False,
        started_from: datetime | None = None,
        started_before: datetime | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[SessionRecord]:
        """A page of the sessions, of all stations or of one, newest first (CDR-3)."""
        with self._unit.reading() as db:
            return transactions.sessions(
                db,
                station=station,
                running_only=running_only,
                started_from=started_from,
                started_before=started_before,
                limit=limit,
                offset=offset,
            )

    def every_session(
        self, started_from: datetime | None = None, started_before: datetime | None = None
    ) -> Iterator[SessionRecord]:
        """All sessions of a period, oldest first: for exports, in a process of their own."""
        with self._unit.reading() as db:
            yield from transactions.every_session(db, started_from, started_before)

    def daily_energy(
        self, since: datetime, zone: ZoneInfo, stations: Collection[BoxIdentity] | None = None
    ) -> list[DailyEnergy]:
        """What was charged on each day of the site from `since` on, oldest first (UI-8)."""
        with self._unit.reading() as db:
            return energy.daily_energy(db, since, zone, stations)

    def orphan_stops(self, limit: int = 100) -> list[OrphanStopRecord]:
        """The stops that belong to no session, newest first."""
        with self._unit.reading() as db:
            return transactions.orphan_stops(db, limit)
