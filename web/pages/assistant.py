"""The pages of the assistant: first login, the frame round the pages of the settings, summary (UI-6)."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from flask import Blueprint, Flask, Response, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from actors.messages import ListCards, RecordEvent, UserRecord
from evce.configuration.document import SiteDocument
from evce.configuration.toml_source import parse_toml
from evce.errors import ConfigurationError, Refusal
from web.accounts import Accounts, Role, login_faults
from web.assistant import (
    STEPS,
    Finding,
    Standing,
    Step,
    assisted,
    begun,
    findings,
    seen,
    standings,
    step_at,
    turn,
    way,
)
from web.formatting import duration
from web.languages import gettext
from web.lockout import Lockout
from web.pages.proposing import Plain, configuration_page, in_force, propose, see_other
from web.pages.users import new_password_faults
from web.rendering import site
from web.security import Access, access, reader
from web.sessions import COOKIE, SessionTable
from web.settings import WebSettings
from web.site import Site

__all__ = ["Bar", "assistant_pages", "set_up"]

_CODE = "set-up code"
"""Stands for the login where attempts at the code are counted."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What the frame of the assistant shows round a page; `back` and `ahead` are addresses."""

    step: Step
    marks: tuple[tuple[Step, str], ...]
    """Each step with how it stands: here, open, done, untouched or skipped."""
    back: str
    ahead: str
    submits: bool
    """Whether the way ahead sends the form of this page."""


def set_up(app: Flask) -> None:
    """Give the templates the frame of the assistant."""
    app.jinja_env.globals.update(assistant_bar=_bar, assisted=assisted)


def _bar() -> Bar | None:
    """The frame round this page, worked out once a request; None outside the assistant."""
    if "assistant_bar" not in g:
        g.assistant_bar = _made_bar()
    found: Bar | None = g.assistant_bar
    return found


def _made_bar() -> Bar | None:
    step = step_at(request.path)
    if step is None or not assisted() or not reader().is_admin:
        return None
    document = in_force()[1]
    known = standings(_findings(document))
    steps = way(document)
    place = STEPS.index(step)
    far = seen(step)
    marks = tuple((one, "here" if one is step else _mark(one, steps, known, far)) for one in STEPS)
    before = [one for one in steps[1:] if STEPS.index(one) < place]
    after = [one for one in steps if STEPS.index(one) > place]
    return Bar(
        step,
        marks,
        before[-1].address if before else "/assistant",
        after[0].address if after and request.path == step.address else "",
        step.form and request.path == step.address,
    )


def _mark(step: Step, steps: Sequence[Step], known: Mapping[str, Standing], far: int) -> str:
    """`far` is the place up to which steps can be done: what nobody has looked at isn't."""
    if step not in steps:
        return "skipped"
    if step is STEPS[0]:
        return "done"
    standing = known.get(step.name) if STEPS.index(step) <= far else None
    return "untouched" if standing is None else "open" if standing is Standing.OPEN else "done"


def _findings(document: SiteDocument) -> tuple[Finding, ...]:
    cards = site().ask("recorder", ListCards(1, authorised=True))
    return findings(document, site().snapshot(), bool(cards))


