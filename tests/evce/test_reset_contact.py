"""Tests of when the bridged contact means a reset."""

import pytest

from evce.reset_contact import ResetContact


@pytest.mark.parametrize(
    ("looks", "asked_at"),
    [
        ([(0, False), (1, True), (5.9, True), (6.0, False)], 6.0),
        ([(0, False), (1, True), (5.9, False)], None),
        ([(0, False), (1, True), (3, False), (3.1, True), (7, False)], None),
        ([(0, True), (10, False), (11, False)], None),
        ([(0, True), (10, False), (11, True), (20, False)], 20.0),
        ([(0, False), (1, True), (60, True), (61.1, False)], None),
        ([(0, False), (1, True), (61, False)], 61.0),
        ([(0, False), (1, True), (100, True)], None),
    ],
)
def test_it_must_be_bridged_for_seconds_and_let_go_of(
    looks: list[tuple[float, bool]], asked_at: float | None
) -> None:
    """DI-5: at least 5 s; a wire that was there before, or stays, is no wish."""
    contact, asked = ResetContact(), list[float]()
    for at, closed in looks:
        contact, wanted = contact.after(closed, at)
        if wanted:
            asked.append(at)
    assert asked == ([] if asked_at is None else [asked_at])
