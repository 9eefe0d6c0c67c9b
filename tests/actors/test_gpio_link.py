"""The GPIO edge on gpiozero's mock pins, and their switch."""

import queue
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero import BadPinFactory
from gpiozero.pins import Factory
from gpiozero.pins.mock import MockFactory

from actors.gpio_link import CONTROL_NAME, GpioLink, InputControlError, default_factory, switch_input
from actors.input_board import InputBoardActor, PinsLost, PinsSeen
from actors.messages import InputsChanged, Message
from actors.runtime import ThreadRuntime
from evce.configuration.sections import InputSettings
from tests.actors.ears import listen
from tests.actors.runtimes import wait
from tests.conftest import TIMEOUT_FACTOR


class Board:
    """A link on mock pins 17 and 27, and what it delivers."""

    def __init__(self, control: Path | None = None) -> None:
        self.pins = MockFactory()
        self.link = GpioLink(control, lambda: self.pins)
        self.said: queue.Queue[Message] = queue.Queue()

    def open(self, session: int = 1) -> None:
        self.link.open((1, session), {1: 17, 3: 27}, self.said.put)

    def until(self, levels: dict[int, bool], session: int = 1) -> None:
        """Wait until all pins were seen at these levels."""
        while True:
            said = self.said.get(timeout=5.0 * TIMEOUT_FACTOR)
            if said == PinsSeen((1, session), levels):
                return


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    board = Board(tmp_path / CONTROL_NAME)
    yield board
    board.link.close()
    board.link.join()


def test_edges_are_told_at_once_and_levels_regularly(board: Board) -> None:
    """DI-1: active is high; DI-4."""
    board.open()
    board.until({17: False, 27: False})
    board.pins.pin(17).drive_high()
    board.until({17: True})
    board.until({17: True, 27: False})
    board.pins.pin(17).drive_low()
    board.until({17: False})


def test_mock_pins_are_switched_over_the_control_socket(board: Board, tmp_path: Path) -> None:
    """DI-1: mock pins where there are no real ones; the numbers are those of the configuration."""
    control = tmp_path / CONTROL_NAME
    board.open()
    board.until({17: False, 27: False})
    switch_input(control, 3, True)
    board.until({17: False, 27: True})
    switch_input(control, 3, False)
    board.until({17: False, 27: False})
    assert stat.S_IMODE(control.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("number", "why"), [(2, "no input 2 is enabled, only 1, 3"), (-1, "say the input's number and on or off")]
)
def test_a_wrong_number_is_refused(board: Board, tmp_path: Path, number: int, why: str) -> None:
    board.open()
    board.until({17: False, 27: False})
    with pytest.raises(InputControlError, match=why):
        switch_input(tmp_path / CONTROL_NAME, number, True)


def test_without_a_daemon_the_switch_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputControlError, match="no daemon with mock inputs listens"):
        switch_input(tmp_path / CONTROL_NAME, 1, True)


class RealPins(MockFactory):  # type: ignore[misc]
    """Stands for hardware: pins that work but are no mock to the link."""


def test_real_pins_cannot_be_switched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon on hardware opens no control socket at all."""
    board = Board(tmp_path / CONTROL_NAME)
    board.pins = RealPins()
    monkeypatch.setattr("actors.gpio_link.MockFactory", type("NoMock", (), {}))
    board.open()
    board.until({17: False, 27: False})
    assert not (tmp_path / CONTROL_NAME).exists()
    board.link.close()
    board.link.join()


def test_the_control_socket_goes_with_the_session_and_what_a_crash_left_is_replaced(
    board: Board, tmp_path: Path
) -> None:
    control = tmp_path / CONTROL_NAME
    control.write_text("left behind")
    board.open()
    board.until({17: False, 27: False})
    assert stat.S_ISSOCK(control.stat().st_mode)
    board.link.close()
    board.link.join()
    assert not control.exists()


def test_missing_hardware_is_told_and_tried_again_with_a_new_factory() -> None:
    """RELIABILITY: GPIO missing."""
    said: queue.Queue[Message] = queue.Queue()
    made: list[int] = []

    def factory() -> Factory:
        made.append(len(made))
        if len(made) == 1:
            raise BadPinFactory("Unable to load any default pin factory!")
        return MockFactory()

    link = GpioLink(None, factory)
    link.open((1, 1), {1: 17}, said.put)
    lost = said.get(timeout=5.0 * TIMEOUT_FACTOR)
    assert lost == PinsLost((1, 1), "BadPinFactory: Unable to load any default pin factory!")
    link.open((1, 2), {1: 17}, said.put)
    assert said.get(timeout=5.0 * TIMEOUT_FACTOR) == PinsSeen((1, 2), {17: False})
    link.close()
    link.join()


def test_a_new_session_takes_the_pins_over_as_they_are(board: Board, tmp_path: Path) -> None:
    """AC-2: the successor of a board actor that died opens what that one still held."""
    board.open(1)
    board.until({17: False, 27: False}, 1)
    switch_input(tmp_path / CONTROL_NAME, 3, True)
    board.open(2)
    board.until({17: False, 27: True}, 2)


def test_the_environment_chooses_mock_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    """DI-1."""
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    assert isinstance(default_factory(), MockFactory)


def test_the_board_actor_takes_a_switched_input_within_a_second(board: Board, tmp_path: Path) -> None:
    """DI-2, DI-4: command line, mock pin, actor and zone together."""
    runtime = ThreadRuntime(seed=1)
    zone = listen(runtime, "zone/a")
    channels = [{"name": "Grid", "percent": 40, "pin": 17, "enabled": True}]
    settings = InputSettings.model_validate({"enabled": True, "channels": channels})
    try:
        runtime.spawn("inputs", lambda context: InputBoardActor(context, settings, board.link, ("zone/a",)))
        wait(runtime, lambda: bool(zone.of(InputsChanged)))
        switched = runtime.clock.monotonic()
        switch_input(tmp_path / CONTROL_NAME, 1, True)
        wait(runtime, lambda: zone.of(InputsChanged)[-1] == InputsChanged(40, ("Grid",)))
        assert runtime.clock.monotonic() - switched < 1.0 * TIMEOUT_FACTOR
    finally:
        runtime.close(2.0)


def test_inputs_work_without_their_switch(tmp_path: Path) -> None:
    """A data folder whose path is too long for a socket must not cost the inputs."""
    board = Board(tmp_path / ("x" * 200) / CONTROL_NAME)
    board.open()
    board.until({17: False, 27: False})
    board.link.close()
    board.link.join()
