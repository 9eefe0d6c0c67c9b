"""The site that is measured."""

import pytest

from evce.configuration.toml_source import parse_toml, write_toml
from tools.benchmarks.site import HEADROOM, MOST_STATIONS, RATING, bench_site, identities


@pytest.mark.parametrize("stations", [1, 20, 21, MOST_STATIONS])
def test_every_station_hangs_below_one_dynamic_root(stations: int) -> None:
    """LM-8: the zone whose reaction is measured."""
    document = bench_site(stations, 1502)
    model = document.model()
    (root,) = model.roots
    assert model.zones[root].dynamic
    assert model.zones[root].maximum == stations * RATING + HEADROOM
    assert [station.box_identity for station in document.stations] == identities(stations)
    assert all(model.path(s.zone)[-1] == root for s in model.stations.values() if s.zone)
    assert len(model.zones) == 1 + -(-stations // 20)


def test_the_site_file_says_the_same() -> None:
    document = bench_site(21, 1502)
    assert parse_toml(write_toml(document)) == document


@pytest.mark.parametrize("stations", [0, MOST_STATIONS + 1])
def test_a_site_that_no_zone_can_hold_is_refused(stations: int) -> None:
    with pytest.raises(ValueError, match=str(stations)):
        bench_site(stations, 1502)
