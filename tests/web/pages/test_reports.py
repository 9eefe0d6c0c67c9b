"""Tests of the pages of reports."""

import io
import zipfile
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.conftest import Clock, Enter
from tests.web.fake_site import FakeSite
from tests.web.test_report_maker import maker_of
from web import report_maker
from web.pages import reports
from web.report_maker import ReportMaker

PAGE = "/reports/stations"


@pytest.fixture
def maker(app: Flask, site: FakeSite, clock: Clock, tmp_path: Path) -> ReportMaker:
    return maker_of(app, site, clock, tmp_path)


def test_an_administrator_downloads_the_report_of_evce(
    admin: FlaskClient, user: FlaskClient, maker: ReportMaker
) -> None:
    """LG-2: from the menu of the settings, as a file that the browser keeps."""
    assert "/reports/evce" in admin.get("/configuration").text
    answer = admin.post("/reports/evce")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="EVCE-2026')
    assert answer.mimetype == "text/html"
    assert "EVCE maintenance report: Harbour car park" in answer.text
    (kept,) = maker.shelf.kept()
    assert kept.id in admin.get("/reports/evce").text
    assert admin.get(f"/reports/file/{kept.id}").text == answer.text
    assert user.get(f"/reports/file/{kept.id}").status_code == 403
    assert user.post("/reports/evce").status_code == 403


def test_whoever_operates_asks_for_the_report_of_a_station_on_its_page(
    user: FlaskClient, admin: FlaskClient, maker: ReportMaker
) -> None:
    """LG-3: OC-3, the icon of the dashboard."""
    assert 'hx-post="/stations/CP-01/report"' in user.get("/stations/CP-01").text
    answer = user.post("/stations/CP-01/report", headers={"HX-Request": "true"})
    (kept,) = maker.shelf.kept()
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/reports/file/{kept.id}")
    assert user.post("/stations/CP-01/report").status_code == 303
    assert "Station report: " in user.get(answer.headers["HX-Redirect"]).text
    assert user.post("/stations/CP-99/report").status_code == 404
    assert user.get("/reports/file/stations/CP-01/../../evce.db").status_code == 404


def test_the_list_is_filtered_by_device_zone_day_and_type(
    enter: Enter, maker: ReportMaker, clock: Clock, site: FakeSite
) -> None:
    """LG-3"""
    maker.make_all()
    clock.advance(86_400)
    admin = enter("olivia")
    maker.make("CP-01", "olivia")
    zone = site.snapshot.stations["CP-01"].zone  # type: ignore[index]
    in_zone = {one.box_identity for one in site.snapshot.stations.values() if one.zone == zone}

    def found(query: str) -> set[str]:
        page = admin.get(f"{PAGE}?{query}").text
        return {part.partition('"')[0] for part in page.split('data-reports-of="')[1:]}

    assert found("device=CP-01") == {"CP-01"}
    assert found("device=evce") == {""}
    assert found(f"zone={zone}") <= in_zone
    assert found(f"zone={zone}")
    assert found("kind=requested") == {"CP-01"}
    assert found("from=2026-11-23") == {"CP-01"}
    assert "CP-02" in found("to=2026-11-22")
    assert found("from=2027-01-01") == set()
    assert admin.get(f"{PAGE}?from=soon").status_code == 422


def test_chosen_ones_come_as_one_zip_and_too_many_are_refused_and_stay_chosen(
    admin: FlaskClient, maker: ReportMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LG-3: 20 MB; the message tells the size, the number and what is allowed."""
    kept = [maker.make("CP-01"), maker.make("CP-02")]
    page = admin.get(PAGE).text
    assert 'data-most="20000000"' in page
    assert all(f'data-size="{one.size}"' in page for one in kept)
    answer = admin.post(f"{PAGE}/zip", data={"report": [one.id for one in kept]})
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as zipped:
        assert len(zipped.namelist()) == 2
    answer = admin.post(f"{PAGE}/zip", data={})
    assert (answer.status_code, "Choose at least one report." in answer.text) == (422, True)
    monkeypatch.setattr(report_maker, "ZIP_MOST", 100)
    monkeypatch.setattr(reports, "ZIP_MOST", 100)
    answer = admin.post(f"{PAGE}/zip", data={"report": [kept[0].id]})
    assert answer.status_code == 422
    assert "The 1 chosen reports have 0.0 MB together, and one zip may have 0.0001 MB" in answer.text
    assert answer.text.count(" checked>") == 1


def test_without_a_maker_there_is_no_page(admin: FlaskClient) -> None:
    """LG-3"""
    assert admin.get(PAGE).status_code == 404
    assert "/report" not in admin.get("/stations/CP-01").text
