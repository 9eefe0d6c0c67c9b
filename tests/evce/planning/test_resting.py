"""Tests of cars that have stopped by themselves."""

from dataclasses import replace

import pytest

from evce.facts import ConnectorFacts, ConnectorStatus, Link
from evce.planning.planner import Planner
from evce.planning.resting import LONGEST_REST, RESTS_AFTER, SHORTEST_REST, TRIED_FOR, Resting
from evce.planning.settings import PlanSettings
from evce.units import ZoneId
from tests.evce.builders import charging, key, site, station, zone


def told(amps: float, status: ConnectorStatus, draw: float = 0.0, transaction: int = 1) -> ConnectorFacts:
    return charging("A", amps, status=status, draw=(draw, 0.0, 0.0), transaction=transaction)


STOPPED = told(6.0, ConnectorStatus.SUSPENDED_EV)
PAUSED = told(0.0, ConnectorStatus.SUSPENDED_EVSE)
CHARGES = told(6.0, ConnectorStatus.CHARGING, 6.0)
OFFERED = told(6.0, ConnectorStatus.CHARGING)


def course(*looks: tuple[float, ConnectorFacts]) -> bool:
    """Whether the car rests at the last look."""
    resting = Resting()
    for now, facts in looks:
        resting.look([facts], now)
    now, facts = looks[-1]
    return resting.rests(facts, now)


TRIED = RESTS_AFTER + SHORTEST_REST
AGAIN = [(0.0, STOPPED), (RESTS_AFTER, STOPPED), (RESTS_AFTER, PAUSED), (TRIED, STOPPED)]


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([(0.0, CHARGES), (999.0, CHARGES)], False),
        ([(0.0, STOPPED), (RESTS_AFTER - 1.0, STOPPED)], False),
        ([(0.0, STOPPED), (RESTS_AFTER, STOPPED)], True),
        ([(0.0, STOPPED), (30.0, CHARGES), (RESTS_AFTER, STOPPED)], False),
        ([(0.0, STOPPED), (30.0, OFFERED), (RESTS_AFTER, STOPPED)], False),
        ([(0.0, PAUSED), (9_999.0, PAUSED)], False),
        ([(0.0, STOPPED), (30.0, PAUSED), (9_999.0, PAUSED)], False),
        ([(0.0, STOPPED), (RESTS_AFTER, PAUSED), (TRIED - 1.0, PAUSED)], True),
        ([(0.0, STOPPED), (RESTS_AFTER, PAUSED), (TRIED, PAUSED)], False),
        ([(0.0, STOPPED), (RESTS_AFTER, PAUSED), (TRIED, STOPPED)], False),
        ([(0.0, STOPPED), (RESTS_AFTER, PAUSED), (TRIED, STOPPED), (TRIED + 1.0, CHARGES)], False),
        ([*AGAIN, (TRIED + 1.0, STOPPED), (TRIED + TRIED_FOR, STOPPED)], False),
        ([*AGAIN, (TRIED + 1.0, STOPPED), (TRIED + TRIED_FOR + 1.0, STOPPED)], True),
    ],
)
def test_a_car_that_stops_by_itself_rests_after_a_while_and_is_tried_again(
    looks: list[tuple[float, ConnectorFacts]], expected: bool
) -> None:
    """LM-6: one that we paused doesn't; one that draws again is like any other."""
    assert course(*looks) is expected


def test_each_trial_in_vain_makes_the_rest_longer_and_current_makes_it_short_again() -> None:
    """LM-6: up to a longest one."""
    resting, now, lasted = Resting(), 0.0, []
    for _ in range(6):
        resting.look([STOPPED], now)
        resting.look([STOPPED], now + 1.0)
        now += 1.0 + RESTS_AFTER
        resting.look([PAUSED], now)
        begun = now
        while resting.rests(PAUSED, now):
            now += 100.0
        lasted.append(now - begun)
    assert lasted == [SHORTEST_REST, 3_600.0, 7_200.0, LONGEST_REST, LONGEST_REST, LONGEST_REST]
    for facts in (CHARGES, STOPPED):
        resting.look([facts], now)
    resting.look([STOPPED], now + RESTS_AFTER)
    resting.look([PAUSED], now + RESTS_AFTER)
    assert not resting.rests(PAUSED, now + RESTS_AFTER + SHORTEST_REST)


def test_another_session_and_a_station_out_of_reach_are_told_apart() -> None:
    """LM-6, AC-2: nothing is learnt of a lost station; a successor knows what its predecessor knew."""
    resting = Resting()
    resting.look([STOPPED], 0.0)
    resting.look([replace(CHARGES, link=Link.LOST, verified=False)], 30.0)
    assert resting.rests(STOPPED, RESTS_AFTER)
    assert not resting.rests(replace(STOPPED, transaction=None), RESTS_AFTER)
    heir = Resting()
    heir.restore(resting.seen())
    assert heir.rests(STOPPED, RESTS_AFTER)
    heir.look([told(6.0, ConnectorStatus.SUSPENDED_EV, transaction=2)], RESTS_AFTER)
    assert not heir.rests(told(6.0, ConnectorStatus.SUSPENDED_EV, transaction=2), RESTS_AFTER)
    resting.keep_only(())
    assert not resting.rests(STOPPED, RESTS_AFTER)


def test_what_a_full_car_held_goes_to_those_that_charge() -> None:
    """LM-6: with 20 A its floor of 6 A was lost to the other; where there is enough it keeps it."""
    for amps, expected in ((20.0, {key("A"): 0.0, key("B"): 20.0}), (38.0, {key("A"): 6.0, key("B"): 32.0})):
        model = site([zone("main", amps)], [station("A", "main"), station("B", "main")])
        made = Planner(model, ZoneId("main"), PlanSettings())
        made.learn([STOPPED, charging("B", 14.0, transaction=2, draw=(14.0,) * 3)])
        assert made.decide(1_000.0).targets[key("A")] == 6.0
        assert made.decide(1_000.0 + RESTS_AFTER).targets == expected
