"""The way of every change of the configuration: form, difference and effect, then in force."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, flash, make_response, redirect, request

from actors.messages import RevisionRecord
from evce.configuration.capacity import check_capacity
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import Change, difference, next_revision, revision_numbered
from evce.errors import (
    ConfigurationError,
    Refusal,
    RevisionConflictError,
    UnknownRevisionError,
    UnprovenError,
)
from web.assistant import assisted
from web.effects import effects, unproven
from web.forms import CONTROLS
from web.languages import gettext
from web.merging import merged
from web.rendering import own_identifier, revisions, site, still_page
from web.revisions import document_of
from web.security import reader
from web.sentences import told

__all__ = ["Again", "Edit", "Plain", "configuration_page", "in_force", "propose", "see_other"]

_COMMENT_LENGTH = 200

_GRAVE = ("danger", "warning")
"""Effects that are looked at first, also in the assistant."""

Plain = dict[str, Any]
Edit = Callable[[Plain], None]
"""Changes a plain document in place; `LookupError` when what it is about is not there."""
Again = Callable[[SiteDocument, int, Sequence[Refusal]], Response]
"""Shows the form again: the document, the number of its revision, and what was refused."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the request says beside the settings themselves: the revision that the form was made from, the one
    that the reader has compared it with, and how far they want to go."""

    based_on: int
    onto: int
    confirmed: bool
    accepts: bool
    comment: str


@dataclass(frozen=True, slots=True)
class _Proposed:
    """A change that could be put in force."""

    title: str
    newest: RevisionRecord
    before: SiteDocument
    after: SiteDocument
    changes: tuple[Change, ...]
    asked: _Asked
    editable: bool
    sent: Sequence[tuple[str, str]]


def in_force() -> tuple[RevisionRecord, SiteDocument]:
    """The newest revision and its document."""
    record = revisions().newest()
    return record, document_of(record.document)


def configuration_page(template: str, here: str, status: int = 200, **values: object) -> Response:
    """A page of the configuration; `here` names its part in the navigation."""
    return still_page(template, site().snapshot(), nav="configuration", status=status, here=here, **values)


def see_other(address: str) -> Response:
    """After a form: the browser asks for the page anew, and a reload sends nothing twice."""
    return make_response(redirect(address, 303))


def propose(
    edit: Edit,
    again: Again,
    *,
    title: str,
    here: str,
    back: str,
    comment: str = "",
    editable: bool = True,
    sent: Sequence[tuple[str, str]] | None = None,
) -> Response:
    """Answer a sent form with the next step on its way.

    First what is wrong with it, at its fields; then the difference and the effect, to be confirmed; then it
    is put in force, and the browser goes `back`. When another revision came between, both versions are
    shown (409), and the change can be looked at on top of it. `editable`: there is a form to go back to;
    `sent`: what the next step sends again in place of the form. In the assistant a change that harms nothing
    is put in force at once: every step is a revision of its own, and nothing is ever half applied.
    """
    asked = _asked(comment)
    newest, before = in_force()
    base = _base(asked, newest, before)
    mine = copy.deepcopy(base.plain())
    try:
        edit(mine)
    except LookupError:
        abort(404)
    if request.form.get("edit"):
        return again(base, asked.based_on, ())
    if sent is None:
        sent = _sent()
    if asked.onto != newest.number:
        return _conflict(title, here, back, asked, base, mine, newest, before, sent)
    together = mine if asked.based_on == newest.number else merged(base.plain(), mine, before.plain())
    try:
        after = SiteDocument.parse(together)
        check_capacity(before, after, own_identifier())
    except ConfigurationError as error:
        return again(base, asked.based_on, error.refusals)
    changes = difference(before, after)
    if not changes:
        if not assisted():
            flash(gettext("Nothing differs from what is in force."), "success")
        return see_other(back)
    proposed = _Proposed(title, newest, before, after, changes, asked, editable, sent)
    straight = asked.confirmed or (editable and assisted() and _harmless(before, after))
    return _put_in_force(proposed, here, back) if straight else _review(proposed, here, back)


def _harmless(before: SiteDocument, after: SiteDocument) -> bool:
    told_first = any(effect.kind in _GRAVE for effect in effects(before, after, site().snapshot()))
    return not told_first and not unproven(after)


def _asked(comment: str) -> _Asked:
    based_on = _number("based_on")
    return _Asked(
        based_on=based_on,
        onto=_number("onto") if "onto" in request.form else based_on,
        confirmed=request.form.get("confirmed") == "1",
        accepts=request.form.get("accept_unproven") == "1",
        comment=request.form.get("comment", comment).strip()[:_COMMENT_LENGTH],
    )


def _number(name: str) -> int:
    text = request.form.get(name, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        abort(400)
    return int(text)


def _base(asked: _Asked, newest: RevisionRecord, in_force: SiteDocument) -> SiteDocument:
    if asked.based_on == newest.number:
        return in_force
    try:
        return document_of(revision_numbered(revisions().history(), asked.based_on).document)
    except UnknownRevisionError:
        abort(400)


def _put_in_force(proposed: _Proposed, here: str, back: str) -> Response:
    asked = proposed.asked
    try:
        record = next_revision(
            proposed.newest,
            proposed.after,
            author=reader().login,
            comment=asked.comment,
            now=revisions().now(),
            based_on=asked.onto,
            accept_unproven=asked.accepts,
            identifier=own_identifier(),
        )
        revisions().append(record)
    except UnprovenError:
        fault = gettext("Tick that you accept it, or go back and change it.")
        return _review(proposed, here, back, 422, fault)
    except RevisionConflictError as error:
        return _review(proposed, here, back, 409, told(str(error)))
    except TimeoutError as error:
        return _review(proposed, here, back, 503, told(str(error)))
    flash(gettext("Saved. Revision %(number)d is in force.", number=record.number), "success")
    return see_other(back)


def _review(proposed: _Proposed, here: str, back: str, status: int = 200, fault: str = "") -> Response:
    return configuration_page(
        "configuration/review.html",
        here,
        status,
        title=proposed.title,
        changes=proposed.changes,
        effects=effects(proposed.before, proposed.after, site().snapshot()),
        unproven=unproven(proposed.after),
        number=proposed.newest.number + 1,
        asked=proposed.asked,
        fault=fault,
        sent=proposed.sent,
        back=back,
        can_edit=proposed.editable,
    )


def _conflict(
    title: str,
    here: str,
    back: str,
    asked: _Asked,
    base: SiteDocument,
    mine: Plain,
    newest: RevisionRecord,
    now: SiteDocument,
    sent: Sequence[tuple[str, str]],
) -> Response:
    theirs = difference(base, now)
    try:
        own = difference(base, SiteDocument.parse(mine))
    except ConfigurationError as error:
        own, refused = (), error.refusals
    else:
        refused = ()
    taken = {change.path for change in theirs}
    return configuration_page(
        "configuration/conflict.html",
        here,
        409,
        title=title,
        newest=newest,
        asked=asked,
        theirs=theirs,
        own=own,
        refused=refused,
        both={change.path for change in own if change.path in taken},
        sent=sent,
        back=back,
    )


def _sent() -> list[tuple[str, str]]:
    """The settings as they were typed, to be sent again with the next step."""
    return [(key, value) for key, value in request.form.items(multi=True) if key not in CONTROLS]
