"""Which percentage holds, and what people see of the inputs."""

import pytest

from evce.configuration.sections import InputSettings
from evce.inputs import InputState, input_state, input_views, read_pins


def settings(enabled: bool = True, **changes: object) -> InputSettings:
    channels = [
        {"name": "Input1", "percent": 70, "pin": 1, "enabled": True},
        {"name": "Input2", "percent": 50, "pin": 2, "enabled": True},
        {"name": "Input3", "percent": 0, "pin": 3, "enabled": False},
    ]
    return InputSettings.model_validate({"enabled": enabled, "channels": channels, **changes})


@pytest.mark.parametrize(
    ("active", "expected"),
    [
        ((), InputState(100, ())),
        ((1,), InputState(70, ("Input1",))),
        ((1, 2), InputState(50, ("Input1", "Input2"))),
        # A channel that isn't enabled doesn't count, nor does a pin that has no channel.
        ((1, 3), InputState(70, ("Input1",))),
        ((9,), InputState(100, ())),
    ],
)
def test_the_lowest_percentage_of_the_active_inputs_wins(
    active: tuple[int, ...], expected: InputState
) -> None:
    """DI-2."""
    assert input_state(settings(), dict.fromkeys(active, True)) == expected


def test_nothing_counts_while_the_feature_is_off() -> None:
    """DI-1: the feature switch."""
    off = settings(enabled=False)
    assert input_state(off, {1: True}) == InputState(100, ())
    assert read_pins(off) == {}


def test_zero_percent_suspends_all_charging() -> None:
    """DI-2."""
    channels = [{"name": "Stop", "percent": 0, "pin": 4, "enabled": True}]
    assert input_state(settings(channels=channels), {4: True}) == InputState(0, ("Stop",))


def test_only_the_pins_of_enabled_channels_are_read() -> None:
    """DI-1: the pin map is configurable."""
    assert read_pins(settings()) == {1: 1, 2: 2}
    channels = [
        {"name": "A", "percent": 1, "pin": 9},
        {"name": "B", "percent": 1, "pin": 17, "enabled": True},
    ]
    assert read_pins(settings(channels=channels)) == {2: 17}


def test_people_see_every_channel_and_whether_the_board_is_lost() -> None:
    """DI-1."""
    shown = input_views(settings(), {1: True, 3: True}, board_lost=False)
    assert [(view.name, view.enabled, view.active) for view in shown] == [
        ("Input1", True, True),
        ("Input2", True, False),
        ("Input3", False, False),
    ]
    lost = input_views(settings(), {1: True}, board_lost=True)
    assert [(view.active, view.board_lost) for view in lost] == [(False, True), (False, True), (False, False)]
