"""What the digital inputs ask for: the lowest percentage of those that are active."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evce.configuration.sections import ChannelSettings, InputSettings
from evce.views import InputView

__all__ = ["NO_REDUCTION", "InputState", "input_state", "input_views", "read_pins"]

NO_REDUCTION = 100
"""The percentage while no input is active."""


@dataclass(frozen=True, slots=True)
class InputState:
    """`percent` of each zone's maximum holds; `active` names the inputs that are active and count."""

    percent: int = NO_REDUCTION
    active: tuple[str, ...] = ()


def read_pins(settings: InputSettings) -> dict[int, int]:
    """Number (from 1) and pin of each enabled channel; none while the feature is off (DI-1)."""
    counting = _counting(settings)
    return {
        number: channel.pin
        for number, channel in enumerate(settings.channels, start=1)
        if channel in counting
    }


def input_state(settings: InputSettings, active_pins: Mapping[int, bool]) -> InputState:
    """The lowest percentage of the active inputs (DI-2), 100 where none is; a missing pin is inactive."""
    active = [channel for channel in _counting(settings) if active_pins.get(channel.pin, False)]
    percent = min((channel.percent for channel in active), default=NO_REDUCTION)
    return InputState(percent, tuple(channel.name for channel in active))


def input_views(
    settings: InputSettings, active_pins: Mapping[int, bool], board_lost: bool
) -> tuple[InputView, ...]:
    """What people see of each channel, also of those that are off."""
    counting = _counting(settings)
    return tuple(
        InputView(
            name=channel.name,
            enabled=channel in counting,
            active=channel in counting and not board_lost and active_pins.get(channel.pin, False),
            percent=channel.percent,
            board_lost=board_lost and channel in counting,
        )
        for channel in settings.channels
    )


def _counting(settings: InputSettings) -> Sequence[ChannelSettings]:
    return [channel for channel in settings.channels if settings.enabled and channel.enabled]
