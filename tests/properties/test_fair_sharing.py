"""The sharing of current on large random trees: against linear programs, over reviews, beside lost cars."""

from collections.abc import Iterable
from dataclasses import replace
from random import Random

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evce.allocation import Claim, Priority, Problem, allocate
from evce.electrical import SiteModel, Wiring
from evce.facts import Acknowledged, ConnectorFacts, Link
from evce.planning.budgets import Budget
from evce.planning.planner import Planner
from evce.planning.settings import PlanSettings
from evce.planning.sharing import Sharing
from evce.pledges import on_phases
from evce.units import Amps, ConnectorKey, TransactionId, ZoneId
from tests.evce.allocation.problems import (
    assert_feasible,
    assert_nothing_idle,
    constraints,
    problems,
    tenths,
)
from tests.evce.allocation.test_filling import SAME, Case, fair_by_linear_programs
from tests.evce.builders import charging, connector, site, station, zone

REVIEW = 900.0


@given(problem=problems(claims=200, fewest=100))
@settings(max_examples=40)
def test_a_site_of_two_hundred_connectors_is_shared_within_every_limit(problem: Problem) -> None:
    """LM-1, LM-2, DG-2: set-asides included; nobody between nothing and its floor."""
    assert_feasible(problem, allocate(problem))


@given(problem=problems(claims=200, fewest=100, calm=True))
@settings(max_examples=25)
def test_no_usable_ampere_is_idle_among_two_hundred_connectors(problem: Problem) -> None:
    """LM-6: where nothing is reserved and nobody pauses."""
    assert_nothing_idle(problem, allocate(problem))


def case_of(served: list[Claim], rows: Iterable[tuple[int, set[ConnectorKey]]]) -> Case:
    """The filling of these cars as the linear programs want it; the last row has no limit."""
    kept = [(left, members) for left, members in rows if any(c.key in members for c in served)]
    lines = [[row for row, (_, members) in enumerate(kept) if c.key in members] for c in served]
    width = max(map(len, lines))
    return Case(
        rows=np.array([line + [len(kept)] * (width - len(line)) for line in lines]),
        floors=np.array([tenths(c.floor) for c in served]),
        caps=np.array([tenths(c.cap) for c in served]),
        left=np.array([*(left for left, _ in kept), 10**9]),
    )


@given(problem=problems(claims=14, fewest=2))
@settings(max_examples=40)
def test_whoever_is_let_in_gets_the_share_that_linear_programs_find(problem: Problem) -> None:
    """LM-5, LM-6: over the whole tree and three phases, VIPs first; rounded down, remainders on top."""
    claims = tuple(replace(c, whole_amps=False, urgency=0.5) for c in problem.claims)
    problem = replace(problem, claims=claims)
    answer = allocate(problem)
    taken = dict.fromkeys(answer.targets, 0)
    for vip in (True, False):
        served = [c for c in problem.claims if c.vip is vip and answer.targets[c.key] > 0.0]
        rows = constraints(problem).values()
        left = [(left - sum(taken[member] for member in members), members) for left, members in rows]
        fair = fair_by_linear_programs(case_of(served, left)) if served else []
        for made, tenths_fair in zip(served, fair, strict=True):
            taken[made.key] = tenths(answer.targets[made.key])
            assert taken[made.key] >= int(tenths_fair + 10 * SAME)


@given(problem=problems(claims=40, calm=True), place=st.integers(0, 99), by=st.integers(1, 200))
@settings(max_examples=150)
def test_a_higher_limit_never_costs_the_worst_off(problem: Problem, place: int, by: int) -> None:
    """LM-6: with the same cars let in, the ascending amounts are no worse where they first differ.

    Compared beyond a tenth of an ampere, which is the rounding.
    """
    claims = tuple(replace(c, whole_amps=False, vip=False, urgency=0.5) for c in problem.claims)
    zones = list(problem.zones)
    number, phase = place % len(zones), place % 3
    limit = list(zones[number].limit)
    limit[phase] += by / 10
    zones[number] = replace(zones[number], limit=(limit[0], limit[1], limit[2]))
    before = allocate(replace(problem, claims=claims))
    after = allocate(replace(problem, claims=claims, zones=tuple(zones)))
    served = {key for key, amps in before.targets.items() if amps > 0.0}
    assume(served == {key for key, amps in after.targets.items() if amps > 0.0})
    least, now_least = (np.sort([a.targets[key] for key in served]) for a in (before, after))
    different = np.flatnonzero(np.abs(least - now_least) > 0.15)
    assert not len(different) or now_least[different[0]] > least[different[0]]


