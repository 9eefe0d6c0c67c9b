"""The page that starts EVCE anew, after saying what happens meanwhile."""

from flask import Blueprint, Response, make_response, render_template

from actors.messages import Restart
from web.languages import gettext
from web.pages.proposing import configuration_page
from web.rendering import site
from web.security import Access, access, reader

__all__ = ["restart_pages"]

restart_pages = Blueprint("restart", __name__)

ADDRESS = "/configuration/restart"


@restart_pages.get(ADDRESS)
@access(Access.ADMIN)
def ask() -> Response:
    """What happens meanwhile."""
    return _form("", 200)


@restart_pages.post(ADDRESS)
@access(Access.ADMIN)
def restart() -> Response:
    """SR-3: the login comes back by itself."""
    if not site().tell("site", Restart(reader().login)):
        return _form(gettext("EVCE can't be started anew at this moment. Try again."), 503)
    return make_response(render_template("restarting.html"))


def _form(fault: str, status: int) -> Response:
    return configuration_page("configuration/restart.html", "restart", status, fault=fault)
