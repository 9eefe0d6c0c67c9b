"""The history of the configuration: every revision, what differs between two, and the way back."""

from typing import Any

from flask import Blueprint, Response, abort, request

from evce.configuration.revisions import difference, revision_numbered
from evce.errors import ConfigurationError, UnknownRevisionError
from evce.records import RevisionRecord
from web.languages import gettext
from web.pages.proposing import configuration_page, propose
from web.rendering import revisions
from web.revisions import document_of
from web.security import Access, access

__all__ = ["history_pages"]

_PER_PAGE = 50

history_pages = Blueprint("history", __name__)


@history_pages.get("/configuration/history")
@access(Access.ADMIN)
def history() -> Response:
    records = list(revisions().history())
    text = request.args.get("page", "1")
    page = max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 7 else 1
    first = (page - 1) * _PER_PAGE
    return configuration_page(
        "configuration/history.html",
        "history",
        records=records[first : first + _PER_PAGE],
        newest=records[0] if records else None,
        page=page,
        more=len(records) > first + _PER_PAGE,
    )


@history_pages.get("/configuration/history/difference")
@access(Access.ADMIN)
def compared() -> Response:
    """What differs from one revision (`old`) to another (`new`)."""
    records = list(revisions().history())
    old, new = sorted((_numbered(records, "old"), _numbered(records, "new")), key=lambda r: r.number)
    try:
        changes = difference(document_of(old.document), document_of(new.document))
    except ConfigurationError as error:
        return configuration_page(
            "configuration/refused.html",
            "history",
            422,
            title=gettext("Revisions %(old)d and %(new)d", old=old.number, new=new.number),
            others=[str(refusal) for refusal in error.refusals],
            back="/configuration/history",
        )
    return configuration_page(
        "configuration/difference.html", "history", old=old, new=new, changes=changes, newest=records[0]
    )


@history_pages.post("/configuration/history/<int:number>/rollback")
@access(Access.ADMIN)
def roll_back(number: int) -> Response:
    """Put the document of an old revision in force again, as a new revision."""
    try:
        old = revision_numbered(revisions().history(), number)
    except UnknownRevisionError:
        abort(404)
    title = gettext("Back to revision %(number)d", number=number)

    def refused(error: ConfigurationError) -> Response:
        return configuration_page(
            "configuration/refused.html",
            "history",
            422,
            title=title,
            others=[str(refusal) for refusal in error.refusals],
            back="/configuration/history",
        )

    try:
        then = document_of(old.document).plain()
    except ConfigurationError as error:  # this release refuses what an older one took
        return refused(error)

    def edit(plain: dict[str, Any]) -> None:
        plain.clear()
        plain.update(then)

    return propose(
        edit,
        lambda _, __, refusals: refused(ConfigurationError(refusals)),
        title=title,
        here="history",
        back="/configuration/history",
        comment=f"back to revision {number}",
        editable=False,
    )


def _numbered(records: list[RevisionRecord], name: str) -> RevisionRecord:
    text = request.args.get(name, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        abort(404)
    try:
        return revision_numbered(records, int(text))
    except UnknownRevisionError:
        abort(404)
