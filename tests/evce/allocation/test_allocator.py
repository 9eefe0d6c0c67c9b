"""Tests of allocating again and again."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evce.allocation import Allocator, Claim, Problem, ReasonKind, allocate
from tests.evce.allocation.problems import NOW, claim, flat, problems


def a_moment_later(problem: Problem, rng: Random) -> Problem:
    """Time passes, cars take energy, limits waver; now and then something happens to a car or a zone."""
    now = problem.now + rng.choice((0.0, 0.5, 3.0, 40.0, 400.0))

    def of(known: Claim) -> Claim:
        known = replace(known, energy=known.energy + rng.choice((0.0, 1.0, 900.0)))
        match rng.randrange(60):
            case 0:
                return replace(known, cap=rng.choice((6.0, 16.0, 32.0)))
            case 1:
                return replace(known, held=0.0, paused_at=now)
            case 2:
                return replace(known, held=16.0, granted_at=now)
            case 3:
                return replace(known, passed_over=known.passed_over + 1)
            case 4:
                return replace(known, wants=not known.wants, rests=rng.random() < 0.5)
            case 5:
                return replace(known, held=0.0 if known.held else 16.0)
            case _:
                return known

    def limit(amps: float) -> float:
        return amps + rng.choice((0.0, 0.0, 0.0, 0.01, 0.04, -3.0) if rng.random() < 0.3 else (0.0,))

    zones = tuple(
        replace(zone, limit=(limit(zone.limit[0]), limit(zone.limit[1]), limit(zone.limit[2])))
        for zone in problem.zones
    )
    return replace(problem, now=now, zones=zones, claims=tuple(map(of, problem.claims)))


@given(first=problems(claims=12), seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_every_answer_is_the_one_of_an_allocation_made_anew(first: Problem, seed: int) -> None:
    """LM-1: to the last word of the reasons."""
    allocator, rng, problem = Allocator(), Random(seed), first
    for _ in range(8):
        assert allocator.allocate(problem) == allocate(problem)
        problem = a_moment_later(problem, rng)
        if rng.random() < 0.5:
            problem = replace(problem, set_asides={}, review=rng.random() < 0.5)


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        (claim("A"), claim("A", energy=9_000.0), True),
        (claim("A"), claim("A", cap=10.0), False),
        (claim("A"), claim("A", vip=True), False),
        (claim("A", paused_at=NOW - 10.0), claim("A", paused_at=NOW - 10.0, held=0.0), False),
    ],
    ids=["energy", "cap", "vip", "pause"],
)
def test_what_makes_no_difference_is_not_worked_out_again(before: Claim, after: Claim, same: bool) -> None:
    """Where everybody is let in it doesn't matter what each has had."""
    allocator = Allocator()
    first = allocator.allocate(flat(40.0, before))
    again = allocator.allocate(flat(40.02, after, now=NOW + 1.0))
    assert (again is first) == same


def test_a_pause_is_told_in_the_seconds_that_are_left_of_it() -> None:
    """LM-4: and ends."""
    allocator = Allocator()
    paused = claim("A", held=0.0, granted_at=NOW - 100.0, paused_at=NOW - 10.0)
    for later, wait in ((0.0, 20.0), (5.0, 15.0)):
        (reason,) = allocator.allocate(flat(40.0, paused, now=NOW + later)).binding.values()
        assert (reason.kind, reason.wait) == (ReasonKind.PAUSED, wait)
    assert list(allocator.allocate(flat(40.0, paused, now=NOW + 20.0)).targets.values()) == [32.0]
