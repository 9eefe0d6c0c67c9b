"""Tests of the page that makes and restores backups."""

import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from actors.messages import RecordEvent, RestoreBackup
from evce.backup.manifest import COUNTED, Manifest
from evce.backup.refusals import Reason
from tests.web.conftest import PASSWORD, Enter
from tests.web.fake_site import FakeSite
from web.app import create_app
from web.backup_room import BackupJob, BackupRoom, BackupRoomError, JobKind
from web.child_program import JobState
from web.passwords import Passwords
from web.settings import WebSettings

ADDRESS = "/configuration/backup"
MANIFEST = Manifest(
    "1.0",
    "0010",
    "Dépôt 1",
    datetime(2026, 1, 1, tzinfo=UTC),
    3,
    dict.fromkeys(COUNTED, 7),
    (),
    ("/etc/ca.pem",),
)
CHECKED = BackupJob(JobKind.CHECK, JobState.DONE, 100, MANIFEST, staged="restore-1")
ACTING = {"own_login": "olivia", "own_password": PASSWORD, "understood": "1"}


class Room(BackupRoom):
    """A room in which nothing runs: the test says how far the job is."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, (), lambda: 0.0)
        self.shown: BackupJob | None = None
        self.asked: list[tuple[str, ...]] = []

    @property
    def made(self) -> Path:
        return self._folder / "made.evce"

    def make(self, pass_phrase: str) -> None:
        self.asked.append(("make", pass_phrase))
        self.shown = BackupJob(JobKind.MAKE)

    def check(self, upload: IO[bytes], pass_phrase: str) -> None:
        self.asked.append(("check", upload.read().decode(), pass_phrase))
        self.shown = BackupJob(JobKind.CHECK)

    def job(self) -> BackupJob | None:
        return self.shown

    def forget(self) -> None:
        self.shown = None

    def restoring(self) -> BackupJob:
        if self.shown is None:
            raise BackupRoomError("choose the file again")
        job, self.shown = self.shown, None
        return job

    def give_back(self, job: BackupJob) -> None:
        self.shown = job


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.fixture
def app(site: FakeSite, settings: WebSettings, passwords: Passwords, room: Room) -> Flask:
    made = create_app(site.ask, site.tell, settings, passwords=passwords, backups=room)
    made.config["WTF_CSRF_ENABLED"] = False
    return made


def told(site: FakeSite) -> list[RestoreBackup]:
    return [message for name, message in site.told if name == "site" and isinstance(message, RestoreBackup)]


def audit(site: FakeSite) -> list[str]:
    return [m.message for _, m in site.told if isinstance(m, RecordEvent) and m.type == "audit"]


def test_a_backup_is_made_under_a_pass_phrase_and_fetched(
    admin: FlaskClient, site: FakeSite, room: Room
) -> None:
    """SR-1: with its progress; both are audited."""
    phrase = {"pass_phrase": "correct horse battery", "again": "correct horse battery"}
    assert admin.post(f"{ADDRESS}/make", data=phrase).location == ADDRESS
    assert room.asked == [("make", "correct horse battery")]
    room.shown = BackupJob(JobKind.MAKE, percent=41)
    assert "41 %" in admin.get(ADDRESS).text
    assert "41 %" in admin.get(f"{ADDRESS}/progress").text
    assert admin.get(f"{ADDRESS}/file").status_code == 404
    room.shown = BackupJob(JobKind.MAKE, JobState.DONE, 100, MANIFEST)
    room.made.write_bytes(b"sealed")
    assert admin.get(f"{ADDRESS}/progress").headers["HX-Redirect"] == ADDRESS
    page = admin.get(ADDRESS).text
    assert all(words in page for words in ("Dépôt 1", "/etc/ca.pem", f"{ADDRESS}/file"))
    answer = admin.get(f"{ADDRESS}/file")
    assert answer.data == b"sealed"
    assert "D-p-t-1-20260101-0000.evce" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert audit(site) == ["began to make a backup", "fetched the backup made 2026-01-01 00:00 UTC"]
    assert "correct horse" not in page


def test_a_pass_phrase_that_will_not_do_is_refused(admin: FlaskClient, room: Room) -> None:
    """SR-1."""
    for phrase, again, fault in (
        ("", "", "12 to 200 characters"),
        ("short", "short", "12 to 200 characters"),
        ("x" * 201, "x" * 201, "12 to 200 characters"),
        ("correct horse battery", "correct horse", "two pass phrases differ"),
    ):
        answer = admin.post(f"{ADDRESS}/make", data={"pass_phrase": phrase, "again": again})
        assert (answer.status_code, fault in answer.text) == (422, True), phrase
    assert room.asked == []


def test_a_file_is_checked_before_anything_else(admin: FlaskClient, site: FakeSite, room: Room) -> None:
    """SR-2: and nothing changes."""
    for data in ({"pass_phrase": "x"}, {"file": (io.BytesIO(b"sealed"), "a.evce")}):
        assert admin.post(f"{ADDRESS}/check", data=data).status_code == 422
    data = {"file": (io.BytesIO(b"sealed"), "a.evce"), "pass_phrase": "phrase"}
    assert admin.post(f"{ADDRESS}/check", data=data).location == ADDRESS
    assert room.asked == [("check", "sealed", "phrase")]
    assert told(site) == []


def test_a_file_larger_than_a_form_may_be_is_taken(admin: FlaskClient, room: Room) -> None:
    """SR-2: a million sessions are some 70 MB."""
    data = {"file": (io.BytesIO(b"x" * 3_000_000), "a.evce"), "pass_phrase": "phrase"}
    assert admin.post(f"{ADDRESS}/check", data=data).status_code == 303
    assert len(room.asked[0][1]) == 3_000_000


def test_each_refusal_is_told_in_words(admin: FlaskClient, room: Room) -> None:
    """SR-2: RELIABILITY §3, a named reason and nothing changed."""
    for reason in Reason:
        room.shown = BackupJob(JobKind.CHECK, JobState.FAILED, reason=reason, detail="in detail")
        page = admin.get(ADDRESS).text
        assert "Nothing was changed." in page
        assert 'name="file"' in page
    room.shown = BackupJob(JobKind.MAKE, JobState.FAILED, detail="the disk is full")
    assert "the disk is full" in admin.get(ADDRESS).text


def test_what_will_be_lost_is_told_and_can_be_exported_first(admin: FlaskClient, room: Room) -> None:
    """SR-2."""
    room.shown = CHECKED
    page = admin.get(ADDRESS).text
    assert "What came after the backup will be lost" in page
    assert "/sessions/export.csv" in page
    assert "/cards/export.csv" in page
    assert "Dépôt 1" in page


@pytest.mark.parametrize("users", [True, False])
def test_who_restores_gives_login_and_password(
    admin: FlaskClient, site: FakeSite, room: Room, users: bool
) -> None:
    """SR-2, US-2: optionally without the users."""
    room.shown = CHECKED
    form = ACTING | ({"users": "1"} if users else {})
    answer = admin.post(f"{ADDRESS}/restore", data=form)
    assert (answer.status_code, "EVCE starts anew" in answer.text) == (200, True)
    assert told(site) == [RestoreBackup("restore-1", users, "olivia")]
    assert admin.post(f"{ADDRESS}/restore", data=form).status_code == 422


def test_nothing_is_restored_by_whoever_does_not(admin: FlaskClient, site: FakeSite, room: Room) -> None:
    """SR-2, US-2."""
    room.shown = CHECKED
    for change, fault in (
        ({"own_password": "wrong"}, "not your password"),
        ({"own_login": "ursula"}, "not the login that you are logged in with"),
        ({"understood": ""}, "Confirm that"),
    ):
        answer = admin.post(f"{ADDRESS}/restore", data=ACTING | change)
        assert (answer.status_code, fault in answer.text) == (422, True), change
    assert (told(site), room.shown) == ([], CHECKED)


def test_a_backup_without_an_administrator_does_not_lock_everybody_out(
    admin: FlaskClient, site: FakeSite, room: Room
) -> None:
    """SR-2, US-2."""
    room.shown = replace(CHECKED, manifest=replace(MANIFEST, counts=dict(MANIFEST.counts) | {"admins": 0}))
    answer = admin.post(f"{ADDRESS}/restore", data=ACTING | {"users": "1"})
    assert (answer.status_code, "no administrator in the backup" in answer.text) == (422, True)
    assert told(site) == []
    assert admin.post(f"{ADDRESS}/restore", data=ACTING).status_code == 200


def test_while_the_site_restarts_the_backup_waits(admin: FlaskClient, site: FakeSite, room: Room) -> None:
    """SR-2."""
    room.shown = CHECKED
    site.gone.add("site")
    assert admin.post(f"{ADDRESS}/restore", data=ACTING).status_code == 503
    assert room.shown == CHECKED


def test_it_can_be_given_up(admin: FlaskClient, room: Room) -> None:
    """SR-2."""
    room.shown = CHECKED
    assert admin.post(f"{ADDRESS}/forget").location == ADDRESS
    assert room.shown is None


def test_it_is_offered_first_in_the_assistant(admin: FlaskClient, room: Room) -> None:
    """SR-2, UI-6: after the first login, before the first step."""
    page = admin.get("/assistant").text
    assert page.index(f'href="{ADDRESS}"', page.index("<h1>")) < page.index("/assistant/site-file")
    admin.post("/assistant")
    assert 'name="file"' in admin.get(ADDRESS).text
    assert admin.post(f"{ADDRESS}/forget").location == "/assistant"
    assert room.asked == []


def test_nobody_hands_a_file_over_before_the_first_login(enter: Enter, room: Room) -> None:
    """UI-6: credentials before anything can be uploaded; and only an administrator's."""
    for login in (None, "ursula"):
        data = {"file": (io.BytesIO(b"x" * 2_000_000), "a.evce"), "pass_phrase": "phrase"}
        assert enter(login).post(f"{ADDRESS}/check", data=data).status_code in (401, 403)
    assert room.asked == []


def test_without_a_room_the_page_names_the_command_line(
    site: FakeSite, settings: WebSettings, passwords: Passwords
) -> None:
    """SR-1."""
    bare = create_app(site.ask, site.tell, settings, passwords=passwords)
    bare.config["WTF_CSRF_ENABLED"] = False
    client = bare.test_client()
    client.environ_base["wsgi.url_scheme"] = "https"
    client.post("/login", data={"login": "olivia", "password": PASSWORD}, base_url="https://localhost")
    assert "evce backup make" in client.get(ADDRESS, base_url="https://localhost").text
    assert client.post(f"{ADDRESS}/make", data={}, base_url="https://localhost").status_code in (404, 422)
