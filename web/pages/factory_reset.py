"""The page that sets EVCE back to factory settings, after asking for the name of the site."""

from flask import Blueprint, Response, make_response, render_template, request

from actors.messages import ResetToFactory
from web.languages import gettext
from web.pages.proposing import configuration_page
from web.rendering import site
from web.security import Access, access, reader

__all__ = ["factory_reset_pages"]

factory_reset_pages = Blueprint("factory_reset", __name__)

ADDRESS = "/configuration/factory-reset"


@factory_reset_pages.get(ADDRESS)
@access(Access.ADMIN)
def ask() -> Response:
    """What will be gone, what can be saved first, and how to get in again."""
    return _form("", 200)


@factory_reset_pages.post(ADDRESS)
@access(Access.ADMIN)
def reset() -> Response:
    """SR-3: whoever writes the site's name means it."""
    name = site().snapshot().site_name
    if request.form.get("site_name", "").strip() != name:
        return _form(gettext("Write the site's name as it stands above: %(name)s", name=name), 422)
    if not site().tell("site", ResetToFactory(reader().login)):
        return _form(gettext("EVCE can't be reset at this moment. Try again."), 503)
    return make_response(render_template("reset.html"))


def _form(fault: str, status: int) -> Response:
    name = site().snapshot().site_name
    template = "configuration/factory_reset.html"
    return configuration_page(template, "factory-reset", status, fault=fault, site_name=name)
