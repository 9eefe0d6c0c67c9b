"""Tests of the frames that are made up."""

import random
from collections import Counter

import pytest

from evce.ocppj import Call, CallError, CallResult, Malformed, parse
from tools.endurance.frames import FrameMaker, answerable


def maker(seed: int) -> FrameMaker:
    return FrameMaker(random.Random(seed), "fuzz-", lambda: "2026-01-05T14:00:00Z")


def test_all_kinds_of_frames_come_and_the_same_ones_for_the_same_seed() -> None:
    first, second = maker(1), maker(1)
    for each in (first, second):
        each.heard('[2,"ours-1","GetConfiguration",{}]')
        each.heard('[3,"fuzz-1",{"transactionId":77,"idTagInfo":{"status":"Accepted"}}]')
    frames = [first.next() for _ in range(2000)]
    assert frames == [second.next() for _ in range(2000)]
    kinds = Counter(type(parse(frame.encode(errors="surrogateescape"))) for frame in frames)
    assert min(kinds[kind] for kind in (Call, CallResult, CallError, Malformed)) > 20, kinds
    assert kinds[Call] > 1000
    assert any('"ours-1"' in frame for frame in frames)
    assert any('"transactionId":77' in frame for frame in frames)


@pytest.mark.parametrize(
    ("frame", "message_id"),
    [
        ('[2,"x","Heartbeat",{}]', "x"),
        ('[2,"x"]', "x"),
        ('[2,"x",7,null,1]', "x"),
        ('[3,"x",{}]', None),
        ('[2,"","Heartbeat",{}]', None),
        (f'[2,"{"x" * 37}","Heartbeat",{{}}]', None),
        ('[2,7,"Heartbeat",{}]', None),
        ('[true,"x","Heartbeat",{}]', None),
        ('[2,"x","Heartbeat",{"a":NaN}]', None),
        ('[2,"x","Heartbeat",{"a":"\udcff"}]', None),
        ("[" * 100_000, None),
        ("nonsense", None),
    ],
    ids=lambda value: str(value)[:30].encode("ascii", "replace").decode(),
)
def test_which_frames_must_be_answered(frame: str, message_id: str | None) -> None:
    """OC-1."""
    assert answerable(frame) == message_id
