"""The firmware that is kept for stations: files of each family, and how far each station is (SR-5)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    flash,
    jsonify,
    make_response,
    render_template,
    request,
)

from evce.electrical import Family
from evce.firmware.library import LOWEST_COMPATIBLE, FirmwareRefusedError, KeptFirmware, Standing, compare
from evce.units import BoxIdentity
from evce.views import StationView
from web.api_calls import Call, call
from web.firmware_keeper import FirmwareKeeper, StationFirmware, plain_file, plain_station
from web.formatting import local
from web.labels import choice_word
from web.languages import gettext
from web.pages.dashboard import station_or_404
from web.pages.proposing import configuration_page, see_other
from web.rendering import site
from web.security import Access, access, reader
from web.sentences import told
from web.station_actions import ActionRefusedError, NamedFile

__all__ = ["firmware_pages", "set_up"]

_PAGE = "/configuration/firmware"

firmware_pages = Blueprint("firmware", __name__)


def set_up(app: Flask) -> None:
    """Let every page tell a station whose firmware is below what its family needs."""
    app.jinja_env.tests["too_old"] = _too_old
    app.jinja_env.globals["keeps_firmware"] = lambda: bool(current_app.extensions.get("evce_firmware"))


def _too_old(station: StationView) -> bool:
    return compare(station.family, station.model, station.firmware, ()).compatible is False


def _keeper() -> FirmwareKeeper:
    found = current_app.extensions.get("evce_firmware")
    if not isinstance(found, FirmwareKeeper):
        abort(404)
    return found


@firmware_pages.get(_PAGE)
@access(Access.ADMIN)
def library() -> Response:
    return _library({}, {}, 200)


@firmware_pages.post(f"{_PAGE}/add")
@access(Access.ADMIN)
def add() -> Response:
    """Keep a file; a form that won't do comes back with what is wrong."""
    keeper, form, upload = _keeper(), request.form, request.files.get("file")
    if upload is None or not upload.filename:
        return _library(form, {"file": gettext("Choose a file.")}, 422)
    family, version, model = (form.get(name, "")[:100] for name in ("family", "version", "model"))
    try:
        file = NamedFile(upload.filename, upload.stream)
        kept = keeper.add(family, version, model, file, reader().login)
    except FirmwareRefusedError as error:
        return _library(form, {name: told(why) for name, why in error.faults.items()}, 422)
    flash(gettext("Firmware %(version)s is kept.", version=kept.version), "success")
    return see_other(_PAGE)


@firmware_pages.post(f"{_PAGE}/remove")
@access(Access.ADMIN)
def remove() -> Response:
    kept = _keeper().remove(request.form.get("file", ""), reader().login)
    if kept is not None:
        flash(gettext("Firmware %(version)s is removed.", version=kept.version), "success")
    return see_other(_PAGE)


@firmware_pages.post(f"{_PAGE}/send")
@access(Access.ADMIN)
def send() -> Response:
    """Have one station install a kept file now."""
    keeper, station = _keeper(), _station()
    try:
        keeper.send(station, request.form.get("file", ""), reader().login)
    except LookupError:
        flash(gettext("This file is not kept any more."), "danger")
    except (ActionRefusedError, FirmwareRefusedError) as error:
        flash("; ".join(told(why) for why in error.faults.values()), "danger")
    else:
        flash(gettext("Asked: the page of the station tells how far it is."), "success")
    return see_other(_back(station))


@firmware_pages.post(f"{_PAGE}/try-again")
@access(Access.ADMIN)
def try_again() -> Response:
    """Begin anew with a station that was given up."""
    station = _station()
    if _keeper().try_again(station, reader().login):
        flash(gettext("It is tried again in a moment."), "success")
    return see_other(_back(station))


@firmware_pages.get(f"{_PAGE}/stations")
@access(Access.ADMIN)
def stations() -> Response:
    """The live part of the page: how far each station is."""
    return make_response(render_template("configuration/firmware_stations.html", **_stations()))


