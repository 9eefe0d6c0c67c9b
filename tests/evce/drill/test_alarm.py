"""Tests of the alarm of a drill."""

from datetime import UTC, datetime

from evce.drill.alarm import DRILL, DRILL_SOURCE, drill_alarm
from evce.views import DrillView


def test_it_tells_who_cut_off_what_and_until_when() -> None:
    """AC-4."""
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    alarm = drill_alarm(DrillView("meter m", "erika", now.replace(minute=5)), now)
    assert (alarm.code, alarm.source, alarm.raised_at) == (DRILL, DRILL_SOURCE, now)
    assert alarm.message == "Drill by erika, until 12:05:00 UTC: meter m cut off on purpose"
    assert "evce drill end" in alarm.advice
