"""Whole allocations: worked examples, and properties on random trees."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evce.allocation import Claim, Priority, Problem, ReasonKind, ZoneLimit, allocate, sentence
from evce.units import NO_AMPS, ZoneId
from tests.evce.allocation.problems import (
    NOW,
    assert_feasible,
    assert_nothing_idle,
    claim,
    flat,
    only,
    problems,
)
from tests.evce.builders import key


def park1(*lost: str, whole: float = 51.0) -> Problem:
    """The zone of the guide's example; a lost Parking keeps 9 A on each of its two connectors."""
    claims = [
        *(claim(name, floor=6.0) for name in ("P1", "P2")),
        *(replace(claim(name, floor=6.0), key=key(name, 2)) for name in ("P1", "P2")),
        claim("W", floor=10.0),
    ]
    aside = 18.0 * len(lost)
    return flat(
        whole,
        *(c for c in claims if c.key.station not in lost),
        set_asides={ZoneId("z"): (aside, aside, aside)},
    )


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        ((), {"P1": 10.2, "P2": 10.2, "W": 10.2}),
        (("P1",), {"P2": 11.0, "W": 11.0}),
        (("P1", "P2"), {"W": 15.0}),
    ],
)
def test_the_guides_zone_of_51_amperes_is_shared_among_those_that_are_not_lost(
    lost: tuple[str, ...], expected: dict[str, float]
) -> None:
    """LM-6, DG-2: with one Parking lost 33 A remain for the others."""
    answer = allocate(park1(*lost))
    assert {k.station: amps for k, amps in answer.targets.items()} == expected
    assert answer.used[ZoneId("z")] == (51.0 - 18.0 * len(lost),) * 3


def test_a_zone_that_the_floors_just_fill_serves_everybody_with_its_floor() -> None:
    """LM-2: 34 A are the floors of the guide's example; with 33.9 A one car is suspended."""
    assert sorted(allocate(park1(whole=34.0)).targets.values()) == [6.0, 6.0, 6.0, 6.0, 10.0]
    assert sorted(allocate(park1(whole=33.9)).targets.values())[0] == 0.0


def test_single_phase_cars_share_by_phase_after_the_rotation() -> None:
    """EL-3, LM-6: the car on L2 and L3 has what the three on L1 leave unused."""
    one, two, three = (True, False, False), (False, True, False), (False, False, True)
    cars = [
        claim("A", mask=one),
        claim("B", mask=one),
        claim("C"),
        claim("D", mask=two),
        claim("E", mask=three),
    ]
    answer = allocate(flat(30.0, *cars))
    assert list(answer.targets.values()) == [10.0, 10.0, 10.0, 20.0, 20.0]
    assert answer.used[ZoneId("z")] == (30.0, 30.0, 30.0)


def test_a_parent_shares_out_what_its_children_leave() -> None:
    """LM-1, EL-2: children may together exceed the parent, and a tight child leaves its part to the other."""
    zones = tuple(
        ZoneLimit(ZoneId(name), parent, (amps, amps, amps), "maximum", name.title())
        for name, parent, amps in (
            ("site", None, 60.0),
            ("east", ZoneId("site"), 16.0),
            ("west", ZoneId("site"), 50.0),
        )
    )
    cars = (claim("A", "east"), claim("B", "east"), claim("C", "west"), claim("D", "west"))
    answer = allocate(Problem(zones, cars, NOW))
    assert list(answer.targets.values()) == [8.0, 8.0, 22.0, 22.0]
    assert sentence(answer.binding[key("A")]) == "Gets 8 A: zone East has 16 A on L1 (maximum) for 2 cars."
    assert sentence(answer.binding[key("C")]) == "Gets 22 A: zone Site has 60 A on L1 (maximum) for 4 cars."


