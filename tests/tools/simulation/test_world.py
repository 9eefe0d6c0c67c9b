"""What truly flows at a site, and who comes and goes."""

from collections.abc import Callable

import pytest

from evce.units import ZoneId
from tests.tools.simulation.scripted import Central, car, site
from tools.simulation.meters import MeterFault
from tools.simulation.world import World, WorldOptions

MAIN, GARAGE = ZoneId("main"), ZoneId("garage")


def world(**options: object) -> World:
    return World(site(), WorldOptions(**{"arrivals_factor": 0.0, **options}))  # type: ignore[arg-type]


def run(at: World, seconds: float, online: bool = True, watch: Callable[[], None] = lambda: None) -> None:
    """Let time pass; every station talks to a central system that accepts all."""
    centrals = {name: Central() for name in at.stations}
    begun = at.now
    for name, station in at.stations.items():
        if online and not station.online:
            centrals[name].time = lambda: at.now
            station.connected(begun)
            station.central = centrals[name]  # type: ignore[attr-defined]
    for tick in range(1, round(seconds * 4) + 1):
        now = begun + tick / 4
        at.tick(now)
        for station in at.stations.values():
            central = getattr(station, "central", None)
            while central is not None and (frames := station.frames(now)):
                for frame in frames:
                    if (answer := central.take(frame)) is not None:
                        station.receive(answer, now)
        watch()


def test_a_feeder_carries_cars_and_building_less_the_sun() -> None:
    """LM-8, MT-5: per zone and grid phase."""
    at = world(building_share=0.3, reporting_share=0.1, solar_share=0.2)
    for station in at.stations.values():
        station.keys.change("FreeVendActive", "true")
    at.stations["CP-01"].plug(2, car(phases=1), None, 0.0)
    at.stations["CP-02"].plug(1, car(), None, 0.0)
    run(at, 10.0)
    truth = at.truth()
    assert truth[GARAGE] == pytest.approx((0.0, 32.0, 32.0))
    building = at.buildings[MAIN].amps(at.now)
    lift = at.meters["lift"]._source().currents
    sun = at.meters["pv"]._source().currents
    assert min(*building, *lift, *sun) > 0
    expected = [g + b + o - s for g, b, o, s in zip(truth[GARAGE], building, lift, sun, strict=True)]
    assert truth[MAIN] == pytest.approx(tuple(expected))
    assert at.truth() is truth


@pytest.mark.parametrize("net", [False, True])
def test_a_zones_meter_reads_what_is_used_or_what_comes_in(net: bool) -> None:
    """MT-5, LM-8: the sun is in the meter's reading only where the meter sits on the incoming feeder."""
    at = world(meters_read_net=net)
    run(at, 5.0)
    reading = at.meters["m1"]._source()
    truth = at.truth()[MAIN]
    sun = at.meters["pv"]._source().currents
    expected = truth if net else tuple(t + s for t, s in zip(truth, sun, strict=True))
    assert reading.currents == pytest.approx(expected)
    assert reading.power == pytest.approx(sum(expected) * 230)
    assert reading.energy == pytest.approx(reading.power * 4.75 / 3600, rel=0.02)


def test_cars_come_charge_and_leave_and_the_book_has_them() -> None:
    """CDR-1: the true book of an accelerated morning."""
    at = world(arrivals_factor=300.0, building_share=0.0)
    run(at, 300.0)
    book = at.book(delivered_only=True)
    assert len(book) >= 5
    assert at.turned_away > 0
    for session in book:
        assert session.energy >= 0
        assert session.stopped > session.started
        assert session.transaction is not None
    taken = sum(station.outlets[n].register for station in at.stations.values() for n in station.outlets)
    running = sum(
        outlet.register - outlet.session.meter_start
        for station in at.stations.values()
        for outlet in station.outlets.values()
        if outlet.session is not None
    )
    assert sum(session.energy for session in at.book()) + running == pytest.approx(taken)
    assert len({s.id_tag for s in book}) > 1


def test_the_same_seed_is_the_same_site() -> None:
    first, again = world(arrivals_factor=100.0, seed=5), world(arrivals_factor=100.0, seed=5)
    for at in (first, again):
        run(at, 60.0)
    assert first.truth() == again.truth()


def test_steps_are_cut_so_that_what_is_left_can_be_saved() -> None:
    """DESIGN 5: no controller saves a feeder from a step of the building alone."""
    at = world(building_share=0.6, reporting_share=0.0)
    run(at, 1.0)
    building = max(at.buildings[MAIN].amps(at.now))
    cut = at.step(MAIN, 500.0, 10.0)
    assert cut == pytest.approx(90.0 - building)
    assert at.step(MAIN, 500.0, 10.0) == pytest.approx(0.0, abs=0.1)


def test_the_building_steps_now_and_then() -> None:
    at = world(building_share=0.3, step_every=20.0, speed=0.0)
    seen: list[float] = []
    run(at, 120.0, watch=lambda: seen.append(at.truth()[MAIN][0]))
    assert max(seen) - min(seen) > 5.0


def test_a_meter_reads_the_truth_unless_it_is_broken() -> None:
    at = world()
    run(at, 1.0)
    at.meters["m1"].fault = MeterFault.FROZEN
    frozen = at.meters["m1"].read(2999, 2)
    at.step(MAIN, 20.0, 10.0)
    run(at, 1.0)
    assert at.meters["m1"].read(2999, 2) == frozen
    at.meters["m1"].fault = MeterFault.NONE
    assert at.meters["m1"].read(2999, 2) != frozen
