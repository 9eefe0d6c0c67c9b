"""What the tests of storage share: times, a start and a stop to vary, a disk that fails when told."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from evce.records import LimitRecord
from evce.storage import StartOutcome, StopOutcome, Store
from evce.units import BoxIdentity, ConnectorKey, ZoneId

__all__ = ["CP1", "NOW", "Disk", "later", "limit_record", "start", "stop", "write_raw"]

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
CP1 = ConnectorKey(BoxIdentity("CP-01"), 1)


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def start(store: Store, connector: ConnectorKey = CP1, **changes: Any) -> StartOutcome:
    values = {"station_name": "Garage 1", "id_tag": "ABCD1234", "started_at": NOW, "meter_start": 1000.0}
    return store.record_start(connector, **{**values, **changes})


def stop(store: Store, transaction: int, station: str = "CP-01", **changes: Any) -> StopOutcome:
    values = {"stopped_at": later(3600), "meter_stop": 8000.0, "now": later(3601)}
    return store.record_stop(BoxIdentity(station), transaction, **{**values, **changes})


def limit_record(zone: str = "main", phase: int = 0, at: datetime = NOW, **changes: Any) -> LimitRecord:
    """An hour of the limit ledger, seen once, at `at`."""
    values = {
        "maximum": 100.0,
        "metered": True,
        "peak": 80.0,
        "peak_at": at,
        "setpoint": 20.0,
        "setpoint_at": at,
        "setpoint_limit": 25.0,
        "setpoint_bound_by": "meter",
        "lowest": 25.0,
        "lowest_at": at,
        "lowest_bound_by": "meter",
    }
    hour = at.replace(minute=0, second=0, microsecond=0)
    return LimitRecord(zone=ZoneId(zone), at=hour, phase=phase, **{**values, **changes})


class Disk:
    """A fault hook: fails the commits whose numbers (from 1) are in `fails`, or all while `full`.

    `harm` is done to the next commit, once.
    """

    def __init__(self, *fails: int) -> None:
        self.commits = 0
        self.fails = fails
        self.full = False
        self.harm: Callable[[], None] | None = None

    def __call__(self) -> None:
        self.commits += 1
        harm, self.harm = self.harm, None
        if harm is not None:
            harm()
        if self.full or self.commits in self.fails:
            raise sqlite3.OperationalError("database or disk is full")


def write_raw(path: Path, statement: str, *values: object) -> None:
    """Changes the file behind the store's back, as an older or newer program would."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(statement, values)
    connection.close()
