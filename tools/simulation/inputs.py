"""Digital inputs switched from outside: a small file says which mock pins are high."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

__all__ = ["MockPin", "apply_inputs", "read_inputs", "write_input"]


class MockPin(Protocol):
    """What is used of gpiozero's MockPin."""

    def drive_high(self) -> None: ...

    def drive_low(self) -> None: ...


def read_inputs(path: Path) -> dict[int, bool]:
    """Number of each input that the file names, and whether it is active. No file: none."""
    try:
        content = json.loads(path.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {int(number): bool(on) for number, on in content.items()}


def write_input(path: Path, number: int, on: bool) -> None:
    """Switch one input; whoever reads the file sees the old state or the new one, never half of it."""
    inputs = read_inputs(path)
    inputs[number] = on
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(json.dumps({str(n): inputs[n] for n in sorted(inputs)}))
    os.replace(fresh, path)


def apply_inputs(path: Path, pin: Callable[[int], MockPin | None]) -> dict[int, bool]:
    """Drive the mock pins as the file says; `pin` gives the pin of an input's number. Returns the state."""
    inputs = read_inputs(path)
    for number, on in inputs.items():
        found = pin(number)
        if found is not None:
            (found.drive_high if on else found.drive_low)()
    return inputs
