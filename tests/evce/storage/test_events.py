"""The newest lines of the log are kept, audit lines apart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from evce.records import EventRecord
from evce.storage import Store
from evce.storage import store as store_module
from evce.storage.audit_seals import AUDIT
from evce.storage.events import MESSAGE_LENGTH
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
    assert store.list_events(devices=["CP-01"], limit=1) == [line(2, "alarm")]
    assert store.list_events(type_="system", devices=["CP-01"]) == [line(1)]
    assert store.list_events(devices=["CP-02", "CP-01", "main"], limit=2) == [
        line(3, device="CP-02"),
        line(2, "alarm"),
    ]
    assert store.list_events(devices=["main"]) == []
    assert store.list_events(limit=0) == []


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({"author": "AN"}, [4, 3, 1]),
        ({"author": "bob"}, [2]),
        ({"text": "line 3"}, [3]),
        ({"text": "cp-0_"}, []),
        ({"text": "cp-02"}, [4]),
        ({"text": "100%"}, [2]),
        ({"since": later(2)}, [4, 3, 2]),
        ({"before": later(3)}, [2, 1]),
        ({"since": later(2), "before": later(3)}, [2]),
        ({"offset": 1, "limit": 2}, [3, 2]),
        ({"offset": 9}, []),
        ({"author": "ann", "text": "line", "before": later(4), "offset": 1}, [1]),
    ],
)
def test_lines_are_found_by_person_text_and_period(
    store: Store, wanted: dict[str, Any], numbers: list[int]
) -> None:
    """LG-1: any part in small or capital letters, and no character of it means anything else."""
    bob = EventRecord(later(2), "CP-01", "system", "set to 100%", author="bob")
    store.append_events([line(1), bob, line(3), line(4, device="CP-02")])
    found = {later(number): number for number in range(1, 5)}
    assert [found[event.at] for event in store.list_events(**wanted)] == numbers


def test_audit_lines_are_left_out_before_the_rest_is_counted(store: Store) -> None:
    """US-2: also where they are asked for by their type."""
    store.append_events([line(1), line(2, AUDIT), line(3), line(4, AUDIT)])
    assert store.list_events(audit=False, limit=2) == [line(3), line(1)]
    assert store.list_events(audit=False, type_=AUDIT) == []
    assert len(store.list_events()) == 4


def test_the_log_is_bounded(small: Store) -> None:
    """LG-1: bounded on disk, whatever the number of lines at once."""
    for begin in range(0, 300, 3):
        small.append_events(line(number) for number in range(begin, begin + 3))
    kept = small.list_events(limit=1000)
    assert 20 <= len(kept) < 20 + 5 + 3
    assert kept[0] == line(299)


def test_other_lines_never_push_out_audit_lines(small: Store) -> None:
    """LG-1"""
    small.append_events(line(number, AUDIT) for number in range(10))
    small.append_events(line(number) for number in range(100))
    assert small.list_events(type_=AUDIT) == [line(number, AUDIT) for number in (9, 8, 7)]


def test_a_long_message_is_cut(store: Store) -> None:
    store.append_events([EventRecord(NOW, "d", "system", "x" * 10_000)])
    assert len(store.list_events()[0].message) == MESSAGE_LENGTH
