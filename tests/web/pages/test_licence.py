"""Tests of the page of the licence."""

import html
import io
import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from evce import vendor
from evce.configuration.revisions import parse_json
from tests.evce.licence.signing import MAC, PUBLIC
from tests.evce.licence.signing import signed as licence
from tests.web.fake_site import FakeSite

PAGE = "/configuration/licence"


@pytest.fixture(autouse=True)
def _this_evce(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vendor, "PUBLIC_KEYS", (PUBLIC,))
    app.extensions["evce_settings"] = replace(app.extensions["evce_settings"], identifier=MAC)


def form(admin: FlaskClient, **values: object) -> dict[str, object]:
    based_on = re.search(r'name="based_on" value="(\d+)"', admin.get(PAGE).text)
    assert based_on is not None
    return {"based_on": based_on[1], **values}


def install(admin: FlaskClient, text: str) -> None:
    upload = (io.BytesIO(text.encode()), "evce.licence")
    review = admin.post(PAGE, data=form(admin, file=upload))
    assert review.status_code == 200, review.text
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', review.text))
    assert html.unescape(kept["licence"]) == text
    answer = admin.post(PAGE, data={**kept, "confirmed": "1", "accept_unproven": "1"})
    assert answer.status_code == 303, answer.text


def test_reference_and_identifier_are_shown_to_be_copied_and_to_be_mailed(admin: FlaskClient) -> None:
    """LIC-2"""
    page = admin.get(PAGE).text
    for value, name in (("open", "reference"), (MAC, "identifier")):
        assert f'<code id="{name}">{value}</code><button' in page
        assert f'data-copy="{name}"' in page
    (mail,) = re.findall(r'href="(mailto:[^"]+)"', page)
    assert MAC.replace(":", "%3A") in mail
    assert "Reference%3A%20open" in mail
    assert PAGE in admin.get("/configuration").text


def test_a_licence_is_installed_as_a_revision_shown_and_removed(admin: FlaskClient, site: FakeSite) -> None:
    """LIC-1: after a look at the difference, like every change."""
    install(admin, licence("EDL"))
    assert parse_json(site.revisions[0].document).site.licence == licence("EDL")
    page = admin.get(PAGE).text
    assert '<code id="reference">EDL</code>' in page
    assert "Harbour Ltd" in page
    assert "2026-11-23" in page
    review = admin.post(PAGE, data=form(admin, licence=""))
    kept = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', review.text))
    assert admin.post(PAGE, data={**kept, "confirmed": "1", "accept_unproven": "1"}).status_code == 303
    assert parse_json(site.revisions[0].document).site.licence == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "a licence as its vendor gave it out"),
        ("EVCE1.e30.AAAA", "signature is not the vendor"),
        (licence("EDL", "02:aa:bb:cc:dd:ee"), "it is for the EVCE 02:aa:bb:cc:dd:ee, and this one is 02:42"),
    ],
)
def test_what_is_no_licence_for_this_evce_is_refused_with_its_reason(
    admin: FlaskClient, site: FakeSite, text: str, words: str
) -> None:
    """LIC-1: nothing is changed."""
    before = site.revisions[0].number
    answer = admin.post(PAGE, data=form(admin, file=(io.BytesIO(text.encode()), "x.licence")))
    assert answer.status_code == 422
    assert words in html.unescape(
        answer.text.partition('id="e-file" role="alert">')[2].partition("</span>")[0]
    )
    assert site.revisions[0].number == before


def test_a_site_beyond_its_licence_is_told_everywhere_and_cannot_grow(
    admin: FlaskClient, user: FlaskClient, site: FakeSite
) -> None:
    """LIC-1: it goes on; EL-8: the zones' page tells what is left."""
    assert "The licence allows" not in admin.get("/configuration/zones").text
    install(admin, licence("EDB"))
    site.snapshot = replace(
        site.snapshot, revision=site.revisions[0].number, version=site.snapshot.version + 1
    )
    assert "Beyond the licence EDB: charging goes on" in user.get("/").text
    page = html.unescape(admin.get(PAGE).text)
    assert "The site is larger than its licence allows. Charging goes on." in page
    assert "Stations: at most 5 with the licence EDB" in page
    assert "The licence allows 0 more zones." in html.unescape(admin.get("/configuration/zones").text)
    number = site.revisions[0].number
    zone = {"based_on": number, "id": "roof", "name": "Roof", "maximum_a": "20", "mode": "static"}
    answer = admin.post("/configuration/zones/edit", data=zone)
    assert answer.status_code in (200, 422)
    assert "Zones: At most 2 with the licence EDB." in html.unescape(answer.text)
    assert site.revisions[0].number == number
