"""Degraded currents: what lost stations fall to, and that it always fits."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.degraded import degraded_currents, degraded_scale
from evce.electrical import Family, SiteModel, Socket, Station, Wiring, Zone
from evce.floors import FloorStandard, floor
from evce.units import BoxIdentity, ConnectorKey, ZoneId
from tests.evce.builders import connector, key, site, station, zone

IEC, EVZE = FloorStandard.IEC61851, FloorStandard.EVZE_READY


def parking(name: str, zone_id: str | None, rating: float = 32.0) -> Station:
    return station(name, zone_id, connector(name, 1, rating=rating), connector(name, 2, rating=rating))


def wallbox(name: str, zone_id: str) -> Station:
    family = Family.SMART_WALLBOX
    return station(
        name, zone_id, connector(name, sockets=(Socket.T2, Socket.TE), family=family), family=family
    )


def fast(name: str, zone_id: str, rating: float = 40.0) -> Station:
    family = Family.DC_24
    return station(
        name, zone_id, connector(name, rating=rating, sockets=(Socket.CCS,), family=family), family=family
    )


def park1(maximum: float) -> SiteModel:
    return site(
        [zone("park1", maximum)], [parking("P1", "park1"), parking("P2", "park1"), wallbox("W", "park1")]
    )


def test_the_worked_example_of_the_guide_comes_out_exactly() -> None:
    """DG-1: 51 A over floors of 34 A is scale 1.5: 9 A per Parking connector, 15 A for the Wallbox."""
    assert degraded_currents(park1(51.0), IEC) == {
        key("P1", 1): 9.0,
        key("P1", 2): 9.0,
        key("P2", 1): 9.0,
        key("P2", 2): 9.0,
        key("W"): 15.0,
    }
    scale = degraded_scale(park1(51.0), ZoneId("park1"), IEC)
    assert (scale.scale, scale.set_by, scale.available, scale.floors) == (1.5, "park1", 51.0, 34.0)


@pytest.mark.parametrize(
    ("maximum", "per_parking", "wallbox_amps"),
    [
        (33.9, 0.0, 0.0),
        (34.0, 6.0, 10.0),
        (34.3, 6.0, 10.0),
        (35.0, 6.1, 10.2),
        (108.8, 19.2, 32.0),
        (200.0, 32.0, 32.0),
        (0.0, 0.0, 0.0),
    ],
)
def test_a_static_zone_scales_the_floors_that_fit_and_gives_nothing_otherwise(
    maximum: float, per_parking: float, wallbox_amps: float
) -> None:
    """DG-1: "fits" is <=, capped at the rating, down to 0.1 A, 0 A where the floors don't fit."""
    currents = degraded_currents(park1(maximum), IEC)
    assert currents[key("P1", 2)] == per_parking
    assert currents[key("W")] == wallbox_amps


def test_the_floor_standard_moves_the_degraded_current() -> None:
    """DG-1, LM-2: under EV/ZE ready the five connectors need 70 A on three phases."""
    assert set(degraded_currents(park1(69.9), EVZE).values()) == {0.0}
    assert set(degraded_currents(park1(70.0), EVZE).values()) == {14.0}


def test_sums_are_plain_over_connectors_whatever_their_phases() -> None:
    """DG-1: three single-phase connectors on three phases count 18 A, not 6 A per phase."""
    stations = [
        station(name, "z", connector(name, wiring=wiring))
        for name, wiring in (("A", Wiring.MONO1), ("B", Wiring.MONO2), ("C", Wiring.MONO3))
    ]
    assert degraded_currents(site([zone("z", 17.9)], stations), IEC)[key("A")] == 0.0
    assert degraded_currents(site([zone("z", 27.0)], stations), IEC)[key("A")] == 9.0


def test_a_station_of_a_dynamic_zone_falls_to_nothing() -> None:
    """DG-4: whatever the zone's degraded setpoint is."""
    model = site([zone("dyn", 100.0, meter="m", degraded=80.0)], [parking("P", "dyn")])
    assert set(degraded_currents(model, IEC).values()) == {0.0}
    assert degraded_scale(model, ZoneId("dyn"), IEC).scale == 0.0


@pytest.mark.parametrize(
    ("root", "expected", "set_by"),
    [
        (zone("root", 100.0), 12.5, "branch"),
        (zone("root", 45.0), 11.2, "root"),
        (zone("root", 23.9), 0.0, "root"),
        (zone("root", 100.0, meter="m", degraded=45.0), 11.2, "root"),
        (zone("root", 100.0, meter="m", degraded=20.0), 0.0, "root"),
        (zone("root", 100.0, meter="m"), 0.0, "root"),
        (zone("root", 30.0, meter="m", degraded=60.0), 7.5, "root"),
    ],
)
def test_the_smallest_scale_along_the_path_counts(root: Zone, expected: float, set_by: str) -> None:
    """DG-5: of a dynamic ancestor the degraded setpoint counts, for static zones below it too."""
    model = site(
        [root, zone("branch", 25.0, "root"), zone("other", 80.0, "root")],
        [parking("P", "branch"), parking("Q", "other")],
    )
    assert degraded_currents(model, IEC)[key("P")] == expected
    scale = degraded_scale(model, ZoneId("branch"), IEC)
    assert scale.set_by == set_by
    assert (scale.scale >= 1.0) == (expected > 0.0)


