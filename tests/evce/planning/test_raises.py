"""Tests of which raises are worth sending."""

import pytest

from evce.planning.orders import OrderBook
from evce.planning.raises import raise_wishes
from evce.planning.settings import LEAST_RAISE, SMALL_RAISE_AFTER
from tests.evce.builders import charging, key

A = key("A")


@pytest.mark.parametrize(
    ("current", "target", "quiet", "expected"),
    [
        (10.0, 10.0 + LEAST_RAISE, 0.0, True),
        (10.0, 10.3, SMALL_RAISE_AFTER - 1.0, False),
        (10.0, 10.3, SMALL_RAISE_AFTER, True),
        (10.0, 10.0, 100.0, False),
        (10.0, 9.0, 100.0, False),
        (0.0, 6.0, 0.0, True),
        (0.0, 5.9, 100.0, False),
    ],
)
def test_a_raise_is_worth_its_message(current: float, target: float, quiet: float, expected: bool) -> None:
    """LM-2, LM-6: small ones wait for a quiet station, and nobody starts below the floor."""
    facts = {A: charging("A", current)}
    orders = OrderBook()
    orders.note({A: current}, facts, 1, 100.0)
    now = 100.0 + quiet
    wishes = list(raise_wishes({A: target}, {A: current}, facts, orders, lambda _: 6.0, now))
    assert [(wish.key, wish.target) for wish in wishes] == ([(A, target)] if expected else [])


def test_a_raise_that_a_zone_refused_a_moment_ago_waits() -> None:
    """LM-1: the two would keep at it for ever."""
    facts, orders = {A: charging("A", 10.0)}, OrderBook()
    orders.forget([A], 1, 100.0)
    assert list(raise_wishes({A: 20.0}, {A: 10.0}, facts, orders, lambda _: 6.0, 101.0)) == []
    assert list(raise_wishes({A: 20.0}, {A: 10.0}, facts, orders, lambda _: 6.0, 106.0)) != []
