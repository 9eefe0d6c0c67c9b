"""Tests of how much each actor worked lately."""

import pytest

from actors.runtime import SimulatedRuntime
from tests.actors.runtimes import Note, Probe
from tools.shell.workload import MARK_EVERY_S, Gauge, between, mark


def test_work_is_what_was_counted_between_two_marks() -> None:
    """AC-4: messages a second, percentiles and share of the time, of the window alone."""
    runtime = SimulatedRuntime()
    runtime.spawn("probe", Probe)
    probe = runtime.living()[0]
    for _ in range(100):
        probe.spent.add(5.0)  # long ago
    earlier = mark(runtime)
    for _ in range(20):
        probe.spent.add(0.01)
    runtime.run_for(2.0)
    work = between(earlier, mark(runtime))["probe"]
    assert (work.per_s, work.share) == (pytest.approx(10.0), pytest.approx(0.1))
    assert work.p50_s == work.p99_s == pytest.approx(0.01, rel=0.25)


def test_who_did_nothing_has_no_percentiles_and_a_successor_counts_from_its_birth() -> None:
    """AC-4: a restart doesn't make rates negative."""
    runtime = SimulatedRuntime()
    runtime.spawn("probe", Probe)
    runtime.tell("probe", Note("a"))
    runtime.run_for(1.0)
    earlier = mark(runtime)
    runtime.run_for(1.0)
    idle = between(earlier, mark(runtime))["probe"]
    assert (idle.per_s, idle.p50_s, idle.p99_s, idle.share) == (0.0, None, None, 0.0)
    runtime.kill("probe")
    runtime.run_for(1.0)
    runtime.spawn("probe", Probe)
    runtime.tell("probe", Note("b"))
    runtime.run_for(2.0)
    assert between(earlier, mark(runtime))["probe"].per_s == pytest.approx(0.25)


def test_the_gauge_has_a_window_at_once_and_keeps_it_short() -> None:
    """AC-4: `tree` needs not wait for its rates, and old work doesn't show."""
    runtime = SimulatedRuntime()
    gauge = Gauge(runtime)
    lengths = []
    for _ in range(5):
        runtime.run_for(MARK_EVERY_S * 0.8)
        earlier, later = gauge.window()
        lengths.append(later.at - earlier.at)
    assert lengths[0] == pytest.approx(MARK_EVERY_S * 0.8)
    assert all(MARK_EVERY_S <= length <= 2 * MARK_EVERY_S for length in lengths[2:])
    gauge.close()
    runtime.run_for(10 * MARK_EVERY_S)
    earlier, later = gauge.window()
    assert later.at - earlier.at > 10 * MARK_EVERY_S
