"""The rules that EVCE's are compared with."""

import pytest

from tools.benchmarks.quality_course import Car, Rule
from tools.benchmarks.quality_rivals import EarliestDeadline, EqualShare, FirstCome, LeastLaxity
from tools.benchmarks.quality_site import TightSite
from tools.benchmarks.quality_weeks import RecordedSession

SITE = TightSite(300.0)
FIRST, SECOND, THIRD = [outlet for outlet in SITE.loads if SITE.loads[outlet] == SITE.loads[1]][:3]


def car(outlet: int, arrives: float, leaves: float | None = None, need: float | None = None) -> Car:
    session = RecordedSession(outlet, 0, arrives, 99_999.0, outlet, 30_000.0, leaves, need)
    return Car(session)


CARS = [
    car(FIRST, 0.0, 30_000.0, 5_000.0),
    car(SECOND, 10.0, 20_000.0, 5_000.0),
    car(THIRD, 20.0, 25_000.0, 40_000.0),
]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (FirstCome(SITE), [32.0, 13.0, 0.0]),
        (EqualShare(SITE), [15.0, 15.0, 15.0]),
        (EarliestDeadline(SITE), [0.0, 32.0, 13.0]),
        (LeastLaxity(SITE), [0.0, 13.0, 32.0]),
    ],
)
def test_45_amperes_of_a_row_go_to_three_cars_by_the_rule(rule: Rule, expected: list[float]) -> None:
    """LM-6."""
    amps, again_at = rule.decide(100.0, CARS)
    assert [amps[place.session.outlet] for place in CARS] == pytest.approx(expected)
    assert again_at > 100.0


@pytest.mark.parametrize(
    "rule", [FirstCome(SITE), EqualShare(SITE), EarliestDeadline(SITE), LeastLaxity(SITE)]
)
def test_a_full_car_gets_nothing_and_limits_hold(rule: Rule) -> None:
    """LM-1: with all outlets taken, some by full cars, some by silent drivers."""
    cars = [car(outlet, float(outlet)) for outlet in SITE.loads]
    for place in cars[::5]:
        place.got = place.session.need
    amps, _ = rule.decide(100.0, cars)
    assert SITE.overload(amps) <= 1e-6
    assert all(amps.get(place.session.outlet, 0.0) == 0.0 for place in cars[::5])
    assert sum(amps.values()) > 290.0
