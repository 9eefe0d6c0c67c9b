"""Tests of the killing; what is compared, and a real daemon killed twice."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from evce.records import SessionRecord
from evce.units import BoxIdentity, ConnectorKey, TransactionId
from tools.endurance.kills import Acknowledged, KillOptions, kill_often, missing

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def recorded(transaction: int, station: str, *, ended: bool = False) -> SessionRecord:
    return SessionRecord(
        transaction=TransactionId(transaction),
        connector=ConnectorKey(BoxIdentity(station), 1),
        station_name=station,
        id_tag="BADGE",
        vip=False,
        started_at=NOON,
        meter_start=0.0,
        stopped_at=NOON if ended else None,
    )


@pytest.mark.parametrize(
    ("known", "kept", "problems"),
    [
        ([(7, "A", False)], [recorded(7, "A")], []),
        ([(7, "A", False)], [recorded(7, "A", ended=True)], []),
        ([(7, "A", True)], [recorded(7, "A", ended=True)], []),
        ([], [recorded(7, "A")], []),
        ([(7, "A", False)], [], ["transaction 7 of A/1 was acknowledged and is lost"]),
        (
            [(7, "A", True)],
            [recorded(7, "A")],
            ["transaction 7 of A/1: its end was acknowledged and is lost"],
        ),
        ([(7, "A", False)], [recorded(7, "B")], ["transaction 7 of A/1 is recorded for B/1"]),
        (
            [(7, "A", False), (7, "A", False)],
            [recorded(7, "A")],
            ["transaction 7 of A/1 was given to A/1 as well"],
        ),
    ],
)
def test_what_was_acknowledged_must_be_recorded(
    known: list[tuple[int, str, bool]], kept: list[SessionRecord], problems: list[str]
) -> None:
    """CDR-2: RELIABILITY invariants 11 and 13; what nobody was told may be there or not."""
    told = [Acknowledged(station, 1, "BADGE", transaction, ended) for transaction, station, ended in known]
    assert missing(told, {int(session.transaction): session for session in kept}) == problems


@pytest.mark.scenario
def test_a_daemon_that_is_killed_twice_loses_nothing(tmp_path: Path) -> None:
    """AC-2: under load, once while it may still be starting."""
    told: list[int] = []
    report = kill_often(KillOptions(2, seed=2, longest=6.0), tmp_path, told.append)
    assert report.problems == ()
    assert told == [1, 2]
    assert report.acknowledged > 0
    assert "2 kills, seed 2" in report.page
