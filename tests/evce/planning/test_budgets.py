"""Tests of the limit in force of a zone."""

import pytest

from evce.conditions import ZoneCondition
from evce.facts import Acknowledged
from evce.planning.budgets import budget_of
from evce.planning.reductions import Reduction
from evce.units import ZoneId
from tests.evce.builders import charging, key, site, station, zone

MAIN = ZoneId("main")


def even(amps: float) -> tuple[float, float, float]:
    return (amps, amps, amps)


@pytest.mark.parametrize(
    ("percent", "measured", "lost", "expected", "bound_by"),
    [
        (70, 10.0, False, 70.0, "input at 70 %"),
        (70, 50.0, False, 50.0, "meter"),
        (10, None, True, 10.0, "input at 10 %"),
        (100, None, True, 30.0, "meter lost"),
        (100, 150.0, False, 0.0, "meter"),
    ],
)
def test_a_dynamic_zone_takes_the_lowest_of_input_meter_and_degraded_setpoint(
    percent: int, measured: float | None, lost: bool, expected: float, bound_by: str
) -> None:
    """DI-3, DG-3, LM-8: on 100 A: 70 % with 90 left, with 50 left, 10 % with degraded 30."""
    model = site([zone("main", 100, meter="m", degraded=30)], [])
    condition = ZoneCondition(MAIN, None if measured is None else even(measured), meter_lost=lost)
    budget = budget_of(
        model.zones[MAIN],
        condition,
        model,
        {},
        {},
        None,
        2.0,
        0.0,
        Reduction(percent, f"input at {percent} %" if percent < 100 else ""),
    )
    assert budget.allotted == even(expected)
    assert budget.bound_by == bound_by


@pytest.mark.parametrize(("percent", "expected"), [(100, 80.0), (50, 40.0), (0, 0.0)])
def test_a_static_zone_has_its_maximum_reduced_by_the_inputs(percent: int, expected: float) -> None:
    """LM-7, DI-2: the lowest active percentage; 0 % suspends everything."""
    model = site([zone("main", 80)], [])
    budget = budget_of(
        model.zones[MAIN],
        ZoneCondition(MAIN),
        model,
        {},
        {},
        None,
        2.0,
        0.0,
        Reduction(percent, f"input at {percent} %" if percent < 100 else ""),
    )
    assert budget.allotted == budget.raisable == even(expected)


def test_local_production_is_added_to_what_a_dynamic_zone_may_use() -> None:
    """MT-5: 100 A and 20 A of sun against 90 A of building."""
    model = site([zone("main", 100, meter="m")], [])
    condition = ZoneCondition(MAIN, even(90.0), produced=even(20.0))
    budget = budget_of(model.zones[MAIN], condition, model, {}, {}, None, 2.0, 0.0)
    assert budget.allotted == even(30.0)


def test_no_raise_while_the_meter_misses_polls_and_what_is_known_still_bounds() -> None:
    """LM-8: RELIABILITY invariant 8."""
    model = site([zone("main", 100, meter="m")], [])
    condition = ZoneCondition(MAIN, even(90.0), raises_allowed=False)
    budget = budget_of(model.zones[MAIN], condition, model, {}, {}, None, 2.0, 0.0)
    assert not budget.raises_allowed
    assert budget.allotted == even(10.0)


def test_the_cars_own_draw_is_not_taken_for_the_building() -> None:
    """LM-8: the meter reads everything in the zone, the cars included."""
    model = site([zone("main", 100, meter="m")], [station("A", "main")])
    facts = {key("A"): charging("A", 32.0, draw=even(32.0), draw_at=0.0)}
    budget = budget_of(
        model.zones[MAIN], ZoneCondition(MAIN, even(92.0)), model, facts, {key("A"): 32.0}, None, 2.0, 0.0
    )
    assert budget.allotted == pytest.approx(even(40.0))


def test_before_its_first_reading_a_dynamic_zone_raises_nothing_and_a_lost_meter_leaves_its_default() -> None:
    """DG-3, MT-7: RELIABILITY invariant 8."""
    model = site([zone("main", 100, meter="m", degraded=30)], [])
    unread, lost = (
        budget_of(model.zones[MAIN], condition, model, {}, {}, None, 2.0, 0.0)
        for condition in (ZoneCondition(MAIN), ZoneCondition(MAIN, meter_lost=True, raises_allowed=False))
    )
    assert (unread.raises_allowed, lost.raises_allowed) == (False, True)
    assert unread.allotted == lost.allotted == even(30.0)


