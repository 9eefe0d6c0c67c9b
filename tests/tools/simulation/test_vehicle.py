"""The physics of a car, second by second."""

import pytest

from tools.simulation.vehicle import SETTLING_TIME, Vehicle, VehicleSpec

HALF = 30_000.0


def after(vehicle: Vehicle, seconds: float, now: float = 0.0, phases: int = 3, step: float = 0.1) -> float:
    """Let time pass in ticks; returns the new now."""
    for tick in range(1, round(seconds / step) + 1):
        vehicle.advance(now + tick * step, phases)
    return now + seconds


@pytest.mark.parametrize(
    ("spec", "offered", "seconds", "amps"),
    [
        (VehicleSpec(), 16.0, 0.4, 0.0),
        (VehicleSpec(), 16.0, 1.5, 6.4),
        (VehicleSpec(), 16.0, SETTLING_TIME, 16.0),
        (VehicleSpec(), 40.0, SETTLING_TIME, 32.0),
        (VehicleSpec(maximum=16.0), 32.0, SETTLING_TIME, 16.0),
        (VehicleSpec(), 6.0, SETTLING_TIME, 6.0),
        (VehicleSpec(), 5.9, SETTLING_TIME, 0.0),
        (VehicleSpec(minimum=8.0), 7.0, SETTLING_TIME, 0.0),
        (VehicleSpec(reaction=2.0, ramp=3.9), 16.0, 1.9, 0.0),
        (VehicleSpec(reaction=2.0, ramp=3.9), 16.0, SETTLING_TIME, 16.0),
        (VehicleSpec(overdraw=0.25), 16.0, SETTLING_TIME, 20.0),
        (VehicleSpec(ignores_pilot=True), 6.0, SETTLING_TIME, 32.0),
        (VehicleSpec(ignores_pilot=True), 0.0, SETTLING_TIME, 32.0),
    ],
)
def test_a_car_follows_its_pilot(spec: VehicleSpec, offered: float, seconds: float, amps: float) -> None:
    """LM-10: cars react within 2 s, ramp, and are settled after 6 s, those apart that don't obey."""
    vehicle = Vehicle(spec, stored=HALF)
    vehicle.advance(0.0, 3)
    vehicle.offer(offered, 0.0)
    after(vehicle, seconds)
    assert vehicle.current == pytest.approx(amps, abs=0.7 if seconds == 1.5 else 0.01)


@pytest.mark.parametrize("step", [0.05, 0.1, 1.0, 7.0])
def test_the_energy_does_not_depend_on_how_often_one_looks(step: float) -> None:
    vehicle = Vehicle(VehicleSpec(reaction=0.0, ramp=5.0), stored=HALF)
    vehicle.advance(0.0, 3)
    vehicle.offer(16.0, 0.0)
    after(vehicle, 700.0, step=step)
    ramped = 2.5 * 16.0 / 2 + 697.5 * 16.0
    assert vehicle.taken == pytest.approx(ramped * 3 * 230 / 3600, rel=0.001)


@pytest.mark.parametrize("phases", [1, 2, 3])
def test_power_is_per_phase_in_use(phases: int) -> None:
    vehicle = Vehicle(VehicleSpec(phases=phases), stored=HALF)
    vehicle.advance(0.0, phases)
    vehicle.offer(10.0, 0.0)
    after(vehicle, 10.0, phases=phases)
    assert vehicle.power(phases) == pytest.approx(10.0 * 230 * phases)


def test_the_current_tapers_near_full_and_then_stops() -> None:
    spec = VehicleSpec(battery=10_000.0, taper_from=0.8)
    seen = []
    for charge in (0.5, 0.79, 0.9, 0.98, 1.0):
        vehicle = Vehicle(spec, stored=charge * spec.battery)
        vehicle.advance(0.0, 3)
        vehicle.offer(32.0, 0.0)
        after(vehicle, 6.0)
        seen.append(vehicle.current)
    assert seen[0] == pytest.approx(32.0)
    assert seen == sorted(seen, reverse=True)
    assert seen[2] == pytest.approx(16.0, abs=2.0)
    assert seen[-1] == 0.0


def test_a_full_car_took_what_it_needed() -> None:
    spec = VehicleSpec(battery=2_000.0)
    vehicle = Vehicle(spec, stored=1_000.0)
    vehicle.advance(0.0, 3)
    vehicle.offer(32.0, 0.0)
    after(vehicle, 1800.0)
    assert vehicle.full
    assert not vehicle.wants
    assert vehicle.taken == pytest.approx(1_000.0 / spec.efficiency, rel=0.01)


def test_an_open_contactor_stops_even_a_car_that_ignores_its_pilot() -> None:
    vehicle = Vehicle(VehicleSpec(ignores_pilot=True), stored=HALF)
    vehicle.advance(0.0, 3)
    now = after(vehicle, 6.0)
    assert vehicle.current == 32.0
    vehicle.offer(0.0, now, closed=False)
    vehicle.advance(now + 0.1, 3)
    assert vehicle.current == 0.0


@pytest.mark.parametrize(
    ("pause", "offers", "amps"),
    [
        (30.0, [10.0], 10.0),
        (90.0, [10.0], 0.0),
        (90.0, [10.0, 11.0], 0.0),
        (90.0, [10.0, 13.0], 13.0),
    ],
)
def test_a_sleeper_wakes_only_when_nudged(pause: float, offers: list[float], amps: float) -> None:
    """LM-11: after a long pause a sleeper stays at 0 A until the offer rises once more."""
    vehicle = Vehicle(VehicleSpec(sleeps_after=60.0), stored=HALF)
    vehicle.advance(0.0, 3)
    vehicle.offer(16.0, 0.0)
    now = after(vehicle, 10.0)
    vehicle.offer(0.0, now)
    now = after(vehicle, pause, now)
    for offer in offers:
        vehicle.offer(offer, now)
        now = after(vehicle, 10.0, now)
    assert vehicle.current == pytest.approx(amps)


def test_a_new_session_wakes_a_sleeper() -> None:
    vehicle = Vehicle(VehicleSpec(sleeps_after=60.0), stored=HALF)
    vehicle.advance(0.0, 3)
    vehicle.offer(0.0, 0.0)
    vehicle.offer(16.0, 0.0)
    vehicle.offer(0.0, 1.0)
    now = after(vehicle, 120.0)
    assert vehicle.asleep
    vehicle.begin_session()
    vehicle.offer(16.0, now)
    after(vehicle, 10.0, now)
    assert vehicle.current == pytest.approx(16.0)


@pytest.mark.parametrize(("changes", "word"), [({"phases": 4}, "phases"), ({"reaction": 3.0}, "settles")])
def test_an_impossible_car_is_refused(changes: dict[str, float], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        VehicleSpec(**changes)  # type: ignore[arg-type]
