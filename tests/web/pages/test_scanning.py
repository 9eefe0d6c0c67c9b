"""Tests of the page that looks for stations."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from evce.station_scan import Found
from evce.units import BoxIdentity
from tests.conftest import TIMEOUT_FACTOR
from tests.web.fake_site import FakeSite
from tests.web.program import pointers
from web.station_scan import StationScan

PAGE = "/configuration/stations/scan"
REST = "/api/v1/stations/scan"
STRANGER = BoxIdentity("00-1E-C0-9A-41-7F")


class Invented(StationScan):
    """Finds a station at one address, and something else at another."""

    def _look(self, address: str) -> Found | None:
        return {
            "127.0.0.2": Found(address, (80,), "EVlink City", "Schneider Electric"),
            "127.0.0.3": Found(address, (443,)),
        }.get(address)


@pytest.fixture(autouse=True)
def scan(app: Flask) -> StationScan:
    found = Invented()
    app.extensions["evce_scan"] = found
    return found


def test_a_scan_shows_what_it_found_and_how_to_go_on(
    admin: FlaskClient, site: FakeSite, scan: StationScan
) -> None:
    """OC-5: what called meanwhile is registered, the rest entered by hand."""
    assert f'href="{PAGE}"' in admin.get("/configuration/stations").text
    known = site.snapshot.stations
    site.change(stations={**known, STRANGER: replace(known[STRANGER], address="127.0.0.2")})
    assert admin.post(PAGE, data={"lowest": "127.0.0.1", "highest": "127.0.0.9"}).status_code == 303
    assert scan.wait(10.0 * TIMEOUT_FACTOR)
    shown = admin.get(f"{PAGE}/state").text
    for words in ("all 9 addresses", "EVlink City", "Schneider Electric", "no station, as far as it shows"):
        assert words in shown, words
    assert f"/configuration/stations/register?station={STRANGER}" in shown
    assert "/configuration/stations/edit?address=127.0.0.3" in shown
    assert 'value="127.0.0.3"' in admin.get("/configuration/stations/edit?address=127.0.0.3").text
    assert "all 9 addresses" in admin.get(PAGE).text


@pytest.mark.parametrize(
    ("own", "filled_in"),
    [("192.168.7.20", ["192.168.7.1", "192.168.7.254"]), ("8.8.4.4", ["", ""]), ("", ["", ""])],
)
def test_the_network_of_evce_is_what_a_person_will_mean(
    admin: FlaskClient, monkeypatch: pytest.MonkeyPatch, own: str, filled_in: list[str]
) -> None:
    """OC-5: filled in where it is a private one."""
    monkeypatch.setattr("web.pages.scanning.own_address", lambda: own)
    page = admin.get(PAGE).text
    assert re.findall(r'id="f-(?:lowest|highest)" name="\w+" value="([^"]*)"', page) == filled_in


@pytest.mark.parametrize(
    ("lowest", "highest", "field"), [("8.8.8.8", "8.8.8.9", "lowest"), ("127.0.0.9", "127.0.0.1", "highest")]
)
def test_a_range_that_will_not_do_is_told_at_its_field(
    admin: FlaskClient, lowest: str, highest: str, field: str
) -> None:
    """OC-5, RELIABILITY 3."""
    given = {"lowest": lowest, "highest": highest}
    answer = admin.post(PAGE, data=given)
    assert (answer.status_code, f'id="e-{field}"' in answer.text) == (422, True)
    refused = admin.post(REST, json=given)
    assert (refused.status_code, pointers(refused)) == (422, [f"#/{field}"])


def test_programs_scan_as_well_and_users_do_not(
    admin: FlaskClient, user: FlaskClient, scan: StationScan
) -> None:
    """OC-5."""
    given = {"lowest": "127.0.0.1", "highest": "127.0.0.9"}
    assert user.post(REST, json=given).status_code == 403
    assert admin.post(REST, json=[]).status_code == 400
    assert admin.post(REST, json=given).status_code == 202
    assert scan.wait(10.0 * TIMEOUT_FACTOR)
    told = admin.get(REST).get_json()
    assert (told["done"], told["running"]) == (9, False)
    assert [one["address"] for one in told["found"]] == ["127.0.0.2", "127.0.0.3"]
    assert admin.post(REST, json={"cancel": True}).status_code == 202
    assert admin.post(f"{PAGE}/cancel").status_code == 303
