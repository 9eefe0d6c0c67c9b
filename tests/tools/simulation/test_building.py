"""The recorded load, its steps, and the sun."""

from importlib import resources
from itertools import pairwise

import pytest

from tools.simulation.building import BuildingLoad, SolarPlant, recorded_profile, recorded_profiles

NAME = recorded_profiles()[0]


def test_eight_weeks_of_three_profiles_are_shipped_with_their_attribution() -> None:
    assert len(recorded_profiles()) == 3
    for name in recorded_profiles():
        values = recorded_profile(name)
        assert len(values) == 8 * 7 * 96
        assert all(0 <= value <= 1.001 for value in values)
    text = (resources.files("tools.simulation") / "data" / "ATTRIBUTION.md").read_text()
    assert "ODbL" in text
    assert "CC BY 4.0" in text


@pytest.mark.parametrize(
    ("now", "quarters"), [(0.0, 0.0), (900.0, 1.0), (450.0, 0.5), (8 * 7 * 86_400.0, 0.0)]
)
def test_the_recording_is_replayed_in_straight_lines_for_ever(now: float, quarters: float) -> None:
    load = BuildingLoad(NAME, peak=100.0, offset=0.0, phases=(0.5, 0.3, 0.2))
    rows = recorded_profile(NAME)
    load.amps(0.0)
    low = rows[int(quarters)]
    expected = low + (rows[int(quarters) + 1] - low) * (quarters % 1)
    assert load.amps(now) == pytest.approx((150 * expected, 90 * expected, 60 * expected))


def test_ten_times_as_fast_is_the_same_load_ten_times_sooner() -> None:
    slow, fast = BuildingLoad(NAME, 100.0), BuildingLoad(NAME, 100.0, speed=10.0)
    slow.amps(0.0), fast.amps(0.0)
    assert fast.amps(600.0) == pytest.approx(slow.amps(6000.0))


def test_a_step_lasts_as_long_as_it_was_asked_for() -> None:
    """LM-8: the building takes more at once."""
    load = BuildingLoad(NAME, 100.0)
    before = load.amps(0.0)
    load.step(40.0, 10.0, 1.0)
    load.step((5.0, 0.0, 0.0), 10.0, 1.0)
    during, after = load.amps(5.0), load.amps(11.0)
    assert during[0] - before[0] == pytest.approx(45.0, abs=0.5)
    assert during[1] - before[1] == pytest.approx(40.0, abs=0.5)
    assert after == pytest.approx(before, abs=0.5)


def test_the_sun_shines_by_day_under_passing_clouds() -> None:
    """MT-5: production, repeatable from its seed."""
    plant = SolarPlant(50.0, seed=3, speed=60.0, offset=0.0)
    day = [plant.amps(now)[0] for now in range(0, 1440, 5)]
    assert day[0] == day[-1] == 0.0
    assert 35.0 < max(day) <= 50.0
    noon = SolarPlant(50.0, seed=3, offset=13 * 3600.0)
    clouds = [noon.amps(now / 1.0)[0] for now in range(1200)]
    assert min(clouds) < 35.0
    assert max(abs(a - b) for a, b in pairwise(clouds)) < 1.5
    again = SolarPlant(50.0, seed=3, offset=13 * 3600.0)
    assert [again.amps(now / 1.0)[0] for now in range(1200)] == clouds
