"""Admission: precedence, the line, reservations, turns."""

import numpy as np
import pytest

from evce.allocation import Claim, Priority, Problem, ReviewRules, allocate
from evce.allocation.admission import Crowd, Rank, admit, contested, queue, rank_of, still_paused
from tests.evce.allocation.problems import NOW, claim, flat

AGO = NOW - 1000.0


@pytest.mark.parametrize(
    ("made", "review", "expected"),
    [
        (claim("A", vip=True, granted_at=None), True, Rank.VIP),
        (claim("A", granted_at=None, held=0.0), True, Rank.WELCOME),
        (claim("A", granted_at=NOW - 299.0), True, Rank.WELCOME),
        (claim("A", granted_at=NOW - 300.0), True, Rank.ROTATION),
        (claim("A", granted_at=NOW - 299.0, paused_at=AGO), True, Rank.MINIMUM_GRANT),
        (claim("A", granted_at=NOW - 299.0, paused_at=AGO, passed_over=9), True, Rank.MINIMUM_GRANT),
        (claim("A", held=0.0, granted_at=AGO, paused_at=AGO, passed_over=3), True, Rank.PASSED_OVER),
        (claim("A", held=0.0, granted_at=AGO, paused_at=AGO, passed_over=2), True, Rank.ROTATION),
        (claim("A", granted_at=AGO, paused_at=AGO), True, Rank.ROTATION),
        (claim("A", granted_at=AGO, paused_at=AGO), False, Rank.CHARGING),
        (claim("A", held=0.0, granted_at=AGO, paused_at=AGO), False, Rank.ROTATION),
    ],
)
def test_precedence_is_vip_welcome_minimum_grant_patience_and_rotation(
    made: Claim, review: bool, expected: Rank
) -> None:
    """LM-3, LM-4, LM-5: between two reviews whoever charges comes before who waits."""
    assert rank_of(made, flat(10.0, made, review=review)) is expected


def order(problem: Problem) -> str:
    claims = problem.claims
    return "".join(claims[number].key.station for number in queue(range(len(claims)), claims, problem))


@pytest.mark.parametrize(
    ("priority", "claims", "expected"),
    [
        (Priority.ENERGY, [claim("A", energy=3.0), claim("B", energy=1.0), claim("C", energy=2.0)], "BCA"),
        (
            Priority.DURATION,
            [
                claim("A", charging_since=10.0),
                claim("B", charging_since=30.0),
                claim("C", charging_since=20.0),
            ],
            "BCA",
        ),
        (
            Priority.DURATION,
            [claim("A", charging_since=10.0, charged=5.0), claim("B", charging_since=NOW - 9.0), claim("C")],
            "CAB",
        ),
        (Priority.ENERGY, [claim("A", held=0.0), claim("B"), claim("C")], "BCA"),
        (Priority.ENERGY, [claim("A", held=0.0, energy=10.0), claim("B", energy=900.0)], "BA"),
        (Priority.ENERGY, [claim("A", held=0.0, energy=10.0), claim("B", energy=1_000.0)], "AB"),
        (
            Priority.DEPARTURE,
            [
                claim("A", urgency=0.2, energy=2.0),
                claim("B", urgency=0.9, energy=9.0),
                claim("C", urgency=0.205, energy=1.0),
            ],
            "BCA",
        ),
        (
            Priority.ENERGY,
            [
                claim("A", granted_at=None, held=0.0, plugged_at=NOW - 1.0),
                claim("B", granted_at=None, held=0.0, plugged_at=NOW - 9.0),
                claim("C", granted_at=NOW - 5.0, plugged_at=NOW - 5.0),
                claim("D", vip=True, energy=99.0),
            ],
            "DCBA",
        ),
        (
            Priority.ENERGY,
            [
                claim("A", held=0.0, passed_over=3, energy=1.0),
                claim("B", held=0.0, passed_over=5, energy=9.0),
                claim("C", held=0.0, passed_over=5, energy=8.0),
            ],
            "CBA",
        ),
    ],
)
def test_the_line_is_ordered_within_the_ranks(priority: Priority, claims: list[Claim], expected: str) -> None:
    """LM-4: least energy, shortest charge, least time to spare first, pauses not counted.

    New cars come in the order they came. Of those left out several times whoever waits
    longest comes first. For less than a step (1 kWh) nobody is paused for another.
    """
    assert order(flat(10.0, *claims, priority=priority)) == expected


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (claim("A", held=0.0, paused_at=NOW - 10.0), 20.0),
        (claim("A", held=0.0, paused_at=NOW - 31.0), 0.0),
        (claim("A", held=6.0, paused_at=NOW - 10.0), 0.0),
        (claim("A", held=0.0, granted_at=None, paused_at=NOW - 10.0), 0.0),
        (claim("A", held=0.0, vip=True, paused_at=NOW - 10.0), 0.0),
        (claim("A", held=0.0), 0.0),
    ],
)
def test_a_suspended_car_rests_a_while_before_it_starts_again(made: Claim, expected: float) -> None:
    """LM-4: not a VIP, and not a car that never had a turn."""
    assert still_paused(made, flat(10.0, made)) == expected


