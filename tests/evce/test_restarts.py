"""Which children restart, after how long, and when it is too often."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.restarts import (
    BackOff,
    Intensity,
    RestartHistory,
    RestartType,
    Strategy,
    affected,
    deserves_restart,
    restart_delay,
)

CHILDREN = ("a", "b", "c", "d")


@pytest.mark.parametrize(
    ("strategy", "failed", "expected"),
    [
        (Strategy.ONE_FOR_ONE, "b", ("b",)),
        (Strategy.ONE_FOR_ALL, "b", CHILDREN),
        (Strategy.REST_FOR_ONE, "a", CHILDREN),
        (Strategy.REST_FOR_ONE, "b", ("b", "c", "d")),
        (Strategy.REST_FOR_ONE, "d", ("d",)),
    ],
)
def test_the_strategy_names_who_shares_the_fate(
    strategy: Strategy, failed: str, expected: tuple[str, ...]
) -> None:
    """In start order, the failed one included."""
    assert affected(strategy, CHILDREN, failed) == expected


@pytest.mark.parametrize("strategy", list(Strategy))
def test_a_stranger_is_refused(strategy: Strategy) -> None:
    """With the names that would be right."""
    with pytest.raises(ValueError, match="a, b, c, d"):
        affected(strategy, CHILDREN, "e")


@pytest.mark.parametrize(
    ("restart", "after_failure", "after_good_end"),
    [
        (RestartType.PERMANENT, True, True),
        (RestartType.TRANSIENT, True, False),
        (RestartType.TEMPORARY, False, False),
    ],
)
def test_who_comes_back(restart: RestartType, after_failure: bool, after_good_end: bool) -> None:
    """OTP's three types."""
    assert deserves_restart(restart, failed=True) is after_failure
    assert deserves_restart(restart, failed=False) is after_good_end


def test_the_first_restart_is_immediate_and_the_next_wait_longer() -> None:
    """At even chance, so without jitter."""
    back_off = BackOff(first=0.05, factor=2.0, ceiling=1.0, jitter=0.2)
    delays = [restart_delay(back_off, failures, 0.5) for failures in range(9)]
    assert delays == pytest.approx([0, 0, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0])


@given(
    st.integers(0, 10**9),
    st.floats(0, 1, exclude_max=True),
    st.builds(
        BackOff, st.floats(0, 10), st.floats(1, 10), st.floats(10, 100), st.floats(0, 1, exclude_max=True)
    ),
)
def test_no_wait_is_negative_or_above_the_ceiling_and_its_jitter(
    failures: int, chance: float, back_off: BackOff
) -> None:
    """Also after months of failures."""
    assert 0.0 <= restart_delay(back_off, failures, chance) <= back_off.ceiling * (1 + back_off.jitter)


@given(st.lists(st.floats(0, 5), max_size=30), st.integers(0, 5), st.floats(0.5, 20))
def test_the_history_exceeds_when_a_window_holds_too_many(
    gaps: list[float], restarts: int, period: float
) -> None:
    """Agrees with counting all restarts of the last period, and forgets the rest."""
    intensity, history, now, times = Intensity(restarts, period), RestartHistory(), 0.0, list[float]()
    for gap in gaps:
        now += gap
        times.append(now)
        history = history.after_restart(intensity, now)
        recent = [time for time in times if now - time < period]
        assert history.times == tuple(recent)
        assert history.exceeds(intensity) is (len(recent) > restarts)
    assert all(before <= after for before, after in pairwise(history.times))


def test_the_defaults_end_a_crash_loop_within_ten_seconds() -> None:
    """RELIABILITY §2: a crash loop ends in a process restart within 10 s, two levels of supervisors."""
    back_off, intensity = BackOff(), Intensity()
    slowest = sum(restart_delay(back_off, failures, 0.999) for failures in range(1, intensity.restarts + 1))
    above = sum(restart_delay(back_off, failures, 0.999) for failures in range(1, intensity.restarts + 1))
    assert slowest < intensity.period
    assert (intensity.restarts + 1) * slowest + above < intensity.period


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Intensity(-1, 1), "restarts"),
        (lambda: Intensity(1, 0), "period"),
        (lambda: BackOff(first=-1), "first"),
        (lambda: BackOff(first=2, ceiling=1), "ceiling"),
        (lambda: BackOff(factor=0.5), "factor"),
        (lambda: BackOff(factor=11), "factor"),
        (lambda: BackOff(jitter=1.0), "jitter"),
    ],
)
def test_numbers_that_make_no_sense_are_refused_by_name(make, field: str) -> None:  # type: ignore[no-untyped-def]
    """Field, value and what would be right."""
    with pytest.raises(ValueError, match=f"{field}.*right"):
        make()