@given(problem=problems(claims=12, fewest=3, calm=True), priority=st.sampled_from(Priority))
@settings(max_examples=40)
def test_nobody_starves_over_the_reviews_of_any_tree(problem: Problem, priority: Priority) -> None:
    """LM-4: whoever's floor fits by itself has a turn again within as many reviews as cars, and three.

    All cars stay, want current for ever and get what is shared; energy, grants and pauses follow from it.
    """
    settled = (replace(c, vip=False, wants=True, floor=max(c.floor, 6.0)) for c in problem.claims)
    alone = [c for c in settled if allocate(replace(problem, claims=(c,))).targets[c.key] > 0.0]
    assume(alone)
    cars = [replace(c, held=0.0, granted_at=None, paused_at=None, charged=0.0) for c in alone]
    model, budgets = _site_of(problem)
    sharing, rules = Sharing(), PlanSettings(priority=priority, review=REVIEW)
    sessions = frozenset((c.key, TransactionId(1)) for c in cars)
    last_turn = {c.key: 0 for c in cars}
    for review in range(3 * len(cars) + 12):
        now = review * REVIEW
        cars = [replace(c, passed_over=sharing.reviews.passed_over.get(c.key, 0)) for c in cars]
        answer = sharing.share(model, budgets, cars, {}, sessions, rules, now)
        for key, amps in answer.targets.items():
            if amps > 0.0:
                last_turn[key] = review
        assert review - min(last_turn.values()) <= len(cars) + 3
        cars = [_a_period_later(c, answer.targets[c.key], now) for c in cars]


def _site_of(problem: Problem) -> tuple[SiteModel, dict[ZoneId, Budget]]:
    """The tree of a problem as a site; what is left after the set-asides is the budget."""
    left = constraints(problem)
    budgets = {}
    for each in problem.zones:
        amps = (left[each.zone, 0][0] / 10, left[each.zone, 1][0] / 10, left[each.zone, 2][0] / 10)
        budgets[each.zone] = Budget(each.zone, amps, amps, "maximum")
    zones = [zone(each.zone, 100.0, each.parent) for each in problem.zones]
    return site(zones, []), budgets


def _a_period_later(car: Claim, amps: Amps, now: float) -> Claim:
    """What the planner remembers of a car that had so much for a period."""
    begins, ends = amps > 0.0 >= car.held, car.held > 0.0 >= amps
    return replace(
        car,
        held=amps,
        granted_at=now if begins else car.granted_at,
        paused_at=now if ends else car.paused_at,
        charged=(car.charged or 0.0) + (REVIEW if amps > 0.0 else 0.0),
        energy=car.energy + amps * 230.0 * REVIEW / 3600.0,
    )


@st.composite
def troubled_sites(draw: st.DrawFn) -> tuple[SiteModel, list[ConnectorFacts]]:
    """Draw a tree of up to four levels with stations that follow, that draw too much, and that are lost."""
    count, zones = draw(st.integers(1, 40)), draw(st.integers(1, 8))
    rng = Random(draw(st.integers(0, 2**32)))
    depths, made = [1], [zone("z0", rng.randint(10, 12 * count + 10))]
    for number in range(1, zones):
        parent = rng.choice([n for n, depth in enumerate(depths) if depth < 4])
        depths.append(depths[parent] + 1)
        made.append(zone(f"z{number}", rng.randint(6, 80), f"z{parent}"))
    stations, facts = [], []
    for number in range(count):
        name = f"S{number:02}"
        stations.append(
            station(name, f"z{rng.randrange(zones)}", connector(name, wiring=rng.choice(list(Wiring))))
        )
        told, kind = rng.choice((0.0, 6.0, 10.0, 16.0)), rng.choice(("follows",) * 4 + ("lost", "disobeys"))
        drawn = told + rng.randint(2, 10) if kind == "disobeys" else told
        facts.append(
            charging(
                name,
                transaction=number + 1,
                link=Link.LOST if kind == "lost" else Link.CONNECTED,
                verified=kind != "lost",
                acknowledged=(Acknowledged(told, 0.0),),
                draw=stations[-1].connectors[0].wiring.to_grid((drawn,) * 3),
                draw_at=99.0,
                energy=float(rng.randint(0, 9)),
                fallback=rng.choice((0.0, 6.0)),
                vip=rng.random() < 0.15,
            )
        )
    return site(made, stations), facts


@given(troubled_sites())
@settings(max_examples=60)
def test_the_share_of_lost_and_disobedient_stations_is_given_to_nobody(
    known: tuple[SiteModel, list[ConnectorFacts]],
) -> None:
    """LM-10, DG-2: targets fit beside what those out of control may draw; nobody is below its floor."""
    model, facts = known
    planner = Planner(model, model.roots[0], PlanSettings())
    planner.learn(facts)
    decision = planner.decide(100.0)
    out = {f.key for f in facts if f.link is Link.LOST} | set(decision.disobedient)
    assert {f.key for f in facts if max(f.drawn) > f.acknowledged[-1].amps + 1.0} >= set(decision.disobedient)
    for each in model.zones.values():
        below = set(model.subtree(each.id))
        for phase in range(3):
            aside = served = 0.0
            for key in model.connectors:
                if model.stations[key.station].zone in below:
                    amps = decision.pledges[key] if key in out else decision.targets[key]
                    share = on_phases(amps, planner.mask(key))[phase]
                    aside, served = (aside + share, served) if key in out else (aside, served + share)
            assert served <= max(each.maximum - aside, 0.0) + 1e-6
    for key, amps in decision.targets.items():
        assert amps == 0.0 or amps >= 6.0
        assert key not in decision.disobedient or amps == 0.0
