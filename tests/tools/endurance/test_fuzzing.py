"""Tests of what fuzzers keep."""

import pytest

from tools.benchmarks.machine import Usage
from tools.endurance import fuzzing
from tools.endurance.fuzzing import LONGEST_TURN, Fuzzing


def test_it_goes_on_until_enough_was_tried_or_went_wrong() -> None:
    far: list[int] = []
    work = Fuzzing("x", 1, 3)
    while work.going_on:
        work.count(far.append, 2, 0.1, "")
    assert (work.tried, far, work.slowest, work.problems) == (4, [2, 3], 0.1, [])
    broken = Fuzzing("x", 1, 1000)
    while broken.going_on:
        broken.problem("failed", "this")
    assert len(broken.problems) == 20
    assert broken.problems[0] == "x, seed 1, after 0: failed: this"


def test_what_takes_long_is_a_hang() -> None:
    work = Fuzzing("x", 7, 3)
    work.count(lambda _: None, 1, LONGEST_TURN + 1.0, "slow input")
    assert work.problems == ["x, seed 7, after 1: took 11 s: slow input"]


@pytest.mark.parametrize(("leak", "problems"), [(0.0, 0), (1.0, 1)])
def test_memory_that_grows_is_a_problem(leak: float, problems: int, monkeypatch: pytest.MonkeyPatch) -> None:
    resident = [100.0]

    def usage(_: int) -> Usage:
        resident[0] += leak
        return Usage(0.0, resident[0], 1, 0.0)

    monkeypatch.setattr(fuzzing, "usage", usage)
    work = Fuzzing("x", 1, 100)
    while work.going_on:
        work.count(lambda _: None, 1, 0.0, "")
    assert len(work.done().problems) == problems
