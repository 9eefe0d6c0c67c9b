"""What people can order from the screen: stop sessions, start one."""

from flask import Blueprint, Response, make_response, render_template, request

from actors.messages import RequestRemoteStart, RequestRemoteStop
from evce.facts import Link
from evce.views import StationView
from web.figures import find_connector, is_free
from web.languages import gettext, ngettext
from web.pages.dashboard import station_or_404
from web.rendering import site
from web.security import Access, access, reader

__all__ = ["commands_pages"]

_MOST_AT_ONCE = 500
_ID_TAG_LENGTH = 20

commands_pages = Blueprint("commands", __name__)


@commands_pages.post("/sessions/stop")
@access(Access.USER)
def stop() -> Response:
    """Stop the sessions of the named connectors; the answer says what became of each."""
    chosen = list(dict.fromkeys(request.form.getlist("connector")))
    forced = request.form.get("forced") == "1"
    if not chosen:
        return _toast("warning", gettext("Nothing selected"), gettext("Select at least one session."), 422)
    if len(chosen) > _MOST_AT_ONCE:
        text = gettext("At most %(most)d sessions can be stopped at once.", most=_MOST_AT_ONCE)
        return _toast("warning", gettext("Too many"), text, 422)
    snapshot = site().snapshot()
    asked, problems = [], []
    for text in chosen:
        found = find_connector(snapshot, text)
        if found is None or found[1].transaction is None:
            problems.append(gettext("%(connector)s: no session is running any more.", connector=text[:60]))
            continue
        station, connector = found
        if station.link is not Link.CONNECTED and not forced:
            problems.append(
                gettext("%(name)s is disconnected: only a forced stop closes its session.", name=station.name)
            )
            continue
        order = RequestRemoteStop(connector.key, reader().login, forced)
        if site().tell(f"station/{station.box_identity}", order):
            asked.append(str(connector.key))
        else:
            problems.append(gettext("%(name)s: its control is restarting, try again.", name=station.name))
    title = ngettext("Stop requested for one session", "Stop requested for %(num)d sessions", len(asked))
    if not asked:
        return _toast("danger", gettext("No session was stopped"), " ".join(problems), 409)
    kind = "warning" if problems else "success"
    return _toast(kind, title, " ".join([", ".join(asked) + ".", *problems]))


@commands_pages.post("/stations/<identity>/start")
@access(Access.USER)
def start(identity: str) -> Response:
    """Ask the station to start a session; a form that won't do comes back as it was, with what is wrong."""
    station = station_or_404(site().snapshot(), identity)
    id_tag = request.form.get("id_tag", "").strip()
    faults: dict[str, str] = {}
    if not 1 <= len(id_tag) <= _ID_TAG_LENGTH or not id_tag.isascii() or not id_tag.isprintable():
        faults["id_tag"] = gettext("A badge has 1 to %(most)d plain characters.", most=_ID_TAG_LENGTH)
    found = find_connector(site().snapshot(), f"{identity}/{request.form.get('connector', '')[:4]}")
    if found is None:
        faults["connector"] = gettext("This station has no such connector.")
    elif not is_free(found[1]):
        faults["connector"] = gettext("This connector is not free.")
    if not faults and station.link is not Link.CONNECTED:
        faults["connector"] = gettext("The station is disconnected: it can't be started from here.")
    if faults or found is None:
        return _start_form(station, faults, 422)
    order = RequestRemoteStart(found[1].key, id_tag, reader().login)
    if not site().tell(f"station/{identity}", order):
        faults["connector"] = gettext("The station's control is restarting, try again.")
        return _start_form(station, faults, 409)
    return _start_form(station, {}, 200, sent=str(found[1].key))


def _start_form(station: StationView, faults: dict[str, str], status: int, sent: str = "") -> Response:
    html = render_template(
        "parts/start_form.html", station=station, form={} if sent else request.form, faults=faults, sent=sent
    )
    return make_response(html, status)


def _toast(kind: str, title: str, text: str, status: int = 200) -> Response:
    return make_response(render_template("parts/toast.html", kind=kind, title=title, text=text), status)
