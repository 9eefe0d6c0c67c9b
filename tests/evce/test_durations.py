"""Tests of the counted durations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.durations import BUCKETS, Durations, percentile


def counted(*seconds: float) -> Durations:
    durations = Durations()
    for each in seconds:
        durations.add(each)
    return durations


@given(st.floats(1e-6, 7000.0))
def test_a_duration_is_told_at_most_a_quarter_too_high(seconds: float) -> None:
    """AC-4: the error of a bucket is bounded over the whole range."""
    told = percentile(counted(seconds).counts, 50)
    assert told is not None
    assert seconds * 0.999 <= told <= seconds * 1.25 + 1.01e-6


@given(st.lists(st.floats(0.0, 100.0), min_size=1))
def test_percentiles_rise_and_everything_is_counted(seconds: list[float]) -> None:
    """AC-4: p99 is never below p50; the total is the sum."""
    durations = counted(*seconds)
    p50, p99 = percentile(durations.counts, 50), percentile(durations.counts, 99)
    assert p50 is not None
    assert p99 is not None
    assert p50 <= p99
    assert sum(durations.counts) == len(seconds)
    assert durations.total == pytest.approx(sum(seconds))


def test_one_slow_one_in_a_hundred_is_beyond_the_99th() -> None:
    durations = counted(*[0.001] * 99, 1.0)
    p99, p100 = percentile(durations.counts, 99), percentile(durations.counts, 100)
    assert p99 == pytest.approx(0.001, rel=0.25)
    assert p100 == pytest.approx(1.0, rel=0.25)


@pytest.mark.parametrize(("seconds", "bucket"), [(-1.0, 0), (0.0, 0), (1e9, BUCKETS - 1)])
def test_what_no_clock_should_say_is_counted_at_the_ends(seconds: float, bucket: int) -> None:
    assert counted(seconds).counts[bucket] == 1


def test_nothing_has_no_percentile() -> None:
    assert percentile(Durations().counts, 99) is None
