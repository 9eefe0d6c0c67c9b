"""What is known of the machine and of a process on it."""

import os

from tools.benchmarks.machine import Cores, Usage, cores, describe, on_core, usage


def test_what_runs_on_a_core_runs_there_only_for_as_long_as_asked() -> None:
    before = os.sched_getaffinity(0)
    chosen = cores()
    with on_core(chosen.load):
        assert os.sched_getaffinity(0) == {chosen.load}
    assert os.sched_getaffinity(0) == before


def test_server_and_load_share_a_core_only_where_there_is_one() -> None:
    assert cores().apart is (len(os.sched_getaffinity(0)) > 1)
    assert not Cores(3, 3).apart


def test_a_process_is_seen_with_its_memory_threads_and_time() -> None:
    """AC-3: what the daemon takes is known."""
    seen = usage(os.getpid())
    assert 1.0 < seen.memory < 10_000.0
    assert seen.threads >= 1
    assert seen.cpu > 0.0


def test_processor_time_is_a_share_of_one_core() -> None:
    assert Usage(11.5, 0, 1, at=110.0).share_since(Usage(11.0, 0, 1, at=100.0)) == 5.0


def test_the_machine_is_described_in_one_line() -> None:
    line = describe()
    assert "Python 3" in line
    assert "core" in line
    assert "\n" not in line
