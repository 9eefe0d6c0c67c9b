"""A station's part of the configuration."""

import pytest

from evce.station_control.settings import StationSettings


@pytest.mark.parametrize(
    ("settings", "lease", "rising"),
    [
        (StationSettings(lease=120.0), 120.0, 165.0),
        (StationSettings(lease=120.0, longest_lease=600.0), 120.0, 805.0),
        (StationSettings(lease=120.0), 600.0, 805.0),
    ],
)
def test_who_may_rise_waits_for_the_longest_lease(
    settings: StationSettings, lease: float, rising: float
) -> None:
    """DG-6."""
    assert settings.rising_lease(lease) == pytest.approx(rising)