def test_a_vip_has_the_most_available_and_two_share_fairly() -> None:
    """LM-5: before all others, in spite of more energy; several share when they exceed what is there."""
    others = [claim("A"), claim("B")]
    one = allocate(flat(40.0, *others, claim("V", vip=True, energy=99.0)))
    assert list(one.targets.values()) == [8.0, 0.0, 32.0]
    two = allocate(flat(40.0, *others, claim("V", vip=True), claim("W", vip=True)))
    assert list(two.targets.values()) == [0.0, 0.0, 20.0, 20.0]
    assert two.binding[key("A")].rule == "VIP"
    assert sentence(two.binding[key("V")]).startswith("VIP: gets 20 A: zone Garage has 40 A")


def test_a_limit_of_nothing_suspends_everybody_and_says_so() -> None:
    """DI-2: 0 % suspends all charging, VIPs too."""
    zone = ZoneLimit(ZoneId("z"), None, NO_AMPS, "input 0 %", "Garage")
    answer = allocate(Problem((zone,), (claim("A"), claim("V", vip=True)), NOW))
    assert set(answer.targets.values()) == {0.0}
    assert sentence(answer.binding[key("V")]) == (
        "Suspended: it needs 6 A and zone Garage has 0 A on L1 (input 0 %)."
    )


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (claim("A", wants=False), ReasonKind.WANTS_NOTHING),
        (claim("A", floor=14.0, cap=10.0), ReasonKind.CAP_BELOW_FLOOR),
        (claim("A", floor=6.0, cap=16.0), ReasonKind.CAP),
        (claim("A", floor=6.0, cap=32.0), ReasonKind.ZONE_LIMIT),
        (claim("A", floor=25.0, cap=32.0), ReasonKind.FLOOR_DOES_NOT_FIT),
        (claim("A", held=0.0, paused_at=NOW - 1.0), ReasonKind.PAUSED),
        (claim("A", floor=6.5, cap=6.9, whole_amps=True), ReasonKind.CAP_BELOW_FLOOR),
    ],
)
def test_a_single_car_is_told_what_stops_it(made: Claim, kind: ReasonKind) -> None:
    """UI-9: every outcome has its own reason."""
    assert allocate(flat(20.0, made)).binding[made.key].kind is kind


def test_who_is_passed_over_is_told_who_came_first_and_why() -> None:
    """UI-9, LM-4: with the amounts."""
    answer = allocate(flat(15.0, claim("A", energy=2.0), claim("B", energy=1.0), claim("C", energy=3.0)))
    assert sentence(answer.binding[key("C")]) == (
        "Suspended: it needs 6 A and zone Garage has 3 A left of 15 A on L1 (maximum); 2 cars came first, "
        "A/1 the last of them (less energy)."
    )


def test_whoever_was_left_out_for_longer_comes_first_and_is_said_to() -> None:
    """UI-9, LM-4: more energy doesn't keep it waiting for ever."""
    cars = [claim("A", energy=9.0, passed_over=4, held=0.0), claim("B", passed_over=3, held=0.0)]
    answer = allocate(flat(6.0, *cars))
    assert answer.targets == {key("A"): 6.0, key("B"): 0.0}
    assert answer.binding[key("B")].rule == "left out for longer"


@pytest.mark.parametrize(
    ("urgencies", "expected"),
    [
        ((0.0, 0.0, 0.0), [20.0, 20.0, 20.0]),
        ((0.7, 0.7, 0.7), [20.0, 20.0, 20.0]),
        ((0.0, 0.0, 1.0), [14.0, 14.0, 32.0]),
        ((1.0, 1.0, 0.0), [25.0, 25.0, 10.0]),
        ((0.0, 0.004, 0.004), [12.0, 24.0, 24.0]),
        ((float("nan"), 0.0, 0.0), [20.0, 20.0, 20.0]),
    ],
)
def test_who_has_least_time_to_spare_gets_most_and_nobody_less_than_half_of_an_even_share(
    urgencies: tuple[float, ...], expected: list[float]
) -> None:
    """LM-4, LM-6: 60 A by departure; VIPs are not part of it, and other priorities take no notice."""
    cars = [claim(name, urgency=urgency) for name, urgency in zip("ABC", urgencies, strict=True)]
    problem = flat(60.0, *cars, priority=Priority.DEPARTURE)
    answer = allocate(problem)
    assert list(answer.targets.values()) == expected
    assert list(allocate(replace(problem, priority=Priority.ENERGY)).targets.values()) == [20.0] * 3
    if min(answer.targets.values()) < 20.0:
        said = sentence(answer.binding[min(answer.targets, key=lambda k: answer.targets[k])])
        assert said.endswith("for 3 cars, most to who has least time to spare.")
    vips = [replace(car, vip=True) for car in cars]
    assert list(allocate(replace(problem, claims=tuple(vips))).targets.values()) == [20.0] * 3


