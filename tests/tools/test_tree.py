"""Tests of the daemon's tree."""

from pathlib import Path

from tools.rehearsal.house import House
from tools.rehearsal.sites import small_site


def test_every_part_of_the_site_is_a_child_of_its_group(tmp_path: Path) -> None:
    """AC-1: the view first, to hear the disk's alarms; stations after the zones that they report to."""
    house = House(tmp_path, document=small_site())
    house.settle_in()
    names = sorted(house.runtime.directory.names())
    for name in ("view", "recorder", "inputs", "site", "zone/main", "meter/main-meter", "station/G1"):
        assert name in names
    for group in ("zones", "meters", "stations"):
        assert f"supervisor/{group}" in names
    assert house.deaths() == []
    house.close()
