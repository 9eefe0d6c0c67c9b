"""Tests of the running of all fuzzers."""

from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest

from tools.endurance.fuzz import KINDS, _result, fuzz_all, fuzz_one
from tools.endurance.fuzzing import Fuzzing


@pytest.mark.scenario
def test_each_kind_runs_in_its_own_process_and_tells_how_far_it_is() -> None:
    heard: dict[str, int] = {}
    outcome = fuzz_all({KINDS[1]: 20, KINDS[3]: 10}, 5, 2, heard.__setitem__)
    assert [each.kind for each in outcome] == [KINDS[1], KINDS[3]]
    assert [problem for each in outcome for problem in each.problems] == []
    assert all(each.tried >= each.wanted and each.seed == 5 for each in outcome)
    assert set(heard) == {KINDS[1], KINDS[3]}


def test_a_fuzzer_that_ends_before_its_time_is_a_problem() -> None:
    """A process that crashed or was ended because it hung breaks its pool."""
    broken: Future[Fuzzing] = Future()
    broken.set_exception(BrokenProcessPool("terminated abruptly"))
    (problem,) = _result(broken, "web requests", 5, 10).problems
    assert "web requests, seed 5, after 0: ended with BrokenProcessPool" in problem


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no fuzzer is named 'x'"):
        fuzz_one("x", 1, 1, print)
