"""What can flow in a zone at most, summed from the outlets upward."""

from dataclasses import replace

from evce.electrical import Family, Wiring
from evce.proof.loads import loads
from evce.units import MeterId, ZoneId
from tests.evce.builders import connector, key, site, station, zone
from tests.evce.proof.sites import dynamic


def test_currents_are_summed_per_grid_phase_and_cut_at_each_zone_on_the_way() -> None:
    """EL-2, EL-3, EL-6, DG-5: ratings up to the maxima, fall-backs as they are, DC at its rating."""
    model = site(
        [zone("root", 60.0), zone("a", 40.0, "root"), dynamic("b", 30.0, "root", building=12.0)],
        [
            station("A1", "a", connector("A1")),
            station("A2", "a", connector("A2", wiring=Wiring.MONO2)),
            station("DC", "b", connector("DC", rating=35.0, family=Family.DC_24), family=Family.DC_24),
            station("lonely", None),
        ],
    )
    found = loads(model, {key("A1"): 7.5, key("A2"): 6.0, key("lonely"): 9.0})
    assert list(found) == ["b", "a", "root"]
    assert found[ZoneId("a")].cars == (32.0, 40.0, 32.0)
    assert found[ZoneId("b")].held == (30.0, 30.0, 30.0)
    root = found[ZoneId("root")]
    assert (root.cars, root.fallen, root.building) == ((60.0, 60.0, 60.0), (7.5, 13.5, 7.5), 12.0)
    assert root.lost == (37.5, 43.5, 37.5)


def test_an_undeclared_building_is_told_up_to_the_next_dynamic_zone() -> None:
    """LM-8."""
    model = site(
        [zone("root", 60.0), dynamic("b", 30.0, "root", building=None), dynamic("c", 30.0, building=1.0)], []
    )
    found = loads(model, {})
    assert (
        found[ZoneId("root")].undeclared,
        found[ZoneId("b")].undeclared,
        found[ZoneId("c")].undeclared,
    ) == (("b",), ("b",), ())


def test_what_the_sun_adds_has_no_known_bound() -> None:
    """MT-5: cars may be granted more than the fuse while the roof produces."""
    roof = replace(dynamic("z", 20.0, building=0.0), production_meters=(MeterId("sun"),))
    assert loads(site([roof], [station("A", "z")]), {})[ZoneId("z")].cars == (32.0, 32.0, 32.0)
