"""The simulated operator's book."""

from pathlib import Path

from tools.simulation.cpo_book import Book

START = {"connectorId": 1, "idTag": "A", "meterStart": 5, "timestamp": "2026-01-01T00:00:00Z"}


def stop(transaction: int, meter_stop: int = 9) -> dict[str, object]:
    return {"transactionId": transaction, "meterStop": meter_stop, "timestamp": "2026-01-01T01:00:00Z"}


def test_a_repetition_is_the_same_transaction(tmp_path: Path) -> None:
    """CPO-3: duplicates only as identical retries, RELIABILITY invariant 14."""
    book = Book(tmp_path / "book")
    first = book.start("CP-1", START)
    assert book.start("CP-1", START) == first
    assert book.start("CP-2", START) != first
    book.stop("CP-1", stop(first))
    book.stop("CP-1", stop(first))
    assert (book.repeats, book.faults) == (2, [])
    assert book.order == [("CP-1", "start", 1001), ("CP-2", "start", 1002), ("CP-1", "stop", 1001)]


def test_what_doesn_t_fit_is_a_fault(tmp_path: Path) -> None:
    book = Book(tmp_path / "book")
    first = book.start("CP-1", START)
    book.stop("CP-2", stop(first))
    book.stop("CP-1", stop(-1))
    book.stop("CP-1", stop(first, 9))
    book.stop("CP-1", stop(first, 10))
    book.sample("CP-1", {"transactionId": 7})
    assert len(book.faults) == 4


def test_a_book_is_read_again_after_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "book"
    book = Book(path)
    first = book.start("CP-1", START)
    book.stop("CP-1", stop(first))
    with path.open("a") as cut:
        cut.write('{"event": "start", "sta')
    again = Book(path)
    assert again.order == book.order
    assert again.transactions == book.transactions
    assert again.start("CP-1", {**START, "meterStart": 6}) == first + 1
