"""The worst that a feeder may carry: each rule by example, the sum by trying every combination."""

from dataclasses import replace

import pytest
from hypothesis import given, settings

from evce.degraded import degraded_currents
from evce.electrical import Family, SiteModel, Wiring, Zone
from evce.floors import FloorStandard
from evce.proof.worst_case import Event, prove
from evce.units import MeterId, ZoneId
from tests.evce.builders import connector, key, site, station, zone
from tests.evce.proof.losses import highest
from tests.evce.proof.sites import dynamic, small_sites

IEC = FloorStandard.IEC61851
CAR = station("CP", "z")


def fast(zone_id: str, rating: float = 40.0) -> SiteModel:
    family = Family.DC_24
    return site([], [station("DC", zone_id, connector("DC", rating=rating, family=family), family=family)])


@pytest.mark.parametrize(
    ("made", "event", "amps", "holds"),
    [
        (zone("z", 32.0), Event.NOTHING_LOST, 32.0, True),
        (dynamic("z", 100.0, building=80.0, degraded=20.0), Event.NOTHING_LOST, 100.0, True),
        (dynamic("z", 100.0, building=81.0, degraded=20.0), Event.METER_LOST, 101.0, False),
        (dynamic("z", 100.0, building=101.0), Event.NOTHING_LOST, 101.0, False),
        (dynamic("z", 30.0, building=0.0, degraded=20.0), Event.NOTHING_LOST, 30.0, True),
    ],
)
def test_what_a_feeder_carries_at_worst(made: Zone, event: Event, amps: float, holds: bool) -> None:
    """DG-1, DG-3, LM-7, LM-8: the maximum, and the degraded setpoint beside the whole building."""
    proof = prove(site([made], [CAR]), IEC)
    worst = proof.zones[0].worst
    assert (worst.event, worst.amps, proof.holds) == (event, amps, holds)
    assert [case.phase for case in proof.failures] == ([] if holds else [0, 1, 2])


def test_a_fast_charger_keeps_what_it_had_beside_the_building() -> None:
    """EL-6: granted while the building rested, kept for ever; the station is named."""
    model = site([dynamic("z", 100.0, building=70.0)], list(fast("z").stations.values()))
    failures = prove(model, IEC).failures
    assert [(case.event, case.amps, case.over, case.stations) for case in failures] == [
        (Event.STATIONS_LOST, 110.0, 10.0, ("DC",))
    ] * 3


def test_a_static_zone_does_not_know_the_building_below_it() -> None:
    """LM-8: the zone below keeps to its own fuse, the one above counts cars alone."""
    cars = [station("A", "lift"), station("B", "park"), station("C", "park")]
    zones = [zone("root", 80.0), dynamic("lift", 60.0, "root", building=50.0), zone("park", 60.0, "root")]
    (case, *_) = prove(site(zones, cars), IEC).failures
    assert (case.zone, case.event, case.amps) == ("root", Event.NOTHING_LOST, 60.0 + 60.0)


def test_only_the_phases_that_are_wired_count() -> None:
    """EL-3."""
    car = station("CP", "z", connector("CP", wiring=Wiring.MONO2))
    model = site([dynamic("z", 30.0, building=25.0, degraded=10.0)], [car])
    assert [case.phase for case in prove(model, IEC).failures] == [1]


def test_without_a_declared_building_nothing_is_shown_and_nothing_is_refused() -> None:
    """DG-6: also of the static zones above; a dynamic one above has declared it with its own."""
    below = dynamic("z", 40.0, "root", building=None)
    for root, undeclared in ((zone("root", 40.0), "z"), (dynamic("root", 40.0, building=40.0), "")):
        proof = prove(site([root, below], [CAR]), IEC)
        assert (proof.failures, proof.holds, proof.undeclared) == ((), False, ("z",))
        assert proof.zones[0].undeclared == ((undeclared,) if undeclared else ())


def test_a_station_that_is_away_keeps_its_old_fall_back() -> None:
    """DG-6: what others still hold from the configuration before counts as well."""
    model = site([zone("z", 20.0)], [CAR, station("CQ", "z")])
    assert prove(model, IEC).holds
    proof = prove(model, IEC, kept={key("CP"): 16.0, key("gone"): 32.0})
    assert [case.amps for case in proof.failures] == [26.0] * 3


def test_sun_on_the_roof_lets_a_fast_charger_have_more_than_the_fuse() -> None:
    """MT-5, EL-6: the sun sets, the lost charger draws on."""
    made = replace(dynamic("z", 30.0, building=0.0), production_meters=(MeterId("sun"),))
    assert prove(site([made], list(fast("z").stations.values())), IEC).failures[0].amps == 40.0


@settings(max_examples=60, deadline=None)
@given(model=small_sites())
def test_no_combination_of_losses_is_worse_and_one_is_as_bad(model: SiteModel) -> None:
    """DG-1…DG-6: the sum is right for every zone, and tight below no other dynamic zone."""
    fallbacks = degraded_currents(model, IEC)
    proof = {zone.zone: zone for zone in prove(model, IEC).zones}
    for phase in range(2):
        for (zone_id, lasting), amps in highest(model, fallbacks, phase).items():
            shown = max(case.amps for case in proof[zone_id].cases if case.phase == phase)
            if lasting:
                assert amps <= shown + 1e-6
                assert amps == pytest.approx(shown) or _limited_above(model, zone_id)
            else:
                assert amps <= max(shown, proof[zone_id].course[phase]) + 1e-6


def _limited_above(model: SiteModel, zone_id: ZoneId) -> bool:
    """A dynamic zone above may leave the cars less than this one does: there the sum is only a bound."""
    return any(model.zones[above].dynamic for above in model.path(zone_id)[1:])


@settings(max_examples=60, deadline=None)
@given(model=small_sites(with_buildings=False))
def test_in_a_site_of_static_zones_every_fuse_holds_at_every_moment(model: SiteModel) -> None:
    """DG-1, DG-5, DG-6: whoever is lost, and while the leases run out."""
    fallbacks = degraded_currents(model, IEC)
    assert prove(model, IEC).holds
    for phase in range(2):
        for (zone_id, _), amps in highest(model, fallbacks, phase).items():
            assert amps <= model.zones[zone_id].maximum + 1e-6
