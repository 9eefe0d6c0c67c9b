"""A station's part of the configuration."""

import pytest

from evce.station_control.settings import StationSettings
from evce.station_control.slots import ProfileSlot


@pytest.mark.parametrize(
    ("settings", "lease", "rising"),
    [
        (StationSettings(lease=120.0), 120.0, 195.0),
        (StationSettings(lease=120.0, longest_lease=600.0), 120.0, 915.0),
        (StationSettings(lease=120.0), 600.0, 915.0),
    ],
)
def test_who_may_rise_waits_for_the_longest_lease(
    settings: StationSettings, lease: float, rising: float
) -> None:
    """DG-6."""
    assert settings.rising_lease(lease) == pytest.approx(rising)


@pytest.mark.parametrize("lease", [30.0, 120.0, 600.0, 86_400.0])
def test_whoever_must_fall_has_fallen_before_anybody_rises(lease: float) -> None:
    """DG-6: whenever renewals end, the last lease below a fall-back outlasts the newest one above it."""
    settings, ends = StationSettings(lease=lease), 1_000.0
    rising, falling = ProfileSlot(), ProfileSlot()
    rising.sent(0.0, 1, ends - settings.rising_lease(lease) / 3.0, settings.rising_lease(lease))
    falling.sent(32.0, 1, ends, lease)
    assert rising.unresolved[0].renew_at == pytest.approx(ends)  # a moment later it would have been renewed
    assert rising.unresolved[0].lapses_at >= falling.unresolved[0].ends_at - 1e-6
