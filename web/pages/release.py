"""The page of EVCE's own firmware: what runs, a package installed and started, and the way back (SR-4)."""

from collections.abc import Mapping
from typing import Any

import segno
from flask import Blueprint, Flask, Response, abort, jsonify, make_response, render_template, request
from markupsafe import Markup

from actors.messages import RecordEvent, Restart
from evce.errors import EvceError
from evce.release.course import Course, End, Outcome
from evce.release.package import MOST_BYTES
from web.accounts import Accounts
from web.acting import acting_faults
from web.api_calls import Call, call
from web.child_program import JobState
from web.languages import gettext
from web.lockout import Lockout
from web.pages.proposing import configuration_page, see_other
from web.release_room import ReleaseRoom, ReleaseRoomError
from web.rendering import document_in_force
from web.security import Access, access, reader
from web.sentences import told
from web.settings import WebSettings
from web.site import Site

__all__ = ["release_pages", "set_up"]

ADDRESS = "/configuration/release"


def set_up(app: Flask) -> None:
    """Let pages lead to where there are newer releases."""
    app.jinja_env.globals.update(releases_address=_releases_address, qr_code=_qr_code)


def release_pages(
    site: Site, accounts: Accounts, lockout: Lockout, settings: WebSettings, room: ReleaseRoom | None
) -> Blueprint:
    """The blueprint `release`; without a room the page only tells what runs."""
    pages = Blueprint("release", __name__)

    @pages.get(ADDRESS)
    @access(Access.ADMIN)
    def show() -> Response:
        return _page({}, 200)

    @pages.get(f"{ADDRESS}/progress")
    @access(Access.ADMIN)
    def progress() -> Response:
        """The live part while a package is installed; then the whole page is asked for anew."""
        job = _room().job()
        if job is None or job.state is not JobState.RUNNING:
            answer = make_response("", 200)
            answer.headers["HX-Redirect"] = ADDRESS
            return answer
        return make_response(render_template("configuration/release_progress.html", job=job))

    @pages.post(f"{ADDRESS}/install")
    @access(Access.ADMIN)
    def install() -> Response:
        upload = request.files.get("file")
        if upload is None or not upload.filename:
            return _page({"file": gettext("Choose the file of a release.")}, 422)
        try:
            _room().install(upload.stream)
        except ReleaseRoomError as error:
            return _page({"file": told(str(error))}, 422)
        _audit("handed over a release to be installed")
        return see_other(ADDRESS)

    @pages.post(f"{ADDRESS}/forget")
    @access(Access.ADMIN)
    def forget() -> Response:
        _room().forget()
        return see_other(ADDRESS)

    @pages.post(f"{ADDRESS}/start")
    @access(Access.ADMIN)
    def start() -> Response:
        """It is on trial then: it comes back by itself where it doesn't run."""
        version = request.form.get("version", "")
        faults = acting_faults(accounts, lockout, settings)
        if faults:
            return _page(faults, 422)
        try:
            _room().start(version, reader().login)
        except EvceError as error:
            return _page({"start": told(str(error))}, 422)
        _audit(f"starts release {version}")
        return _anew()

    @pages.post(f"{ADDRESS}/back")
    @access(Access.ADMIN)
    def back() -> Response:
        faults = acting_faults(accounts, lockout, settings, "back_")
        if not faults and _loses() and not request.form.get("understood"):
            faults["understood"] = gettext("Confirm that what came after the update will be lost.")
        if faults:
            return _page({f"back_{name}": why for name, why in faults.items()}, 422)
        try:
            version = _room().back(reader().login)
        except EvceError as error:
            return _page({"back_start": told(str(error))}, 422)
        _audit(f"goes back to release {version or 'of this machine'}")
        return _anew()

    @pages.post(f"{ADDRESS}/seen")
    @access(Access.ADMIN)
    def seen() -> Response:
        """The note of how the last update ended goes; the log of events keeps it."""
        _room().seen()
        return see_other(ADDRESS)

    @pages.get("/api/v1/release")
    @access(Access.USER)
    @call(Call("Release of EVCE", {"type": "object"}, _EXAMPLE))
    def told_to_programs() -> Response:
        """Which release runs, what is on trial, and how the last update ended."""
        return jsonify(version=settings.version, **_plain(_course()))

    def _anew() -> Response:
        if not site.tell("site", Restart(reader().login)):
            fault = gettext("EVCE can't be started anew at this moment: its next start will do it.")
            return _page({"start": fault}, 503)
        return make_response(render_template("restarting.html"))

    def _page(faults: dict[str, str], status: int) -> Response:
        course = _course()
        job = None if room is None else room.job()
        return configuration_page(
            "configuration/release.html",
            "release",
            status,
            possible=room is not None,
            running=settings.version,
            course=course,
            outcome=None if course is None or course.last is None else _outcome(course.last),
            job=job,
            ready=[] if room is None or course is None else room.ready(),
            way=None if room is None or course is None else room.way_back(),
            faults=faults,
            most=MOST_BYTES >> 20,
        )

    def _course() -> Course | None:
        """None where nobody can tell, as with a damaged file."""
        try:
            return None if room is None else room.course()
        except EvceError:
            return None

    def _loses() -> bool:
        way = _room().way_back()
        return way is not None and way.loses_since is not None

    def _room() -> ReleaseRoom:
        if room is None:
            abort(404)
        return room

    def _audit(text: str) -> None:
        site.tell("recorder", RecordEvent(settings.now(), "EVCE", "audit", text, reader().login))

    return pages


_EXAMPLE: Mapping[str, Any] = {
    "version": "1.4.0",
    "former": "1.3.2",
    "on_trial": None,
    "last": {"version": "1.4.0", "outcome": "kept", "at": "2026-11-23T04:10:00+00:00", "why": ""},
}


def _plain(course: Course | None) -> Mapping[str, Any]:
    if course is None:
        return {"former": None, "on_trial": None, "last": None}
    last = course.last
    return {
        "former": course.former,
        "on_trial": None if course.trial is None else course.trial.version,
        "last": None
        if last is None
        else {"version": last.version, "outcome": last.outcome, "at": last.at.isoformat(), "why": last.why},
    }


def _outcome(end: End) -> tuple[str, str]:
    """A tone and a sentence."""
    if end.outcome is Outcome.ROLLED_BACK:
        return "warning", gettext("Release %(version)s did not run, and was rolled back", version=end.version)
    if end.outcome is Outcome.GONE_BACK:
        return "info", gettext("Release %(version)s was left again", version=end.version)
    return "success", gettext("Release %(version)s runs well and is kept", version=end.version)


def _releases_address() -> str:
    """Where there are releases; empty where nobody has told."""
    return document_in_force().web.releases or ""


def _qr_code(text: str, title: str) -> Markup:
    """As a drawing within the page, dark on white whatever the colours of the page are."""
    drawn = segno.make(text, error="m").svg_inline(scale=4, light="#fff", title=title)
    return Markup(drawn)  # noqa: S704  (segno's own, the title escaped by it)
