"""Tests of giving back the phases that a car doesn't use."""

from dataclasses import replace

import pytest

from evce.conditions import ZoneCondition
from evce.electrical import Wiring
from evce.facts import ConnectorFacts, Link, Takes
from evce.planning.phases import CONFIRMED_AFTER, PhaseUse
from evce.planning.planner import Planner
from evce.planning.settings import PlanSettings
from evce.units import ZoneId
from tests.evce.builders import charging, connector, key, site, station, zone

A = connector("A")
ALL = (True, True, True)
ONE = (16.0, 0.1, 0.0)


def seen(
    *measurements: tuple[float, tuple[float, float, float]], transaction: int = 1
) -> tuple[PhaseUse, ConnectorFacts]:
    use, facts = PhaseUse(), charging("A", 16.0)
    for at, draw in measurements:
        facts = charging("A", 16.0, draw=draw, draw_at=at, transaction=transaction)
        use.learn(facts)
    return use, facts


@pytest.mark.parametrize(
    ("measurements", "mask", "why"),
    [
        ([(0.0, ONE)], ALL, "one measurement proves nothing"),
        ([(0.0, ONE), (CONFIRMED_AFTER - 0.1, ONE)], ALL, "not long enough"),
        ([(0.0, ONE), (CONFIRMED_AFTER, ONE)], (True, False, False), "two phases are given back"),
        ([(0.0, (16.0, 16.0, 0.0)), (20.0, (16.0, 16.0, 0.0))], (True, True, False), "a two-phase car"),
        ([(0.0, (16.0, 16.0, 16.0)), (5.0, ONE), (60.0, ONE)], ALL, "once loaded, never given back"),
        ([(0.0, (1.0, 0.0, 0.0)), (60.0, (1.0, 0.0, 0.0))], ALL, "stand-by proves nothing"),
        ([(0.0, ONE), (10.0, (0.0, 0.0, 0.0)), (20.0, ONE)], ALL, "a pause begins the proof anew"),
        ([(0.0, ONE), (20.0, ONE), (30.0, (0.0, 0.0, 0.0))], (True, False, False), "proven is proven"),
        ([(0.0, ONE), (20.0, ONE), (30.0, (16.0, 4.0, 0.0))], (True, True, False), "contradicted at once"),
    ],
)
def test_a_phase_is_given_back_once_it_is_proven_idle(
    measurements: list[tuple[float, tuple[float, float, float]]], mask: tuple[bool, bool, bool], why: str
) -> None:
    """EL-7: known from its measured currents."""
    use, facts = seen(*measurements)
    assert use.mask(facts, A) == mask, why


@pytest.mark.parametrize(
    "changed",
    [
        {"link": Link.LOST, "verified": False},
        {"verified": False},
        {"transaction": 2},
        {"transaction": None},
        {"takes": Takes(switches_phases=True)},
    ],
)
def test_whatever_makes_the_car_unknown_makes_all_phases_count_again(changed: dict[str, object]) -> None:
    """EL-7, DG-2: a lost station's set-aside counts on all its phases."""
    use, facts = seen((0.0, ONE), (20.0, ONE))
    assert use.mask(replace(facts, **changed), A) == ALL  # type: ignore[arg-type]


def test_the_next_car_proves_its_phases_itself() -> None:
    """EL-7: RELIABILITY invariant 9, its first measurement looks like the last car's."""
    use, facts = seen((0.0, ONE), (20.0, ONE))
    assert use.mask(facts, A) == (True, False, False)
    newcomer = charging("A", 16.0, draw=ONE, draw_at=30.0, transaction=2)
    use.learn(newcomer)
    assert use.mask(newcomer, A) == ALL


def test_the_wiring_turns_the_phases() -> None:
    """EL-3, EL-7: measured currents are on grid phases; phases that aren't wired never count."""
    use, facts = seen((0.0, (0.0, 16.0, 0.0)), (20.0, (0.0, 16.0, 0.0)))
    assert use.mask(facts, connector("A", wiring=Wiring.TRI231)) == (False, True, False)


def test_the_other_phases_go_to_other_cars() -> None:
    """EL-7: 40 A, a single-phase car on L1 with 32 A; a second one on L2 gets its 32 A beside it."""
    model = site(
        [zone("main", 40)], [station("A", "main"), station("B", "main", connector("B", wiring=Wiring.MONO2))]
    )
    planner = Planner(model, ZoneId("main"), PlanSettings())
    planner.condition(ZoneCondition(ZoneId("main")))
    for at in (0.0, 20.0):
        planner.learn([charging("A", 32.0, draw=(32.0, 0.0, 0.0), draw_at=at), charging("B", 0.0)])
    assert planner.decide(20.0).raised == {key("B"): 32.0}


def test_connectors_that_are_gone_are_forgotten() -> None:
    use, facts = seen((0.0, ONE), (20.0, ONE))
    use.keep_only(())
    assert use.mask(facts, A) == ALL
