"""Tests of finding a connector's wiring from steps."""

import random

import pytest

from evce.electrical import Wiring
from evce.units import PhaseAmps
from evce.wiring_check import Step, WiringVerdict, find_wiring

ONE: PhaseAmps = (10.0, 0.0, 0.0)
TWO: PhaseAmps = (10.0, 10.0, 0.0)
THREE: PhaseAmps = (10.0, 10.0, 10.0)

RIGHT, WRONG, UNCLEAR = WiringVerdict.RIGHT, WiringVerdict.WRONG, WiringVerdict.UNCLEAR


def steps(*meter: PhaseAmps, station: PhaseAmps = ONE, split_known: bool = True) -> list[Step]:
    return [Step(seen, station, split_known) for seen in meter]


@pytest.mark.parametrize(
    ("declared", "taken", "verdict", "found", "why"),
    [
        (Wiring.TRI123, steps((10.0, 0.2, -0.1)), RIGHT, Wiring.TRI123, "L1"),
        (Wiring.TRI123, steps((0.1, 9.7, 0.3)), WRONG, Wiring.TRI231, "L2"),
        (Wiring.TRI123, steps((0.1, 0.3, 9.7)), WRONG, Wiring.TRI312, "L3"),
        (Wiring.TRI231, steps((0.1, 9.7, 0.3)), RIGHT, Wiring.TRI231, "L2"),
        (Wiring.TRI123, steps((0.0, 10.0, 10.0), station=TWO), WRONG, Wiring.TRI231, "L2 and L3"),
        (Wiring.TRI312, steps((10.0, 0.0, 10.0), station=TWO), RIGHT, Wiring.TRI312, "L1 and L3"),
        (Wiring.TRI123, steps(THREE, station=THREE), UNCLEAR, None, "all three phases alike"),
        (Wiring.TRI123, steps((14.0, 6.0, 6.0), station=(14.0, 6.0, 6.0)), RIGHT, Wiring.TRI123, "L1"),
        (Wiring.MONO1, steps((0.0, 10.1, 0.0)), WRONG, Wiring.MONO2, "L2"),
        (Wiring.MONO3, steps((0.0, 0.4, 9.0)), RIGHT, Wiring.MONO3, "L3"),
        (Wiring.MONO1, steps(THREE), UNCLEAR, None, "doesn't show"),
        (Wiring.TRI123, [], UNCLEAR, None, "no step"),
        (Wiring.TRI123, steps((2.5, 0.0, 0.0), station=(2.5, 0.0, 0.0)), UNCLEAR, None, "2.5 A only"),
        (Wiring.TRI123, steps((0.3, 0.2, -0.1)), UNCLEAR, None, "doesn't show the car's step"),
        (Wiring.TRI123, steps((10.0, 9.0, 0.0)), UNCLEAR, None, "doesn't show the car's step"),
        (Wiring.TRI123, steps((5.0, 6.0, 0.0)), UNCLEAR, None, "doesn't show the car's step"),
        (
            Wiring.TRI123,
            steps((0.2, 9.6, 0.0), (0.0, 24.0, 0.1), (0.1, 9.9, 14.0), (-0.3, 10.2, 0.0)),
            WRONG,
            Wiring.TRI231,
            "L2",
        ),
        (
            Wiring.TRI123,
            steps((0.2, 9.6, 0.0), (9.0, 3.0, 0.1), (-8.1, 15.9, 14.0), (14.0, 2.0, -9.0)),
            UNCLEAR,
            None,
            "",
        ),
        (Wiring.TRI123, steps((0.0, 9.0, 0.2), station=THREE, split_known=False), WRONG, Wiring.TRI231, "L2"),
        (Wiring.TRI123, steps((9.0, 9.0, 9.2), station=THREE, split_known=False), UNCLEAR, None, "alike"),
        (Wiring.TRI123, steps((9.0, 9.0, 0.2), station=THREE, split_known=False), RIGHT, Wiring.TRI123, "L2"),
        (Wiring.TRI123, steps((0.1, 0.0, 0.2), station=THREE, split_known=False), UNCLEAR, None, "0.2 A"),
    ],
)
def test_the_true_wiring_is_told_or_that_it_cannot_be(
    declared: Wiring, taken: list[Step], verdict: WiringVerdict, found: Wiring | None, why: str
) -> None:
    """EL-3: noise, loads that switch meanwhile, cars on one, two and three phases, no visible step."""
    finding = find_wiring(declared, taken)
    assert (finding.verdict, finding.found) == (verdict, found), finding.why
    assert why in finding.why


@pytest.mark.parametrize("noise", [0.3, 1.0, 2.0, 4.0, 8.0])
def test_noise_makes_a_check_unclear_and_hardly_ever_wrong(noise: float) -> None:
    """EL-3: a true wiring is accused by mistake less than once in a hundred checks, whatever the noise."""
    chance = random.Random(7)
    wrongs = clear = 0
    for _ in range(1_000):
        wiring = chance.choice(list(Wiring))
        station = chance.choice([ONE, TWO]) if wiring.three_phase else ONE
        grid = wiring.to_grid(station)
        seen = [
            (grid[0] + chance.gauss(0, noise), grid[1] + chance.gauss(0, noise), grid[2]) for _ in range(4)
        ]
        taken = steps(*seen, station=station)
        verdict = find_wiring(wiring, taken).verdict
        wrongs += verdict is WRONG
        clear += verdict is RIGHT
    assert wrongs <= 10
    assert clear > (950 if noise <= 0.3 else 0)
