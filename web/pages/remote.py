"""Remote energy management for programs: one login limits zones and gives signs of life (API-3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import uuid4

from flask import Blueprint, Response, request

from actors.messages import REMOTE, GetRemote, GetRemoteAnswer, HearRemote, RecordEvent, SetRemoteLimit
from evce.remote_limits import Refused, RemoteAnswer, RemoteState, amps_fault
from evce.units import Amps, ZoneId
from evce.views import RemoteView, ZoneView
from web.api_calls import Call, call
from web.listing import versioned
from web.problems import Problem, in_body
from web.rendering import revisions, services, site
from web.resources import plain
from web.security import Access, access, reader
from web.site import NoAnswerError

__all__ = ["remote_pages"]

remote_pages = Blueprint("remote", __name__)

_FIELD = "amps_per_phase"
_NONE = "none"


@dataclass(frozen=True, slots=True)
class RemoteLimit:
    """The limit of one zone."""

    zone: str
    amps_per_phase: Annotated[float | None, "null where the zone has none"]


@dataclass(frozen=True, slots=True)
class LimitWish:
    """A limit to be set."""

    amps_per_phase: Annotated[float, "from 0 to the zone's maximum"]


@dataclass(frozen=True, slots=True)
class LimitTaken:
    """What became of a wish."""

    zone: str
    amps_per_phase: Annotated[float | None, "null where the zone has none now"]
    holds_until: Annotated[datetime | None, "before then only a lower one is taken; null: any, at once"]


@dataclass(frozen=True, slots=True)
class StandingLimit:
    """A limit that holds."""

    zone: str
    amps_per_phase: float
    holds_until: Annotated[datetime | None, "before then only a lower one is taken; null: any, at once"]
    dropped: Annotated[bool, "nobody stands behind it any more: it rises until it no longer binds"]


@dataclass(frozen=True, slots=True)
class RemoteStatus:
    """How it stands with remote energy management."""

    state: RemoteState
    login: Annotated[str, "the one that may limit zones"]
    heard_at: Annotated[datetime | None, "its last sign of life; null: none since the start"]
    minimum_period_s: float
    heartbeat_period_s: Annotated[float, "after so long without a sign of life all limits are dropped"]
    limits: tuple[StandingLimit, ...]


_LIMIT = {"zone": "garage", "amps_per_phase": 16.0}
_TAKEN = {**_LIMIT, "holds_until": "2026-11-22T18:01:00+00:00"}
_STATUS = {
    "state": "active",
    "login": "service",
    "heard_at": "2026-11-22T18:00:00+00:00",
    "minimum_period_s": 60.0,
    "heartbeat_period_s": 600.0,
    "limits": [{**_TAKEN, "dropped": False}],
}
_NOT_ALLOWED = "Another login than webservices.remote_login, or remote energy management is switched off."
_CHANGED = "If-Match names another limit than the one that holds."
_TOO_SOON = (
    "Within the minimum period the first value holds, and only a lower one is taken; Retry-After tells."
)


@remote_pages.get("/api/v1/remote")
@access(Access.READ)
@call(Call("Remote energy management", RemoteStatus, _STATUS))
def status() -> Response:
    """How it stands with remote energy management: who may limit zones, and every limit that holds."""
    return versioned(_status())


@remote_pages.post("/api/v1/remote/heartbeat")
@access(Access.SERVICE)
@call(Call("Remote energy management", RemoteStatus, _STATUS, refusals={403: _NOT_ALLOWED}))
def heartbeat() -> Response:
    """Give a sign of life: without one for a whole heartbeat period all limits are dropped.

    Setting or taking away a limit is one as well. A limit that has been dropped doesn't come back by it.
    """
    _allowed()
    if not site().tell(REMOTE, HearRemote(reader().login)):
        raise NoAnswerError(REMOTE)
    return versioned(_status())


@remote_pages.get("/api/v1/zones/<zone_id>/remote-limit")
@access(Access.READ)
@call(
    Call(
        "Remote energy management",
        RemoteLimit,
        _LIMIT,
        refusals={404: "There is no such zone."},
        conditional="If-None-Match",
    )
)
def limit(zone_id: str) -> Response:
    """The limit of a zone that was set from elsewhere, in A per phase."""
    zone = _zone(zone_id)
    held = _held(zone.id)
    return versioned(plain(RemoteLimit(zone.id, held)), _tag(held))


@remote_pages.put("/api/v1/zones/<zone_id>/remote-limit")
@access(Access.SERVICE)
@call(
    Call(
        "Remote energy management",
        LimitTaken,
        _TAKEN,
        body=LimitWish,
        body_example={_FIELD: 16.0},
        refusals={
            400: "The body is no JSON object.",
            403: _NOT_ALLOWED,
            404: "There is no such zone.",
            412: _CHANGED,
            422: "The limit is no current that the zone can have; errors points at it.",
            429: _TOO_SOON,
        },
        conditional="If-Match",
    )
)
def set_limit(zone_id: str) -> Response:
    """Limit a zone. It holds beside the zone's maximum, meter, inputs and times of use: the lowest counts.

    A lower value is taken at once. Any other change opens a minimum period in which it holds.
    """
    _allowed()
    zone = _zone(zone_id)
    return _wish(zone, _wished(zone))


@remote_pages.delete("/api/v1/zones/<zone_id>/remote-limit")
@access(Access.SERVICE)
@call(
    Call(
        "Remote energy management",
        LimitTaken,
        {"zone": "garage", "amps_per_phase": None, "holds_until": "2026-11-22T18:01:00+00:00"},
        refusals={403: _NOT_ALLOWED, 404: "There is no such zone.", 412: _CHANGED, 429: _TOO_SOON},
        conditional="If-Match",
    )
)
def clear_limit(zone_id: str) -> Response:
    """Take a zone's limit away: a raise like any other."""
    _allowed()
    return _wish(_zone(zone_id), None)


