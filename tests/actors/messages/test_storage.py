"""The recorder's messages: nothing that must be answered may be shed, samples may."""

from dataclasses import fields

import pytest

from actors.messages import storage
from actors.messages.base import Lane, Message, Question, Sample
from actors.messages.storage import (
    RecordCourse,
    RecordLimits,
    RecordProgress,
    RecordStation,
    RecordWear,
    RecordZoneSample,
)
from evce import records
from evce.records import ZoneHistoryPoint
from evce.units import TransactionId, ZoneId
from tests.evce.storage.builders import NOW, later

KINDS = [getattr(storage, name) for name in storage.__all__]
MESSAGES = [kind for kind in KINDS if issubclass(kind, Message)]


@pytest.mark.parametrize("kind", MESSAGES)
def test_only_samples_may_be_shed(kind: type[Message]) -> None:
    """OC-6"""
    assert (kind.default_lane is Lane.SAMPLE) == issubclass(kind, Sample)
    assert issubclass(kind, Sample) == (
        kind in (RecordCourse, RecordLimits, RecordProgress, RecordStation, RecordWear, RecordZoneSample)
    )


@pytest.mark.parametrize("kind", [kind for kind in MESSAGES if not issubclass(kind, Question)])
def test_what_carries_a_request_or_a_plan_says_whom_to_answer(kind: type[Message]) -> None:
    names = {field.name for field in fields(kind)}
    if kind.__name__.startswith(("Record", "Check", "Commit")) and names & {"request", "plan"}:
        assert "reply_to" in names or kind.__name__ == "RecordingFailed"


def test_the_newest_energy_replaces_the_one_before() -> None:
    older = RecordProgress(TransactionId(1), NOW, 100.0)
    newer = RecordProgress(TransactionId(1), later(5), 200.0)
    other = RecordProgress(TransactionId(2), NOW, 100.0)
    assert older.coalesce_key == newer.coalesce_key != other.coalesce_key


def test_samples_of_a_zone_at_different_times_are_all_kept() -> None:
    point = ZoneHistoryPoint(NOW, None, (0.0, 0.0, 0.0), (9.0, 9.0, 9.0))
    one, other = (RecordZoneSample(ZoneId(zone), point) for zone in ("main", "garage"))
    assert one.coalesce_key != other.coalesce_key


def test_the_records_are_handed_on() -> None:
    for name in set(records.__all__) & set(storage.__all__):
        assert getattr(storage, name) is getattr(records, name)
