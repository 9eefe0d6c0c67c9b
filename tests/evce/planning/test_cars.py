"""Tests of what one car claims: the rules that look at a car at a time, together."""

import pytest

from evce.electrical import Wiring
from evce.facts import ConnectorStatus, Takes
from evce.planning.cars import Cars
from evce.planning.settings import PlanSettings
from evce.planning.wiring_course import Trial
from evce.units import ZoneId
from tests.evce.builders import charging, connector, key, site, station, zone

A = connector("A")
MAIN = ZoneId("main")


def claimed(cars: Cars, *, held: float = 16.0, cuts_only: bool = False, **facts: object) -> tuple[float, str]:
    claim = cars.claim(
        charging("A", 16.0, **facts),  # type: ignore[arg-type]
        A,
        MAIN,
        PlanSettings(),
        None,
        100.0,
        held=held,
        passed_over=0,
        cuts_only=cuts_only,
    )
    return claim.cap, claim.capped_by


@pytest.mark.parametrize(
    ("facts", "cuts_only", "expected"),
    [
        ({}, False, (32.0, "its rating")),
        ({}, True, (16.0, "its present setpoint")),
        ({"spares": True}, False, (16.0, "its present setpoint, to spare its station's memory,")),
        ({"ceiling": 10.0}, True, (10.0, "the operator's charging profile")),
        ({"status": ConnectorStatus.SUSPENDED_EV}, False, (6.0, "its floor while the car itself pauses")),
        (
            {"status": ConnectorStatus.SUSPENDED_EV, "ceiling": 10.0},
            False,
            (6.0, "its floor while the car itself pauses"),
        ),
    ],
)
def test_the_lowest_cap_counts_and_says_what_it_is(
    facts: dict[str, object], cuts_only: bool, expected: tuple[float, str]
) -> None:
    """LM-1, CPO-1: each rule caps a car; the lowest one is the one that people are told."""
    assert claimed(Cars(), cuts_only=cuts_only, **facts) == expected


def test_a_check_of_its_wiring_caps_a_car_below_all_else() -> None:
    """EL-7: the check steps one station; nobody gets more for it."""
    cars = Cars()
    cars.trial = Trial(key("A"), 8.0, frozenset())
    assert claimed(cars)[0] == 8.0


def test_the_floor_of_a_station_that_takes_watts_counts_the_phases_its_car_uses() -> None:
    """LM-2: in W for one phase, a floor in A needs more of them to be sure."""
    one = connector("A", wiring=Wiring.MONO1)
    plain = Cars().floor(charging("A", 16.0), one, PlanSettings())
    in_watts = Cars().floor(charging("A", 16.0, takes=Takes(watts_on=1)), one, PlanSettings())
    assert plain == 6.0 <= in_watts


def test_a_successor_knows_the_cars_and_forgets_those_that_are_gone() -> None:
    """EL-7, AC-2: a phase once seen loaded is not given back because an actor died."""
    cars = Cars()
    one_phase = (16.0, 0.1, 0.0)
    for at in (10.0, 100.0):
        facts = charging("A", 16.0, draw=one_phase, draw_at=at)
        cars.learn(charging("A", 16.0), facts, A)
    assert cars.mask(facts, A) == (True, False, False)
    heir = Cars()
    heir.restore(cars.seen())
    assert heir.mask(facts, A) == (True, False, False)
    heir.keep_only(site([zone("main", 63)], [station("B", "main")]))
    assert heir.mask(facts, A) == (True, True, True)
