"""Who may see what: the access mark that each route must carry, the guard before it, the headers after it."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from web.accounts import Accounts, Role
from web.languages import reader_known
from web.problems import Problem
from web.sessions import COOKIE, SessionTable

__all__ = [
    "Access",
    "Reader",
    "access",
    "access_of",
    "challenge",
    "from_elsewhere",
    "is_program",
    "nonce",
    "reader",
    "set_up",
]

LIVE_HEADER = "X-EVCE-Live"
"""Sent by the page's own refreshes; they don't count as use of the session."""


class Access(Enum):
    """What a route asks of its visitor."""

    PUBLIC = "public"
    READ = "read"
    """Whoever is logged in, and programs (API-2)."""
    SERVICE = "service"
    """Programs alone (API-3)."""
    USER = "user"
    ADMIN = "admin"

    def admits(self, role: str | None) -> bool:
        """Whether somebody with this role (None: not logged in) may pass."""
        match self:
            case Access.PUBLIC:
                return True
            case Access.READ:
                return role in (Role.USER, Role.ADMIN, Role.WEBSERVICES)
            case Access.SERVICE:
                return role == Role.WEBSERVICES
            case Access.USER:
                return role in (Role.USER, Role.ADMIN)
            case Access.ADMIN:
                return role == Role.ADMIN


@dataclass(frozen=True, slots=True)
class Reader:
    """The person behind the request."""

    login: str
    role: str
    language: str = ""
    """The locale that the person has chosen, empty without a choice."""

    @property
    def is_admin(self) -> bool:
        """Whether the person may do everything."""
        return self.role == Role.ADMIN


View = TypeVar("View", bound=Callable[..., object])


def access(wanted: Access) -> Callable[[View], View]:
    """Mark a view function; put it below the route. A route without a mark is closed to everybody."""

    def mark(view: View) -> View:
        view.__dict__["evce_access"] = wanted
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> Access | None:
    """The mark of an endpoint; static files are public."""
    if endpoint == "static":
        return Access.PUBLIC
    wanted = getattr(app.view_functions.get(endpoint), "evce_access", None)
    return wanted if isinstance(wanted, Access) else None


def reader() -> Reader:
    """Who is logged in; only behind a route that asks for a login."""
    found = g.get("reader")
    if not isinstance(found, Reader):
        abort(401)
    return found


def nonce() -> str:
    """This response's nonce for the content security policy."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def challenge() -> dict[str, str]:
    """The header that asks a program for its login.

    Browsers aren't asked: one that knows a password sends it along with whatever any page makes it do.
    """
    if any(name in request.headers for name in ("Sec-Fetch-Mode", "Sec-Fetch-Site")):
        return {}
    return {"WWW-Authenticate": 'Basic realm="EVCE", charset="UTF-8"'}


def from_elsewhere() -> bool:
    """Whether a browser sends the request for a page of another site."""
    return request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")


def is_program() -> bool:
    """Whether the request has shown a login of its own instead of a session: no form was forged then."""
    return g.get("program") is True


def set_up(app: Flask, sessions: SessionTable, accounts: Accounts, program: Callable[[], Reader]) -> None:
    """Install the guard and the headers; `program` tells which program calls, or raises a `Problem`."""

    @app.before_request
    def guard() -> BaseResponse | None:
        if request.endpoint is None:
            return None  # no such page: the error page tells nothing that needs a login
        wanted = access_of(app, request.endpoint)
        if wanted is None:
            abort(403)
        if wanted is Access.PUBLIC:
            return None
        if request.path.startswith("/api/") and "Authorization" in request.headers:
            g.reader, g.program = program(), True
        else:
            g.reader = _find_reader(sessions, accounts)
        reader_known()
        if g.reader is None:
            return _to_login()
        if not wanted.admits(g.reader.role):
            abort(403)
        return None

    app.after_request(_harden)
    app.jinja_env.globals["csp_nonce"] = nonce


def _find_reader(sessions: SessionTable, accounts: Accounts) -> Reader | None:
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    session = sessions.find(token, touch=LIVE_HEADER not in request.headers)
    if session is None:
        return None
    user = accounts.find(session.login)
    if user is None or user.role == Role.WEBSERVICES:
        return None
    if not sessions.still_fits(token, user.password_hash):
        sessions.revoke(token)
        return None
    return Reader(user.login, user.role, user.language)


def _to_login() -> BaseResponse:
    target = request.full_path.rstrip("?") if request.method == "GET" else "/"
    if request.path.startswith("/api/"):
        raise Problem(401, "A login is needed", "This needs a login.", headers=challenge())
    if request.accept_mimetypes.best == "application/json":
        abort(401)
    if "HX-Request" in request.headers:
        page = request.headers.get("HX-Current-URL", "/")
        answer = current_app.make_response(("", 401))
        answer.headers["HX-Redirect"] = url_for("login.show", next=_path_of(page))
        return answer
    if request.method != "GET":
        abort(401)
    return redirect(url_for("login.show", next=None if target == "/" else target))


def _path_of(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:  # half an IPv6 address: no browser sends that, anybody may
        return None
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return path if path.startswith("/") and path != "/" else None


def _harden(response: Response) -> Response:
    own = response.headers
    own["Content-Security-Policy"] = (
        "default-src 'none'; "
        f"script-src 'self' 'nonce-{nonce()}'; "
        "style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    own["Strict-Transport-Security"] = "max-age=31536000"
    own["X-Content-Type-Options"] = "nosniff"
    own["X-Frame-Options"] = "DENY"
    own["Referrer-Policy"] = "same-origin"
    own["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    own["Cross-Origin-Opener-Policy"] = "same-origin"
    own["Cross-Origin-Resource-Policy"] = "same-origin"
    if request.endpoint != "static":
        own["Cache-Control"] = "no-store"
    return response
