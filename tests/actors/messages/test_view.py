"""Tests of the messages to the view."""

from datetime import UTC, datetime

from actors.messages import ActorShown, AlarmRaised, InputsShown, Lane, Message, MeterShown, StationShown
from evce.units import BoxIdentity, MeterId
from evce.views import ActorView, AlarmView


def test_what_is_shown_again_replaces_what_was_shown_before() -> None:
    """UI-4: the view needs only the newest of each part."""
    shown: list[Message] = [
        StationShown(BoxIdentity("A"), None),
        MeterShown(MeterId("A"), None),
        InputsShown(()),
    ]
    assert all(message.lane is Lane.SAMPLE for message in shown)
    keys = [message.coalesce_key for message in shown]
    assert len(set(keys)) == len(keys)
    assert None not in keys


def test_alarms_and_restarts_are_never_shed() -> None:
    """AC-2: every one of them is seen."""
    alarm = AlarmView("meter_lost", "m", "lost", "look", "major", datetime(2026, 1, 1, tzinfo=UTC))
    for message in (AlarmRaised(alarm), ActorShown(ActorView("a", "supervisor", "running"))):
        assert message.lane is Lane.EVENT
        assert message.coalesce_key is None