def test_by_departure_a_car_with_time_to_spare_waits_for_one_without() -> None:
    """LM-4, UI-9: 10 A for one of two."""
    cars = [claim("A", urgency=0.1), claim("B", urgency=0.8, energy=9_000.0)]
    answer = allocate(flat(10.0, *cars, priority=Priority.DEPARTURE))
    assert answer.targets == {key("A"): 0.0, key("B"): 10.0}
    assert answer.binding[key("A")].rule == "less time to spare"


@pytest.mark.parametrize(
    ("amps", "vip", "expected"),
    [
        (20.0, False, [0.0, 20.0]),
        (37.9, False, [0.0, 32.0]),
        (38.0, False, [6.0, 32.0]),
        (20.0, True, [6.0, 14.0]),
    ],
)
def test_a_car_that_rests_costs_nobody_anything(amps: float, vip: bool, expected: list[float]) -> None:
    """LM-6, LM-5: it gets its floor out of what all others leave; a VIP keeps it."""
    answer = allocate(
        flat(amps, claim("A", cap=6.0, rests=True, vip=vip, energy=1.0), claim("B", energy=9.0))
    )
    assert list(answer.targets.values()) == expected
    if not expected[0]:
        assert answer.binding[key("A")].kind in (ReasonKind.PASSED_OVER, ReasonKind.ZONE_LIMIT)
        assert sentence(answer.binding[key("A")]).startswith("Suspended")
        assert answer.binding[key("A")].rule == "its car doesn't pause by itself"


def test_vips_that_came_first_are_counted_once() -> None:
    """UI-9, LM-5: two VIPs share 13 A, a third one and a car without privilege wait."""
    vips = [claim(name, vip=True, energy=energy) for name, energy in (("V", 1.0), ("W", 2.0), ("X", 3.0))]
    answer = allocate(flat(13.0, *vips, claim("A")))
    assert {k.station: (r.shared, r.left) for k, r in answer.binding.items() if r.amps == 0.0} == {
        "A": (2, 0.0),
        "X": (2, 1.0),
    }


def test_the_remainder_goes_to_the_first_by_key() -> None:
    """LM-6: 50 A over three cars, in whichever order they claim."""
    answer = allocate(flat(50.0, claim("B"), claim("C"), claim("A")))
    assert answer.targets == {key("A"): 16.7, key("B"): 16.7, key("C"): 16.6}


def test_a_reserved_floor_keeps_others_out_but_leaves_no_ampere_idle() -> None:
    """LM-4, LM-6: what is kept for the next place flows to those that charge until it is complete."""
    ago, just_now = NOW - 5000.0, NOW - 10.0
    answer = allocate(
        flat(
            20.0,
            claim("A", granted_at=just_now, paused_at=ago),
            claim("B", granted_at=just_now, paused_at=ago),
            claim("C", floor=14.0, passed_over=3, held=0.0, paused_at=ago),
            claim("D", held=0.0, paused_at=ago),
        )
    )
    assert list(answer.targets.values()) == [10.0, 10.0, 0.0, 0.0]
    assert answer.binding[key("C")].reserved
    assert answer.binding[key("D")].first == key("C")
    assert answer.passed_over == (key("C"), key("D"))