def test_what_a_fast_charger_may_keep_is_taken_off_first() -> None:
    """EL-6, DG-1: a DC connector has no degraded current; the others fit beside its rating."""
    model = site([zone("z", 76.0)], [parking("P", "z"), fast("DC", "z", 40.0)])
    assert degraded_currents(model, IEC) == {key("P", 1): 18.0, key("P", 2): 18.0}
    crowded = site([zone("z", 51.9)], [parking("P", "z"), fast("DC", "z", 40.0)])
    assert set(degraded_currents(crowded, IEC).values()) == {0.0}


def test_a_station_without_a_zone_falls_to_nothing() -> None:
    """EL-8: no limit protects it."""
    assert set(degraded_currents(site([zone("z", 100.0)], [parking("P", None)]), IEC).values()) == {0.0}


def test_a_connector_rated_below_its_floor_gets_nothing_rather_than_too_little() -> None:
    """LM-2: no current between 0 and the floor, in a degraded mode neither."""
    model = site([zone("z", 100.0)], [parking("P", "z", rating=10.0)])
    assert set(degraded_currents(model, EVZE).values()) == {0.0}


def test_a_zone_without_connectors_has_a_scale_of_one() -> None:
    """LM-12: the page shows a scale for every zone."""
    assert degraded_scale(site([zone("z", 10.0)], []), ZoneId("z"), IEC).scale == 1.0


@st.composite
def sites(draw: st.DrawFn) -> SiteModel:
    count = draw(st.integers(1, 6))
    maxima = st.integers(0, 3000).map(lambda tenths: tenths / 10)
    zones = []
    for index in range(count):
        parent = None if index == 0 else f"z{draw(st.integers(0, index - 1))}"
        meter = draw(st.sampled_from((None, None, f"m{index}")))
        zones.append(zone(f"z{index}", draw(maxima), parent, meter=meter, degraded=draw(maxima)))
    stations = []
    for index in range(draw(st.integers(0, 12))):
        name, family = f"S{index}", draw(st.sampled_from((Family.PARKING, Family.CITY, Family.DC_24)))
        made = connector(
            name,
            wiring=draw(st.sampled_from(tuple(Wiring))),
            rating=draw(st.sampled_from((10.0, 16.0, 32.0))),
            sockets=draw(st.sampled_from(((Socket.T2,), (Socket.TE,)))),
            family=family,
        )
        stations.append(station(name, f"z{draw(st.integers(0, count - 1))}", made, family=family))
    return site(zones, stations)


@given(model=sites(), standard=st.sampled_from(tuple(FloorStandard)))
def test_all_degraded_currents_together_fit_every_zone(model: SiteModel, standard: FloorStandard) -> None:
    """DG-5, DG-6, EL-6: even with every station lost at once, DC connectors at their rating."""
    currents = degraded_currents(model, standard)
    for current in model.zones.values():
        below = [s for s in model.stations.values() if s.zone in set(model.subtree(current.id))]
        total = sum(
            (Fraction(str(currents.get(c.key, 0.0))) for s in below for c in s.connectors), Fraction(0)
        )
        kept = sum(c.rating for s in below for c in s.connectors if not c.family.has_degraded_mode)
        has = min(current.maximum, current.degraded_setpoint) if current.dynamic else current.maximum
        assert total == 0 or total + Fraction(str(kept)) <= Fraction(str(has))


@given(model=sites(), standard=st.sampled_from(tuple(FloorStandard)))
def test_a_degraded_current_is_nothing_or_between_floor_and_rating(
    model: SiteModel, standard: FloorStandard
) -> None:
    """DG-1, LM-2, EL-6: in tenths of an ampere, and none for a DC connector."""
    currents = degraded_currents(model, standard)
    for made in model.connectors.values():
        if not made.family.has_degraded_mode:
            assert made.key not in currents
            continue
        amps = currents[made.key]
        assert amps == 0.0 or floor(made, standard) <= amps <= made.rating
        assert amps == round(amps * 10) / 10


def test_a_connector_is_known_by_its_key() -> None:
    """DG-1: the answer is per connector, not per station."""
    assert list(degraded_currents(park1(51.0), IEC))[:2] == [
        ConnectorKey(BoxIdentity("P1"), 1),
        ConnectorKey(BoxIdentity("P1"), 2),
    ]
