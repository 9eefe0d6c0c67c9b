"""Tests of what a fault says of itself."""

import pytest

from tools.faults.fault import Sight, When


@pytest.mark.parametrize(
    ("sight", "text"),
    [
        (Sight("alarm x", 5.0, lambda _: True), "alarm x (within 5 s)"),
        (Sight("no car is cut", 30.0, lambda _: True, kept=True), "no car is cut (for 30 s)"),
        (Sight("over", 0.5, lambda _: True, When.MEND), "over (within 0.5 s after the mending)"),
    ],
)
def test_a_sight_is_told_with_its_time(sight: Sight, text: str) -> None:
    assert str(sight) == text
