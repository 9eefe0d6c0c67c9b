"""The input board actor, on pins that the test plays, under both runtimes."""

from collections.abc import Callable, Mapping

import pytest

from actors.input_board import InputBoardActor, PinsLost, PinsSeen, SessionKey
from actors.messages import (
    AlarmCleared,
    AlarmRaised,
    InputBoardLost,
    InputsChanged,
    InputsShown,
    Message,
    RecordEvent,
)
from actors.runtime import Runtime, SimulatedRuntime
from evce.configuration.sections import InputSettings
from tests.actors.ears import listen
from tests.actors.runtimes import BOTH, running, wait

__all__ = ["running"]

SETTINGS = InputSettings.model_validate(
    {
        "enabled": True,
        "safe_percent": 30,
        "channels": [
            {"name": "Input1", "percent": 70, "pin": 5, "enabled": True},
            {"name": "Input2", "percent": 0, "pin": 6, "enabled": True},
        ],
    }
)


class PlayedPins:
    """Pins that the test sets; `broken` makes every session fail."""

    def __init__(self, **levels: bool) -> None:
        self.levels = {5: False, 6: False}
        self.broken = ""
        self.deliver: Callable[[Message], object] = lambda _: None
        self.session: SessionKey = (0, 0)
        self.opened = self.closed = 0

    def open(
        self, session: SessionKey, pins: Mapping[int, int], deliver: Callable[[Message], object]
    ) -> None:
        self.session, self.deliver = session, deliver
        self.opened += 1
        assert pins == {1: 5, 2: 6}
        self.look()

    def close(self) -> None:
        self.closed += 1

    def look(self) -> None:
        self.deliver(
            PinsLost(self.session, self.broken) if self.broken else PinsSeen(self.session, dict(self.levels))
        )

    def set(self, pin: int, level: bool) -> None:
        self.levels[pin] = level
        self.deliver(PinsSeen(self.session, {pin: level}))


def start(runtime: Runtime, pins: PlayedPins, settings: InputSettings = SETTINGS) -> None:
    roots = ("zone/a", "zone/b")
    runtime.spawn("inputs", lambda context: InputBoardActor(context, settings, pins, roots))


def simulated(pins: PlayedPins, settings: InputSettings = SETTINGS) -> SimulatedRuntime:
    """The board with a look at the pins each 250 ms, like the real link's."""
    runtime = SimulatedRuntime(seed=5)
    start(runtime, pins, settings)

    def look() -> None:
        pins.look()
        runtime.call_after(0.25, look)

    runtime.call_after(0.25, look)
    return runtime


def percents(heard: list[tuple[float, Message]]) -> list[int]:
    """Every percentage that was told, repetitions left out."""
    told = [m.percent for _, m in heard if isinstance(m, InputsChanged | InputBoardLost)]
    return [percent for n, percent in enumerate(told) if n == 0 or percent != told[n - 1]]


@BOTH
def test_an_input_reaches_every_root_zone(running: Runtime) -> None:
    """DI-2: the lowest percentage, for all zones; then released again."""
    zones, pins = (listen(running, "zone/a"), listen(running, "zone/b")), PlayedPins()
    start(running, pins)
    wait(running, lambda: all(percents(zone) == [100] for zone in zones))
    pins.set(5, True)
    wait(running, lambda: all(percents(zone) == [100, 70] for zone in zones))
    pins.set(6, True)
    wait(running, lambda: all(percents(zone) == [100, 70, 0] for zone in zones))
    assert zones[0].of(InputsChanged)[-1].active == ("Input1", "Input2")
    pins.set(5, False)
    pins.set(6, False)
    wait(running, lambda: all(percents(zone)[-1] == 100 for zone in zones))


def test_a_change_counts_within_200_milliseconds_however_the_contact_bounces() -> None:
    """DI-4, RELIABILITY DI bounce."""
    pins = PlayedPins()
    runtime = simulated(pins)
    zone = listen(runtime, "zone/a")
    runtime.run_for(1.0)
    for bounce in range(40):
        runtime.call_after(0.007 * bounce, lambda level=bounce % 2 == 0: pins.set(5, level))  # type: ignore[misc]
    runtime.run_for(0.2)
    assert percents(zone) == [100, 70]
    runtime.run_for(1.0)
    assert percents(zone) == [100, 70, 100]


