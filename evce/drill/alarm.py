"""The alarm that stands while something is cut off for a drill."""

from datetime import datetime

from evce.views import AlarmView, DrillView

__all__ = ["DRILL", "DRILL_SOURCE", "drill_alarm"]

DRILL = "drill_running"
DRILL_SOURCE = "drill"


def drill_alarm(drill: DrillView, now: datetime) -> AlarmView:
    """What people read of a drill that is running since `now`."""
    message = f"Drill by {drill.by}, until {drill.until:%H:%M:%S} UTC: {drill.what} cut off on purpose"
    advice = "It is restored by itself at that time, and at once with evce drill end."
    return AlarmView("drill_running", DRILL_SOURCE, message, advice, "warning", now)
