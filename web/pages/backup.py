"""The page that makes a backup of the site and restores one (SR-1, SR-2)."""

from collections.abc import Sequence
from datetime import datetime

from flask import Blueprint, Response, abort, make_response, render_template, request, send_file

from actors.messages import CardRecord, ListCards, ListSessions, RecordEvent, RestoreBackup
from evce.backup.refusals import Reason
from evce.backup.sealing import LONGEST_PASS_PHRASE, SHORTEST_PASS_PHRASE, pass_phrase_fault
from web.accounts import Accounts
from web.acting import acting_faults
from web.assistant import assisted
from web.backup_room import UPLOAD_MOST, BackupJob, BackupRoom, BackupRoomError, JobKind
from web.child_program import JobState
from web.languages import gettext, mark
from web.lockout import Lockout
from web.pages.proposing import configuration_page, see_other
from web.security import Access, access, reader
from web.sentences import told
from web.settings import WebSettings
from web.site import Site

__all__ = ["backup_pages"]

ADDRESS = "/configuration/backup"

_COUNTED = 1000
"""Sessions and cards that are looked at to say how many will be lost."""

_REASONS = {
    Reason.FOREIGN: mark("This file is no backup of EVCE."),
    Reason.NEWER: mark("A newer EVCE has made this backup: install that version first."),
    Reason.PASS_PHRASE: mark("The pass phrase doesn't fit this file."),
    Reason.TRUNCATED: mark("The end of the file is missing: copy it once more."),
    Reason.SIGNATURE: mark("The file was changed after it was made."),
    Reason.BOMB: mark("The file unpacks to far more than any site has."),
    Reason.TOO_LARGE: mark("The disk has no room for what is in the file."),
    Reason.OUTSIDE: mark("There is something in the file that has no place in a backup."),
    Reason.LINK: mark("There is something in the file that has no place in a backup."),
    Reason.CONTENT: mark("What is in the file can't be used."),
}


