"""Effects are plain values."""

from typing import get_args

import pytest

from evce.station_control.effects import Effect, Log


@pytest.mark.parametrize("kind", get_args(Effect))
def test_an_effect_can_not_be_changed_by_whoever_carries_it(kind: type) -> None:
    """AC-1."""
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_equal_effects_are_equal() -> None:
    assert Log("system", "a") == Log("system", "a")
