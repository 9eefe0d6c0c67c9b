"""Logging in and out, and the choice of the language."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from actors.messages import RecordEvent
from web.accounts import Accounts
from web.formatting import duration
from web.languages import LANGUAGE_COOKIE, LANGUAGES, gettext
from web.lockout import Lockout
from web.security import Access, access
from web.sessions import COOKIE, SessionTable
from web.settings import WebSettings
from web.site import Site

__all__ = ["login_pages"]

_YEAR = 365 * 24 * 3600


def login_pages(
    site: Site, accounts: Accounts, sessions: SessionTable, lockout: Lockout, settings: WebSettings
) -> Blueprint:
    """The blueprint `login`."""
    pages = Blueprint("login", __name__)

    @pages.get("/login")
    @access(Access.PUBLIC)
    def show() -> BaseResponse:
        if settings.setup_code and not accounts.has_admin():
            return redirect("/assistant/credentials")
        return _form("", "", 200)

    @pages.post("/login")
    @access(Access.PUBLIC)
    def enter() -> BaseResponse:
        login = request.form.get("login", "").strip()[:64]
        password = request.form.get("password", "")[:1024]
        if not login or not password:
            return _form(login, gettext("Please enter your login and your password."), 422)
        source = request.remote_addr or "unknown"
        locked_for = lockout.locked_for(login, source)
        if locked_for > 0:
            return _locked(login, locked_for)
        now = settings.now()
        closed = lockout.attempt(login, source)
        user = accounts.check(login, password, now)
        if user is None:
            _audit(site, now, login, source, "was locked out" if closed else "failed to log in")
            if closed:
                return _locked(login, lockout.locked_for(login, source))
            return _form(login, gettext("Login or password is wrong."), 401)
        lockout.succeeded(login, source)
        _audit(site, now, user.login, source, "logged in")
        old = request.cookies.get(COOKIE, "")
        if old:
            sessions.revoke(old)
        answer = redirect(_local_path(request.args.get("next", "")))
        answer.set_cookie(
            COOKIE, sessions.begin(user.login), secure=True, httponly=True, samesite="Lax", path="/"
        )
        return answer

    @pages.post("/logout")
    @access(Access.PUBLIC)
    def leave() -> BaseResponse:
        token = request.cookies.get(COOKIE, "")
        if token:
            sessions.revoke(token)
        answer = redirect("/login")
        answer.delete_cookie(COOKIE, path="/", secure=True, httponly=True, samesite="Lax")
        return answer

    @pages.post("/language")
    @access(Access.PUBLIC)
    def choose_language() -> BaseResponse:
        chosen = request.form.get("language", "")
        if chosen not in LANGUAGES:
            abort(404)
        session = sessions.find(request.cookies.get(COOKIE, ""), touch=True)
        user = accounts.find(session.login) if session is not None else None
        if user is not None and user.language != chosen:
            accounts.save(replace(user, language=chosen))
        answer = redirect(_local_path(request.form.get("back", "")))
        answer.set_cookie(
            LANGUAGE_COOKIE, chosen, max_age=_YEAR, secure=True, httponly=True, samesite="Lax", path="/"
        )
        return answer

    return pages


def _form(login: str, fault: str, status: int) -> Response:
    version = current_app.config["EVCE_VERSION"]
    return make_response(render_template("login.html", login=login, fault=fault, version=version), status)


def _locked(login: str, seconds: float) -> Response:
    fault = gettext("Too many failed logins. Try again in %(time)s.", time=duration(seconds + 0.999))
    answer = _form(login, fault, 429)
    answer.headers["Retry-After"] = str(int(seconds) + 1)
    return answer


def _local_path(target: str) -> str:
    """Only a path of this very host, or the overview: nobody is sent elsewhere after a login."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return "/"
    local = not parts.scheme and not parts.netloc and target.startswith("/") and "\\" not in target
    return target if local and not target.startswith("//") and target.isprintable() else "/"


def _audit(site: Site, now: datetime, login: str, source: str, what: str) -> None:
    printable = "".join(c if c.isprintable() else "?" for c in login)
    site.tell("recorder", RecordEvent(now, "evce", "audit", f"“{printable}” {what} from {source}", printable))
