"""The OCPP console of a station, for engineers: what it and EVCE tell each other, and sending it anything."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, request

from evce.exchanges import MOST_EXCHANGES, Exchanges
from evce.facts import Link
from evce.order_fields import order_fields, order_template
from evce.plain import one_line
from evce.station_control.action_kinds import BEHIND_THE_PLEDGES, ONLY_ASKS, kind_named, read_parameters
from evce.validation import CENTRAL_ACTIONS, STATION_ACTIONS
from evce.views import StationView
from web.figures import path_to
from web.languages import gettext, mark
from web.pages.dashboard import station_or_404
from web.rendering import picture, site, still_page
from web.security import Access, access, reader
from web.sentences import told
from web.settings import WebSettings
from web.station_actions import ActionRefusedError, begin
from web.watching import (
    LONGEST,
    TooManyError,
    Watch,
    live_answer,
    sources,
    watches,
    watching_now,
)

__all__ = ["console_pages"]

console_pages = Blueprint("console", __name__)

_FIRST = "GetConfiguration"
"""What the form begins with: it only asks."""

COSTS = {
    "CancelReservation": mark("The driver who reserved the outlet loses it."),
    "CertificateSigned": mark("With a wrong certificate the station can't connect any more."),
    "ChangeAvailability": mark("An outlet that is out of service charges nobody until it is put back."),
    "ClearCache": mark("The station forgets the cards that it knows; offline it may refuse their drivers."),
    "DataTransfer": mark("What a vendor's own message does is known to the vendor alone."),
    "DeleteCertificate": mark("Without the right certificate the station can't connect any more."),
    "ExtendedTriggerMessage": mark("The station may ask for a new certificate, and connect with it later."),
    "GetDiagnostics": mark("The station sends a file with what it knows to the address that you name."),
    "GetLog": mark("The station sends a file with what it knows to the address that you name."),
    "InstallCertificate": mark("With a wrong certificate the station can't connect any more."),
    "RemoteStopTransaction": mark("The session ends, and its car charges no more."),
    "ReserveNow": mark("Until it expires, nobody else can use the outlet."),
    "Reset": mark("The station restarts; its sessions end, and until it is back nobody charges there."),
    "SendLocalList": mark("The station's own list of cards is changed, and EVCE's is sent anew only later."),
    "SignedUpdateFirmware": mark("The station installs a firmware and is out of service meanwhile."),
    "UnlockConnector": mark("The cable is released; a session that runs there ends."),
    "UpdateFirmware": mark("The station installs a firmware and is out of service meanwhile."),
}
"""What a message may cost, said before it is sent; those that only ask are not among them."""

KINDS_OF_FIELDS = {
    "text": mark("text"),
    "number": mark("number"),
    "whole number": mark("whole number"),
    "yes or no": mark("yes or no"),
    "date and time": mark("date and time"),
    "list": mark("list"),
    "object": mark("object"),
}


@console_pages.get("/stations/<identity>/console")
@access(Access.ADMIN)
def page(identity: str) -> Response:
    """Both halves; whoever opens it begins to listen, unless they paused or the station is unknown."""
    snapshot = site().snapshot()
    view = station_or_404(snapshot, identity)
    watch, fault = _watch_of(view), ""
    if watch is None or watch.look(watching_now()).ended:
        watch, fault = _begin(view)
    return still_page(
        "console.html",
        snapshot,
        "overview",
        path=path_to(snapshot, view.zone),
        **_form_values(view, request.args.get("call", _FIRST), None, {}) | _frame_values(view, watch, fault),
    )


@console_pages.get("/stations/<identity>/console/frames")
@access(Access.ADMIN)
def frames(identity: str) -> Response:
    """The exchanges heard so far, of one action where one is named; asked for every second."""
    view = station_or_404(picture(), identity)
    values = _frame_values(view, _watch_of(view)) | {"tz": picture().time_zone}
    return live_answer("parts/frame_rows.html", "parts/frames.html", "frames", values)


@console_pages.post("/stations/<identity>/console/frames")
@access(Access.ADMIN)
def order(identity: str) -> Response:
    """Listen anew, pause, go on or stop."""
    view = station_or_404(site().snapshot(), identity)
    deed, watch, fault = request.form.get("deed", ""), _watch_of(view), ""
    match deed:
        case "start":
            watch, fault = _begin(view)
        case "pause" if watch is not None:
            watch.pause()
        case "resume" if watch is not None:
            watch.resume()
        case "stop" if watch is not None:
            watch.stop()
        case "pause" | "resume" | "stop":
            fault = gettext("Nobody is listening.")
        case _:
            fault = gettext("deed=%(deed)s: use start, pause, resume or stop.", deed=deed[:30])
    html = render_template("parts/frames.html", **_frame_values(view, watch, fault), tz=picture().time_zone)
    return make_response(html, 422 if fault else 200)


@console_pages.get("/stations/<identity>/console/form")
@access(Access.ADMIN)
def form(identity: str) -> Response:
    """The form for one message, with the fields that it needs."""
    view = station_or_404(site().snapshot(), identity)
    return _form(view, request.args.get("call", _FIRST), None, {}, 200)


@console_pages.post("/stations/<identity>/console")
@access(Access.ADMIN)
def send(identity: str) -> Response:
    """Send a message: what costs something is asked about first, what won't do comes back as it was."""
    view = station_or_404(site().snapshot(), identity)
    call, payload = request.form.get("call", ""), request.form.get("payload", "")
    if request.form.get("deed") == "back":
        return _form(view, call, payload, {}, 200)
    if view.link is not Link.CONNECTED:
        away = gettext("The station is disconnected: nothing can be sent.")
        return _form(view, call, payload, {"station": away}, 422)
    given = {"call": call, "payload": payload}
    costly = call in CENTRAL_ACTIONS and call not in (*ONLY_ASKS, *BEHIND_THE_PLEDGES)
    try:
        if costly and request.form.get("confirmed") != call:
            _, faults = read_parameters(kind_named("call"), given)
            if faults:
                raise ActionRefusedError(faults)
            return _form(view, call, payload, {}, 200, asking=True)
        begin(site(), None, view.box_identity, "call", given, reader().login)
    except ActionRefusedError as error:
        return _form(view, call, payload, error.faults, 422)
    answer = _form(view, call, payload, {}, 200, sent=True)
    answer.headers["HX-Trigger"] = "evce-asked"
    return answer