@firmware_pages.get("/stations/<identity>/firmware")
@access(Access.USER)
def of_station(identity: str) -> Response:
    """The part of a station's page that tells of its firmware."""
    snapshot = site().snapshot()
    view = station_or_404(snapshot, identity)
    keeper = _keeper()
    found = [one for one in keeper.stations(snapshot) if one.station.box_identity == view.box_identity]
    if not found:
        abort(404)
    (one,) = found
    return make_response(
        render_template(
            "parts/station_firmware.html",
            one=one,
            state=_state(one, by_itself=keeper.by_itself, tz=snapshot.time_zone),
            files=_files_for(keeper, one),
            is_admin=reader().is_admin,
        )
    )


@firmware_pages.get("/api/v1/firmware")
@access(Access.USER)
@call(Call("Firmware", {"type": "object"}, {"by_itself": False, "files": [], "stations": []}))
def listed() -> Response:
    """The files that are kept and the stations, for programs."""
    keeper = _keeper()
    return jsonify(
        by_itself=keeper.by_itself,
        files=[plain_file(one) for one in keeper.shelf.files()],
        stations=[plain_station(one) for one in keeper.stations(site().snapshot())],
    )


def _library(form: Mapping[str, str], faults: Mapping[str, str], status: int) -> Response:
    keeper = _keeper()
    kept = sorted(keeper.shelf.files(), key=lambda one: one.added_at, reverse=True)
    return configuration_page(
        "configuration/firmware.html",
        "firmware",
        status,
        families=[
            (family, choice_word(family), LOWEST_COMPATIBLE.get(family, ""), _of(kept, family))
            for family in Family
        ],
        form=form,
        faults=faults,
        **_stations(),
    )


def _stations() -> dict[str, Any]:
    keeper, snapshot = _keeper(), site().snapshot()
    by_itself = keeper.by_itself
    return {
        "by_itself": by_itself,
        "rows": [
            (one, *_state(one, by_itself=by_itself, tz=snapshot.time_zone))
            for one in keeper.stations(snapshot)
        ],
    }


def _of(kept: list[KeptFirmware], family: Family) -> list[KeptFirmware]:
    return [one for one in kept if one.family is family]


def _files_for(keeper: FirmwareKeeper, one: StationFirmware) -> list[KeptFirmware]:
    """What may be sent to the station."""
    model = one.station.model.casefold()
    return [
        file
        for file in keeper.shelf.files()
        if file.family == one.station.family and file.model.casefold() in ("", model)
    ]


def _state(one: StationFirmware, *, by_itself: bool, tz: str) -> tuple[str, str]:
    """A tone and a sentence: how the station's firmware stands and what is being done about it."""
    course, held = one.course, one.comparison.held
    if course is not None and course.given_up:
        why = told(course.said)
        return "faulted", gettext(
            "Given up after %(count)s attempts: %(why)s", count=course.attempts, why=why
        )
    if course is not None and course.action:
        version, count = course.version, course.attempts
        return "charging", gettext("Update to %(version)s, attempt %(count)s", version=version, count=count)
    if course is not None and course.attempts:
        return "suspended-system", gettext(
            "Attempt %(count)s failed: %(why)s; the next one not before %(time)s",
            count=course.attempts,
            why=told(course.said),
            time=local(course.due_at, tz),
        )
    match one.comparison.standing:
        case Standing.CURRENT:
            return "available", gettext("Up to date")
        case Standing.NOTHING_HELD:
            return "unavailable", gettext("No file is kept for it")
        case Standing.UNKNOWN:
            return "unavailable", gettext("It has not told its version yet")
    version = "" if held is None else held.version
    if one.comparison.standing is Standing.NOT_COMPARABLE:
        return "unavailable", gettext("Not comparable with %(version)s", version=version)
    if not by_itself:
        return "suspended-system", gettext("Older than %(version)s", version=version)
    if one.waits_for:
        why = told(one.waits_for)
        return "suspended-system", gettext("Update to %(version)s waits: %(why)s", version=version, why=why)
    return "suspended-system", gettext("Update to %(version)s begins in a moment", version=version)


def _station() -> BoxIdentity:
    view = station_or_404(site().snapshot(), request.form.get("station", ""))
    return view.box_identity


def _back(station: BoxIdentity) -> str:
    """Whence the button was pressed."""
    return _PAGE if request.form.get("back") == "library" else f"/stations/{quote(station, safe='')}"
