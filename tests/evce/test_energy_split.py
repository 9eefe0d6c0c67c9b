"""Tests of when a session charged."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.energy_split import Split
from evce.tariff import NO_PERIOD, Period, Slot, Tariff
from evce.units import ZoneId

MAIN = ZoneId("main")
DAYS = frozenset(range(7))
PARIS = ZoneInfo("Europe/Paris")
TARIFF = Tariff(
    PARIS,
    (
        Period("Peak", (Slot(time(17), time(20)),), DAYS, 50),
        Period("Night", (Slot(time(22), time(6)),), DAYS, 80),
        Period("Worse", (Slot(time(19), time(20)),), DAYS, 30),
    ),
)


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    """A time of a winter's day by the site's clock."""
    return datetime(2026, 1, 5, hour, minute, second, tzinfo=PARIS).astimezone(UTC)


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (at(12), at(13), {NO_PERIOD: 600.0}),
        (at(17), at(18), {"Peak": 600.0}),
        (at(16, 45), at(17, 45), {NO_PERIOD: 150.0, "Peak": 450.0}),
        (at(18, 30), at(19, 30), {"Peak": 300.0, "Worse": 300.0}),
        (at(16, 59, 57), at(17, 0, 3), {NO_PERIOD: 300.0, "Peak": 300.0}),
        (at(18, 0, 5), at(18, 0, 5), {"Peak": 600.0}),
        (at(18), at(12), {NO_PERIOD: 600.0}),
    ],
)
def test_energy_counts_in_the_period_in_which_it_was_taken(
    begin: datetime, end: datetime, expected: dict[str, float]
) -> None:
    """CDR-2, TOU-3: evenly over the time between two reports; of two periods in the one that binds."""
    split = Split().taken(600.0, begin, end, flowing=True, tariff=TARIFF, zone=MAIN)
    assert split.periods == pytest.approx(expected)
    assert split.charged == max(0.0, (end - begin).total_seconds())


def test_only_the_time_in_which_current_flows_is_charging_time() -> None:
    """CDR-2: the effective charge duration."""
    split = Split().taken(500.0, at(12), at(12, 30), flowing=True, tariff=None, zone=MAIN)
    split = split.taken(0.0, at(12, 30), at(14), flowing=False, tariff=None, zone=MAIN)
    assert split == Split(1800.0, {NO_PERIOD: 500.0})


def test_what_nobody_saw_taken_is_in_no_period_and_a_register_that_ends_lower_takes_from_all() -> None:
    """CDR-2, OC-6: the parts always add up to the session's energy."""
    split = Split(60.0, {"Peak": 300.0, NO_PERIOD: 100.0})
    assert split.fitted(500.0).periods == {"Peak": 300.0, NO_PERIOD: 200.0}
    assert split.fitted(200.0).periods == {"Peak": 150.0, NO_PERIOD: 50.0}
    assert Split().fitted(0.0) == Split()


@given(
    st.lists(st.tuples(st.floats(0.0, 1000.0), st.integers(0, 90_000)), min_size=1, max_size=12),
    st.floats(0.0, 10_000.0),
)
def test_the_parts_add_up_whatever_is_reported_when(steps: list[tuple[float, int]], final: float) -> None:
    """CDR-2: also with clocks that go back, over days, and whatever the last register says."""
    split, now, total = Split(), at(0), 0.0
    for energy, seconds in steps:
        later = now + timedelta(seconds=seconds - 1000)
        split = split.taken(energy, now, later, flowing=energy > 0.0, tariff=TARIFF, zone=MAIN)
        now, total = later, total + energy
    assert split.energy == pytest.approx(total)
    if total > 0.0:
        assert split.fitted(final).energy == pytest.approx(final, abs=1e-6)


def test_the_hour_that_comes_twice_counts_twice() -> None:
    """TOU-6: 01:30 to 03:30 on the night on which the clocks go back is three hours."""
    begin = datetime(2026, 10, 25, 1, 30, tzinfo=PARIS).astimezone(UTC)
    tariff = Tariff(PARIS, (Period("Two", (Slot(time(2), time(3)),), DAYS, 50),))
    split = Split().taken(300.0, begin, begin + timedelta(hours=3), flowing=True, tariff=tariff, zone=MAIN)
    assert split.periods == pytest.approx({NO_PERIOD: 100.0, "Two": 200.0})
