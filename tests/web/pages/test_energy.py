"""Tests of the page of the energy by day."""

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient

from actors.messages import DailyEnergy
from tests.web.fake_site import FakeSite
from web.pages.energy import chart_of

FIRST = date(2026, 11, 1)


def test_each_day_has_its_place_and_the_highest_fits() -> None:
    """UI-8: days without a session leave a gap; the upper edge is a round figure."""
    days = [DailyEnergy(FIRST, 12_000.0, 2), DailyEnergy(FIRST + timedelta(days=3), 30_000.0, 1)]
    chart = chart_of(days, FIRST, FIRST + timedelta(days=3))
    assert [bar.height for bar in chart.bars] == [24.0, 0.0, 0.0, 60.0]
    assert [bar.left for bar in chart.bars] == [0.0, 25.0, 50.0, 75.0]
    assert (chart.top, chart.total, chart.sessions) == (50_000.0, 42_000.0, 3)


def test_an_empty_time_has_a_chart_without_bars() -> None:
    """UI-8."""
    chart = chart_of([], FIRST, FIRST)
    assert (chart.top, chart.total, [bar.height for bar in chart.bars]) == (1_000.0, 0.0, [0.0])


def test_the_site_a_zone_and_a_station_have_their_energy(user: FlaskClient, site: FakeSite) -> None:
    """UI-8: the same figures on the page and for programs."""
    whole = user.get("/api/v1/energy?days=30").get_json()
    zone = user.get("/api/v1/energy?days=30&zone=garage").get_json()
    station = user.get("/api/v1/energy?days=30&station=CP-01").get_json()
    assert len(whole["days"]) == 30
    assert whole["total_kwh"] > zone["total_kwh"] > station["total_kwh"] > 0.0
    text = user.get("/energy?days=30&zone=garage").text
    assert f"{zone['total_kwh']:.1f} kWh" in text
    assert "Garage" in text
    assert "days-bar" in text


def test_no_session_is_said(user: FlaskClient, site: FakeSite) -> None:
    """UI-8: no empty chart."""
    site.sessions.clear()
    assert "No session began in this time." in user.get("/energy").text


@pytest.mark.parametrize(
    ("query", "code"), [("days=31", 400), ("days=x", 400), ("zone=nowhere", 404), ("station=nobody", 404)]
)
def test_what_is_not_there_is_refused(user: FlaskClient, query: str, code: int) -> None:
    """RELIABILITY 3."""
    for address in ("/energy", "/api/v1/energy"):
        assert user.get(f"{address}?{query}").status_code == code
