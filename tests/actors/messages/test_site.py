"""Tests of the messages about the configuration."""

from datetime import UTC, datetime

from actors.messages import ApplyRevision, GetRevision, Lane, Question
from evce.records import RevisionRecord


def test_a_revision_is_applied_in_the_order_of_its_coming() -> None:
    """CF-1: never shed, never overtaken."""
    record = RevisionRecord(2, "{}", "anna", "", datetime(2026, 1, 1, tzinfo=UTC))
    assert ApplyRevision(record).lane is Lane.EVENT
    assert ApplyRevision(record).coalesce_key is None


def test_asking_for_it_changes_nothing() -> None:
    assert isinstance(GetRevision(), Question)
