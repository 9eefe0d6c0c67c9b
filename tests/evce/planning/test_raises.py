"""Tests of which raises are worth sending."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evce.planning.orders import OrderBook
from evce.planning.raises import raise_wishes
from evce.planning.settings import (
    LEAST_RAISE,
    LEAST_TURN,
    LEAST_TURN_AGAIN,
    SMALL_RAISE_AFTER,
    TRY,
    TURN_AFTER,
    TURNS_REST,
)
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


@pytest.mark.parametrize(
    ("target", "quiet", "expected"),
    [
        (32.0, TURN_AFTER - 1.0, False),
        (10.0 + LEAST_TURN, TURN_AFTER, True),
        (10.0 + LEAST_TURN - 0.1, TURN_AFTER, False),
        (10.3, SMALL_RAISE_AFTER, True),
    ],
)
def test_after_a_reduction_a_raise_waits_longer(target: float, quiet: float, expected: bool) -> None:
    """LM-8: nobody is sent up and down by turns while a limit comes back bit by bit."""
    facts, orders = {A: charging("A", 10.0)}, OrderBook()
    orders.note({A: 20.0}, facts, 1, 90.0)
    orders.note({A: 10.0}, facts, 2, 100.0)
    now = 100.0 + quiet
    wishes = list(raise_wishes({A: target}, {A: 10.0}, facts, orders, lambda _: 6.0, now))
    assert bool(wishes) is expected


@pytest.mark.parametrize(
    ("target", "since_turn", "expected"),
    [
        (10.0 + LEAST_TURN_AGAIN - 0.1, TURNS_REST - 1.0, False),
        (10.0 + LEAST_TURN_AGAIN, TURNS_REST - 1.0, True),
        (10.1, TURNS_REST, True),
    ],
)
def test_a_second_turn_waits_longer_or_is_larger(target: float, since_turn: float, expected: bool) -> None:
    """LM-8: who has just been sent down and up isn't sent down and up again for little."""
    facts, orders = {A: charging("A", 10.0)}, OrderBook()
    for at, amps in ((0.0, 16.0), (40.0, 12.0), (100.0, 14.0), (110.0, 10.0)):
        orders.note({A: amps}, facts, int(at), at)
    wishes = list(raise_wishes({A: target}, {A: 10.0}, facts, orders, lambda _: 6.0, 100.0 + since_turn))
    assert bool(wishes) is expected


@pytest.mark.parametrize(("changes_at", "expected"), [(99.0, False), (120.0, True)])
def test_who_comes_or_goes_is_reason_enough_to_turn_again(changes_at: float, expected: bool) -> None:
    """LM-1: what a car leaves doesn't stay unused for minutes."""
    facts, orders = {A: charging("A", 10.0)}, OrderBook()
    orders.look(frozenset({A, key("B")}), 0.0)
    for at, amps in ((0.0, 16.0), (40.0, 12.0), (100.0, 14.0), (110.0, 10.0)):
        orders.note({A: amps}, facts, int(at), at)
    orders.look(frozenset({A}), changes_at)
    orders.look(frozenset({A}), 150.0)
    assert bool(list(raise_wishes({A: 12.0}, {A: 10.0}, facts, orders, lambda _: 6.0, 151.0))) is expected


def test_what_a_short_try_leaves_is_no_reason_to_turn_again() -> None:
    """LM-8, LM-10: a car that is full, or deaf to its setpoint, is tried now and then and leaves again."""
    facts, orders = {A: charging("A", 10.0)}, OrderBook()
    orders.look(frozenset({A}), 0.0)
    for at, amps in ((0.0, 16.0), (40.0, 12.0), (100.0, 14.0)):
        orders.note({A: amps}, facts, int(at), at)
    orders.look(frozenset({A, key("B")}), 109.0)
    orders.note({A: 10.0}, facts, 110, 110.0)
    orders.look(frozenset({A}), 109.0 + TRY - 1.0)
    assert list(raise_wishes({A: 12.0}, {A: 10.0}, facts, orders, lambda _: 6.0, 180.0)) == []


@given(st.lists(st.floats(6.0, 32.0), min_size=50, max_size=400), st.integers(1, 30))
@settings(max_examples=60)
def test_whatever_the_targets_do_small_turns_are_rare(targets: list[float], every: int) -> None:
    """LM-8: of raises that follow a reduction and are small, one in five minutes."""
    facts, orders = {A: charging("A", 10.0)}, OrderBook()
    setpoint, falling = 20.0, False
    turned_at = -TURNS_REST
    orders.note({A: setpoint}, facts, 0, 0.0)
    for number, target in enumerate(targets, 1):
        now = float(number * every)
        if target < setpoint:
            setpoint, falling = target, True
        elif list(raise_wishes({A: target}, {A: setpoint}, facts, orders, lambda _: 6.0, now)):
            if falling:
                assert now - turned_at >= TURNS_REST or target - setpoint >= LEAST_TURN_AGAIN - 0.1
                turned_at = now
            setpoint, falling = target, False
        else:
            continue
        orders.note({A: setpoint}, facts, number, now)


def test_a_paused_car_starts_at_once() -> None:
    """LM-2: its pause has a rule of its own."""
    facts, orders = {A: charging("A", 0.0)}, OrderBook()
    orders.note({A: 20.0}, facts, 1, 99.0)
    orders.note({A: 0.0}, facts, 2, 100.0)
    assert list(raise_wishes({A: 6.0}, {A: 0.0}, facts, orders, lambda _: 6.0, 101.0)) != []
