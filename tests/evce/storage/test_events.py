"""The newest lines of the log are kept, audit lines apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from evce.records import EventRecord
from evce.storage import Store, events
from evce.storage import store as store_module
from tests.evce.storage.builders import NOW, later


def line(number: int, type_: str = "system", device: str = "CP-01") -> EventRecord:
    return EventRecord(later(number), device, type_, f"line {number}", author="ann")


@pytest.fixture
def small(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(store_module, "PRUNE_AFTER", 5)
    with Store(path, NOW, events_kept=20, audit_kept=3) as opened:
        yield opened


def test_lines_come_back_newest_first_and_filtered(store: Store) -> None:
    """LG-1"""
    store.append_events([line(1), line(2, "alarm"), line(3, device="CP-02")])
    assert store.list_events() == [line(3, device="CP-02"), line(2, "alarm"), line(1)]
    assert store.list_events(device="CP-01", limit=1) == [line(2, "alarm")]
    assert store.list_events(type_="system", device="CP-01") == [line(1)]
    assert store.list_events(limit=0) == []


def test_the_log_is_bounded(small: Store) -> None:
    """LG-1: bounded on disk, whatever the number of lines at once."""
    for begin in range(0, 300, 3):
        small.append_events(line(number) for number in range(begin, begin + 3))
    kept = small.list_events(limit=1000)
    assert 20 <= len(kept) < 20 + 5 + 3
    assert kept[0] == line(299)


def test_other_lines_never_push_out_audit_lines(small: Store) -> None:
    """LG-1"""
    small.append_events(line(number, events.AUDIT) for number in range(10))
    small.append_events(line(number) for number in range(100))
    assert small.list_events(type_=events.AUDIT) == [line(number, events.AUDIT) for number in (9, 8, 7)]


def test_a_long_message_is_cut(store: Store) -> None:
    store.append_events([EventRecord(NOW, "d", "system", "x" * 10_000)])
    assert len(store.list_events()[0].message) == events.MESSAGE_LENGTH
