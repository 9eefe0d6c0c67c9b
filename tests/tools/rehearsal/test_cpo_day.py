"""The operator's bad day: a short one is played, and its judge finds what is wrong."""

from pathlib import Path

import pytest

from evce.storage import open_store
from tests.evce.storage.builders import NOW, start
from tools.rehearsal.cpo_day import CpoDay, book_differences, play_day
from tools.simulation.cpo_book import Book


@pytest.mark.scenario
@pytest.mark.timeout(180)
def test_after_a_bad_day_the_operator_s_book_equals_the_database(tmp_path: Path) -> None:
    """CPO-3: down, slow, silent, erring and wrong, with two kills: every session once, in order."""
    heard: list[str] = []
    report = play_day(CpoDay(hours=0.15, cars=25.0, stay=0.01), tmp_path, heard.append)
    assert report.problems == ()
    assert report.sessions > 15
    assert report.longest_queue > 5
    assert len(heard) == 11


def test_what_the_operator_was_never_told_is_found(tmp_path: Path) -> None:
    """CPO-3: and what it complains of."""
    book = Book(tmp_path / "book")
    book.stop("CP-01", {"transactionId": 7, "meterStop": 5, "timestamp": "2026-11-01T12:00:00Z"})
    with open_store(tmp_path / "evce.db", NOW) as store:
        start(store)
        found = book_differences(book, store)
    book.close()
    assert found == ["CP-01 stops 7, which it never started", "session 1 is not in the book"]
