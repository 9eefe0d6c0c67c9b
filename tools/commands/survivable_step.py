"""The largest sudden load of a building that a feeder's breaker survives until the cars have given way."""

import math

from evce.units import Amps, Seconds
from tools.referee.breakers import MODELS, BreakerStandard

__all__ = ["REACTION", "SHARE_OF_HEAT", "largest_step"]

REACTION: Seconds = 10.0
"""Until the measured current is back under the limit: poll, decision, round trip, the car's 5 to 6 s."""

SHARE_OF_HEAT = 0.8
"""What may be used of the heat between a breaker at its limit and one that trips; the rest is tolerance."""


def largest_step(maximum: Amps, standard: BreakerStandard, seconds: Seconds = REACTION) -> Amps:
    """A per phase that may be added at once to a feeder at its maximum, its breaker hot, rounded down.

    No controller can save a feeder from a larger step: that needs margin in the zone's maximum. The step
    must be one that the cars can make up for by stopping. `seconds` is until they have.
    """
    model = MODELS[standard]
    # θ after t at the ratio r is 1 + (r² - 1)(1 - exp(-t/τ)); solved for r where it is what may be used.
    square = 1 + SHARE_OF_HEAT * (model.trip - 1) / (1 - math.exp(-seconds / model.time_constant))
    return float(math.floor((math.sqrt(square) - 1) * maximum))
