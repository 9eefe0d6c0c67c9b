"""The pages for what went wrong: what happened, and what the reader can do about it."""

import logging

from flask import Flask, Response, g, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from web.languages import gettext, mark
from web.passwords import PasswordsBusyError
from web.problems import Problem, problem_response
from web.site import NoAnswerError

__all__ = ["set_up"]

log = logging.getLogger(__name__)


def set_up(app: Flask) -> None:
    """Install the error pages."""
    app.register_error_handler(NoAnswerError, _no_answer)
    app.register_error_handler(Problem, Problem.response)
    app.register_error_handler(PasswordsBusyError, _busy)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def _no_answer(error: NoAnswerError) -> Response:
    return _page(
        503,
        gettext("The site's control does not answer"),
        gettext("“%(part)s” gave no answer in time. Charging goes on without this page.", part=error.name),
        gettext(
            "It may be starting again: this page tries by itself every few seconds. If it stays like this "
            "for more than a minute, look at the log of the EVCE service."
        ),
        retry=True,
    )


def _busy(_: PasswordsBusyError) -> Response:
    return _page(
        503,
        gettext("Too many logins at once"),
        gettext("Checking passwords is deliberately costly, and several people are logging in right now."),
        gettext("Wait a few seconds and log in again."),
    )


def _csrf(_: CSRFError) -> Response:
    return _page(
        400,
        gettext("This form is no longer valid"),
        gettext("It was not sent by a page of this session, or the page is older than the session."),
        gettext("Reload the page and send the form again. Nothing was changed."),
    )


_WORDS = {
    401: (
        mark("Please log in"),
        mark("This needs a login, or your session has ended."),
        mark("Log in and try again."),
    ),
    403: (
        mark("Not allowed"),
        mark("Your role does not include this page or action."),
        mark("Ask an administrator, or log in as another user."),
    ),
    404: (
        mark("There is nothing here"),
        mark("The page, zone or station does not exist, or no longer does."),
        mark("Go back to the overview and follow the tree from there."),
    ),
    405: (
        mark("Not possible like this"),
        mark("This address does not take that kind of request."),
        mark("Go back and use the page."),
    ),
    413: (
        mark("Too large"),
        mark("The request is larger than what is accepted here."),
        mark("Send less at a time."),
    ),
}


def _http(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:  # a redirect travels as an exception too
        return make_response(error.get_response())
    title, what, advice = _WORDS.get(
        code, (error.name, error.description or "", mark("Go back and try again."))
    )
    return _page(code, gettext(title), gettext(what), gettext(advice))


def _unexpected(error: Exception) -> Response:
    log.error("A page failed: %s %s", request.method, request.path, exc_info=error)
    return _page(
        500,
        gettext("Something went wrong on this page"),
        gettext("The error is in the log. The control of the charging stations is not affected."),
        gettext("Go back and try again; if it happens again, report it with the time shown in the log."),
    )


def _page(code: int, title: str, what: str, advice: str, *, retry: bool = False) -> Response:
    if request.path.startswith(("/api/", "/healthz")):
        answer = problem_response(code, title, what, advice=advice)
    elif "HX-Request" in request.headers:
        note = render_template("parts/toast.html", kind="danger", title=title, text=f"{what} {advice}")
        answer = make_response(note)
        answer.status_code = code
        answer.headers["HX-Retarget"] = "#toasts"
        answer.headers["HX-Reswap"] = "afterbegin"
    else:
        answer = make_response(
            render_template(
                "error.html",
                code=code,
                title=title,
                what=what,
                advice=advice,
                retry=retry,
                known=g.get("reader"),
            ),
            code,
        )
    if retry:
        answer.headers["Retry-After"] = "3"
    return answer
