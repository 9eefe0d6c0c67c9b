"""The comparison of the books finds whatever was lost, doubled, invented or measured wrong."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from evce.records import SessionRecord
from evce.units import BoxIdentity, ConnectorKey, TransactionId
from tools.referee.books import BookedSession, Mismatch, booked, compare_sessions

ONE = BookedSession("CP-01", 1, "CARD-A", 1000.0, 2000.0, 5000.0, 7)
TWO = BookedSession("CP-01", 2, "CARD-B", 1500.0, 2500.0, 800.0, 8)


@pytest.mark.parametrize(
    ("recorded", "kinds"),
    [
        ([ONE, TWO], []),
        ([TWO, ONE], []),
        ([ONE], [Mismatch.LOST]),
        ([ONE, TWO, TWO], [Mismatch.DOUBLED]),
        ([ONE, TWO, replace(TWO, transaction=99)], [Mismatch.DOUBLED]),
        ([ONE, TWO, replace(TWO, station="CP-09")], [Mismatch.INVENTED]),
        ([replace(ONE, energy=5049.0), replace(TWO, energy=819.0)], []),
        ([replace(ONE, energy=5051.0), TWO], [Mismatch.ENERGY]),
        ([ONE, replace(TWO, energy=779.0)], [Mismatch.ENERGY]),
        ([replace(ONE, id_tag="card-a"), TWO], []),
        ([replace(ONE, id_tag="CARD-C"), TWO], [Mismatch.CARD]),
        ([replace(ONE, started=1004.0, transaction=None), TWO], []),
        ([replace(ONE, started=1200.0), TWO], []),
        ([replace(ONE, started=1200.0, transaction=None), TWO], [Mismatch.LOST, Mismatch.INVENTED]),
    ],
)
def test_the_books_are_compared(recorded: list[BookedSession], kinds: list[Mismatch]) -> None:
    """OC-6, CDR-1: each session once, with its energy within the larger of 1 % and 20 Wh."""
    assert [found.kind for found in compare_sessions([ONE, TWO], recorded)] == kinds


def test_the_ended_sessions_of_the_database_are_booked() -> None:
    """OC-6: one that runs is in no book yet."""
    key = ConnectorKey(BoxIdentity("CP-01"), 1)
    running = SessionRecord(
        TransactionId(7), key, "Garage 1", "CARD-A", False, datetime.fromtimestamp(1000.0, UTC), 0.0
    )
    ended = replace(running, stopped_at=datetime.fromtimestamp(2000.0, UTC), energy=5000.0)
    assert booked([running, ended]) == [ONE]


def test_a_discrepancy_says_where_and_what() -> None:
    (found,) = compare_sessions([ONE], [])
    assert str(found) == "lost: CP-01/1 5000 Wh by CARD-A"


@pytest.mark.parametrize("recorded", [[ONE], [ONE, replace(TWO, stopped=9_999.0)]])
def test_a_session_whose_end_may_still_be_on_its_way_is_neither_missed_nor_too_much(
    recorded: list[BookedSession],
) -> None:
    """OC-6, CPO-3: also where a station's clock says that it ended tomorrow."""
    assert compare_sessions([ONE], recorded, unsure=[TWO]) == []
