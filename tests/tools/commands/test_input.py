"""`evce input`."""

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from gpiozero.pins.mock import MockFactory

from actors.gpio_link import CONTROL_NAME, GpioLink
from actors.input_board import PinsSeen
from actors.messages import Message
from tools.cli import main


class Board:
    """A real link on mock pins, as the daemon has one."""

    def __init__(self, folder: Path) -> None:
        self.levels: dict[int, bool] = {}
        self.news = threading.Condition()
        self.link = GpioLink(folder / CONTROL_NAME, MockFactory)
        self.link.open((1, 1), {1: 17, 2: 27}, self._take)

    def _take(self, message: Message) -> None:
        assert isinstance(message, PinsSeen)
        with self.news:
            self.levels.update(message.levels)
            self.news.notify_all()

    def shows(self, levels: Mapping[int, bool]) -> bool:
        with self.news:
            return self.news.wait_for(lambda: self.levels == dict(levels), 5.0)


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Board]:
    board = Board(tmp_path)
    assert board.shows({17: False, 27: False})
    yield board
    board.link.close()
    board.link.join()


def evce(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["input", *arguments, "--data", str(folder)])


def test_a_mock_input_is_switched_on_and_off(board: Board, tmp_path: Path) -> None:
    """DI-1: the mock factory where there are no real pins."""
    result = evce(tmp_path, "2", "on")
    assert (result.exit_code, result.output) == (0, "input 2 is on\n")
    assert board.shows({17: False, 27: True})
    assert evce(tmp_path, "2", "off").output == "input 2 is off\n"
    assert board.shows({17: False, 27: False})


def test_an_input_that_is_not_enabled_is_told(board: Board, tmp_path: Path) -> None:
    """RELIABILITY §3: what was wrong and what there is."""
    result = evce(tmp_path, "3", "on")
    assert (result.exit_code, result.output) == (1, "Error: no input 3 is enabled, only 1, 2\n")


@pytest.mark.parametrize("arguments", [["4", "on"], ["0", "on"], ["1", "maybe"], ["one", "on"], ["1"]])
def test_nonsense_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    """RELIABILITY §3: before anybody is asked."""
    assert evce(tmp_path, *arguments).exit_code == 2


def test_without_mock_inputs_it_says_so(tmp_path: Path) -> None:
    result = evce(tmp_path, "1", "on")
    assert result.exit_code == 1
    assert f"no daemon with mock inputs listens at {tmp_path / CONTROL_NAME}" in result.output
