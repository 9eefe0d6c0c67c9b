"""The alarms that stand, and who has seen them."""

from flask import Blueprint, Response, jsonify, request

from actors.messages import AcknowledgeAlarm
from evce.views import AlarmView
from web.api_calls import Call, call
from web.figures import sorted_alarms
from web.languages import gettext, ngettext
from web.pages.api import as_json
from web.problems import refused
from web.rendering import live_page, picture, site, toast
from web.security import Access, access, reader

__all__ = ["alarms_pages"]

alarms_pages = Blueprint("alarms", __name__)


@alarms_pages.get("/alarms")
@access(Access.USER)
def alarms() -> Response:
    """Those that stand, whoever hasn't been seen first."""
    return live_page("alarms.html", picture(), "alarms")


@alarms_pages.post("/alarms/acknowledge")
@access(Access.USER)
def acknowledge() -> Response:
    """One alarm by its `code` and `source`, or `all` of them; the answer says what became of it."""
    standing = site().snapshot().alarms
    chosen = [alarm for alarm in standing if _meant(alarm) and not alarm.acknowledged_by]
    asked = [alarm for alarm in chosen if _tell(alarm)]
    if len(asked) < len(chosen):
        title = gettext("Not acknowledged")
        return toast("danger", title, gettext("The view is restarting, try again."), 409)
    if not asked:
        title = gettext("Nothing to acknowledge")
        return toast("warning", title, gettext("The alarm is over, or somebody else was faster."))
    title = ngettext("Alarm acknowledged", "%(num)d alarms acknowledged", len(asked))
    return toast("success", title, gettext("It stands until its cause is gone."))


@alarms_pages.get("/api/v1/alarms")
@access(Access.USER)
@call(Call("Alarms", {"type": "object"}, {"alarms": [{"code": "meter_lost", "source": "main-meter"}]}))
def listed() -> Response:
    """The alarms that stand, for programs."""
    return jsonify(alarms=[as_json(alarm) for alarm in sorted_alarms(site().snapshot())])


@alarms_pages.post("/api/v1/alarms/acknowledge")
@access(Access.USER)
@call(
    Call(
        "Alarms",
        {"type": "object"},
        {"code": "meter_lost", "source": "main-meter"},
        body={"type": "object", "required": ["code", "source"]},
        body_example={"code": "meter_lost", "source": "main-meter"},
        status=202,
        refusals={404: "No such alarm stands.", 409: "The view is restarting: try again."},
    )
)
def acknowledge_by_program() -> tuple[Response, int]:
    """Acknowledge one: `{"code": "meter_lost", "source": "main-meter"}`; 202, or 404 where none stands."""
    wish = request.get_json(silent=True)
    if not isinstance(wish, dict):
        return refused(400, {"": "a JSON object with code and source"})
    for alarm in site().snapshot().alarms:
        if (alarm.code, alarm.source) == (wish.get("code"), wish.get("source")):
            if not _tell(alarm):
                return refused(409, {"": "the view is restarting, try again"})
            return jsonify(code=alarm.code, source=alarm.source), 202
    told = f"no alarm {wish.get('code')!r} of {wish.get('source')!r} stands"
    return refused(404, {"code": told[:200]})


def _meant(alarm: AlarmView) -> bool:
    named = (request.form.get("code"), request.form.get("source"))
    return request.form.get("all") == "1" or named == (alarm.code, alarm.source)


def _tell(alarm: AlarmView) -> bool:
    return site().tell("view", AcknowledgeAlarm(alarm.code, alarm.source, reader().login))
