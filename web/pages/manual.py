"""The pages of the manual, with its pictures and its search."""

from flask import Blueprint, Response, abort, current_app, request, send_from_directory

from web.languages import gettext
from web.manual import Manual
from web.rendering import site, still_page
from web.security import Access, access

__all__ = ["manual_pages"]

_LONGEST = 100

manual_pages = Blueprint("manual", __name__)


@manual_pages.get("/manual")
@access(Access.USER)
def contents() -> Response:
    """What is where, or the sections that have the words looked for."""
    manual = _manual()
    text = request.args.get("text", "").strip()
    fault = (
        gettext("Search for at most %(number)d characters.", number=_LONGEST) if len(text) > _LONGEST else ""
    )
    return still_page(
        "manual_contents.html",
        site().snapshot(),
        "manual",
        status=422 if fault else 200,
        chapters=manual.chapters,
        text=text,
        fault=fault,
        found=[] if fault else manual.find(text),
    )


@manual_pages.get("/manual/<name>")
@access(Access.USER)
def chapter(name: str) -> Response:
    """One chapter, with its own contents beside it."""
    manual = _manual()
    found = manual.chapter(name)
    if found is None:
        abort(404)
    return still_page("manual.html", site().snapshot(), "manual", chapter=found, chapters=manual.chapters)


@manual_pages.get("/manual/images/<name>")
@access(Access.USER)
def picture(name: str) -> Response:
    """A picture of the manual."""
    folder = _manual().folder
    if folder is None or not name.endswith(".png"):
        abort(404)
    return send_from_directory(folder / "images", name, max_age=3600)


def _manual() -> Manual:
    found: Manual = current_app.extensions["evce_manual"]
    return found
