"""The thermal model against the trip times it was fitted to."""

import math

import pytest

from tools.referee.breakers import MODELS, BreakerStandard, ThermalRelease, standard_for

EN, IEC = BreakerStandard.EN_60898, BreakerStandard.IEC_60947_2


@pytest.mark.parametrize(
    ("standard", "ratio", "seconds"),
    [
        (EN, 1.2, 45.0),
        (EN, 1.45, 13.0),
        (EN, 2.0, 4.4),
        (IEC, 1.1, 36.0),
        (IEC, 1.2, 14.0),
        (IEC, 1.45, 5.3),
        (IEC, 2.0, 1.9),
    ],
)
def test_a_hot_breaker_trips_when_the_table_says(
    standard: BreakerStandard, ratio: float, seconds: float
) -> None:
    """AC-5: the referee's breaker follows DESIGN 5."""
    assert MODELS[standard].trip_time(ratio) == pytest.approx(seconds, rel=0.03)


@pytest.mark.parametrize("standard", list(BreakerStandard))
@pytest.mark.parametrize("ratio", [1.2, 1.45, 2.0])
def test_integrating_in_small_steps_trips_at_the_same_time(standard: BreakerStandard, ratio: float) -> None:
    release = ThermalRelease(100.0, standard)
    elapsed = 0.0
    while not release.tripped:
        release.advance(100.0 * ratio, 0.05)
        elapsed += 0.05
    assert elapsed == pytest.approx(MODELS[standard].trip_time(ratio), abs=0.1)


@pytest.mark.parametrize("standard", list(BreakerStandard))
def test_at_the_limit_no_heat_is_used_and_it_never_trips(standard: BreakerStandard) -> None:
    release = ThermalRelease(100.0, standard)
    assert release.advance(100.0, 3600.0) == 0.0
    assert MODELS[standard].trip_time(1.0) == math.inf


def test_heat_goes_when_the_current_does() -> None:
    release = ThermalRelease(100.0, EN)
    release.advance(145.0, 8.0)
    hot = release.used
    release.advance(50.0, 30.0)
    assert 0.5 < hot < 1.0
    assert release.used == 0.0
    assert release.worst == hot


@pytest.mark.parametrize(("maximum", "standard"), [(63.0, EN), (125.0, EN), (160.0, IEC)])
def test_the_rating_tells_the_standard(maximum: float, standard: BreakerStandard) -> None:
    assert standard_for(maximum) is standard