def _begin(view: StationView) -> tuple[Watch[Any] | None, str]:
    """A watch of the station's frames, or why there is none."""
    known, now = sources(), watching_now()
    if known is None:
        return None, gettext("Nothing can be heard here: the stations are connected elsewhere.")
    open_frames, station = known.frames, view.box_identity
    try:
        watch: Watch[Any] = watches().begin(
            reader().login, _key(view), lambda: Watch(lambda: open_frames(station), Exchanges(), now), now
        )
    except TooManyError:
        return None, gettext("Too many people are listening already; stop one first.")
    return watch, ""


def _watch_of(view: StationView) -> Watch[Any] | None:
    return watches().find(reader().login, _key(view))


def _key(view: StationView) -> str:
    return f"console/{view.box_identity}"


def _form(
    view: StationView, call: str, payload: str | None, faults: Mapping[str, str], status: int, **more: bool
) -> Response:
    return make_response(
        render_template("parts/console_form.html", **_form_values(view, call, payload, faults, **more)),
        status,
    )


def _form_values(
    view: StationView,
    call: str,
    payload: str | None,
    faults: Mapping[str, str],
    *,
    asking: bool = False,
    sent: bool = False,
) -> dict[str, Any]:
    known = call in CENTRAL_ACTIONS
    if payload is None:
        settings: WebSettings = current_app.extensions["evce_settings"]
        template = order_template(call, settings.now()) if known else {}
        payload = json.dumps(template, indent=2)
    return {
        "station": view,
        "call": call,
        "calls": sorted(CENTRAL_ACTIONS - set(BEHIND_THE_PLEDGES)),
        "elsewhere": BEHIND_THE_PLEDGES,
        "payload": payload,
        "fields": order_fields(call) if known else (),
        "kinds_of_fields": {kind: gettext(word) for kind, word in KINDS_OF_FIELDS.items()},
        "faults": {name: told(fault) for name, fault in faults.items()},
        "cost": gettext(COSTS[call]) if call in COSTS else gettext("It changes something at the station."),
        "asking": asking,
        "sent": sent,
    }


def _frame_values(view: StationView, watch: Watch[Any] | None, fault: str = "") -> dict[str, Any]:
    state = None if watch is None else watch.look(watching_now())
    wanted = request.values.get("action", "")
    rows = [] if watch is None else watch.rows(wanted)
    return {
        "station": view,
        "watch": watch,
        "state": state,
        "exchanges": rows,
        "wanted": wanted,
        "actions": sorted(CENTRAL_ACTIONS | STATION_ACTIONS),
        "frames_fault": fault,
        "one_line": one_line,
        "most_rows": MOST_EXCHANGES,
        "minutes": int(LONGEST.total_seconds() // 60),
    }
