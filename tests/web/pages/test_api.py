"""Tests of what programs read."""

import html
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient

from tests.web.fake_site import FakeSite, key
from web.pages.api import as_json


def test_the_snapshot_is_plain_json(user: FlaskClient, site: FakeSite) -> None:
    """API-2: site, zones, stations, connectors, transactions, meters."""
    found = user.get("/api/v1/snapshot").get_json()
    assert found["version"] == 1
    assert found["zones"]["main"]["limit"] == [189.4, 196.1, 178.8]
    connector = found["stations"]["CP-01"]["connectors"][0]
    assert connector["key"] == "CP-01/1"
    assert connector["status"] == "Charging"
    assert connector["transaction"]["started_at"].endswith("+00:00")
    assert found["stations"]["CP-01"]["link"] == "connected"


def test_connectors_are_keys_too() -> None:
    """API-2: the reasons of a zone."""
    assert as_json({key("CP-01/2"): (1.0, None, True)}) == {"CP-01/2": [1.0, None, True]}
    assert as_json(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00+00:00"
    with pytest.raises(TypeError, match="object"):
        as_json(object())


@pytest.mark.parametrize(("span", "points"), [("1h", 900), ("24h", 600), ("7d", 600)])
def test_a_zone_s_history_comes_in_columns(user: FlaskClient, span: str, points: int) -> None:
    """UI-8: current per phase against the limit over time."""
    found = user.get(f"/zones/main/history.json?range={span}").get_json()
    assert len(found["t"]) == points
    assert found["t"] == sorted(found["t"])
    assert all(len(column) == points for column in (*found["measured"], *found["setpoints"], found["limit"]))
    assert found["maximum"] == 250


def test_only_what_is_newer_is_fetched_again(user: FlaskClient) -> None:
    """UI-8: live-appended."""
    times = user.get("/zones/main/history.json").get_json()["t"]
    newer = user.get(f"/zones/main/history.json?since={times[-4]}").get_json()["t"]
    assert newer == times[-3:]


def test_a_zone_without_a_meter_has_no_measured_points(user: FlaskClient) -> None:
    """UI-8: none is not 0 A."""
    assert set(user.get("/zones/garage/history.json").get_json()["measured"][0]) == {None}


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/zones/none/history.json", 404),
        ("/zones/main/history.json?range=9y", 400),
        ("/zones/main/history.json?since=x", 400),
        ("/zones/main/history.json?since=1e99", 400),
        ("/zones/main/history.json?since=nan", 400),
    ],
)
def test_bad_questions_are_refused(user: FlaskClient, address: str, status: int) -> None:
    """RELIABILITY 3: 400 and 404."""
    assert user.get(address).status_code == status


def test_health_needs_no_login_and_tells_the_truth(nobody: FlaskClient, site: FakeSite) -> None:
    """AC-3: 200 when the view answers, 503 when it doesn't."""
    assert nobody.get("/healthz").status_code == 200
    site.silent.add("view")
    assert nobody.get("/healthz").status_code == 503


def test_why_is_the_same_sentence_as_on_the_pages(user: FlaskClient, site: FakeSite) -> None:
    """UI-9: for every connector and every phase of every zone."""
    plain = user.get("/api/v1/snapshot").get_json()
    for zone, data in plain["zones"].items():
        page = html.unescape(user.get(f"/zones/{zone}").text)
        assert len(data["why"]) == 3
        assert all(sentence in page for sentence in data["why"])
    connector = plain["stations"]["CP-07"]["connectors"][0]
    assert connector["why"]
    assert connector["why"] in html.unescape(user.get("/stations/CP-07").text)
