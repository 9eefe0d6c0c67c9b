"""Tests of the electrical model."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.electrical import Family, Wiring
from tests.evce.builders import connector, key, site, station, zone

AMPS = st.floats(0, 63)


@pytest.mark.parametrize(
    ("wiring", "grid"),
    [
        (Wiring.TRI123, (1.0, 2.0, 3.0)),
        (Wiring.TRI231, (3.0, 1.0, 2.0)),
        (Wiring.TRI312, (2.0, 3.0, 1.0)),
        (Wiring.MONO1, (1.0, 0.0, 0.0)),
        (Wiring.MONO2, (0.0, 1.0, 0.0)),
        (Wiring.MONO3, (0.0, 0.0, 1.0)),
    ],
)
def test_station_phases_meet_the_grid_by_their_wiring(wiring: Wiring, grid: tuple[float, ...]) -> None:
    """EL-3: station phase 1 carries 1 A, phase 2 carries 2 A, phase 3 carries 3 A."""
    assert wiring.to_grid((1.0, 2.0, 3.0)) == grid
    assert wiring.mask == tuple(amps > 0 for amps in grid)


@given(st.sampled_from([w for w in Wiring if w.three_phase]), st.tuples(AMPS, AMPS, AMPS))
def test_rotation_there_and_back_changes_nothing(wiring: Wiring, amps: tuple[float, float, float]) -> None:
    """EL-3: turning to the grid and back is the identity."""
    assert wiring.to_station(wiring.to_grid(amps)) == amps


def test_a_site_knows_its_tree() -> None:
    """EL-1: zones, their sub-zones and stations."""
    model = site(
        [zone("main", 100), zone("north", 50, "main"), zone("south", 60, "main")],
        [
            station("A", "north"),
            station("B", "south", connector("B", 1), connector("B", 2)),
            station("C", None),
        ],
    )
    assert model.roots == ("main",)
    assert model.children["main"] == ("north", "south")
    assert model.stations_of["south"] == ("B",)
    assert list(model.subtree(model.roots[0])) == ["main", "north", "south"]
    assert model.path(model.children["main"][0]) == ("north", "main")
    assert set(model.connectors) == {key("A"), key("B", 1), key("B", 2), key("C")}
    assert set(model.connectors_below(model.roots[0])) == {key("A"), key("B", 1), key("B", 2)}
    assert model.connectors_below(model.children["main"][1]) == (key("B", 1), key("B", 2))


def test_only_dc_stations_lack_a_degraded_mode() -> None:
    """EL-6: a DC station keeps its last setpoint when it is lost."""
    assert [family for family in Family if not family.has_degraded_mode] == [Family.DC_24]
