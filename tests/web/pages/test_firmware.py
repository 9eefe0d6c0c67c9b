"""Tests of the page of firmware, and of what stations' pages tell of it."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from actors.messages import RequestAction
from evce.configuration.choices import FileTransfer
from evce.facts import ConnectorStatus
from evce.firmware.library import KeptFirmware
from evce.firmware.updates import BACK_OFF, begun, failed, new_course
from evce.units import BoxIdentity
from tests.web.conftest import Clock
from tests.web.fake_site import FakeSite
from web.file_exchange import FileExchange
from web.firmware_keeper import FirmwareKeeper
from web.firmware_shelf import FirmwareShelf
from web.revisions import RunningRevisions
from web.site import Site
from web.station_actions import NamedFile

BOX = BoxIdentity("CP-08")
PAGE = "/configuration/firmware"


def keeper_of(app: Flask, site: FakeSite, now: Callable[[], datetime], folder: Path) -> FirmwareKeeper:
    """Give the application a shelf."""
    files = FileExchange(folder / "files", site.tell, lambda: 0.0)
    files.published(FileTransfer.HTTP, 8888)
    shelf = FirmwareShelf(folder / "firmware", now)
    revisions = RunningRevisions(site.ask, site.tell, now)
    made = FirmwareKeeper(Site(site.ask, site.tell, 1.0), files, shelf, revisions, now)
    app.extensions["evce_firmware"] = made
    return made


@pytest.fixture
def keeper(app: Flask, site: FakeSite, clock: Clock, tmp_path: Path) -> FirmwareKeeper:
    return keeper_of(app, site, clock, tmp_path)


def hold(keeper: FirmwareKeeper, version: str = "01.08.00", family: str = "pro_ac") -> KeptFirmware:
    return keeper.add(family, version, "", NamedFile(f"fw-{version}.bin", io.BytesIO(b"image")), "ada")


def give(site: FakeSite, station: str, **changes: object) -> None:
    known = site.snapshot.stations
    changed = {**known, BoxIdentity(station): replace(known[BoxIdentity(station)], **changes)}  # type: ignore[arg-type]
    site.snapshot = replace(site.snapshot, stations=changed, version=site.snapshot.version + 1)


def asked(site: FakeSite) -> list[RequestAction]:
    return [message for _, message in site.told if isinstance(message, RequestAction)]


def test_an_administrator_adds_and_removes_a_file(admin: FlaskClient, keeper: FirmwareKeeper) -> None:
    """SR-5: per family, beside its lowest compatible version."""
    page = admin.get(PAGE).text
    for lowest in ("3.3.0.0.1", "01.00.00", "V013"):
        assert lowest in page
    form = {
        "family": "parking",
        "version": "",
        "model": "",
        "file": (io.BytesIO(b"image"), "evlink-3.5.0.0.1.bin"),
    }
    assert admin.post(f"{PAGE}/add", data=form).headers["Location"] == PAGE
    (kept,) = keeper.shelf.files()
    assert (kept.family, kept.version, kept.added_by) == ("parking", "3.5.0.0.1", "olivia")
    page = admin.get(PAGE).text
    assert kept.name in page
    assert kept.sha256 in page
    assert admin.post(f"{PAGE}/remove", data={"file": kept.id}).status_code == 303
    assert keeper.shelf.files() == []


def test_a_file_that_won_t_do_is_refused_at_its_field(admin: FlaskClient, keeper: FirmwareKeeper) -> None:
    """RELIABILITY 3: what was entered stays."""
    for family, version, content, field, words in (
        ("parking", "1.0", None, "file", "Choose a file."),
        ("parking", "newest", b"x", "version", "a version such as"),
        ("generic", "1.0", b"x", "model", "none takes another"),
        ("garage", "1.0", b"x", "family", "one of city"),
        ("parking", "1.0", b"", "file", "the file is empty"),
    ):
        form: dict[str, object] = {"family": family, "version": version}
        if content is not None:
            form["file"] = (io.BytesIO(content), "fw.bin")
        answer = admin.post(f"{PAGE}/add", data=form)
        assert answer.status_code == 422
        assert words in answer.text.partition(f'id="e-{field}"')[2].partition("</span>")[0]
        assert f'value="{version}"' in answer.text
    assert keeper.shelf.files() == []


def test_a_large_file_comes_through_for_administrators_alone(
    app: Flask, admin: FlaskClient, user: FlaskClient, keeper: FirmwareKeeper
) -> None:
    """SR-5."""

    def form() -> dict[str, object]:
        return {"family": "parking", "version": "1.0", "file": (io.BytesIO(b"x" * (2 << 20)), "fw.bin")}

    app.config["WTF_CSRF_ENABLED"] = True
    assert user.post(f"{PAGE}/add", data=form()).status_code in (403, 413)
    app.config["WTF_CSRF_ENABLED"] = False
    assert admin.post(f"{PAGE}/add", data=form()).status_code == 303
    assert keeper.shelf.files()[0].size == 2 << 20


def test_each_station_s_standing_is_told(
    admin: FlaskClient, user: FlaskClient, site: FakeSite, keeper: FirmwareKeeper, clock: Clock
) -> None:
    """SR-5: on the page of firmware, and on its own for everybody."""

    def told() -> str:
        row = admin.get(f"{PAGE}/stations").text.partition(f'id="firmware-{BOX}"')[2].partition("</tr>")[0]
        own = user.get(f"/stations/{BOX}/firmware").text
        said = row.rpartition("<span>")[2].partition("</span>")[0]
        assert said in own
        return said

    assert told() == "No file is kept for it"
    held = hold(keeper)
    assert told() == "Update to 01.08.00 begins in a moment"
    connectors = site.snapshot.stations[BOX].connectors
    give(site, BOX, connectors=tuple(replace(one, status=ConnectorStatus.CHARGING) for one in connectors))
    assert told() == "Update to 01.08.00 waits: connector 1 is in use"
    course = begun(new_course(BOX, held, clock()), "a", clock())
    keeper.shelf.follow(BOX, course)
    assert told() == "Update to 01.08.00, attempt 1"
    course = failed(course, "the station still runs 01.07.00", clock())
    keeper.shelf.follow(BOX, course)
    assert told().startswith("Attempt 1 failed: the station still runs 01.07.00; the next one not before ")
    for _ in BACK_OFF:
        course = failed(begun(course, "a", clock()), "Download failed.", clock())
    keeper.shelf.follow(BOX, course)
    assert told() == "Given up after 5 attempts: Download failed."
    assert "Try again" in admin.get(f"/stations/{BOX}/firmware").text
    assert "Try again" not in user.get(f"/stations/{BOX}/firmware").text
    assert admin.post(f"{PAGE}/try-again", data={"station": BOX}).headers["Location"] == f"/stations/{BOX}"
    assert keeper.shelf.courses() == {}
    for version, words in (
        ("01.08.00", "Up to date"),
        ("V001", "Not comparable with 01.08.00"),
        ("", "not told its"),
    ):
        give(site, BOX, firmware=version)
        assert words in told()


def test_the_switch_is_told(admin: FlaskClient, site: FakeSite, keeper: FirmwareKeeper) -> None:
    """SR-5."""
    hold(keeper)
    record = site.revisions[0]
    text = record.document.replace('"update_firmware":true', '"update_firmware":false')
    site.revisions[0] = replace(record, document=text)
    page = admin.get(PAGE).text
    assert "Stations are not updated by themselves" in page
    assert "Older than 01.08.00" in page


def test_a_firmware_below_what_its_family_needs_is_seen_everywhere(
    admin: FlaskClient, user: FlaskClient, site: FakeSite, keeper: FirmwareKeeper
) -> None:
    """SR-5, guide 1.1.2.1: with an empty shelf too."""
    assert "too old" not in user.get("/stations/CP-01").text
    give(site, "CP-01", firmware="3200-12(r1)")
    assert "too old" in user.get("/stations/CP-01").text
    assert "firmware too old" in user.get("/zones/garage").text
    assert "too old: 3.3.0.0.1 is needed" in user.get("/stations/CP-01/firmware").text
    assert "too old: 3.3.0.0.1 is needed" in admin.get(PAGE).text


def test_a_file_is_sent_from_a_station_s_page(
    admin: FlaskClient, user: FlaskClient, site: FakeSite, keeper: FirmwareKeeper
) -> None:
    """SR-5, guide 3.3.4: what can't be is said."""
    held = hold(keeper)
    assert f"Install {held.version}" in admin.get(f"/stations/{BOX}/firmware").text
    assert "Install" not in user.get(f"/stations/{BOX}/firmware").text
    form = {"station": BOX, "file": held.id}
    assert admin.post(f"{PAGE}/send", data=form).headers["Location"] == f"/stations/{BOX}"
    (order,) = asked(site)
    assert (order.station, order.action, order.requested_by) == (BOX, "firmware", "olivia")
    for wrong, words in (
        ({"station": BOX, "file": "x"}, "not kept any more"),
        ({"station": "CP-01", "file": held.id}, "is for stations of pro_ac"),
        ({"station": "CP-07", "file": held.id}, "connector 1 is in use"),
    ):
        admin.post(f"{PAGE}/send", data=wrong)
        assert words in admin.get("/").text
    assert len(asked(site)) == 1
    assert admin.post(f"{PAGE}/send", data={"station": "CP-99", "file": held.id}).status_code == 404


def test_programs_read_the_same(user: FlaskClient, keeper: FirmwareKeeper) -> None:
    """SR-5."""
    held = hold(keeper)
    told = user.get("/api/v1/firmware").get_json()
    assert told["by_itself"] is True
    assert [(one["id"], one["version"], one["family"]) for one in told["files"]] == [
        (held.id, "01.08.00", "pro_ac")
    ]
    (one,) = (one for one in told["stations"] if one["station"] == BOX)
    assert (one["firmware"], one["held"], one["standing"]) == ("01.07.00", "01.08.00", "older")
    assert (one["lowest_compatible"], one["compatible"], one["update"]) == ("01.00.00", True, None)


def test_without_a_shelf_there_is_no_such_page(admin: FlaskClient) -> None:
    """RELIABILITY 3."""
    assert admin.get(PAGE).status_code == 404
    assert admin.get(f"/stations/{BOX}/firmware").status_code == 404
