"""The site's time: a page that sets it from the browser, and the calls by which programs do (API-4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from flask import Blueprint, Response, flash, request

from actors.messages import SiteTimeView
from evce.site_time import TimeSource, time_fault
from web.api_calls import Call, call
from web.languages import gettext
from web.listing import versioned
from web.pages.proposing import configuration_page, see_other
from web.problems import Problem, in_body
from web.rendering import services, site
from web.security import Access, access, reader
from web.sentences import told
from web.site import NoAnswerError
from web.site_time import as_plain_time, follow_host, moment_of, set_time, time_view

__all__ = ["shown_time", "site_time_pages"]

site_time_pages = Blueprint("site_time", __name__)

ADDRESS = "/configuration/time"

_FIELD = "time"


def shown_time() -> SiteTimeView | None:
    """What time it is, for a page that is about something else; None while nobody answers."""
    try:
        return time_view(site().ask)
    except NoAnswerError:
        return None


# The page.


@site_time_pages.get(ADDRESS)
@access(Access.ADMIN)
def show() -> Response:
    """The site's time beside the browser's and the host's, and the question whether to set it."""
    return _page("", 200)


@site_time_pages.post(ADDRESS)
@access(Access.ADMIN)
def change() -> Response:
    """Set it to what the browser says, or take the host's clock again; audited."""
    login = reader().login
    if request.form.get("follow_host"):
        answer = follow_host(site().ask, site().tell, login)
    else:
        try:
            moment = moment_of(request.form.get("browser_time", ""))
        except ValueError:
            return _page(gettext("The browser didn't tell its time. Try again."), 422)
        answer = set_time(site().ask, site().tell, moment, TimeSource.PERSON, login)
    if answer.refused:
        return _page(gettext("The time stays as it is: %(why)s", why=told(answer.refused)), 409)
    moved = f"{answer.moved:+.1f} s"
    flash(gettext("The time of the site was moved by %(time)s.", time=moved), "success")
    return see_other(ADDRESS)


def _page(fault: str, status: int) -> Response:
    return configuration_page(
        "configuration/time.html", "site", status, fault=fault, time=time_view(site().ask)
    )


# The calls.


@dataclass(frozen=True, slots=True)
class SiteTimeTold:
    """What time it is at the site. Differences in s."""

    time: datetime
    time_zone: str
    source: TimeSource
    by: Annotated[str, "who set it, where somebody did"]
    heard_at: Annotated[datetime | None, "when the source spoke last"]
    host_time: Annotated[datetime, "the clock of EVCE's computer"]
    ahead_of_host_s: float
    still_moving_s: Annotated[float, "what is still made up for, without a jump"]
    stations_behind_s: Annotated[float, "how far the time that stations are told is behind"]
    operator_not_followed: Annotated[str, "why; empty where it is, or there is none"]
    guessed: Annotated[bool, "the computer has lost its time"]


@dataclass(frozen=True, slots=True)
class TimeWish:
    """A time to be set."""

    time: Annotated[datetime, "with its offset"]


_TOLD = {
    "time": "2026-11-22T18:00:00.000+00:00",
    "time_zone": "Europe/Paris",
    "source": "web services",
    "by": "service",
    "heard_at": "2026-11-22T18:00:00.000+00:00",
    "host_time": "2026-11-22T17:59:58.800+00:00",
    "ahead_of_host_s": 1.2,
    "still_moving_s": 0.0,
    "stations_behind_s": 0.1,
    "operator_not_followed": "",
    "guessed": False,
}


@site_time_pages.get("/api/v1/time")
@access(Access.READ)
@call(Call("Time", SiteTimeTold, _TOLD))
def time() -> Response:
    """The site's time, who says so, and how far the computer's clock is off."""
    return versioned(as_plain_time(time_view(site().ask), site().snapshot().time_zone))


@site_time_pages.put("/api/v1/time")
@access(Access.SERVICE)
@call(
    Call(
        "Time",
        SiteTimeTold,
        _TOLD,
        body=TimeWish,
        body_example={_FIELD: "2026-11-22T19:00:00+01:00"},
        refusals={
            400: "The body is no JSON object.",
            403: "webservices.time_synchronisation is switched off.",
            409: "The time comes from the operator.",
            422: "It is no time, has no offset, or can't be; errors points at it.",
        },
    )
)
def synchronise() -> Response:
    """Set the site's time. Up to 5 s it is moved without a jump; the computer's clock stays as it is.

    Better left switched off where an operator is connected: its systems should have one time.
    """
    if not services().time_synchronisation:
        detail = "Time synchronisation is switched off; webservices.time_synchronisation switches it on."
        raise Problem(403, "Switched off", detail)
    answer = set_time(site().ask, site().tell, _wished(), TimeSource.WEB_SERVICES, reader().login)
    if answer.refused:
        raise Problem(409, "The time stays as it is", answer.refused)
    return versioned(as_plain_time(time_view(site().ask), site().snapshot().time_zone))


def _wished() -> datetime:
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        detail = f'a JSON object such as {{"{_FIELD}": "2026-11-22T18:00:00Z"}}, of type application/json'
        raise Problem(400, "The body can't be understood", detail, errors=[in_body("", detail)])
    wrong = [in_body(name[:100], f"unknown; there is {_FIELD}") for name in given if name != _FIELD]
    text = given.get(_FIELD)
    fault, moment = "is missing: a time such as 2026-11-22T18:00:00+01:00", None
    if text is not None:
        try:
            moment = moment_of(str(text))
            fault = time_fault(moment)
        except ValueError as error:
            fault = str(error)
    if fault:
        wrong.append(in_body(_FIELD, fault))
    if wrong or moment is None:
        raise Problem(422, "This is no time", wrong[0]["detail"], errors=wrong)
    return moment