def _allowed() -> None:
    """Only the one configured login, while it is switched on; a refusal stands in the audit log."""
    settings = services()
    if not settings.remote_energy_management:
        detail = (
            "Remote energy management is switched off; webservices.remote_energy_management switches it on."
        )
        raise Problem(403, "Switched off", detail)
    login = reader().login
    if login != settings.remote_login:
        told = f"“{login}” is not the login that may limit zones"
        site().tell("recorder", RecordEvent(revisions().now(), "evce", "audit", told, login))
        raise Problem(403, "Not allowed", "Another login is configured for remote energy management.")


def _zone(zone_id: str) -> ZoneView:
    found = site().snapshot().zones.get(ZoneId(zone_id))
    if found is None:
        raise Problem(404, "There is no such zone", f"no zone {zone_id[:100]!r}")
    return found


def _wished(zone: ZoneView) -> Amps:
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        detail = f'a JSON object such as {{"{_FIELD}": 16}}, with the Content-Type application/json'
        raise Problem(400, "The body can't be understood", detail, errors=[in_body("", detail)])
    wrong = [in_body(name[:100], f"unknown; there is {_FIELD}") for name in given if name != _FIELD]
    if _FIELD not in given:
        wrong.append(in_body(_FIELD, f"is missing: a number from 0 to {zone.maximum:g}, A per phase"))
    elif fault := amps_fault(given[_FIELD], zone.maximum):
        wrong.append(in_body(_FIELD, fault[:200]))
    if wrong:
        raise Problem(422, "This is no limit", wrong[0]["detail"], errors=wrong)
    return float(given[_FIELD])


def _wish(zone: ZoneView, amps: Amps | None) -> Response:
    name = uuid4().hex
    wish = SetRemoteLimit(name, zone.id, amps, reader().login, _expected())
    if not site().tell(REMOTE, wish):
        raise NoAnswerError(REMOTE)
    answer = site().ask(REMOTE, GetRemoteAnswer(name))
    if not isinstance(answer, RemoteAnswer):
        raise NoAnswerError(REMOTE)
    until = None
    if answer.raises_in > 0.0:
        until = revisions().now() + timedelta(seconds=answer.raises_in)
    told = plain(LimitTaken(zone.id, answer.amps, until))
    match answer.refused:
        case None:
            return versioned(told, _tag(answer.amps))
        case Refused.CHANGED:
            raise Problem(412, "Another limit holds", answer.text, headers=_etag(answer.amps), **told)
        case Refused.TOO_SOON:
            headers = {"Retry-After": str(int(answer.raises_in) + 1), **_etag(answer.amps)}
            raise Problem(429, "The first value of this period holds", answer.text, headers=headers, **told)
        case Refused.AMPS:
            raise Problem(422, "This is no limit", answer.text, errors=[in_body(_FIELD, answer.text)])
        case Refused.ZONE:
            raise Problem(404, "There is no such zone", answer.text)
    raise Problem(403, "Switched off", answer.text)


def _expected() -> tuple[Amps | None, ...] | None:
    """The limits that If-Match names; None where it doesn't matter."""
    given = request.if_match
    if not given or given.star_tag:
        return None
    return tuple(_limit_of(tag) for tag in given.as_set())


def _limit_of(tag: str) -> Amps | None:
    if tag == _NONE:
        return None
    try:
        return float(tag)
    except ValueError:
        return float("nan")  # which no limit is


def _tag(amps: Amps | None) -> str:
    return _NONE if amps is None else f"{amps:.3f}"


def _etag(amps: Amps | None) -> dict[str, str]:
    return {"ETag": f'"{_tag(amps)}"'}


def _held(zone: ZoneId) -> Amps | None:
    return next((limit.amps for limit in _view().limits if limit.zone == zone), None)


def _view() -> RemoteView:
    """Of this moment where somebody may limit zones; while it is off nobody is there to be asked."""
    settings = services()
    if settings.enabled and settings.remote_energy_management:
        view = site().ask(REMOTE, GetRemote())
        if not isinstance(view, RemoteView):
            raise NoAnswerError(REMOTE)
        return view
    known = site().snapshot().remote
    periods = float(settings.setpoint_period_s), float(settings.heartbeat_period_s)
    limits = () if known is None else known.limits
    return RemoteView(RemoteState.OFF.value, settings.remote_login, None, *periods, limits)


def _status() -> dict[str, Any]:
    view = _view()
    limits = tuple(
        StandingLimit(limit.zone, round(limit.amps, 3), limit.raised_from, limit.dropped)
        for limit in view.limits
    )
    return plain(
        RemoteStatus(
            RemoteState(view.state),
            view.login,
            view.heard_at,
            view.minimum_period,
            view.heartbeat_period,
            limits,
        )
    )