def test_a_meter_that_is_back_is_followed_upward_on_a_ramp() -> None:
    """LM-8, DG-3: from the default setpoint, 2 A a second; a cold start has nothing to ramp from."""
    model = site([zone("main", 100, meter="m", degraded=30)], [])
    main, read = model.zones[MAIN], ZoneCondition(MAIN, even(0.0))
    lost = budget_of(main, ZoneCondition(MAIN, meter_lost=True), model, {}, {}, None, 2.0, 50.0)
    back = budget_of(main, read, model, {}, {}, lost.course, 2.0, 55.0)
    assert back.allotted == even(40.0)
    unread = budget_of(main, ZoneCondition(MAIN), model, {}, {}, None, 2.0, 0.0)
    assert budget_of(main, read, model, {}, {}, unread.course, 2.0, 0.5).allotted == even(100.0)


def test_a_fall_reported_between_two_readings_waits_for_the_next() -> None:
    """LM-8: a car that has fallen to 20 A since the reading doesn't make the building of 60 A one of 72 A."""
    model = site([zone("main", 100, meter="m")], [station("A", "main")])
    before = {key("A"): charging("A", 32.0, draw=even(32.0), draw_at=0.0)}
    told = (Acknowledged(32.0, 0.0, 1.1), Acknowledged(20.0, 1.1))
    after = {key("A"): charging("A", acknowledged=told, draw=even(20.0), draw_at=1.2)}
    pledges = {key("A"): 32.0}
    main = model.zones[MAIN]
    first = ZoneCondition(MAIN, even(92.0), 1.0)
    course = budget_of(main, first, model, before, pledges, None, 2.0, 1.0).course
    budget = budget_of(main, first, model, after, pledges, course, 2.0, 1.25)
    assert budget.allotted == pytest.approx(even(40.0))
    second = ZoneCondition(MAIN, even(80.0), 1.5)
    assert budget_of(main, second, model, after, pledges, budget.course, 2.0, 1.5).allotted == pytest.approx(
        even(40.0)
    )


def test_a_rise_reported_between_two_readings_may_have_come_before_the_first() -> None:
    """LM-8: a car that reports 30 A for 10 A makes the building no larger, and nobody's raise any safer."""
    model = site([zone("main", 100, meter="m")], [station("A", "main")])
    before = {key("A"): charging("A", 40.0, draw=even(10.0), draw_at=0.0)}
    after = {key("A"): charging("A", 40.0, draw=even(30.0), draw_at=1.2)}
    main = model.zones[MAIN]
    read = ZoneCondition(MAIN, even(92.0), 1.0)
    first = budget_of(main, read, model, before, {key("A"): 40.0}, None, 2.0, 1.0)
    second = budget_of(main, read, model, after, {key("A"): 40.0}, first.course, 100.0, 1.2)
    assert first.allotted == pytest.approx(even(18.0))
    assert second.allotted == pytest.approx(even(38.0))
    assert second.raisable == first.raisable


def test_a_limit_that_rises_between_two_readings_is_used() -> None:
    """MT-5: the sun comes out; the building is known from the last reading."""
    model = site([zone("main", 100, meter="m")], [])
    main = model.zones[MAIN]
    read = ZoneCondition(MAIN, even(90.0), 1.0)
    course = budget_of(main, read, model, {}, {}, None, 2.0, 1.0).course
    sunny = ZoneCondition(MAIN, even(90.0), 1.0, produced=even(20.0))
    assert budget_of(main, sunny, model, {}, {}, course, 100.0, 1.2).allotted == pytest.approx(even(30.0))


@pytest.mark.parametrize(
    ("dynamic", "measured", "lost", "remote", "expected", "bound_by"),
    [
        (False, None, False, 16.0, 16.0, "remote at 16.0 A"),
        (False, None, False, 100.0, 100.0, "maximum"),
        (True, 10.0, False, 16.0, 16.0, "remote at 16.0 A"),
        (True, 95.0, False, 16.0, 5.0, "meter"),
        (True, 10.0, True, 16.0, 16.0, "remote at 16.0 A"),
        (True, 10.0, True, 50.0, 30.0, "meter lost"),
        (True, 110.0, False, 16.0, 0.0, "meter"),
        (True, 10.0, False, 0.0, 0.0, "remote at 0.0 A"),
    ],
)
def test_a_limit_from_elsewhere_only_ever_lowers_what_a_zone_has(
    dynamic: bool, measured: float | None, lost: bool, remote: float, expected: float, bound_by: str
) -> None:
    """LM-7, LM-8, API-3: the lowest of maximum, meter, degraded setpoint and what was set."""
    made = zone("main", 100, meter="m", degraded=30.0) if dynamic else zone("main", 100)
    model = site([made], [])
    reading = None if measured is None else even(measured)
    condition = ZoneCondition(MAIN, reading, 0.0, meter_lost=lost)
    budget = budget_of(model.zones[MAIN], condition, model, {}, {}, None, 2.0, 0.0, Reduction(remote=remote))
    assert budget.allotted == even(expected)
    assert max(budget.raisable) <= remote
    assert budget.bound_by == bound_by
