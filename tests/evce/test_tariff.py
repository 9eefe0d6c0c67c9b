"""Tests of the times of use."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.tariff import Period, Slot, Tariff, summary
from evce.units import ZoneId

PARIS = ZoneInfo("Europe/Paris")
MAIN, STREET = ZoneId("main"), ZoneId("street")
WEEK = frozenset(range(7))
WORKDAYS = frozenset(range(5))
MONDAY = frozenset({0})


def slot(start: str, end: str) -> Slot:
    return Slot(time.fromisoformat(start), time.fromisoformat(end))


def tariff(*periods: Period, **changes: object) -> Tariff:
    return Tariff(PARIS, periods, **changes)  # type: ignore[arg-type]


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def percent(made: Tariff, at: datetime, zone: ZoneId = MAIN) -> int:
    period = made.binding(zone, at)
    return 100 if period is None else period.percent


@pytest.mark.parametrize(
    ("period", "at", "expected", "why"),
    [
        (Period("p", (slot("08:00", "12:00"),), WORKDAYS, 80), "2026-03-02T08:00", 80, "from the start on"),
        (Period("p", (slot("08:00", "12:00"),), WORKDAYS, 80), "2026-03-02T12:00", 100, "the end is outside"),
        (Period("p", (slot("08:00", "12:00"),), WORKDAYS, 80), "2026-03-01T09:00", 100, "a Sunday"),
        (Period("p", (slot("22:00", "06:00"),), MONDAY, 50), "2026-03-02T23:00", 50, "Monday night"),
        (Period("p", (slot("22:00", "06:00"),), MONDAY, 50), "2026-03-03T05:59", 50, "belongs to Monday"),
        (Period("p", (slot("22:00", "06:00"),), MONDAY, 50), "2026-03-02T05:59", 100, "Sunday's night"),
        (Period("p", (slot("00:00", "00:00"),), MONDAY, 30), "2026-03-02T00:00", 30, "the whole day"),
        (Period("p", (slot("00:00", "00:00"),), MONDAY, 30), "2026-03-02T23:59", 30, "to its end"),
        (Period("p", (slot("00:00", "00:00"),), MONDAY, 30), "2026-03-03T00:00", 100, "and no further"),
        (
            Period("p", (slot("08:00", "20:00"),), WEEK, 0, enabled=False),
            "2026-03-02T09:00",
            100,
            "switched off",
        ),
    ],
)
def test_a_period_is_on_in_its_slots_on_its_days(period: Period, at: str, expected: int, why: str) -> None:
    """TOU-1: a slot that crosses midnight belongs to the day it starts on."""
    assert percent(tariff(period), paris(at)) == expected, why


def test_where_two_apply_the_lower_counts() -> None:
    """TOU-3."""
    made = tariff(
        Period("day", (slot("06:00", "22:00"),), WEEK, 80),
        Period("peak", (slot("18:00", "20:00"),), WEEK, 40),
    )
    assert [percent(made, paris(f"2026-03-02T{hour:02}:30")) for hour in (5, 12, 19, 21)] == [100, 80, 40, 80]


def test_a_zone_may_choose_its_periods() -> None:
    """TOU-2: default all."""
    made = tariff(Period("peak", (slot("00:00", "00:00"),), WEEK, 40), zones={STREET: ()})
    assert percent(made, paris("2026-03-02T12:00"), MAIN) == 40
    assert percent(made, paris("2026-03-02T12:00"), STREET) == 100


def test_the_whole_feature_can_be_switched_off_without_losing_anything() -> None:
    """TOU-1."""
    made = tariff(Period("peak", (slot("00:00", "00:00"),), WEEK, 40), enabled=False)
    assert percent(made, paris("2026-03-02T12:00")) == 100


@pytest.mark.parametrize(
    ("utc", "expected", "why"),
    [
        ("2026-10-25T00:30", 50, "02:30 summer time"),
        ("2026-10-25T01:30", 50, "02:30 again, winter time"),
        ("2026-10-25T02:00", 100, "03:00"),
        ("2026-03-29T00:59", 100, "01:59, just before the clocks go forward"),
        ("2026-03-29T01:00", 100, "03:00: the hour of the slot doesn't exist on this day"),
    ],
)
def test_the_clock_on_the_wall_decides_when_it_is_changed(utc: str, expected: int, why: str) -> None:
    """TOU-6: Paris, the slot 02:00 to 03:00."""
    made = tariff(Period("night", (slot("02:00", "03:00"),), WEEK, 50))
    assert percent(made, datetime.fromisoformat(utc).replace(tzinfo=UTC)) == expected, why


def test_another_time_zone_moves_the_periods() -> None:
    """TOU-6."""
    period = Period("peak", (slot("08:00", "09:00"),), WEEK, 40)
    at = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
    assert percent(Tariff(PARIS, (period,)), at) == 40
    assert percent(Tariff(ZoneInfo("Europe/London"), (period,)), at) == 100


MINUTES = st.times().map(lambda t: t.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MINUTES, MINUTES, st.frozensets(st.integers(0, 6), min_size=1), MOMENTS)
def test_a_slot_and_its_complement_share_the_week_between_them(
    start: time, end: time, weekdays: frozenset[int], at: datetime
) -> None:
    """TOU-1: on every day of the week, from start to end or from end to start, never both, never neither."""
    local = at.astimezone(PARIS)
    there, back = Slot(start, end).covers(local, WEEK), Slot(end, start).covers(local, WEEK)
    assert (there != back) or (start == end and there and back)
    if Slot(start, end).covers(local, weekdays):
        assert there


def test_the_summary_tells_what_each_zone_has_in_each_period() -> None:
    """TOU-4: 80 % of 100 A is 80 A; where a period is off for a zone the nominal value, marked."""
    made = tariff(
        Period("peak", (slot("08:00", "12:00"),), WEEK, 80),
        Period("night", (slot("22:00", "06:00"),), WEEK, 0),
        zones={STREET: ("peak",)},
    )
    table = summary(made, {MAIN: 100.0, STREET: 63.0})
    assert [(cell.amps, cell.nominal) for cell in table[MAIN].values()] == [(80.0, False), (0.0, False)]
    assert [(cell.amps, cell.nominal) for cell in table[STREET].values()] == [(50.4, False), (63.0, True)]
