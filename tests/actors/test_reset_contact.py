"""Tests of the reset contact's actor, on pins that the test plays."""

from collections.abc import Callable, Mapping

from actors.input_board import PinsLost, PinsSeen, SessionKey
from actors.messages import Message, RecordEvent, ResetToFactory
from actors.reset_contact import RETRY_AFTER, ResetContactActor
from actors.runtime import SimulatedRuntime
from evce.configuration.sections import InputSettings
from tests.actors.ears import listen

SETTINGS = InputSettings(reset_contact=True)


class Pins:
    def __init__(self, runtime: SimulatedRuntime) -> None:
        self.runtime = runtime
        self.closed = False
        self.broken = ""
        self.opened = 0
        self.deliver: Callable[[Message], object] = lambda _: None
        self.session: SessionKey = (0, 0)

    def open(
        self, session: SessionKey, pins: Mapping[int, int], deliver: Callable[[Message], object]
    ) -> None:
        assert pins == {1: 8}
        self.session, self.deliver = session, deliver
        self.opened += 1
        self.look()

    def close(self) -> None:
        self.session = (0, 0)

    def look(self) -> None:
        if self.session == (0, 0):
            return
        if self.broken:
            self.deliver(PinsLost(self.session, self.broken))
            return
        self.deliver(PinsSeen(self.session, {8: self.closed}))
        self.runtime.call_after(0.25, self.look)


def started() -> tuple[SimulatedRuntime, Pins]:
    runtime = SimulatedRuntime(seed=3)
    pins = Pins(runtime)
    runtime.spawn("reset-contact", lambda context: ResetContactActor(context, SETTINGS, pins))
    return runtime, pins


def test_a_bridge_of_six_seconds_asks_the_site_for_a_reset() -> None:
    """DI-5, SR-3: once, when it is let go of."""
    runtime, pins = started()
    site = listen(runtime, "site")
    runtime.run_for(2.0)
    pins.closed = True
    runtime.run_for(6.0)
    assert site.of(ResetToFactory) == []
    pins.closed = False
    runtime.run_for(5.0)
    assert site.of(ResetToFactory) == [ResetToFactory("reset contact")]


def test_pins_that_cannot_be_read_are_told_once_and_tried_again() -> None:
    """DI-5: a reset is never concluded from what wasn't seen."""
    runtime, pins = started()
    site, recorder = listen(runtime, "site"), listen(runtime, "recorder")
    runtime.run_for(1.0)
    pins.closed = True
    runtime.run_for(3.0)
    pins.broken = "no such device"
    runtime.run_for(3 * RETRY_AFTER)
    assert pins.opened >= 3
    pins.broken, pins.closed = "", False
    runtime.run_for(2 * RETRY_AFTER)
    told = [event.message for event in recorder.of(RecordEvent)]
    assert told == [
        "the reset contact can't be watched: no such device",
        "the reset contact is watched again",
    ]
    assert site.of(ResetToFactory) == []
