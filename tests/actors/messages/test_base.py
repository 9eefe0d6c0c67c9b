"""Tests of what every message is."""

from dataclasses import FrozenInstanceError, dataclass

import pytest

from actors.messages import Lane, Message, Question, Sample


@dataclass(frozen=True, slots=True)
class _Note(Message):
    text: str


def test_a_message_is_an_event_that_replaces_nothing() -> None:
    """AC-1."""
    assert Message().lane is Lane.EVENT
    assert Message().coalesce_key is None


def test_a_sample_goes_by_its_own_lane() -> None:
    """AC-1: samples coalesce and may be shed."""
    assert Sample().lane is Lane.SAMPLE


def test_a_question_waits_its_turn_among_the_events() -> None:
    assert Question().lane is Lane.EVENT


def test_nobody_changes_a_message_on_its_way() -> None:
    note = _Note("first")
    with pytest.raises(FrozenInstanceError):
        note.text = "second"  # type: ignore[misc]
