"""The courses of sessions on disk: read whole, bounded by number."""

from dataclasses import replace

import pytest

from evce.records import SessionPoint
from evce.storage import Store, courses
from evce.units import TransactionId
from tests.evce.storage.builders import later


def point(transaction: int, seconds: float, allowed: float = 16.0) -> SessionPoint:
    return SessionPoint(TransactionId(transaction), later(seconds), allowed, 9.5, 120.0, "Charging", "why")


def test_a_course_is_read_oldest_first(store: Store) -> None:
    """UI-8: also what nobody knew."""
    told = [point(7, 0), replace(point(7, 10), drawn=None, reason=None, state="Away"), point(7, 20, 0.0)]
    store.record_course([*reversed(told), point(8, 5)])
    assert store.course(TransactionId(7)) == told
    assert store.course(TransactionId(9)) == []


def test_a_point_told_again_takes_the_place_of_the_first(store: Store) -> None:
    """RELIABILITY invariant 11."""
    store.record_course([point(7, 0), point(7, 0, 10.0)])
    store.record_course([point(7, 0, 6.0)])
    assert [p.allowed for p in store.course(TransactionId(7))] == [6.0]


def test_a_reason_is_cut(store: Store) -> None:
    store.record_course([replace(point(7, 0), reason="x" * 9000)])
    assert len(store.course(TransactionId(7))[0].reason or "") == courses.REASON_LENGTH


def test_whole_sessions_go_when_there_are_too_many_points(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RELIABILITY 6: the oldest first."""
    monkeypatch.setattr(courses, "POINTS_KEPT", 10)
    monkeypatch.setattr("evce.storage.store.PRUNE_AFTER", 1)
    for transaction in range(1, 6):
        store.record_course(point(transaction, seconds) for seconds in range(4))
    assert [len(store.course(TransactionId(number))) for number in range(1, 6)] == [0, 0, 0, 4, 4]
