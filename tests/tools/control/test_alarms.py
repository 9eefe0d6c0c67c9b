"""Tests of what the command line is told of alarms, and can do with them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from actors.messages import AlarmRaised, RecordEvent
from actors.messages.base import Message
from actors.runtime import SimulatedRuntime
from actors.supervised import Context, Supervised
from actors.view import ViewActor
from evce.views import AlarmView
from tools.control.alarms import alarm_deeds

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
LOST = AlarmView("meter_lost", "m", "Meter lost", "Check its cable", "major", NOW)
GONE = AlarmView(
    "disconnected", "CP-01", "Not connected", "Check its power", "major", NOW + timedelta(hours=1)
)


class Recorder(Supervised):
    """Keeps who was told what."""

    def __init__(self, context: Context, heard: list[RecordEvent]) -> None:
        super().__init__(context)
        self.heard = heard

    def on_message(self, message: Message) -> None:
        if isinstance(message, RecordEvent):
            self.heard.append(message)


@pytest.fixture
def running() -> Iterator[tuple[SimulatedRuntime, list[RecordEvent]]]:
    runtime, heard = SimulatedRuntime(seed=1), []
    runtime.spawn("recorder", lambda context: Recorder(context, heard))
    runtime.spawn("view", lambda context: ViewActor(context, "Harbour", "Europe/Paris", 1))
    for one in (GONE, LOST):
        runtime.tell("view", AlarmRaised(one))
    runtime.settle()
    heard.clear()
    yield runtime, heard
    runtime.stop()


def test_alarms_are_listed_and_acknowledged(running: tuple[SimulatedRuntime, list[RecordEvent]]) -> None:
    """LG-1: the oldest first; seen by somebody, with a line in the audit log, and once."""
    runtime, heard = running
    deeds = alarm_deeds(runtime)
    assert [one["code"] for one in deeds["alarms"]({})["alarms"]] == ["meter_lost", "disconnected"]
    wish = {"code": "meter_lost", "source": "m", "author": "erika"}
    assert deeds["acknowledge_alarms"](wish) == {"acknowledged": 1}
    runtime.settle()
    first, second = deeds["alarms"]({})["alarms"]
    assert (first["acknowledged_by"], second["acknowledged_by"]) == ("erika", "")
    assert first["acknowledged_at"] is not None
    assert [(event.type, event.device, event.author) for event in heard] == [("audit", "m", "erika")]
    assert deeds["acknowledge_alarms"](wish) == {"acknowledged": 0}


def test_all_alarms_are_acknowledged_at_once(running: tuple[SimulatedRuntime, list[RecordEvent]]) -> None:
    """LG-1."""
    runtime, _ = running
    assert alarm_deeds(runtime)["acknowledge_alarms"]({"author": "erika"}) == {"acknowledged": 2}


@pytest.mark.parametrize("source", [None, "other"])
def test_an_alarm_that_does_not_stand_is_named(
    running: tuple[SimulatedRuntime, list[RecordEvent]], source: str | None
) -> None:
    """RELIABILITY 3: field and value."""
    with pytest.raises(LookupError, match="code='nothing'"):
        alarm_deeds(running[0])["acknowledge_alarms"]({"code": "nothing", "source": source})
