"""The largest sudden load of a building that a feeder's breaker survives."""

import pytest

from tools.commands.survivable_step import REACTION, SHARE_OF_HEAT, largest_step
from tools.referee.breakers import BreakerStandard, ThermalRelease


@pytest.mark.parametrize("maximum", [40.0, 100.0, 200.0, 630.0])
@pytest.mark.parametrize("standard", BreakerStandard)
def test_the_step_is_the_largest_that_leaves_a_fifth_of_the_heat(
    maximum: float, standard: BreakerStandard
) -> None:
    """LM-8: DESIGN §5, the heat stays within 0.8 of what trips, and one ampere more goes beyond."""
    step = largest_step(maximum, standard)
    assert ThermalRelease(maximum, standard).advance(maximum + step, REACTION) <= SHARE_OF_HEAT
    assert ThermalRelease(maximum, standard).advance(maximum + step + 1, REACTION) > SHARE_OF_HEAT


@pytest.mark.parametrize(
    ("standard", "step"), [(BreakerStandard.EN_60898, 45.0), (BreakerStandard.IEC_60947_2, 21.0)]
)
def test_the_step_in_percent_of_the_maximum(standard: BreakerStandard, step: float) -> None:
    assert largest_step(100.0, standard) == step