def test_nothing_to_share_is_an_answer_too() -> None:
    """LM-1: no claims, and no zones either."""
    assert allocate(flat(20.0)).used == {ZoneId("z"): NO_AMPS}
    assert allocate(Problem((), (), NOW)).targets == {}


def test_a_connector_that_claims_twice_is_refused() -> None:
    """LM-1: its current would be counted once and drawn once, but told twice."""
    with pytest.raises(ValueError, match="twice"):
        allocate(flat(20.0, claim("A"), claim("A")))


@given(problem=problems())
@settings(max_examples=200)
def test_every_zone_and_phase_holds_and_nobody_is_between_nothing_and_its_floor(problem: Problem) -> None:
    """LM-1, LM-2, DG-2: set-asides included, whatever the tree, the wirings and the history are."""
    assert_feasible(problem, allocate(problem))


@given(problem=problems(calm=True))
@settings(max_examples=200)
def test_no_usable_ampere_is_idle(problem: Problem) -> None:
    """LM-6: nobody could have a step more, nobody who waits could have its floor in what is left."""
    assert_nothing_idle(problem, allocate(problem))


@given(problem=problems(calm=True))
@settings(max_examples=100)
def test_vips_get_what_they_would_get_alone(problem: Problem) -> None:
    """LM-5: no other car costs them a tenth of an ampere."""
    alone = allocate(only(problem, (c for c in problem.claims if c.vip)))
    together = allocate(problem)
    assert alone.targets == {k: amps for k, amps in together.targets.items() if k in alone.targets}


@given(problem=problems(), seed=st.integers(0, 2**16))
@settings(max_examples=100)
def test_the_answer_depends_on_the_problem_alone(problem: Problem, seed: int) -> None:
    """LM-6: the same again, and the same for any order of zones, claims and set-asides."""
    rng = Random(seed)
    zones, claims, asides = list(problem.zones), list(problem.claims), list(problem.set_asides.items())
    for items in (zones, claims, asides):
        rng.shuffle(items)
    shuffled = replace(problem, zones=tuple(zones), claims=tuple(claims), set_asides=dict(asides))
    assert allocate(problem) == allocate(problem) == allocate(shuffled)


@given(problem=problems())
@settings(max_examples=100)
def test_every_target_has_a_reason_that_can_be_said(problem: Problem) -> None:
    """UI-9: and its amount is the target's."""
    answer = allocate(problem)
    for made in problem.claims:
        reason = answer.binding[made.key]
        assert reason.amps == answer.targets[made.key]
        assert sentence(reason).endswith(".")


@given(problem=problems(calm=True))
@settings(max_examples=150)
def test_among_equals_nobody_has_more_than_one_whose_limit_they_share(problem: Problem) -> None:
    """LM-6: same zone and phases, as urgent, room under the cap: at most a step apart, floors excepted."""
    problem = replace(problem, claims=tuple(replace(c, urgency=0.5) for c in problem.claims))
    answer = allocate(problem)
    served = [c for c in problem.claims if answer.targets[c.key] > 0.0 and not c.whole_amps]
    for one in served:
        for other in served:
            if (one.zone, one.mask, one.vip) == (other.zone, other.mask, other.vip):
                less, more = answer.targets[one.key], answer.targets[other.key]
                assert less + 0.1 + 1e-9 >= min(more, int(one.cap * 10 + 1e-6) / 10) or more <= other.floor


def test_a_cut_of_a_subtree_never_raises_anybody() -> None:
    """LM-8: a zone's own cut is the same allocation on its subtree, capped at the present setpoints."""
    now_held = {"A": 6.0, "B": 20.0, "C": 0.0}
    cars = [claim(n, cap=amps, held=amps, capped_by="its present setpoint") for n, amps in now_held.items()]
    answer = allocate(flat(18.0, *cars))
    assert list(answer.targets.values()) == [6.0, 12.0, 0.0]
    assert sentence(answer.binding[key("C")]) == (
        "Gets 0 A: it needs at least 6 A and its present setpoint allows 0 A."
    )
