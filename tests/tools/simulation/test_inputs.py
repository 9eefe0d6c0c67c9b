"""Switching mock pins from outside through a small file."""

from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from tools.simulation.inputs import apply_inputs, read_inputs, write_input


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "inputs.json"


def test_switches_are_written_and_read(path: Path) -> None:
    """DI-1: each input by itself."""
    assert read_inputs(path) == {}
    write_input(path, 2, True)
    write_input(path, 1, True)
    write_input(path, 2, False)
    assert read_inputs(path) == {1: True, 2: False}
    assert [file.name for file in path.parent.iterdir()] == ["inputs.json"]


def test_a_broken_file_switches_nothing(path: Path) -> None:
    path.write_text("{")
    assert read_inputs(path) == {}


def test_the_pins_follow(path: Path) -> None:
    """DI-1: active is high."""
    factory = MockFactory()
    pins = {1: factory.pin(17), 2: factory.pin(27)}
    write_input(path, 1, True)
    write_input(path, 3, True)
    apply_inputs(path, pins.get)
    assert pins[1].state
    write_input(path, 1, False)
    write_input(path, 2, True)
    assert apply_inputs(path, pins.get) == {1: False, 2: True, 3: True}
    assert (pins[1].state, pins[2].state) == (0, 1)
    factory.reset()
