"""Contacts: what bounces, what holds, and what chatters."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.debounce import HOLD, UNDECIDED, Contact, due, note_level, settle

OFF = Contact(active=False, known=True)
ON = Contact(active=True, known=True, level=True)


def played(contact: Contact, edges: list[tuple[float, bool]]) -> Contact:
    for now, level in edges:
        contact = note_level(contact, level, now)
    return contact


@pytest.mark.parametrize(
    ("contact", "edges", "at", "expected"),
    [
        (OFF, [(1.0, True)], 1.049, False),
        (OFF, [(1.0, True)], 1.05, True),
        (ON, [(1.0, False)], 1.049, True),
        (ON, [(1.0, False)], 1.05, False),
        # It bounces for 12 ms, then holds.
        (OFF, [(1.0, True), (1.004, False), (1.008, True), (1.012, False), (1.016, True)], 1.066, True),
        # A spike of 2 ms is nothing, in either direction.
        (OFF, [(1.0, True), (1.002, False)], 2.0, False),
        (ON, [(1.0, False), (1.002, True)], 2.0, True),
        # The first level that is ever seen has to hold like any other.
        (Contact(), [(1.0, False)], 1.05, False),
        (Contact(), [(1.0, True)], 1.05, True),
    ],
)
def test_a_level_counts_once_it_has_held(
    contact: Contact, edges: list[tuple[float, bool]], at: float, expected: bool
) -> None:
    """DI-4: 50 ms."""
    assert settle(played(contact, edges), at).active is expected


def test_a_contact_that_chatters_counts_as_active() -> None:
    """DI-4: a reduction wins, within 200 ms; it is released only once it has held inactive."""
    edges = [(1.0 + 0.01 * n, n % 2 == 0) for n in range(30)]
    chattering = played(OFF, [edge for edge in edges if edge[0] < 1.0 + UNDECIDED - 0.001])
    assert not settle(chattering, 1.099).active
    chattering = played(OFF, edges)
    assert chattering.active
    assert settle(chattering, edges[-1][0] + HOLD / 2).active
    assert not settle(chattering, edges[-1][0] + HOLD).active


def test_nothing_is_due_while_the_line_agrees() -> None:
    assert due(OFF) is None
    assert due(note_level(OFF, True, 1.0)) == pytest.approx(1.05)
    assert due(settle(note_level(OFF, True, 1.0), 1.06)) is None


@given(st.lists(st.tuples(st.floats(0.001, 0.2), st.booleans()), max_size=40), st.booleans())
def test_a_quiet_line_always_ends_at_its_level(steps: list[tuple[float, bool]], begin: bool) -> None:
    """DI-4: whatever it did before, and never later than 50 ms."""
    times = itertools.accumulate((step for step, _ in steps), initial=1.0)
    edges = list(zip(times, [begin, *(level for _, level in steps)], strict=True))
    contact = played(OFF, edges)
    final = settle(contact, edges[-1][0] + HOLD + 1e-9)
    assert final.active is edges[-1][1]
    assert due(final) is None


@given(st.lists(st.floats(0.001, 0.04), min_size=5, max_size=60))
def test_chatter_is_active_within_its_bound_however_it_chatters(gaps: list[float]) -> None:
    """DI-4: no rhythm of bounces keeps a reduction away."""
    contact, now, level = note_level(OFF, True, 1.0), 1.0, True
    for gap in gaps:
        now, level = now + gap, not level
        contact = note_level(contact, level, now)
        if now - 1.0 >= UNDECIDED:
            assert settle(contact, now).active
