"""The limit ledger keeps each hour's peak, highest setpoints and lowest limit, with when and why."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.limit_ledger import LimitLedger, by_day, hour_of, merged
from evce.records import LimitRecord
from evce.units import PhaseAmps, ZoneId
from evce.views import ZoneView

NOON = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def view(
    measured: PhaseAmps | None,
    setpoints: PhaseAmps = (0.0, 0.0, 0.0),
    limit: PhaseAmps = (60.0, 60.0, 60.0),
    bound_by: str = "meter",
    zone: str = "main",
) -> ZoneView:
    return ZoneView(
        ZoneId(zone),
        "Main",
        None,
        100.0,
        True,
        None,
        limit,
        setpoints,
        setpoints,
        measured=measured,
        stations_measured=(7.0, 8.0, 9.0),
        bound_by=bound_by,
    )


def test_peaks_and_cuts_keep_their_moment_and_their_reason() -> None:
    """UI-9: per phase, whatever came before and after."""
    ledger = LimitLedger()
    ledger.note(view((50.0, 60.0, 70.0), (20.0, 20.0, 20.0)), after(1))
    ledger.note(view((90.0, 10.0, 10.0), (5.0, 30.0, 20.0), (9.0, 60.0, 60.0), "input at 50 %"), after(2))
    ledger.note(view((50.0, 50.0, 50.0)), after(3))
    ((first, second, third),) = ledger.take(after(3))
    assert first == LimitRecord(
        zone=ZoneId("main"),
        at=NOON,
        phase=0,
        maximum=100.0,
        metered=True,
        peak=90.0,
        peak_at=after(2),
        setpoint=20.0,
        setpoint_at=after(1),
        setpoint_limit=60.0,
        setpoint_bound_by="meter",
        lowest=9.0,
        lowest_at=after(2),
        lowest_bound_by="input at 50 %",
    )
    assert (second.peak, second.setpoint, second.setpoint_bound_by) == (60.0, 30.0, "input at 50 %")
    assert (third.peak, third.peak_at, third.lowest_at) == (70.0, after(1), after(1))


def test_without_a_meter_the_stations_own_reports_count() -> None:
    """LM-7, MT-7: and the record says so, unless the meter has seen more."""
    ledger = LimitLedger()
    ledger.note(view(None), after(1))
    (phases,) = ledger.take(after(1))
    assert [(record.peak, record.metered) for record in phases] == [(7.0, False), (8.0, False), (9.0, False)]
    ledger.note(view((8.0, 8.0, 8.0)), after(2))
    (phases,) = ledger.take(after(2))
    assert [(record.peak, record.metered) for record in phases] == [(8.0, True), (8.0, False), (9.0, False)]


def test_only_what_has_changed_is_taken_and_each_tells_all_of_its_hour() -> None:
    """AC-2: one that is lost on its way costs nothing once the next arrives; hours that are over go."""
    ledger = LimitLedger()
    ledger.note(view((50.0, 50.0, 50.0)), after(58))
    ledger.note(view((10.0, 10.0, 10.0), zone="garage"), after(58))
    assert [records[0].zone for records in ledger.take(after(58))] == ["main", "garage"]
    ledger.note(view((40.0, 40.0, 40.0)), after(59))
    assert ledger.take(after(59)) == ()
    ledger.note(view((55.0, 55.0, 55.0)), after(59.5))
    ledger.note(view((5.0, 5.0, 5.0)), after(60))
    over, begun = ledger.take(after(60.5))
    assert [(records[0].at, records[0].peak) for records in (over, begun)] == [
        (NOON, 55.0),
        (after(60), 5.0),
    ]
    ledger.note(view((1.0, 1.0, 1.0)), after(59.9))  # the clock was set back a little
    ((again, *_),) = ledger.take(after(60.6))
    assert (again.at, again.peak) == (NOON, 1.0)


@pytest.mark.parametrize(
    ("zone", "hour", "day"),
    [
        ("UTC", 12, 0),
        ("Europe/Paris", 22, -1),
        ("Europe/Paris", 23, 23),
        ("Asia/Kolkata", 18, -5.5),
        ("Asia/Kolkata", 19, 18.5),
    ],
)
def test_an_hour_belongs_to_the_local_day_in_which_it_begins(zone: str, hour: float, day: float) -> None:
    """UI-9: also where midnight is no full hour of UTC."""
    midnight = datetime(2026, 11, 1, tzinfo=UTC)
    ledger = LimitLedger()
    ledger.note(view((50.0, 50.0, 50.0)), midnight + timedelta(hours=hour))
    found = by_day(ledger.take(NOON)[0], ZoneInfo(zone))
    assert [(record.at - midnight) / timedelta(hours=1) for record in found] == [day] * 3


def test_a_day_has_the_extremes_of_its_hours() -> None:
    """UI-9: by zone, day and phase."""
    ledger = LimitLedger()
    for hour, amps in ((0, 50.0), (1, 70.0), (2, 60.0), (30, 40.0)):
        ledger.note(view((amps, amps, amps)), after(60 * hour))
        ledger.note(view((5.0, 5.0, 5.0), zone="garage"), after(60 * hour))
    hours = [record for records in ledger.take(after(0)) for record in records]
    days = by_day(hours, UTC)
    assert [(day.zone, day.at.day, day.phase) for day in days] == [
        (zone, date, phase) for zone in ("garage", "main") for date in (1, 2) for phase in range(3)
    ]
    assert [(day.peak, day.peak_at) for day in days if day.zone == "main"][::3] == [
        (70.0, after(60)),
        (40.0, after(1800)),
    ]


looks = st.lists(st.tuples(*[st.floats(0.0, 500.0)] * 3), min_size=1, max_size=20)


@given(looks=looks, split=st.integers(0, 20))
def test_in_whatever_parts_an_hour_is_told_the_record_is_the_same(
    looks: list[tuple[float, float, float]], split: int
) -> None:
    """AC-2: a restart in between changes nothing."""

    def told(part: list[tuple[float, float, float]], begin: int) -> tuple[LimitRecord, ...]:
        ledger = LimitLedger()
        for number, (measured, setpoint, limit) in enumerate(part, start=begin):
            look = view((measured,) * 3, (setpoint,) * 3, (limit,) * 3)
            ledger.note(look, after(number))
        return ledger.take(NOON)[0]

    whole = told(looks, 0)
    first, second = looks[:split], looks[split:]
    if first and second:
        parts = tuple(map(merged, told(first, 0), told(second, len(first))))
        assert parts == whole
    assert whole[0].peak == max(look[0] for look in looks)
    assert whole[0].lowest == min(look[2] for look in looks)


def test_hours_are_those_of_utc() -> None:
    assert hour_of(datetime(2026, 11, 1, 12, 59, 59, 999, ZoneInfo("Asia/Kolkata"))) == NOON.replace(hour=7)
