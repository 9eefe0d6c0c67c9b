"""What people can order of several stations at once: stop sessions."""

from flask import Blueprint, Response, request

from actors.messages import RequestAction
from evce.facts import Link
from web.figures import find_connector
from web.languages import gettext, ngettext
from web.rendering import site, toast
from web.security import Access, access, reader

__all__ = ["commands_pages"]

_MOST_AT_ONCE = 500

commands_pages = Blueprint("commands", __name__)


@commands_pages.post("/sessions/stop")
@access(Access.USER)
def stop() -> Response:
    """Stop the sessions of the named connectors; the answer says what became of each."""
    chosen = list(dict.fromkeys(request.form.getlist("connector")))
    forced = request.form.get("forced") == "1"
    if not chosen:
        return toast("warning", gettext("Nothing selected"), gettext("Select at least one session."), 422)
    if len(chosen) > _MOST_AT_ONCE:
        text = gettext("At most %(most)d sessions can be stopped at once.", most=_MOST_AT_ONCE)
        return toast("warning", gettext("Too many"), text, 422)
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
        given = {"connector": connector.key.number, "forced": forced}
        order = RequestAction(station.box_identity, "stop", given, reader().login)
        if site().tell(f"station/{station.box_identity}", order):
            asked.append(str(connector.key))
        else:
            problems.append(gettext("%(name)s: its control is restarting, try again.", name=station.name))
    title = ngettext("Stop requested for one session", "Stop requested for %(num)d sessions", len(asked))
    if not asked:
        return toast("danger", gettext("No session was stopped"), " ".join(problems), 409)
    kind = "warning" if problems else "success"
    return toast(kind, title, " ".join([", ".join(asked) + ".", *problems]))
