"""Tests of which reductions go out now."""

from dataclasses import replace

import pytest

from evce.planning.budgets import Budget
from evce.planning.cuts import due_cuts
from evce.planning.orders import OrderBook
from evce.planning.settings import LEAST_TURN_AGAIN, SMALL_RAISE_AFTER
from evce.units import Amps, Seconds, ZoneId
from tests.evce.builders import charging, key, site, station, zone

A, B = key("A"), key("B")
NORTH = ZoneId("north")
MODEL = site(
    [zone("main", 60), zone("north", 60, "main"), zone("south", 60, "main")],
    [station("A", "north"), station("B", "south")],
)


def budgets(north: Amps = 60.0, *, overloaded: bool = False) -> dict[ZoneId, Budget]:
    limits = {ZoneId("main"): 60.0, NORTH: north, ZoneId("south"): 60.0}
    return {
        name: Budget(name, (amps,) * 3, (amps,) * 3, "maximum", overloaded=overloaded and name == NORTH)
        for name, amps in limits.items()
    }


def goes_out(
    by: Amps,
    *,
    quiet: Seconds = 1.0,
    before: Amps = 12.0,
    other: tuple[Amps, Amps] = (20.0, 25.0),
    vip: bool = False,
    limits: dict[ZoneId, Budget] | None = None,
) -> bool:
    """Whether A's 16 A are reduced by so much, so long after they were ordered; `other` is B's way."""
    facts = {A: charging("A", 16.0), B: replace(charging("B", other[0]), vip=vip)}
    orders = OrderBook()
    orders.note({A: before}, facts, 1, 50.0)
    orders.note({A: 16.0}, facts, 2, 100.0)
    found = due_cuts(
        {A: 16.0 - by},
        {A: 16.0 - by, B: other[1]},
        {A: 16.0, B: other[0]},
        {A: (16.0, 16.0, 16.0), B: (other[0],) * 3},
        facts,
        orders,
        MODEL,
        limits or budgets(),
        100.0 + quiet,
    )
    assert found in ({}, {A: 16.0 - by})
    return bool(found)


def test_a_small_reduction_that_only_pays_for_others_rests_after_a_raise() -> None:
    """LM-8: who has one phase to itself isn't sent up and down while the others come back."""
    assert not goes_out(1.0)
    assert not goes_out(LEAST_TURN_AGAIN - 0.1, quiet=SMALL_RAISE_AFTER - 1.0)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"by": LEAST_TURN_AGAIN}, "it is large"),
        ({"by": 1.0, "quiet": SMALL_RAISE_AFTER}, "it has rested"),
        ({"by": 1.0, "before": 20.0}, "the last order was a reduction: it goes on the same way"),
        ({"by": 1.0, "other": (0.0, 6.0)}, "somebody begins to charge"),
        ({"by": 1.0, "vip": True}, "it pays for a VIP"),
        ({"by": 16.0}, "a pause is no small thing"),
    ],
)
def test_it_goes_out_at_once_otherwise(change: dict[str, object], why: str) -> None:
    """LM-1, LM-5, LM-6: calm costs nobody his start."""
    assert goes_out(**change), why  # type: ignore[arg-type]


@pytest.mark.parametrize("limits", [budgets(15.9), budgets(overloaded=True)])
def test_a_reduction_that_a_limit_needs_never_rests(limits: dict[ZoneId, Budget]) -> None:
    """LM-1: reductions before everything, by setpoints above the limit or by its meter."""
    assert goes_out(0.1, limits=limits)


def test_a_limit_elsewhere_in_the_tree_needs_nothing_of_it() -> None:
    """LM-1: what is too much in the south isn't mended in the north."""
    over = budgets() | {ZoneId("south"): Budget(ZoneId("south"), (10.0,) * 3, (10.0,) * 3, "maximum")}
    assert not goes_out(1.0, limits=over)
