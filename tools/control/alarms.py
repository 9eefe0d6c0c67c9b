"""What the command line can have a running daemon tell about alarms, and do with them."""

from collections.abc import Mapping
from typing import Any

from actors.messages import AcknowledgeAlarm, GetSnapshot
from actors.runtime import Runtime
from evce.views import AlarmView
from tools.control.server import Deed

__all__ = ["alarm_deeds"]

PATIENCE = 5.0
"""Seconds for the view to answer."""


def alarm_deeds(runtime: Runtime) -> dict[str, Deed]:
    """What the control socket of this runtime understands about alarms, by name."""

    def standing() -> list[AlarmView]:
        found = runtime.ask("view", GetSnapshot(), PATIENCE).alarms
        return sorted(found, key=lambda alarm: alarm.raised_at)

    def alarms(_: Mapping[str, Any]) -> dict[str, Any]:
        return {"alarms": [_told(alarm) for alarm in standing()]}

    def acknowledge_alarms(request: Mapping[str, Any]) -> dict[str, Any]:
        code, source = request.get("code"), request.get("source")
        found = [
            alarm for alarm in standing() if code in (None, alarm.code) and source in (None, alarm.source)
        ]
        if code is not None and not found:
            where = "" if source is None else f" of source={source!r}"
            raise LookupError(f"code={code!r}{where}: no such alarm stands; `evce alarm list` shows them")
        unseen = [alarm for alarm in found if not alarm.acknowledged_by]
        for alarm in unseen:
            login = str(request.get("author") or "command line")
            runtime.tell("view", AcknowledgeAlarm(alarm.code, alarm.source, login))
        return {"acknowledged": len(unseen)}

    return {"alarms": alarms, "acknowledge_alarms": acknowledge_alarms}


def _told(alarm: AlarmView) -> dict[str, Any]:
    seen_at = alarm.acknowledged_at
    return {
        "code": alarm.code,
        "source": alarm.source,
        "severity": alarm.severity,
        "message": alarm.message,
        "advice": alarm.advice,
        "raised_at": alarm.raised_at.isoformat(),
        "acknowledged_by": alarm.acknowledged_by,
        "acknowledged_at": None if seen_at is None else seen_at.isoformat(),
    }
