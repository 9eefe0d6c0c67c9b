"""The running sessions for programs, and what their drivers state: when the car leaves, what it needs."""

from flask import Blueprint, Response, jsonify, request

from web.api_calls import Call, call
from web.plans import as_plain_session, plan_session, running_sessions
from web.problems import refused
from web.rendering import revisions, site
from web.security import Access, access, reader
from web.site import NoAnswerError

__all__ = ["plans_pages"]

plans_pages = Blueprint("plans", __name__)

_FIELDS = {"departure": "departure", "energy_kwh": "energy_kwh", "energy": "energy_kwh"}
_WISH = frozenset({"departure", "energy_kwh", "forget"})


@plans_pages.get("/api/v1/sessions/running")
@access(Access.USER)
@call(
    Call(
        "Plans of drivers",
        {"type": "object"},
        {
            "sessions": [
                {"transaction": 473, "connector": "CP-01/1", "departure": "2026-11-22T16:30:00+00:00"}
            ]
        },
    )
)
def running() -> Response:
    """The sessions that run, each with what was stated of it."""
    try:
        found = running_sessions(site().ask)
    except OSError as error:
        raise NoAnswerError("recorder") from error
    return jsonify(sessions=[as_plain_session(session) for session in found])


@plans_pages.post("/api/v1/sessions/running/<identity>/<int:number>/plan")
@access(Access.USER)
@call(
    Call(
        "Plans of drivers",
        {"type": "object"},
        {"session": {"transaction": 473, "connector": "CP-01/1", "departure": "2026-11-22T16:30:00+00:00"}},
        body={"type": "object"},
        body_example={"departure": "17:30", "energy_kwh": 20},
        refusals={
            400: "Another form.",
            404: "No session runs there.",
            422: "A value can't be; errors names it.",
        },
    )
)
def plan(identity: str, number: int) -> tuple[Response, int]:
    """State of the session there: `{"departure": "17:30", "energy_kwh": 20}`, or `{"forget": true}`.

    Answers 200 with the session once the statement is on disk, 404 where none runs, 422 naming the field.
    """
    wish = request.get_json(silent=True)
    if not isinstance(wish, dict) or not wish or not _WISH.issuperset(wish):
        return refused(400, {"": "a JSON object with departure, energy_kwh or forget"})
    try:
        kept = plan_session(
            site().ask, site().tell, f"{identity}/{number}", wish, reader().login, revisions().now()
        )
    except LookupError as error:
        return refused(404, {"": str(error)})
    except ValueError as error:
        field = _FIELDS.get(str(error).partition("=")[0], "")
        return refused(422, {field: str(error)})
    except TimeoutError as error:
        return refused(503, {"": str(error)})
    except OSError as error:
        raise NoAnswerError("recorder") from error
    return jsonify(session=as_plain_session(kept)), 200