def test_a_spike_changes_nothing() -> None:
    """DI-4."""
    pins = PlayedPins()
    runtime = simulated(pins)
    zone = listen(runtime, "zone/a")
    runtime.run_for(1.0)
    pins.set(6, True)
    runtime.call_after(0.003, lambda: pins.set(6, False))
    runtime.run_for(2.0)
    assert percents(zone) == [100]


@pytest.mark.parametrize("how", ["never there", "lost later", "silent later"])
def test_a_board_that_cannot_be_read_means_the_safe_percentage(how: str) -> None:
    """DI-1, RELIABILITY GPIO missing: within 2 s, with an alarm; tried again until it is back."""
    pins = PlayedPins()
    pins.broken = "no /dev/gpiochip0" if how == "never there" else ""
    runtime = simulated(pins)
    zone, view, recorder = (listen(runtime, name) for name in ("zone/a", "view", "recorder"))
    runtime.run_for(1.0)
    if how == "lost later":
        pins.broken = "no /dev/gpiochip0"
    elif how == "silent later":
        pins.look = lambda: None  # type: ignore[method-assign]
    runtime.run_for(2.0)
    assert percents(zone) == ([30] if how == "never there" else [100, 30])
    (raised,) = view.of(AlarmRaised)
    assert (raised.alarm.code, raised.alarm.source) == ("input_board_lost", "inputs")
    assert view.of(InputsShown)[-1].inputs[0].board_lost
    assert pins.closed >= 1
    pins.broken = ""
    if how == "silent later":
        del pins.look
    runtime.run_for(5.0)
    assert percents(zone)[-1] == 100
    assert view.of(AlarmCleared)[-1].code == "input_board_lost"
    assert not view.of(InputsShown)[-1].inputs[0].board_lost
    assert any("30 %" in event.message for event in recorder.of(RecordEvent))


def test_a_zone_that_restarts_learns_what_holds_within_a_second() -> None:
    """DI-4, AC-2: a fresh root zone would take 100 % for granted."""
    pins = PlayedPins()
    pins.levels[6] = True
    runtime = simulated(pins)
    runtime.run_for(60.0)
    zone = listen(runtime, "zone/a")
    runtime.run_for(1.0)
    assert percents(zone) == [0]


def test_nothing_is_told_before_the_pins_are_known() -> None:
    """A restart of the actor must not release an input for a moment."""
    pins = PlayedPins()
    pins.levels[6] = True
    runtime = simulated(pins)
    zone = listen(runtime, "zone/a")
    runtime.run_for(3.0)
    runtime.kill("inputs")
    runtime.run_for(0.1)
    start(runtime, pins)
    runtime.run_for(3.0)
    assert percents(zone) == [0]


def test_what_an_earlier_session_still_says_counts_no_more() -> None:
    pins = PlayedPins()
    runtime = simulated(pins)
    zone = listen(runtime, "zone/a")
    runtime.run_for(1.0)
    old, speak_for_old = pins.session, pins.deliver
    runtime.kill("inputs")
    runtime.run_for(0.1)
    start(runtime, pins)
    runtime.run_for(1.0)
    speak_for_old(PinsSeen(pins.session, {6: True}))
    pins.deliver(PinsSeen(old, {6: True}))
    pins.deliver(PinsLost(old, "gone"))
    runtime.run_for(1.0)
    assert percents(zone) == [100]


def test_without_enabled_inputs_the_pins_are_left_alone() -> None:
    """DI-1: the feature switch."""
    pins = PlayedPins()
    runtime = simulated(pins, SETTINGS.model_copy(update={"enabled": False}))
    zone, view = listen(runtime, "zone/a"), listen(runtime, "view")
    runtime.run_for(2.0)
    assert pins.opened == 0
    assert percents(zone) == [100]
    assert [shown.enabled for shown in view.of(InputsShown)[-1].inputs] == [False, False]


def test_a_stop_lets_go_of_the_pins() -> None:
    """AC-3: leaves nothing behind."""
    pins = PlayedPins()
    runtime = simulated(pins)
    runtime.run_for(1.0)
    runtime.stop()
    assert pins.closed == 1