def backup_pages(
    site: Site, accounts: Accounts, lockout: Lockout, settings: WebSettings, room: BackupRoom | None
) -> Blueprint:
    """The blueprint `backup`; without a room the page says that backups are for the command line."""
    pages = Blueprint("backup", __name__)

    @pages.get(ADDRESS)
    @access(Access.ADMIN)
    def show() -> Response:
        return _page({}, 200)

    @pages.get(f"{ADDRESS}/progress")
    @access(Access.ADMIN)
    def progress() -> Response:
        """The live part while something is under way; then the whole page is asked for anew."""
        job = _room().job()
        if job is None or job.state is not JobState.RUNNING:
            answer = make_response("", 200)
            answer.headers["HX-Redirect"] = ADDRESS
            return answer
        return make_response(render_template("configuration/backup_progress.html", job=job))

    @pages.post(f"{ADDRESS}/make")
    @access(Access.ADMIN)
    def make() -> Response:
        phrase, again = request.form.get("pass_phrase", ""), request.form.get("again", "")
        faults = {}
        if pass_phrase_fault(phrase):
            faults["make_pass_phrase"] = gettext(
                "The pass phrase needs %(least)d to %(most)d characters.",
                least=SHORTEST_PASS_PHRASE,
                most=LONGEST_PASS_PHRASE,
            )
        elif phrase != again:
            faults["make_again"] = gettext("The two pass phrases differ.")
        if not faults:
            try:
                _room().make(phrase)
            except BackupRoomError as error:
                faults["make"] = told(str(error))
        if faults:
            return _page(faults, 422)
        _audit("began to make a backup")
        return see_other(ADDRESS)

    @pages.get(f"{ADDRESS}/file")
    @access(Access.ADMIN)
    def fetch() -> Response:
        job = _room().job()
        if job is None or job.kind is not JobKind.MAKE or job.manifest is None:
            abort(404)
        name = "".join(c if c.isascii() and c.isalnum() else "-" for c in job.manifest.site).strip("-")
        stamp = f"{job.manifest.made_at:%Y%m%d-%H%M}"
        _audit(f"fetched the backup made {job.manifest.made_at:%Y-%m-%d %H:%M} UTC")
        return send_file(
            _room().made,
            mimetype="application/octet-stream",
            as_attachment=True,
            download_name=f"{name or 'site'}-{stamp}.evce",
            max_age=0,
        )

    @pages.post(f"{ADDRESS}/check")
    @access(Access.ADMIN)
    def check() -> Response:
        upload = request.files.get("file")
        faults = {}
        if upload is None or not upload.filename:
            faults["file"] = gettext("Choose the file of a backup.")
        elif not request.form.get("pass_phrase"):
            faults["pass_phrase"] = gettext("Enter the pass phrase under which the backup was made.")
        else:
            try:
                _room().check(upload.stream, request.form["pass_phrase"][: LONGEST_PASS_PHRASE + 1])
            except BackupRoomError as error:
                faults["file"] = told(str(error))
        if faults:
            return _page(faults, 422)
        _audit("handed over a backup to be checked")
        return see_other(ADDRESS)

    @pages.post(f"{ADDRESS}/forget")
    @access(Access.ADMIN)
    def forget() -> Response:
        _room().forget()
        return see_other("/assistant" if assisted() else ADDRESS)

    @pages.post(f"{ADDRESS}/restore")
    @access(Access.ADMIN)
    def restore() -> Response:
        """SR-2: whoever restores says that they know what is lost, and who they are."""
        faults = {}
        if not request.form.get("understood"):
            faults["understood"] = gettext("Confirm that what came after the backup may be lost.")
        faults |= acting_faults(accounts, lockout, settings) if not faults else {}
        if faults:
            return _page(faults, 422)
        users = request.form.get("users") == "1"
        try:
            job = _room().restoring()
        except BackupRoomError as error:
            return _page({"file": told(str(error))}, 422)
        if users and job.manifest is not None and not job.manifest.counts["admins"]:
            _room().give_back(job)
            fault = gettext("There is no administrator in the backup: keep the users that are here.")
            return _page({"users": fault}, 422)
        if not site.tell("site", RestoreBackup(job.staged, users, reader().login)):
            _room().give_back(job)
            return _page({"restore": gettext("EVCE can't be restored at this moment. Try again.")}, 503)
        return make_response(render_template("restoring.html"))

    def _page(faults: dict[str, str], status: int) -> Response:
        job = None if room is None else room.job()
        checked = job is not None and job.kind is JobKind.CHECK and job.state is JobState.DONE
        return configuration_page(
            "configuration/backup.html",
            "backup",
            status,
            possible=room is not None,
            job=job,
            failure=_failure(job),
            faults=faults,
            form=request.form,
            lost=_lost(job.manifest.made_at) if checked and job is not None and job.manifest else None,
            fresh=not (site.sessions(ListSessions(limit=1)) or site.ask("recorder", ListCards(1))),
            least=SHORTEST_PASS_PHRASE,
            most=UPLOAD_MOST >> 20,
        )

    def _lost(made_at: datetime) -> tuple[str, str]:
        """How many sessions and cards came after a backup, for people."""
        sessions = site.sessions(ListSessions(started_from=made_at, limit=_COUNTED))
        answer = site.ask("recorder", ListCards(_COUNTED))
        cards = answer if isinstance(answer, list | tuple) else ()
        newer = [card for card in cards if isinstance(card, CardRecord) and _since(card, made_at)]
        return _some(sessions), _some(newer, len(cards) >= _COUNTED)

    def _room() -> BackupRoom:
        if room is None:
            abort(404)
        return room

    def _audit(text: str) -> None:
        site.tell("recorder", RecordEvent(settings.now(), "EVCE", "audit", text, reader().login))

    return pages


def _failure(job: BackupJob | None) -> str:
    if job is None or job.state is not JobState.FAILED:
        return ""
    if job.reason is None:
        return told(job.detail)
    return gettext(_REASONS[job.reason])


def _since(card: CardRecord, made_at: datetime) -> bool:
    return card.registered_at is not None and card.registered_at > made_at


def _some(found: Sequence[object], more: bool = False) -> str:
    return f"{len(found)}+" if more or len(found) >= _COUNTED else str(len(found))