def assistant_pages(
    the_site: Site, accounts: Accounts, sessions: SessionTable, lockout: Lockout, settings: WebSettings
) -> Blueprint:
    """The blueprint `assistant`."""
    pages = Blueprint("assistant", __name__)
    one_at_a_time = Lock()

    @pages.get("/assistant/credentials")
    @access(Access.PUBLIC)
    def credentials() -> BaseResponse:
        if accounts.has_admin():
            return redirect("/assistant")
        return _credentials({}, 200)

    @pages.post("/assistant/credentials")
    @access(Access.PUBLIC)
    def first_login() -> BaseResponse:
        """US-1: whoever knows the code that the start printed makes the first login, once."""
        with one_at_a_time:
            if accounts.has_admin():
                return redirect("/assistant")
            faults = _code_faults() or _login_faults()
            if faults:
                return _credentials(faults, 422)
            login = _text("login")
            _add(login, request.form["password"], Role.ADMIN, login)
            if other := _text("user_login"):
                _add(other, request.form["user_password"], Role.USER, login)
        turn(True)
        answer = see_other("/assistant")
        answer.set_cookie(COOKIE, sessions.begin(login), secure=True, httponly=True, samesite="Lax", path="/")
        return answer

    def _credentials(faults: dict[str, str], status: int) -> Response:
        html = render_template(
            "assistant/credentials.html",
            form=request.form,
            faults=faults,
            code=request.values.get("code", "")[:40],
            code_needed=not _open(),
        )
        return make_response(html, status)

    def _open() -> bool:
        """Somebody has just set EVCE back to factory settings (SR-3, DI-5)."""
        return settings.setup_open_until is not None and settings.now() < settings.setup_open_until

    def _code_faults() -> dict[str, str]:
        if _open():
            return {}
        source = request.remote_addr or "unknown"
        if (wait := lockout.locked_for(_CODE, source)) <= 0:
            lockout.attempt(_CODE, source)
            given = _text("code").upper()
            if settings.setup_code and hmac.compare_digest(given.encode(), settings.setup_code.encode()):
                lockout.succeeded(_CODE, source)
                return {}
            wait = lockout.locked_for(_CODE, source)
        if wait > 0:
            time = duration(wait + 0.999)
            return {"code": gettext("Too many wrong codes. Try again in %(time)s.", time=time)}
        return {"code": gettext("This is not the code that EVCE printed when it was started last.")}

    def _add(login: str, password: str, role: Role, author: str) -> None:
        now = settings.now()
        accounts.save(UserRecord(login, role, accounts.hash(password), now))
        text = f"user {login} added as {role.value} in the assistant"
        the_site.tell("recorder", RecordEvent(now, "EVCE", "audit", text, author))

    @pages.get("/assistant")
    @access(Access.ADMIN)
    def begin() -> Response:
        return _begin(())

    @pages.post("/assistant")
    @access(Access.ADMIN)
    def go_on() -> Response:
        """To the first step at which something is open."""
        turn(True)
        if begun(in_force()[1]):
            seen(STEPS[-1])
        open_ = [found.step for found in _findings(in_force()[1]) if found.standing is Standing.OPEN]
        steps = way(in_force()[1])[1:]
        return see_other(next((step.address for step in steps if step.name in open_), steps[-1].address))

    @pages.post("/assistant/leave")
    @access(Access.ADMIN)
    def leave() -> Response:
        turn(False)
        return see_other("/")

    @pages.post("/assistant/site-file")
    @access(Access.ADMIN)
    def take_over() -> Response:
        """A site file in place of all settings: seen first, like every change."""
        upload = request.files.get("file")
        text = request.form.get("text", "")
        if upload is not None:
            text = upload.read().decode(errors="replace")
        try:
            wanted = parse_toml(text)
        except ConfigurationError as error:
            return _begin(error.refusals)

        def edit(plain: Plain) -> None:
            plain.clear()
            plain.update(wanted.plain())

        return propose(
            edit,
            lambda _, __, refused: _begin(refused),
            title=gettext("Take over a site file"),
            here="overview",
            back="/assistant",
            comment="a site file, in the assistant",
            editable=False,
            sent=[("text", text)],
        )

    def _begin(refusals: Sequence[Refusal]) -> Response:
        record, document = in_force()
        fresh = not begun(document)
        known, far = standings(_findings(document)), 0 if fresh else len(STEPS)
        return configuration_page(
            "assistant/begin.html",
            "overview",
            422 if refusals else 200,
            marks=[(step, _mark(step, way(document), known, far)) for step in way(document)],
            number=record.number,
            fresh=fresh,
            others=[str(refusal) for refusal in refusals],
        )

    @pages.get("/assistant/summary")
    @access(Access.ADMIN)
    def summary() -> Response:
        return configuration_page("assistant/summary.html", "overview", found=_findings(in_force()[1]))

    @pages.get("/assistant/findings")
    @access(Access.ADMIN)
    def found_now() -> Response:
        """The live part of the summary."""
        html = render_template(
            "assistant/findings.html", found=_findings(in_force()[1]), snapshot=site().snapshot()
        )
        return make_response(html)

    return pages


def _text(name: str) -> str:
    return request.form.get(name, "").strip()[:64]


def _login_faults() -> dict[str, str]:
    faults = new_password_faults()
    if wrong := login_faults(_text("login")):
        faults["login"] = " ".join(wrong)
    if _text("user_login") or request.form.get("user_password"):
        faults |= {f"user_{name}": fault for name, fault in new_password_faults("user_").items()}
        if wrong := login_faults(_text("user_login")):
            faults["user_login"] = " ".join(wrong)
        elif _text("user_login").casefold() == _text("login").casefold():
            faults["user_login"] = gettext("Somebody has this login already.")
    return faults
