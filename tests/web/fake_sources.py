"""What engineers follow, invented: each source gives what the test has put into it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from evce.exchanges import Frame
from evce.ocppj import call, call_error, call_result
from evce.tracing import Traced
from evce.units import BoxIdentity
from web.watching import Sources

__all__ = ["FakeSource", "FakeSources", "some_frames", "some_messages"]

Item = TypeVar("Item")

AT = datetime(2026, 11, 22, 17, 59, 58, 250_000, tzinfo=UTC)


@dataclass
class FakeSource(Generic[Item]):
    """Gives `coming` once, until it is closed."""

    subject: tuple[str, ...]
    coming: list[Item] = field(default_factory=list)
    running: bool = True

    def take(self) -> Sequence[Item]:
        taken, self.coming = self.coming, []
        return taken

    def close(self) -> None:
        self.running = False


class FakeSources:
    """`messages` and `frames` are the sources opened so far; `first_…` is what each finds at once."""

    def __init__(self) -> None:
        self.messages: list[FakeSource[Traced]] = []
        self.frames: list[FakeSource[Frame]] = []
        self.first_messages: list[Traced] = []
        self.first_frames: list[Frame] = []

    @property
    def sources(self) -> Sources:
        """As the application wants them."""
        return Sources(self._messages, self._frames)

    def _messages(self, names: str, kinds: str) -> FakeSource[Traced]:
        self.messages.append(FakeSource((names, kinds), list(self.first_messages)))
        return self.messages[-1]

    def _frames(self, station: BoxIdentity) -> FakeSource[Frame]:
        self.frames.append(FakeSource((station,), list(self.first_frames)))
        return self.frames[-1]


def some_messages() -> list[Traced]:
    """A few messages, one with a long content."""
    sample = {"context": "Sample.Periodic", "measurand": "Current.Import", "phase": "L1", "value": "15.9"}
    long = {"connectorId": 1, "meterValue": [{"timestamp": AT.isoformat(), "sampledValue": [sample] * 4}]}
    at = AT.isoformat(timespec="milliseconds")
    return [
        Traced(at, "station/CP-01", "CallReceived", {"action": "MeterValues", "payload": long}),
        Traced(at, "zone/garage", "StationReported", {"station": "CP-01"}, 7, "station/CP-01"),
        Traced(at, "view", "Settle", {}, 0, "zone/garage"),
    ]


def some_frames() -> list[Frame]:
    """Calls in both directions: answered, refused, waiting, and what can't be read."""
    texts = [
        (True, call("a", "Heartbeat", {})),
        (False, call_result("a", {"currentTime": "2026-11-22T17:59:58Z"})),
        (False, call("b", "TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 1})),
        (True, call_error("b", "NotImplemented", "no such message here")),
        (True, '[2,"c","StatusNotification"]'),
        (False, call_error("c", "FormationViolation", "a CALL has 4 elements, not 3")),
        (False, call("d", "GetConfiguration", {"key": ["HeartbeatInterval"]})),
    ]
    return [
        Frame(AT + timedelta(milliseconds=40 * number), 40.0 + 0.04 * number, text, from_station)
        for number, (from_station, text) in enumerate(texts)
    ]
