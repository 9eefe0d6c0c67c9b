"""Tests of the page of EVCE's own firmware."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from actors.messages import RecordEvent, Restart
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import canonical_json, parse_json
from evce.release.course import BASE, Course
from evce.release.shelf import ReleaseShelf
from evce.storage import open_store
from evce.storage.migration import HEAD
from tests.evce.release.test_shelf import put
from tests.web.conftest import PASSWORD, Clock
from tests.web.fake_site import FakeSite
from web.app import create_app
from web.child_program import JobState
from web.passwords import Passwords
from web.release_room import InstallJob, ReleaseRoom, ReleaseRoomError
from web.settings import WebSettings

PAGE = "/configuration/release"
ACTING = {"own_login": "olivia", "own_password": PASSWORD}
BACK = {f"back_{name}": value for name, value in ACTING.items()}


class Room(ReleaseRoom):
    """A room in which nothing runs: the test says how far the installation is."""

    shown: InstallJob | None = None
    given: bytes | None = None
    busy = False

    def install(self, upload: IO[bytes]) -> None:
        if self.busy:
            raise ReleaseRoomError("another release is being installed at this moment")
        self.given = upload.read()
        self.shown = InstallJob(percent=30, step="installing its packages")

    def job(self) -> InstallJob | None:
        return self.shown

    def forget(self) -> None:
        self.shown = None


@pytest.fixture
def room(tmp_path: Path, clock: Clock) -> Room:
    return Room(tmp_path, (), tmp_path / "evce.db", HEAD, clock)


@pytest.fixture
def shelf(tmp_path: Path) -> ReleaseShelf:
    return ReleaseShelf(tmp_path)


@pytest.fixture
def app(site: FakeSite, settings: WebSettings, passwords: Passwords, room: Room) -> Flask:
    made = create_app(site.ask, site.tell, settings, passwords=passwords, releases=room)
    made.config["WTF_CSRF_ENABLED"] = False
    return made


def restarts(site: FakeSite) -> list[str]:
    return [message.author for name, message in site.told if isinstance(message, Restart) and name == "site"]


def audit(site: FakeSite) -> list[str]:
    return [m.message for _, m in site.told if isinstance(m, RecordEvent) and m.type == "audit"]


def test_a_release_is_installed_with_its_progress_and_started_by_whoever_says_who_they_are(
    admin: FlaskClient, site: FakeSite, room: Room, shelf: ReleaseShelf
) -> None:
    """SR-4"""
    assert "Ready to be started" not in admin.get(PAGE).text
    file = {"file": (io.BytesIO(b"package"), "evce-1.1.evce-release")}
    assert admin.post(f"{PAGE}/install", data=file).location == PAGE
    assert room.given == b"package"
    for address in (PAGE, f"{PAGE}/progress"):
        text = admin.get(address).text
        assert "30 %" in text
        assert "installing its packages" in text
    put(shelf, "1.1")
    room.shown = InstallJob(JobState.DONE, 100, version="1.1")
    assert admin.get(f"{PAGE}/progress").headers["HX-Redirect"] == PAGE
    text = admin.get(PAGE).text
    assert "Ready to be started" in text
    assert 'value="1.1"' in text
    assert "<p>What is <em>new</em>.</p>" in text
    wrong = admin.post(f"{PAGE}/start", data={"version": "1.1", **ACTING, "own_password": "x"})
    assert wrong.status_code == 422
    assert "This is not your password" in wrong.text
    assert shelf.course() == Course()
    assert "EVCE starts anew" in admin.post(f"{PAGE}/start", data={"version": "1.1", **ACTING}).text
    assert shelf.course().to_run == "1.1"
    assert restarts(site) == ["olivia"]
    assert audit(site)[-2:] == ["handed over a release to be installed", "starts release 1.1"]
    assert "Release 1.1 is on trial" in admin.get("/").text


def test_what_can_t_be_installed_says_why(admin: FlaskClient, room: Room) -> None:
    """SR-4"""
    assert "Choose the file of a release" in admin.post(f"{PAGE}/install").text
    room.busy = True
    file = {"file": (io.BytesIO(b"package"), "evce-1.1.evce-release")}
    answer = admin.post(f"{PAGE}/install", data=file)
    assert answer.status_code == 422
    assert "another release is being installed" in answer.text
    room.shown = InstallJob(JobState.FAILED, detail="its signature is not the vendor's")
    text = admin.get(PAGE).text
    assert "The release was not installed" in text
    assert "is not the vendor" in text
    assert admin.post(f"{PAGE}/forget").location == PAGE
    assert "The release was not installed" not in admin.get(PAGE).text


def test_a_release_that_isn_t_there_is_not_started(admin: FlaskClient, site: FakeSite) -> None:
    """SR-4"""
    answer = admin.post(f"{PAGE}/start", data={"version": "6.6", **ACTING})
    assert answer.status_code == 422
    assert "release 6.6 is not ready to be started" in answer.text
    assert restarts(site) == []


def test_a_release_that_was_rolled_back_is_told_on_every_page_until_somebody_has_read_why(
    admin: FlaskClient, clock: Clock, shelf: ReleaseShelf
) -> None:
    """SR-4"""
    shelf.change(lambda _: Course().wanted("1.1", "", clock()).rolled_back("no such module", clock()).told())
    assert "Release 1.1 did not run, and was rolled back" in admin.get("/").text
    assert "no such module" in admin.get(PAGE).text
    assert admin.post(f"{PAGE}/seen").location == PAGE
    assert "rolled back" not in admin.get("/").text


def test_going_back_asks_who_it_is_and_loses_nothing_where_the_tables_are_the_same(
    admin: FlaskClient, site: FakeSite, clock: Clock, shelf: ReleaseShelf
) -> None:
    """SR-4"""
    shelf.change(lambda _: Course("1.1", BASE, clock()))
    text = admin.get(PAGE).text
    assert "Go back to the first installation of this machine" in text
    assert "Nothing that is stored is lost" in text
    assert admin.post(f"{PAGE}/back").status_code == 422
    assert "EVCE starts anew" in admin.post(f"{PAGE}/back", data=BACK).text
    assert shelf.course().to_run == BASE
    assert restarts(site) == ["olivia"]
    assert admin.post(f"{PAGE}/back", data=BACK).status_code == 422  # there is no way back now


def test_going_back_over_a_change_of_the_tables_says_what_is_lost(
    admin: FlaskClient, clock: Clock, shelf: ReleaseShelf, tmp_path: Path
) -> None:
    """SR-4: and is confirmed."""
    at = clock() + timedelta(seconds=5)
    with open_store(tmp_path / "evce.db", at) as store:
        store.take_snapshot(at, kind="v0001-")
    put(shelf, "1.0")
    manifest = tmp_path / "releases" / "1.0" / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"{HEAD}"', '"0001"'))
    shelf.change(lambda _: Course("1.1", "1.0", clock()))
    assert "Everything stored since" in admin.get(PAGE).text
    answer = admin.post(f"{PAGE}/back", data=BACK)
    assert answer.status_code == 422
    assert "Confirm that what came after" in answer.text
    assert "EVCE starts anew" in admin.post(f"{PAGE}/back", data={**BACK, "understood": "1"}).text
    assert shelf.course().undo == clock()


def test_a_site_that_doesn_t_answer_starts_with_it_the_next_time(
    admin: FlaskClient, site: FakeSite, shelf: ReleaseShelf
) -> None:
    """SR-4"""
    put(shelf, "1.1")
    site.gone.add("site")
    answer = admin.post(f"{PAGE}/start", data={"version": "1.1", **ACTING})
    assert answer.status_code == 503
    assert "its next start will do it" in answer.text
    assert shelf.course().to_run == "1.1"


def test_where_releases_are_is_a_link_and_a_code(admin: FlaskClient, site: FakeSite) -> None:
    """SR-4: on the page and where the assistant begins; without one people learn where to say it."""
    assert "nobody has said yet" in admin.get(PAGE).text
    plain = parse_json(site.revisions[0].document).plain()
    plain["web"]["releases"] = "https://evce.example/releases?a=1&b=2"
    text = canonical_json(SiteDocument.parse(plain))
    newest = site.revisions[0]
    site.apply(replace(newest, number=newest.number + 1, document=text))
    for address in (PAGE, "/assistant"):
        page = admin.get(address).text
        assert 'href="https://evce.example/releases?a=1&amp;b=2"' in page
        assert "<title>Releases of EVCE</title>" in page


def test_programs_learn_which_release_runs(
    admin: FlaskClient, clock: Clock, shelf: ReleaseShelf, settings: WebSettings
) -> None:
    """SR-4, UI-11"""
    told = admin.get("/api/v1/release").json
    assert told == {"version": settings.version, "former": None, "on_trial": None, "last": None}
    shelf.change(
        lambda _: Course("1.1", "1.0", clock()).wanted("1.2", "", clock()).rolled_back("why", clock())
    )
    told = admin.get("/api/v1/release").json
    assert told is not None
    assert told["former"] == "1.0"
    assert told["last"]["outcome"] == "rolled_back"
    (shelf.folder / "state.json").write_text("{")
    assert admin.get("/api/v1/release").json["former"] is None  # type: ignore[index]
    assert "evce release install" in admin.get(PAGE).text


def test_without_a_room_releases_are_for_the_command_line(
    site: FakeSite, settings: WebSettings, passwords: Passwords
) -> None:
    """SR-4"""
    made = create_app(site.ask, site.tell, settings, passwords=passwords)
    made.config["WTF_CSRF_ENABLED"] = False
    client = made.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    client.post("/login", data={"login": "olivia", "password": PASSWORD}, base_url="https://localhost")
    assert "evce release install" in client.get(PAGE, base_url="https://localhost").text
    assert client.post(f"{PAGE}/forget", base_url="https://localhost").status_code == 404
