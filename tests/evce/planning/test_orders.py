"""Tests of the book of orders."""

from dataclasses import replace

import pytest

from evce.facts import Acknowledged, ConnectorFacts, Link
from evce.planning.orders import OrderBook
from evce.planning.settings import REORDER_AFTER, TAKEN_WITHIN
from evce.pledges import SETTLING
from tests.evce.builders import charging, connector, key

A = connector("A")


def booked(facts: ConnectorFacts, amps: float, plan: int = 5, now: float = 0.0) -> OrderBook:
    book = OrderBook()
    book.note({facts.key: amps}, {facts.key: facts}, plan, now)
    return book


def test_an_order_in_flight_is_the_current_setpoint_and_pledged() -> None:
    """LM-1: what was sent may be in force before anybody tells."""
    facts = charging("A", 6.0, plan=4)
    book = booked(facts, 20.0)
    assert book.current(facts, A, 1.0) == 20.0
    assert book.pledge(facts, A, 1.0, None) == 20.0


def test_a_reduction_in_flight_lowers_no_pledge() -> None:
    """LM-1: until it is accepted and followed."""
    facts = charging("A", 20.0, plan=4)
    assert booked(facts, 6.0).pledge(facts, A, 1.0, None) == 20.0


def test_a_pledge_falls_when_the_car_has_settled_and_rises_with_an_order_at_once() -> None:
    """LM-1: however often it was asked for before."""
    settling = (Acknowledged(20.0, 0.0, 10.0), Acknowledged(6.0, 10.0))
    facts = charging("A", acknowledged=settling, plan=4)
    book = OrderBook()
    for now, amps in ((10.0, 20.0), (10.0 + SETTLING - 0.01, 20.0), (10.0 + SETTLING, 6.0), (20.0, 6.0)):
        assert book.pledge(facts, A, now, None) == amps
    book.note({facts.key: 16.0}, {facts.key: facts}, 5, 20.0)
    assert book.pledge(facts, A, 20.0, None) == 16.0
    lost = replace(facts, link=Link.LOST, verified=False, fallback=9.0)
    assert book.pledge(lost, A, 21.0, None) == 9.0


def test_once_taken_over_the_facts_speak() -> None:
    facts = charging("A", 6.0, plan=5)
    assert booked(facts, 20.0).current(facts, A, 1.0) == 6.0


def test_an_order_that_nobody_took_is_sent_again_but_stays_pledged() -> None:
    """LM-1: a time-out lowers nothing."""
    facts = charging("A", 6.0, plan=4)
    book = booked(facts, 20.0)
    assert book.current(facts, A, TAKEN_WITHIN) == 6.0
    assert book.pledge(facts, A, 1_000.0, None) == 20.0


def test_an_order_towards_a_lost_station_reaches_nobody() -> None:
    """DG-2: what counts is its lease."""
    facts = replace(charging("A", 6.0, plan=4), link=Link.LOST, verified=False)
    assert booked(facts, 20.0).pledge(facts, A, 1.0, None) == 6.0


def test_the_order_of_an_earlier_session_means_nothing() -> None:
    facts = charging("A", 6.0, plan=4)
    book = booked(facts, 20.0)
    assert book.of(charging("A", 0.0, transaction=2)) is None


def test_the_same_order_is_repeated_only_after_a_while() -> None:
    facts = charging("A", 6.0, plan=5)
    book = booked(facts, 20.0)
    assert book.repeats(facts, 20.0, REORDER_AFTER - 0.1)
    assert not book.repeats(facts, 20.0, REORDER_AFTER)
    assert not book.repeats(facts, 19.0, 0.0)


@pytest.mark.parametrize(
    ("amps", "after", "said"),
    [(20.0, 1.0, True), (12.0, 1.0, True), (20.6, 1.0, False), (12.0, REORDER_AFTER, False)],
)
def test_a_raise_that_is_not_in_force_yet_is_not_said_again_nor_a_smaller_one(
    amps: float, after: float, said: bool
) -> None:
    """LM-1: or a station that takes its time would be told anew with each of its own reports."""
    facts = charging("A", 6.0, plan=5)
    assert booked(facts, 20.0).said_already(facts, amps, after) is said


def test_grants_and_pauses_are_dated() -> None:
    """LM-4: minimum grant times need them."""
    facts = charging("A", 0.0)
    book = booked(facts, 10.0, now=1.0)
    book.note({key("A"): 12.0}, {key("A"): facts}, 6, 2.0)
    order = book.of(facts)
    assert order is not None
    assert (order.granted_at, order.paused_at) == (1.0, None)
    book.note({key("A"): 0.0}, {key("A"): facts}, 7, 3.0)
    order = book.of(facts)
    assert order is not None
    assert order.paused_at == 3.0


def test_a_refused_order_is_forgotten_a_newer_one_is_not() -> None:
    facts = charging("A", 6.0, plan=4)
    book = booked(facts, 20.0)
    book.forget([key("A")], 4, 100.0)
    assert book.of(facts) is not None
    book.forget([key("A")], 5, 100.0)
    assert book.of(facts) is None


def test_a_successor_takes_the_book_over() -> None:
    facts = charging("A", 6.0, plan=4)
    heir = OrderBook()
    heir.restore(booked(facts, 20.0).all())
    assert heir.current(facts, A, 1.0) == 20.0
    heir.keep_only(())
    assert heir.of(facts) is None


def test_the_time_with_a_grant_is_counted_without_the_pauses() -> None:
    """LM-4: what "charging longest" means; another session begins anew."""
    facts = charging("A", 6.0)
    book = booked(facts, 10.0, now=100.0)
    for amps, now in ((16.0, 150.0), (0.0, 200.0), (0.0, 300.0), (8.0, 400.0)):
        book.note({facts.key: amps}, {facts.key: facts}, 6, now)
    order = book.of(facts)
    assert order is not None
    assert order.charged_for(450.0) == 150.0
    following = charging("A", 0.0, transaction=2)
    book.note({facts.key: 6.0}, {facts.key: following}, 7, 500.0)
    begun = book.of(following)
    assert begun is not None
    assert begun.charged_for(510.0) == 10.0


def test_what_a_zone_below_refused_is_not_asked_for_again_at_once() -> None:
    """LM-1: each try is a write to the disk, and the answer would be the same."""
    book = booked(charging("A", 6.0, plan=4), 20.0)
    book.forget([key("A")], 4, 100.0)
    assert book.refused(key("A"), 100.0)
    assert book.refused(key("A"), 100.0 + TAKEN_WITHIN - 0.1)
    assert not book.refused(key("A"), 100.0 + TAKEN_WITHIN)
    assert not book.refused(key("B"), 100.0)
    book.keep_only([])
    assert not book.refused(key("A"), 100.0)