def test_a_small_floor_may_still_fit_behind_a_large_one() -> None:
    """LM-6: 20 A, and behind 8 A a floor of 14 A doesn't fit, one of 6 A does."""
    rows = np.array([[0], [0], [0], [0]])
    floors, left = np.array([80, 140, 60, 60]), np.array([200, 10**9])
    tight = contested(rows, floors, left)
    refusals = admit([0, 1, 2, 3], rows, floors, left, tight, set(), Crowd(2))
    assert [(r.claim, r.row, r.left, r.ahead, r.last) for r in refusals] == [(1, 0, 120, 1, 0)]


def test_a_reservation_keeps_its_floor_free_from_those_behind() -> None:
    """LM-4: nobody starves, a large floor neither."""
    rows = np.array([[0], [0], [0]])
    floors, left = np.array([80, 140, 60]), np.array([200, 10**9])
    tight = contested(rows, floors, left)
    refusals = admit([0, 1, 2], rows, floors, left, tight, {1}, Crowd(2))
    assert [(r.claim, r.left, r.last, r.reserved) for r in refusals] == [(1, 120, 0, True), (2, 0, 1, False)]


def test_what_could_never_fit_reserves_nothing() -> None:
    """LM-6: a floor above all that there is must not keep others out."""
    rows = np.array([[0], [0]])
    floors, left = np.array([140, 60]), np.array([100, 10**9])
    refusals = admit([0, 1], rows, floors, left, contested(rows, floors, left), {0}, Crowd(2))
    assert [(r.claim, r.reserved) for r in refusals] == [(0, False)]


def test_who_arrives_at_a_full_car_park_is_let_in_for_the_one_with_most_energy() -> None:
    """LM-3, LM-4: at once, not at the next review."""
    charging = [claim(name, energy=energy) for name, energy in (("A", 5.0), ("B", 9.0), ("C", 7.0))]
    new = claim("N", held=0.0, granted_at=None, plugged_at=NOW)
    answer = allocate(flat(18.0, *charging, new, review=False))
    assert list(answer.targets.values()) == [6.0, 0.0, 6.0, 6.0]
    assert answer.passed_over == (charging[1].key,)


def test_cars_that_arrive_together_take_turns_and_do_not_push_each_other_out() -> None:
    """LM-3: the first turn lasts as long as a minimum grant."""
    turns = ReviewRules()
    waiting = [claim(n, held=0.0, granted_at=None, plugged_at=NOW + i) for i, n in enumerate("ABCD")]
    first = allocate(flat(12.0, *waiting))
    assert list(first.targets.values()) == [6.0, 6.0, 0.0, 0.0]
    served = [claim(n, granted_at=NOW, plugged_at=NOW + i) for i, n in enumerate("AB")]
    soon = allocate(flat(12.0, *served, *waiting[2:], now=NOW + turns.minimum_grant - 1.0))
    assert soon.targets == first.targets
    later = allocate(flat(12.0, *served, *waiting[2:], now=NOW + turns.minimum_grant))
    assert list(later.targets.values()) == [0.0, 0.0, 6.0, 6.0]


@pytest.mark.parametrize("priority", list(Priority))
@pytest.mark.parametrize("floors", [(6.0,) * 5, (6.0, 6.0, 6.0, 14.0, 14.0), (14.0, 6.0, 8.0, 10.0, 6.0)])
def test_reviews_rotate_and_nobody_starves(priority: Priority, floors: tuple[float, ...]) -> None:
    """LM-4: in a zone for two or three of five, everybody has had a turn again within ten reviews."""
    names = "ABCDE"
    cars = [
        claim(n, floor=floor, held=0.0, granted_at=None, plugged_at=0.0, energy=1000.0 * i)
        for i, (n, floor) in enumerate(zip(names, floors, strict=True))
    ]
    last_turn = dict.fromkeys(names, 0)
    now = 0.0
    for review in range(60):
        answer = allocate(flat(20.0, *cars, now=now, priority=priority))
        after = []
        for car in cars:
            amps = answer.targets[car.key]
            if amps > 0.0:
                last_turn[car.key.station] = review
            after.append(_follow(car, amps, now, car.key in answer.passed_over))
        assert review - min(last_turn.values()) <= 10
        cars, now = after, now + 900.0


def _follow(car: Claim, amps: float, now: float, left_out: bool) -> Claim:
    """What the planner remembers, and 15 min of charging."""
    begins, ends = amps > 0.0 >= car.held, car.held > 0.0 >= amps
    return claim(
        car.key.station,
        floor=car.floor,
        held=amps,
        granted_at=now if begins else car.granted_at,
        paused_at=now if ends else car.paused_at,
        plugged_at=car.plugged_at,
        energy=car.energy + amps * 230.0 / 4,
        charging_since=0.0,
        passed_over=car.passed_over + 1 if left_out else 0,
    )
