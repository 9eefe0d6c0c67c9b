"""A change of the audit log shows."""

from pathlib import Path

import pytest

from evce.records import EventRecord
from evce.storage import Store
from evce.storage import store as store_module
from evce.storage.audit_seals import AUDIT, seal
from tests.evce.storage.builders import NOW, later, write_raw


def line(number: int, type_: str = AUDIT) -> EventRecord:
    return EventRecord(later(number), "EVCE", type_, f"line {number}", author="ann")


@pytest.fixture
def kept(path: Path) -> Path:
    """Five audit lines, of which two are of one group, with others between them."""
    with Store(path, NOW) as store:
        store.append_events([line(1), line(2, "system"), line(3), line(4)])
        store.append_events([line(5, "alarm")])
        store.append_events([line(6), line(7)])
    return path


def broken(path: Path) -> list[str]:
    with Store(path, NOW, read_only=True) as store:
        return [found.message for found in store.check_seals().broken]


def test_lines_are_sealed_one_after_another_and_others_not_at_all(kept: Path) -> None:
    """RELIABILITY 4.23"""
    with Store(kept, NOW, read_only=True) as store:
        report = store.check_seals()
        assert (report.lines, report.unsealed, report.broken, report.whole) == (5, 0, (), True)
        assert report.newest == store.newest_seal()
    first = seal("", line(1))
    assert seal(seal(seal(seal(first, line(3)), line(4)), line(6)), line(7)) == report.newest


@pytest.mark.parametrize(
    ("deed", "shows_at"),
    [
        ("UPDATE events SET message = 'line 9' WHERE message = 'line 4'", ["line 9"]),
        ("UPDATE events SET author = 'bob' WHERE message = 'line 4'", ["line 4"]),
        ("UPDATE events SET at = at + 1 WHERE message = 'line 4'", ["line 4"]),
        ("UPDATE events SET device = 'CP-01' WHERE message = 'line 4'", ["line 4"]),
        ("UPDATE events SET seal = '' WHERE message = 'line 4'", ["line 4", "line 6"]),
        ("DELETE FROM events WHERE message = 'line 4'", ["line 6"]),
        ("UPDATE events SET type = 'system' WHERE message = 'line 4'", ["line 6"]),
        (
            "INSERT INTO events (at, device, type, message, author, seal)"
            " VALUES (1, 'EVCE', 'audit', 'never', 'ann', '')",
            ["never"],
        ),
        ("UPDATE events SET message = 'other' WHERE message = 'line 2'", []),
    ],
    ids=["message", "author", "time", "device", "seal", "removed", "hidden", "added", "no audit line"],
)
def test_whatever_is_done_to_a_line_shows(kept: Path, deed: str, shows_at: list[str]) -> None:
    """RELIABILITY 4.23: at the line itself, or at the one after it."""
    write_raw(kept, deed)
    assert broken(kept) == shows_at


def test_what_is_cut_off_at_the_end_shows_by_a_seal_that_was_noted(kept: Path) -> None:
    """RELIABILITY 4.23"""
    with Store(kept, NOW, read_only=True) as store:
        noted = store.newest_seal()
        assert store.check_seals(noted).found
    write_raw(kept, "DELETE FROM events WHERE message = 'line 7'")
    with Store(kept, NOW) as store:
        store.append_events([line(8)])
        report = store.check_seals(noted)
    assert (report.broken, report.found, report.whole) == ((), False, False)


def test_old_lines_go_and_older_ones_had_no_seals(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """RELIABILITY 4.23, LG-1: neither is a fault."""
    monkeypatch.setattr(store_module, "PRUNE_AFTER", 1)
    with Store(path, NOW, audit_kept=3) as store:
        store.append_events([line(1), line(2), line(3), line(4), line(5)])
        assert (store.check_seals().lines, store.check_seals().whole) == (3, True)
    write_raw(path, "UPDATE events SET seal = ''")
    with Store(path, NOW, audit_kept=4) as store:
        store.append_events([line(6)])
        report = store.check_seals()
    assert (report.lines, report.unsealed, report.whole) == (4, 3, True)


def test_what_no_database_takes_is_sealed_as_it_is_kept(path: Path) -> None:
    """RELIABILITY 3, 4.23: lone surrogates, NUL, and too long a text."""
    odd = EventRecord(later(1), "a\x00b", AUDIT, "\ud800" + 3_000 * "x", "\udfff")
    with Store(path, NOW) as store:
        store.append_events([odd, line(2)])
        store.append_events([line(3)])
        assert store.check_seals().whole


def test_an_empty_log_is_whole(path: Path) -> None:
    with Store(path, NOW) as store:
        assert store.check_seals().whole
        assert store.newest_seal() == ""
