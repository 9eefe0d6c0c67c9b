"""Actions on one station: asked for on its page or by a program, followed there to their end (OC-3)."""

from collections.abc import Mapping
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    render_template,
    request,
    send_file,
)

from evce.facts import Link
from evce.station_control.action_kinds import KINDS, ActionKind
from evce.units import BoxIdentity
from evce.views import StationView
from web.action_labels import STATES, TITLES, choice_of, form_values, said, tone
from web.api_calls import Call, Parameter, call
from web.figures import find_connector, is_free
from web.file_exchange import FileExchange
from web.languages import gettext
from web.pages.dashboard import station_or_404
from web.problems import refused
from web.rendering import site
from web.security import Access, access, reader
from web.station_actions import ActionRefusedError, NamedFile, actions_of, as_plain, begin, result_of

__all__ = ["actions_pages"]

_SHOWN = 15

actions_pages = Blueprint("actions", __name__)


def _files() -> FileExchange | None:
    found = current_app.extensions.get("evce_files")
    return found if isinstance(found, FileExchange) else None


@actions_pages.get("/stations/<identity>/actions")
@access(Access.USER)
def table(identity: str) -> Response:
    """What was asked of the station and how far it is; the page asks for it again and again.

    With `kind` the actions of that kind alone.
    """
    station = station_or_404(site().snapshot(), identity)
    return _table(station, request.args.get("kind", ""))


@actions_pages.get("/stations/<identity>/actions/form")
@access(Access.USER)
def form(identity: str) -> Response:
    """The form of one action."""
    station = station_or_404(site().snapshot(), identity)
    return _form(station, _allowed_kind(request.args.get("action", "")), {}, {}, 200)


@actions_pages.post("/stations/<identity>/actions")
@access(Access.USER)
def ask(identity: str) -> Response:
    """Begin an action; a form that won't do comes back as it was, with what is wrong."""
    station = station_or_404(site().snapshot(), identity)
    kind = _allowed_kind(request.form.get("action", ""))
    given = {p.name: request.form[p.name] for p in kind.parameters if request.form.get(p.name)}
    faults = _conflicts(station, kind, given)
    if kind.expert and not request.form.get("confirmed"):
        faults["confirmed"] = gettext("Confirm that you know what this does.")
    upload = request.files.get("file")
    file = None
    if kind.file == "served" and upload is not None and upload.filename:
        file = NamedFile(upload.filename, upload.stream)
    if not faults:
        try:
            begin(site(), _files(), station.box_identity, kind.name, given, reader().login, file)
        except ActionRefusedError as error:
            faults = error.faults
    if faults:
        return _form(station, kind, request.form, faults, 422)
    answer = _form(station, kind, {}, {}, 200, asked=True)
    answer.headers["HX-Trigger"] = "evce-asked"
    return answer


@actions_pages.get("/stations/<identity>/files/<name>")
@access(Access.USER)
def download(identity: str, name: str) -> Response:
    """A file that the station has sent; whatever it is, the browser only keeps it."""
    station = station_or_404(site().snapshot(), identity)
    files = _files()
    path = None if files is None else files.path(station.box_identity, name)
    if path is None:
        abort(404)
    return send_file(path, "application/octet-stream", as_attachment=True, download_name=path.name)


@actions_pages.get("/api/v1/stations/<identity>/actions")
@access(Access.USER)
@call(
    Call(
        "Actions on stations",
        {"type": "object"},
        {"actions": [{"id": "5f3c", "action": "reset", "state": "done", "ended": True}]},
        query=(Parameter("id", "That one alone.", {"type": "string"}, "5f3c"),),
        refusals={404: "There is no such station."},
    )
)
def listed(identity: str) -> Response:
    """The actions of a station for programs, newest first; with `id` that one alone."""
    station = station_or_404(site().snapshot(), identity)
    found = actions_of(site(), station.box_identity, request.args.get("id", ""))
    return jsonify(actions=[as_plain(action) for action in found])


@actions_pages.post("/api/v1/stations/<identity>/actions")
@access(Access.USER)
@call(
    Call(
        "Actions on stations",
        {"type": "object"},
        {"id": "5f3c"},
        body={"type": "object", "required": ["action"]},
        body_example={"action": "reset", "parameters": {"type": "Hard"}},
        status=202,
        refusals={
            400: "Another form.",
            404: "There is no such station.",
            422: "It can't be; errors names why.",
        },
    )
)
def ask_by_program(identity: str) -> tuple[Response, int]:
    """Begin an action: `{"action": "reset", "parameters": {"type": "Hard"}}`; 202 with its id."""
    station = station_or_404(site().snapshot(), identity)
    wish = request.get_json(silent=True)
    if not isinstance(wish, dict) or not isinstance(wish.get("parameters", {}), dict):
        return refused(400, {"": "a JSON object with action and parameters"})
    kind = KINDS.get(str(wish.get("action", "")))
    if kind is None:
        return refused(422, {"action": f"one of {', '.join(KINDS)}"})
    if kind.expert and not reader().is_admin:
        abort(403)
    try:
        given = wish.get("parameters", {})
        action = begin(site(), _files(), station.box_identity, kind.name, given, reader().login)
    except ActionRefusedError as error:
        return refused(
            422,
            {f if f in ("", "action") else f"parameters.{f}": fault for f, fault in error.faults.items()},
        )
    return jsonify(id=action), 202


def _allowed_kind(name: str) -> ActionKind:
    kind = KINDS.get(name or "start")
    if kind is None:
        abort(404)
    if kind.expert and not reader().is_admin:
        abort(403)
    return kind


def _conflicts(station: StationView, kind: ActionKind, given: Mapping[str, Any]) -> dict[str, str]:
    """What the page knows to be hopeless: the form says so at once."""
    forced = kind.name == "stop" and bool(given.get("forced"))
    if station.link is not Link.CONNECTED and not forced:
        return {"action": gettext("The station is disconnected: it can't be told from here.")}
    if kind.name == "start" and given.get("connector"):
        found = find_connector(site().snapshot(), f"{station.box_identity}/{given['connector'][:4]}")
        if found is None:
            return {"connector": gettext("This station has no such connector.")}
        if not is_free(found[1]):
            return {"connector": gettext("This connector is not free.")}
    return {}


def _form(
    station: StationView,
    kind: ActionKind,
    form: Mapping[str, str],
    faults: Mapping[str, str],
    status: int,
    *,
    asked: bool = False,
) -> Response:
    return make_response(
        render_template("parts/action_form.html", **form_values(station, kind, form, faults, asked)), status
    )


def _table(station: StationView, kind: str) -> Response:
    files = None if kind else _files()
    known = actions_of(site(), BoxIdentity(station.box_identity))
    found = [action for action in known if kind in ("", action.kind)][:_SHOWN]
    snapshot = site().snapshot()
    return make_response(
        render_template(
            "parts/action_table.html",
            station=station,
            actions=[
                (a, gettext(TITLES.get(a.kind, a.kind)), gettext(STATES[a.state]), tone(a)) for a in found
            ],
            only=kind,
            said=said,
            result_of=result_of,
            choice_of=choice_of,
            files=[] if files is None else files.kept(station.box_identity),
            tz=snapshot.time_zone,
            now=snapshot.taken_at,
        )
    )
