"""Tests of registering detected stations on their page."""

import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from evce.units import BoxIdentity
from tests.web.fake_site import FakeSite
from web.revisions import document_of

PAGE = "/configuration/stations/register"
FIRST = BoxIdentity("00-1E-C0-9A-41-7F")
SECOND = BoxIdentity("NEW-2")


@pytest.fixture(autouse=True)
def _strangers(site: FakeSite) -> None:
    known = site.snapshot.stations
    first = replace(
        known[FIRST],
        vendor="Schneider Electric",
        model="EVlink City",
        serial_number="3N99",
        firmware="3.4.0.16",
        address="192.168.0.77",
    )
    second = replace(first, box_identity=SECOND, model="Odd", serial_number="", address="192.168.0.78")
    site.change(stations={**known, FIRST: first, SECOND: second})


def form_of(page: TestResponse) -> MultiDict[str, str]:
    """What a browser would send of the page as it is."""
    form: MultiDict[str, str] = MultiDict()
    main = page.text.split('id="settings"')[1].split("</form>")[0]
    for tag in re.findall(r"<input[^>]*>", main):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ("checkbox" not in tag or " checked" in tag):
            form.add(name[1], value[1] if value else "")
    for name, options in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', main, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        form.add(name, chosen[1] if chosen else "")
    return form


def stations(site: FakeSite) -> dict[str, tuple[str, str | None, str | None, str | None]]:
    document = document_of(site.revisions[0].document)
    return {s.box_identity: (str(s.family), s.serial_number, s.address, s.zone) for s in document.stations}


def test_detected_stations_are_listed_with_what_they_said(admin: FlaskClient) -> None:
    """OC-2: on the list of stations, and on the page of the station itself."""
    listed = admin.get("/configuration/stations").text
    for said in ("EVlink City", "3N99", "3.4.0.16", "192.168.0.77", f'href="{PAGE}"'):
        assert said in listed, said
    link = f'href="{PAGE}?station={FIRST}"'
    assert link in listed
    assert link in admin.get(f"/stations/{FIRST}").text


def test_many_are_registered_at_once_with_what_they_said(admin: FlaskClient, site: FakeSite) -> None:
    """OC-2, OC-4: seen before it counts."""
    form = form_of(admin.get(PAGE))
    form["row.0.zone"] = "garage"
    review = admin.post(PAGE, data=form)
    assert review.status_code == 200
    assert FIRST not in stations(site)
    assert admin.post(PAGE, data={**form.to_dict(flat=False), "confirmed": "1"}).status_code == 303
    assert stations(site)[FIRST] == ("city", "3N99", "192.168.0.77", "garage")
    assert stations(site)[SECOND] == ("generic", None, "192.168.0.78", None)
    assert "No station is waiting" in admin.get(PAGE).text


def test_one_is_registered_while_others_wait(admin: FlaskClient, site: FakeSite) -> None:
    """OC-4."""
    form = form_of(admin.get(f"{PAGE}?station={SECOND}"))
    assert form.getlist("chosen") == ["1"]
    admin.post(PAGE, data={**form.to_dict(flat=False), "confirmed": "1"})
    assert SECOND in stations(site)
    assert FIRST not in stations(site)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "Quay street 1", "ust be unique"),
        ("address", "192.168.0.255", "192.168.0.255"),
        ("zone", "main", "sub-zones"),
        ("connectors.0.rating_a", "a lot", "a lot"),
        ("box_identity", "CP-01", "ust be unique"),
    ],
)
def test_a_failed_row_is_marked_with_its_reason_and_the_others_go_on(
    admin: FlaskClient, site: FakeSite, field: str, value: str, words: str
) -> None:
    """OC-4: as often as it takes."""
    form = form_of(admin.get(PAGE))
    form[f"row.0.{field}"] = value
    refused = admin.post(PAGE, data=form)
    assert refused.status_code == 422
    first, second = refused.text.split("register-row")[1:3]
    assert words in first
    assert 'role="alert"' in first
    assert 'role="alert"' not in second
    again = form_of(refused)
    assert again.getlist("chosen") == ["1"]
    assert again[f"row.0.{field}"] == value
    admin.post(PAGE, data={**again.to_dict(flat=False), "confirmed": "1"})
    assert SECOND in stations(site)
    assert FIRST not in stations(site)


def test_nothing_ticked_is_said(admin: FlaskClient) -> None:
    """OC-4."""
    form = form_of(admin.get(PAGE))
    form.setlist("chosen", [])
    answer = admin.post(PAGE, data=form)
    assert (answer.status_code, "Tick the stations to register." in answer.text) == (422, True)
