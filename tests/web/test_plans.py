"""Tests of taking over what a driver states, without any actor."""

from datetime import UTC, datetime, timedelta

import pytest

from actors.messages import (
    FindSession,
    GetRevision,
    ListSessions,
    Message,
    Question,
    RecordEvent,
    RecordStatement,
    SessionRecord,
    StorageState,
)
from evce.configuration.revisions import next_revision
from evce.configuration.toml_source import parse_toml
from evce.departures import Statement
from evce.units import BoxIdentity, ConnectorKey, TransactionId
from web.plans import as_plain_session, plan_session, running_sessions

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
REVISION = next_revision(
    None,
    parse_toml('[site]\nname = "Harbour"\ntime_zone = "Europe/Paris"\n'),
    author="test",
    comment="",
    now=NOW,
)
RUNNING = SessionRecord(
    TransactionId(7), ConnectorKey(BoxIdentity("CP-01"), 1), "Garage 1", "04A1", False, NOW, 0.0
)


class Actors:
    """Answers as recorder and site do, and keeps what is told."""

    def __init__(self, found: object = (RUNNING,)) -> None:
        self.found = found
        self.told: list[Message] = []

    def ask(self, _name: str, question: Question, _timeout: float) -> object:
        match question:
            case GetRevision():
                return REVISION
            case ListSessions():
                return self.found
            case FindSession():
                stated = [each.statement for each in self.told if isinstance(each, RecordStatement)]
                return SessionRecord(
                    RUNNING.transaction,
                    RUNNING.connector,
                    "Garage 1",
                    "04A1",
                    False,
                    NOW,
                    0.0,
                    statement=stated[-1],
                )
        raise AssertionError(question)

    def tell(self, _name: str, message: Message) -> bool:
        self.told.append(message)
        return True


def test_a_time_of_day_is_by_the_sites_clock_and_the_station_learns_of_it() -> None:
    """LM-4: 17:30 in Paris is 16:30 UTC in November."""
    actors = Actors()
    kept = plan_session(actors.ask, actors.tell, "CP-01/1", {"departure": "17:30"}, "ann", NOW)
    assert kept.statement == Statement(NOW + timedelta(hours=7.5), None)
    stated, noted = actors.told
    assert stated == RecordStatement("station/CP-01", RUNNING.transaction, kept.statement)
    assert isinstance(noted, RecordEvent)
    assert (noted.type, noted.author) == ("audit", "ann")
    assert as_plain_session(kept)["departure"] == "2026-11-23T16:30:00+00:00"


def test_a_database_that_cannot_be_read_is_no_empty_list() -> None:
    """LM-4."""
    with pytest.raises(OSError, match="disk"):
        running_sessions(Actors(StorageState(False, "the disk is full")).ask)
