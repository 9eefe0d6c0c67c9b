"""The running sessions for programs, and what their drivers state: when the car leaves, what it needs."""

from datetime import UTC, datetime

from flask import Blueprint, Response, jsonify, request

from web.plans import as_plain_session, plan_session, running_sessions
from web.rendering import site
from web.security import Access, access, reader
from web.site import NoAnswerError

__all__ = ["plans_pages"]

plans_pages = Blueprint("plans", __name__)

_FIELDS = {"departure": "departure", "energy_kwh": "energy_kwh", "energy": "energy_kwh"}
_WISH = frozenset({"departure", "energy_kwh", "forget"})


@plans_pages.get("/api/v1/sessions/running")
@access(Access.USER)
def running() -> Response:
    """The sessions that run, each with what was stated of it."""
    try:
        found = running_sessions(site().ask)
    except OSError as error:
        raise NoAnswerError("recorder") from error
    return jsonify(sessions=[as_plain_session(session) for session in found])


@plans_pages.post("/api/v1/sessions/running/<identity>/<int:number>/plan")
@access(Access.USER)
def plan(identity: str, number: int) -> tuple[Response, int]:
    """State of the session there: `{"departure": "17:30", "energy_kwh": 20}`, or `{"forget": true}`.

    Answers 200 with the session once the statement is on disk, 404 where none runs, 422 naming the field.
    """
    wish = request.get_json(silent=True)
    if not isinstance(wish, dict) or not wish or not _WISH.issuperset(wish):
        return jsonify(errors={"": "a JSON object with departure, energy_kwh or forget"}), 400
    try:
        kept = plan_session(
            site().ask, site().tell, f"{identity}/{number}", wish, reader().login, datetime.now(UTC)
        )
    except LookupError as error:
        return jsonify(errors={"connector": str(error)}), 404
    except ValueError as error:
        field = _FIELDS.get(str(error).partition("=")[0], "")
        return jsonify(errors={field: str(error)}), 422
    except TimeoutError as error:
        return jsonify(errors={"": str(error)}), 503
    except OSError as error:
        raise NoAnswerError("recorder") from error
    return jsonify(session=as_plain_session(kept)), 200
