"""Tests of how figures and times are written."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from web import formatting

NOON = datetime(2026, 7, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "text"), [(None, "\u2013"), (0, "0"), (9.5, "9.5"), (32.0, "32"), (13.44, "13.4")]
)
def test_amps_have_one_decimal_or_none(value: float | None, text: str) -> None:
    """Units: A."""
    assert formatting.amps(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-3, "0 s"), (59, "59 s"), (60, "1 min"), (3900, "1 h 05 min"), (90000, "1 d 1 h")],
)
def test_durations_read_well(seconds: float, text: str) -> None:
    """UI-1: duration."""
    assert formatting.duration(seconds) == text


def test_energy_and_power_are_in_kilo() -> None:
    """Units: Wh and W inside, kWh and kW on screens."""
    assert formatting.kwh(12346) == "12.35"
    assert formatting.kwh(1_204_778_000, 0) == "1\u202f204\u202f778"
    assert formatting.kw(7400) == "7.4"
    assert formatting.kwh(None) == formatting.kw(None) == "\u2013"
    assert formatting.phases((1.0, 2.5, 0.0)) == "1 / 2.5 / 0"


def test_times_are_the_site_s_on_both_sides_of_daylight_saving() -> None:
    """Units: UTC inside, the site's zone on screens."""
    assert formatting.local(NOON, "Europe/Paris") == "2026-07-01 14:00:00"
    assert formatting.local(NOON + timedelta(days=150), "Europe/Paris") == "2026-11-28 13:00:00"
    assert formatting.local(None, "Europe/Paris") == "\u2013"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    """A page never fails for its time zone."""
    assert formatting.local(NOON, name) == "2026-07-01 12:00:00"


def test_a_time_of_today_needs_no_date() -> None:
    """UI-1: short in the table of sessions; 'today' is the site's day."""
    late = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    assert formatting.clock_time(late, "Europe/Paris", late) == "00:30"
    assert formatting.clock_time(NOON, "Europe/Paris", late) == "01 Jul 14:00"


def test_an_engineer_reads_milliseconds() -> None:
    """AC-4: of a moment, or of one that was written down."""
    late = NOON + timedelta(milliseconds=42)
    assert formatting.exact_time(late, "Europe/Paris") == "14:00:00.042"
    assert formatting.exact_time(late.isoformat(), "Europe/Paris") == "14:00:00.042"


def test_how_long_ago(app: Flask) -> None:
    """MT-8: when a meter was read."""
    with app.test_request_context():
        assert formatting.ago(None, NOON) == "never"
        assert formatting.ago(NOON - timedelta(seconds=2), NOON) == "just now"
        assert formatting.ago(NOON - timedelta(minutes=5), NOON) == "5 min ago"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, formatting.NOTHING),
        ("", formatting.NOTHING),
        (True, "on"),
        (False, "off"),
        (80.0, "80"),
        (62.5, "62.5"),
        ("Garage", "Garage"),
        (["mon", "tue"], "mon, tue"),
        ([], formatting.NOTHING),
        ([{"wiring": "TRI123"}], "1"),
        ({"name": "A", "vip": False, "zone": None, "amps": 5.0, "in": {"x": 1}}, "Name: A, Amps: 5"),
    ],
)
def test_a_setting_is_written_as_people_read_it(app: Flask, value: object, text: str) -> None:
    """CF-1: in the difference of two revisions."""
    with app.test_request_context():
        assert formatting.setting(value) == text
