"""Tests of giving back what a car leaves of its setpoint."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evce.facts import Acknowledged, ConnectorFacts, Link
from evce.planning.consumption import HOLD, STALE, Consumption, Spare
from evce.planning.planner import Planner
from evce.planning.settings import PlanSettings
from evce.units import ZoneId
from tests.evce.builders import charging, key, site, station, zone

RATING = 32.0


def reported(setpoint: float, drawn: float, at: float, **changes: object) -> ConnectorFacts:
    """A car on three phases whose setpoint has held since the beginning."""
    return charging("A", setpoint, draw=(drawn, drawn, drawn), draw_at=at, **changes)  # type: ignore[arg-type]


def watched(
    draws: Iterable[tuple[float, float]], setpoint: float = 32.0, **changes: object
) -> tuple[Consumption, ConnectorFacts]:
    """What is known after reports of (time, A)."""
    consumption, facts = Consumption(), charging("A", setpoint)
    for at, drawn in draws:
        facts = reported(setpoint, drawn, at, **changes)
        consumption.learn(facts, RATING)
    return consumption, facts


def every(seconds: float, drawn: float, until: float, since: float = 10.0) -> list[tuple[float, float]]:
    return [(since + seconds * n, drawn) for n in range(int((until - since) / seconds) + 1)]


@pytest.mark.parametrize(
    ("draws", "setpoint", "cap", "why"),
    [
        (every(5.0, 16.0, 40.0), 32.0, 19.0, "16 A and a margin of 15 %"),
        (every(5.0, 8.0, 40.0), 32.0, 10.0, "2 A at least"),
        (every(5.0, 16.0, 35.0), 32.0, None, "not watched for long enough"),
        (every(60.0, 16.0, 130.0), 32.0, 19.0, "a report each minute"),
        (every(60.0, 16.0, 70.0), 32.0, None, "two reports, though a minute apart, are no proof"),
        (every(5.0, 29.6, 100.0), 32.0, None, "cars stay a little below their setpoint"),
        (every(5.0, 27.0, 100.0), 32.0, None, "too little to be worth a write"),
        (every(5.0, 10.0, 100.0), 10.5, None, "it uses all that its zone leaves it"),
        (every(5.0, 0.0, 40.0), 32.0, 2.0, "nothing flows; the floor is the planner's business"),
        ([(10.0, 6.0), (20.0, 9.0), (30.0, 12.0), (40.0, 15.0)], 32.0, None, "it is rising still"),
        ([(10.0, 22.0), (20.0, 21.0), (30.0, 20.0), (40.0, 19.0)], 32.0, 26.0, "the most that it drew"),
        ([(1.0, 0.0), (4.0, 0.0), *every(5.0, 30.0, 40.0)], 32.0, None, "the way up is no proof"),
    ],
)
def test_a_car_is_held_to_what_it_was_seen_to_draw(
    draws: list[tuple[float, float]], setpoint: float, cap: float | None, why: str
) -> None:
    """LM-9: a vehicle that draws less than its setpoint for a while."""
    consumption, facts = watched(draws, setpoint)
    spare = consumption.spare(facts, draws[-1][0])
    assert (None if spare is None else spare.cap) == cap, why


@pytest.mark.parametrize(
    "changes",
    [
        {"draw": None, "draw_at": None},
        {"link": Link.LOST},
        {"verified": False},
        {"transaction": None},
        {"acknowledged": ()},
    ],
)
def test_what_is_not_known_is_no_reason_to_reduce(changes: dict[str, object]) -> None:
    """LM-9: an unknown draw proves nothing."""
    consumption = Consumption()
    for at, drawn in every(5.0, 16.0, 100.0):
        consumption.learn(replace(reported(32.0, drawn, at), **changes), RATING)  # type: ignore[arg-type]
    assert consumption.spare(reported(32.0, 16.0, 100.0), 100.0) is None


def test_without_reports_a_car_may_have_everything_again() -> None:
    """LM-9: what it would draw is not known any more; when reports come back, the watch begins anew."""
    consumption, facts = watched(every(5.0, 16.0, 40.0))
    assert consumption.spare(facts, 40.0 + STALE - 0.1) is not None
    assert consumption.spare(facts, 40.0 + STALE) is None
    late = reported(32.0, 16.0, 40.0 + STALE)
    consumption.learn(late, RATING)
    assert consumption.spare(late, 40.0 + STALE) is None


def test_a_new_session_begins_with_everything() -> None:
    """LM-9: it is another car."""
    consumption, facts = watched(every(5.0, 16.0, 40.0))
    assert consumption.spare(replace(facts, transaction=None), 40.0) is None
    other = reported(32.0, 16.0, 45.0, transaction=2)
    assert consumption.spare(other, 45.0) is None
    consumption.learn(other, RATING)
    assert consumption.spare(other, 45.0) is None


def capped_at_19() -> Consumption:
    """A car of 16 A that was told 19 A at 42 s."""
    consumption, _ = watched(every(5.0, 16.0, 40.0))
    return consumption


def later(consumption: Consumption, at: float, drawn: float, setpoint: float = 19.0) -> Spare | None:
    facts = charging("A", setpoint, at=42.0, draw=(drawn,) * 3, draw_at=at)
    consumption.learn(facts, RATING)
    return consumption.spare(facts, at)


def test_a_car_that_uses_all_its_cap_leaves_has_everything_again_at_once_and_for_a_while() -> None:
    """LM-9: gets it back fast when it asks for more; lowered no sooner than the hold allows."""
    consumption = capped_at_19()
    assert later(consumption, 44.0, 18.6) is None
    at = 46.0
    while at < 44.0 + HOLD:
        assert later(consumption, at, 10.0, 32.0) is None
        at += 5.0
    spare = None
    while spare is None and at < 60.0 + HOLD:
        spare = later(consumption, at, 10.0, 32.0)
        at += 5.0
    assert spare == Spare(12.0, 10.0)


def test_a_zone_that_leaves_less_than_the_cap_gives_no_reason_to_lift_it() -> None:
    """LM-9: nobody knows whether the car wants more than the zone has."""
    consumption = capped_at_19()
    spare = later(consumption, 50.0, 10.0, 10.0)
    assert spare is not None
    assert spare.cap == 19.0


def test_a_filling_battery_is_followed_down_in_steps() -> None:
    """LM-9: near the end of a charge; each step is worth its write, and none goes up."""
    consumption, caps, setpoint, told_at = Consumption(), [], 32.0, 0.0
    for n in range(200):
        at, drawn = 10.0 + 5.0 * n, max(32.0 - 0.15 * n, 3.0)
        facts = charging("A", setpoint, at=told_at, draw=(min(drawn, setpoint),) * 3, draw_at=at)
        consumption.learn(facts, RATING)
        spare = consumption.spare(facts, at)
        if spare is not None and spare.cap < setpoint:
            setpoint, told_at = max(spare.cap, 6.0), at
            caps.append(spare.cap)
    assert caps == sorted(caps, reverse=True)
    assert caps[-1] <= 7.0
    assert len(caps) <= 13


def test_a_car_that_draws_a_share_of_whatever_it_is_told_is_not_ground_down() -> None:
    """LM-9: its draw fell with the setpoint, so it had been using all it could."""
    consumption, setpoint, told_at, lowest = Consumption(), 32.0, 0.0, 32.0
    for n in range(120):
        at = 10.0 + 5.0 * n
        facts = charging("A", setpoint, at=told_at, draw=(0.75 * setpoint,) * 3, draw_at=at)
        consumption.learn(facts, RATING)
        spare = consumption.spare(facts, at)
        wanted = RATING if spare is None else spare.cap
        if wanted != setpoint:
            setpoint, told_at = wanted, at
        lowest = min(lowest, setpoint)
    assert lowest >= 27.0


def test_a_successor_goes_on_where_the_predecessor_ended() -> None:
    """AC-2, LM-9: a restart raises no setpoint; connectors that are gone are forgotten."""
    first, facts = watched(every(5.0, 16.0, 40.0))
    second = Consumption()
    second.restore(first.seen())
    assert second.spare(facts, 41.0) == Spare(19.0, 16.0)
    second.keep_only(())
    assert second.spare(facts, 41.0) is None


@dataclass
class Car:
    """One that ramps to its wish within its setpoint in 5 s; wishes change as they like."""

    wishes: list[tuple[float, float]]
    share: float
    drawn: float = 0.0

    def wish(self, at: float) -> float:
        return [amps for since, amps in self.wishes if since <= at][-1]

    def advance(self, at: float, setpoint: float, step: float) -> None:
        target = min(self.wish(at), setpoint * self.share)
        self.drawn += max(-6.4 * step, min(6.4 * step, target - self.drawn))


wishes = st.lists(
    st.tuples(st.floats(5.0, 200.0), st.sampled_from([0.0, 3.0, 6.0, 10.0, 16.0, 20.0, 32.0])),
    min_size=1,
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(wishes, st.floats(0.7, 1.02), st.floats(1.0, 60.0), st.floats(0.0, 5.0))
def test_whatever_a_car_does_no_setpoint_oscillates(
    changes: list[tuple[float, float]], share: float, interval: float, delay: float
) -> None:
    """LM-9: fewer than 4 changes of direction in any 5 min, with reports 1 to 60 s apart."""
    at, course = 0.0, [(0.0, 16.0)]
    for lasts, amps in changes:
        at += lasts
        course.append((at, amps))
    car, consumption = Car(course, share), Consumption()
    setpoint, told_at, moves, next_report = RATING, 0.0, [], interval
    asked: tuple[float, float] | None = None
    now = 0.0
    while now < at + 600.0:
        now += 0.5
        car.advance(now, setpoint, 0.5)
        if asked is not None and now >= asked[0]:
            moves.append((now, asked[1] - setpoint))
            setpoint, told_at, asked = asked[1], now, None
        if now < next_report:
            continue
        next_report = now + interval
        facts = charging("A", setpoint, at=told_at, draw=(car.drawn,) * 3, draw_at=now)
        consumption.learn(facts, RATING)
        spare = consumption.spare(facts, now)
        wanted = RATING if spare is None else min(max(spare.cap, 6.0), RATING)
        if asked is None and wanted != setpoint:
            asked = (now + delay, wanted)
    turns = [b[0] for a, b in pairwise(moves) if a[1] * b[1] < 0.0]
    assert all(fourth - first > 300.0 for first, fourth in zip(turns, turns[3:], strict=False))


def test_the_planner_gives_the_rest_to_another_car_and_says_why() -> None:
    """LM-9, UI-9: 40 A; a car of 10 A leaves 28 to the other, in the order of safety; off by default."""
    model = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    for on, lowered in ((False, {}), (True, {key("A"): 12.0})):
        planner = Planner(model, ZoneId("main"), PlanSettings(consumption_optimisation=on))
        for at, drawn in every(5.0, 10.0, 40.0):
            planner.learn([reported(20.0, drawn, at), charging("B", 20.0, draw=(20.0,) * 3, draw_at=at)])
        decision = planner.decide(41.0)
        assert decision.lowered == lowered
        assert decision.raised == {}, "nothing is raised before what pays for it has settled"
        if on:
            expected = "Gets 12 A: its car, which draws at most 10 A, allows no more."
            assert decision.reasons[key("A")] == expected
            assert decision.targets[key("B")] == 28.0
            successor = Planner(model, ZoneId("main"), planner.settings)
            successor.recall(planner.memory(), 42.0)
            assert successor.decide(42.0).targets == decision.targets


def test_a_cap_below_the_floor_suspends_nobody() -> None:
    """LM-9, LM-2: a car that draws nothing yet keeps its floor."""
    model = site([zone("main", 40)], [station("A", "main")])
    planner = Planner(model, ZoneId("main"), PlanSettings(consumption_optimisation=True))
    for at, drawn in every(5.0, 0.0, 40.0):
        planner.learn([reported(32.0, drawn, at)])
    assert planner.decide(41.0).targets == {key("A"): 6.0}


def test_a_setpoint_that_is_not_settled_proves_nothing() -> None:
    """LM-9: a car that was just told more is on its way up."""
    consumption = Consumption()
    for n in range(20):
        at = 10.0 + 5.0 * n
        facts = reported(32.0, 16.0, at)
        raised = replace(facts, acknowledged=(Acknowledged(32.0, at - 3.0),))
        consumption.learn(raised, RATING)
    assert consumption.spare(raised, 110.0) is None
