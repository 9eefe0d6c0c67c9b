"""What an administrator does with wished network settings: keep them, try again, download them."""

from flask import Blueprint, Response, abort, current_app, flash, redirect
from werkzeug.wrappers import Response as Redirection

from actors.messages import RecordEvent
from evce.network.networkd import UNIT, networkd_unit
from web.languages import gettext
from web.network_shelf import NetworkShelf
from web.rendering import document_in_force, site
from web.security import Access, access, reader

__all__ = ["network_pages"]

_PAGE = "/configuration/section/network"

network_pages = Blueprint("network", __name__)


@network_pages.get("/configuration/network/unit")
@access(Access.ADMIN)
def unit() -> Response:
    """The settings in force as a file of systemd-networkd, where EVCE does not apply them."""
    text = networkd_unit(document_in_force().network)
    if not text:
        abort(404)
    answer = Response(text, mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="{UNIT}"'
    return answer


@network_pages.post("/configuration/network/keep")
@access(Access.ADMIN)
def keep() -> Redirection:
    """Whoever asks for this has reached EVCE with the new settings."""
    try:
        kept = _shelf().confirm()
    except OSError as error:
        flash(gettext("It can't be written down: %(error)s", error=str(error)), "danger")
    else:
        if kept:
            _audit("the network settings are kept")
            flash(gettext("The network settings are kept."), "success")
        else:
            flash(gettext("Nothing waits to be kept: the time was up, or somebody was quicker."), "warning")
    return redirect(_PAGE, 303)


@network_pages.post("/configuration/network/try-again")
@access(Access.ADMIN)
def try_again() -> Redirection:
    """Once more what was put back or has failed."""
    try:
        _shelf().try_again()
    except OSError as error:
        flash(gettext("It can't be written down: %(error)s", error=str(error)), "danger")
    else:
        _audit("the network settings are tried once more")
    return redirect(_PAGE, 303)


def _audit(text: str) -> None:
    now = current_app.extensions["evce_settings"].now()
    site().tell("recorder", RecordEvent(now, "EVCE", "audit", text, reader().login))


def _shelf() -> NetworkShelf:
    found: NetworkShelf | None = current_app.extensions["evce_network"]
    if found is None:
        abort(404)
    return found
