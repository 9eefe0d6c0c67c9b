"""Tests of the planner: from facts to setpoints that may be sent."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evce.allocation import Priority
from evce.conditions import ZoneCondition
from evce.departures import Forecast
from evce.electrical import SiteModel, Wiring
from evce.facts import Acknowledged, ConnectorFacts, Link, Takes
from evce.planning.gate import sum_by_zone
from evce.planning.planner import Planner
from evce.planning.reductions import Reduction
from evce.planning.settings import PlanSettings
from evce.planning.successions import RETURNS_WITHIN
from evce.units import NO_AMPS, ConnectorKey, TransactionId, ZoneId
from tests.evce.builders import charging, connector, key, site, station, zone

MAIN = ZoneId("main")


def even(amps: float) -> tuple[float, float, float]:
    return (amps, amps, amps)


def planner(model: SiteModel, facts: list[ConnectorFacts]) -> Planner:
    made = Planner(model, model.roots[0], PlanSettings())
    made.learn(facts)
    return made


def follow(made: Planner, orders: dict[ConnectorKey, float], plan: int, now: float) -> None:
    """Every station accepts what it is told."""
    made.note_orders(orders, plan, now)
    for name, amps in orders.items():
        facts = made.facts[name]
        past = [replace(a, superseded_at=a.superseded_at or now) for a in facts.acknowledged]
        made.learn([replace(facts, acknowledged=(*past, Acknowledged(amps, now)), plan=plan)])


def test_a_single_car_gets_its_rating() -> None:
    """LM-1: when everything fits."""
    made = planner(site([zone("main", 63)], [station("A", "main")]), [charging("A", 0.0)])
    assert made.decide(0.0).raised == {key("A"): 32.0}


@pytest.mark.parametrize(
    ("ceiling", "lowered", "reason"),
    [
        (9.0, 9.0, "Gets 9 A: the operator's charging profile allows no more."),
        (5.0, 0.0, "Gets 0 A: it needs at least 6 A and the operator's charging profile allows 5 A."),
        (40.0, None, "Gets 32 A: its rating allows no more."),
    ],
)
def test_an_operators_ceiling_caps_a_car_and_says_so(
    ceiling: float, lowered: float | None, reason: str
) -> None:
    """CPO-1: the operator's profiles apply as a further upper limit; what it leaves goes to others."""
    made = planner(site([zone("main", 63)], [station("A", "main")]), [charging("A", 32.0, ceiling=ceiling)])
    decision = made.decide(100.0)
    assert decision.lowered == ({} if lowered is None else {key("A"): lowered})
    assert decision.reasons[key("A")] == reason


def test_two_cars_share_and_the_second_waits_until_the_first_has_settled() -> None:
    """LM-1, LM-3: nothing is raised before what pays for it has been confirmed lowered and settled."""
    made = planner(
        site([zone("main", 40)], [station("A", "main"), station("B", "main")]),
        [charging("A", 32.0, energy=5_000.0), charging("B", 0.0)],
    )
    first = made.decide(100.0)
    assert first.lowered == {key("A"): 20.0}
    assert first.raised == {key("B"): 8.0}
    follow(made, first.lowered | first.raised, 1, 100.0)
    assert made.decide(105.9).raised == {}
    assert made.decide(106.0).raised == {key("B"): 20.0}


def test_an_unanswered_reduction_pays_for_nothing() -> None:
    """LM-1: RELIABILITY invariant 3."""
    made = planner(
        site([zone("main", 40)], [station("A", "main"), station("B", "main")]),
        [charging("A", 32.0, outstanding=(20.0,)), charging("B", 8.0)],
    )
    assert made.decide(1_000.0).raised == {}


def test_a_car_waits_rather_than_begin_below_its_floor() -> None:
    """LM-2: RELIABILITY invariant 6, 4 A are left beside a car that is on its way down from 32 A."""
    model = site([zone("main", 36)], [station("A", "main"), station("B", "main")])
    decision = planner(model, [charging("A", 32.0), charging("B", 0.0)]).decide(1_000.0)
    assert (decision.lowered, decision.raised) == ({key("A"): 18.0}, {})


def test_the_share_of_a_lost_station_is_set_aside_on_its_phases() -> None:
    """DG-2: 51 A, one Parking with two connectors of 9 A lost: 33 A remain."""
    model = site(
        [zone("main", 51)],
        [
            station("P", "main", connector("P", 1), connector("P", 2)),
            station("B", "main", connector("B", rating=63)),
        ],
    )
    lost = [
        replace(charging("P", 9.0, number=n, fallback=9.0), link=Link.LOST, verified=False) for n in (1, 2)
    ]
    made = planner(model, [*lost, charging("B", 0.0)])
    decision = made.decide(1_000.0)
    assert decision.raised == {key("B"): 33.0}
    assert decision.lost[MAIN] == even(18.0)


def test_a_station_never_seen_counts_with_its_rating() -> None:
    """DG-6: unknown is worst case."""
    made = planner(
        site([zone("main", 40)], [station("A", "main"), station("B", "main")]), [charging("B", 0.0)]
    )
    assert made.decide(0.0).raised == {key("B"): 8.0}


def test_an_overload_is_cut_at_once_and_closes_the_zone_for_raises() -> None:
    """LM-8: a building step of 30 A."""
    model = site([zone("main", 100, meter="m")], [station("A", "main"), station("B", "main")])
    facts = [charging(name, 30.0, draw=even(30.0), draw_at=99.0) for name in "AB"]
    made = planner(model, facts)
    made.condition(ZoneCondition(MAIN, measured=even(130.0), measured_at=100.0))
    decision = made.decide(100.0)
    assert decision.lowered == {key("A"): 15.0, key("B"): 15.0}
    assert decision.raised == {}
    assert decision.budgets[MAIN].overloaded


def test_cars_on_their_way_down_are_not_cut_twice() -> None:
    """LM-8: the meter still reads them while they follow."""
    model = site([zone("main", 100, meter="m")], [station("A", "main"), station("B", "main")])
    made = planner(model, [charging(name, 30.0, draw=even(30.0), draw_at=99.0) for name in "AB"])
    made.condition(ZoneCondition(MAIN, measured=even(130.0), measured_at=100.0))
    follow(made, made.decide(100.0).lowered, 1, 100.1)
    made.condition(ZoneCondition(MAIN, measured=even(130.0), measured_at=100.6))
    assert made.decide(100.6).lowered == {}


def test_a_zone_alone_only_cuts() -> None:
    """LM-1: its own reaction gives nobody more."""
    model = site([zone("main", 100, meter="m")], [station("A", "main"), station("B", "main")])
    made = planner(model, [charging("A", 10.0, draw=even(10.0), draw_at=9.0), charging("B", 0.0)])
    made.condition(ZoneCondition(MAIN, measured=even(20.0), measured_at=10.0))
    decision = made.decide(10.0, cuts_only=True)
    assert decision.lowered == decision.raised == {}


def test_no_raise_without_a_disk() -> None:
    """OC-6: RELIABILITY invariant 18, reductions go on."""
    model = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    made = planner(model, [charging("A", 32.0), charging("B", 0.0)])
    decision = made.decide(100.0, raises_allowed=False)
    assert decision.lowered == {key("A"): 20.0}
    assert decision.raised == {}


def test_a_disobedient_car_is_counted_at_what_it_draws_and_told_to_stop() -> None:
    """LM-10: 16 A in place of 10 leaves 24 of 40."""
    model = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    made = planner(
        model, [charging("A", 10.0, draw=even(16.0), draw_at=10.0), charging("B", 24.0, draw=even(24.0))]
    )
    decision = made.decide(10.0)
    assert decision.lowered == {key("A"): 0.0}
    assert decision.pledges[key("A")] == 16.0
    assert decision.disobedient == (key("A"),)


def test_an_input_at_zero_suspends_everybody() -> None:
    """DI-2: 0 % suspends all charging."""
    made = planner(site([zone("main", 40)], [station("A", "main")]), [charging("A", 32.0)])
    made.reductions = {MAIN: Reduction(0, "input at 0 %")}
    assert made.decide(0.0).lowered == {key("A"): 0.0}


def test_raises_that_waited_for_the_disk_are_checked_again() -> None:
    """LM-1: meanwhile a neighbour has taken the room."""
    model = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    made = planner(model, [charging("A", 0.0), charging("B", 0.0)])
    raises = made.decide(0.0).raised
    assert raises == {key("A"): 20.0, key("B"): 20.0}
    made.learn([charging("B", 0.0, draw=even(30.0))])
    assert key("A") not in made.still_fits({key("A"): 20.0}, 0.0)


def test_an_older_incarnation_speaks_no_more() -> None:
    """OC-6: an answer of an old socket can't speak for a new one."""
    made = planner(site([zone("main", 40)], [station("A", "main")]), [charging("A", 10.0, incarnation=3)])
    assert made.learn([charging("A", 0.0, incarnation=2)]) == ()
    assert made.facts[key("A")].setpoint == 10.0


def test_leases_are_shorter_below_a_meter() -> None:
    """DG-6: T is 120 s in dynamic zones, longer in static ones."""
    made = planner(
        site(
            [zone("main", 100, meter="m"), zone("sub", 50, "main")],
            [station("A", "sub")],
        ),
        [],
    )
    assert made.lease(key("A")) == 120.0
    assert planner(site([zone("main", 100)], [station("A", "main")]), []).lease(key("A")) == 600.0


WIRINGS = st.sampled_from(Wiring)
TENTHS = st.integers(0, 320).map(lambda tenths: tenths / 10)


@st.composite
def sites(draw: st.DrawFn) -> tuple[SiteModel, list[ConnectorFacts]]:
    """A tree of three zones and a mixture of charging, settling, lost and unverified connectors."""
    zones = [
        zone("main", draw(st.integers(20, 120))),
        zone("north", draw(st.integers(10, 80)), "main"),
        zone("south", draw(st.integers(10, 80)), "main"),
    ]
    stations, facts = [], []
    for number in range(draw(st.integers(1, 7))):
        name = f"S{number}"
        place = draw(st.sampled_from(["north", "south"]))
        stations.append(station(name, place, connector(name, wiring=draw(WIRINGS))))
        amps, before = draw(TENTHS), draw(TENTHS)
        history = (Acknowledged(before, 0.0, 98.0), Acknowledged(amps, 98.0))
        link = draw(st.sampled_from([Link.CONNECTED, Link.CONNECTED, Link.CONNECTED, Link.LOST]))
        facts.append(
            charging(
                name,
                transaction=number + 1,
                link=link,
                verified=link is Link.CONNECTED and draw(st.booleans()),
                acknowledged=history,
                outstanding=tuple(draw(st.lists(TENTHS, max_size=1))),
                energy=float(draw(st.integers(0, 9))),
                fallback=draw(st.sampled_from([0.0, 6.0, None])),
                vip=draw(st.booleans()),
            )
        )
    return site(zones, stations), facts


@given(sites(), st.floats(90, 200))
@settings(max_examples=150)
def test_whatever_is_decided_no_raise_takes_the_pledges_above_a_limit(
    known: tuple[SiteModel, list[ConnectorFacts]], now: float
) -> None:
    """LM-1: RELIABILITY invariants 1 and 6, for any mixture of states."""
    model, facts = known
    made = planner(model, facts)
    decision = made.decide(now)
    for name, amps in (decision.lowered | decision.raised).items():
        assert amps == 0.0 or 6.0 <= amps <= model.connectors[name].rating
    made.note_orders(decision.raised, 1, now)
    after = made.pledges(now)
    masks = {name: model.connectors[name].wiring.mask for name in after}
    sums = sum_by_zone(
        model, {n: (a * masks[n][0], a * masks[n][1], a * masks[n][2]) for n, a in after.items()}
    )
    for name in decision.raised:
        owner = model.stations[name.station].zone
        assert owner is not None
        for member in model.path(owner):
            for phase in model.connectors[name].wiring.grid_phases:
                assert sums[member][phase] <= model.zones[member].maximum + 1e-6


@given(sites())
@settings(max_examples=60)
def test_when_everybody_follows_the_site_comes_to_rest_within_its_limits(
    known: tuple[SiteModel, list[ConnectorFacts]],
) -> None:
    """LM-1, LM-6: after a few rounds nothing changes any more and the controllable fit beside the rest."""
    model, facts = known
    made = planner(model, [replace(f, link=Link.CONNECTED, verified=True, outstanding=()) for f in facts])
    now = 100.0
    for plan in range(1, 13):
        decision = made.decide(now)
        follow(made, decision.lowered | decision.raised, plan, now)
        now += 35.0
    rest = made.decide(now)
    assert rest.lowered == rest.raised == {}
    assert rest.overcommitted == ()


def test_by_departure_who_leaves_soon_has_most_and_nobody_is_below_its_floor() -> None:
    """LM-4: what is expected travels with the facts of the session."""
    model = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    soon, late = Forecast((7_200.0,), (30_000.0,)), Forecast((50_000.0,), (30_000.0,))
    made = Planner(model, MAIN, PlanSettings(priority=Priority.DEPARTURE))
    made.learn(
        [
            charging("A", 0.0, charging_since=0.0, forecast=late),
            charging("B", 0.0, charging_since=0.0, forecast=soon),
        ]
    )
    assert made.decide(1_000.0).targets == {key("A"): 10.0, key("B"): 30.0}


def test_a_new_revision_keeps_what_is_known_of_those_that_stay() -> None:
    """CF-1: a running session survives every change that doesn't remove its station."""
    before = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    made = planner(before, [charging("A", 10.0), charging("B", 6.0)])
    made.reconfigure(site([zone("main", 30)], [station("A", "main")]), PlanSettings())
    assert made.facts[key("A")].transaction == TransactionId(1)
    assert key("B") not in made.facts


@pytest.mark.parametrize("maximum", [5.9, 6.0])
def test_a_car_gets_its_floor_or_nothing(maximum: float) -> None:
    """LM-2: never a current between 0 and the floor."""
    made = planner(site([zone("main", maximum)], [station("A", "main")]), [charging("A", 0.0)])
    assert made.decide(0.0).raised == ({key("A"): 6.0} if maximum >= 6.0 else {})


def test_what_a_dead_station_actor_knew_counts_until_its_successor_has_verified_the_station() -> None:
    """AC-2, OC-6: RELIABILITY invariant 17: no actor restart raises anybody's setpoint."""
    model = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    made = planner(model, [charging("A", 24.0, fallback=6.0), charging("B", 16.0)])
    made.learn([ConnectorFacts(key("A"), incarnation=1, link=Link.CONNECTED)])
    assert made.pledges(1.0)[key("A")] == 24.0
    assert made.decide(1.0).raised == {}
    made.learn([charging("A", 10.0, at=2.0, fallback=6.0)])
    assert made.pledges(10.0)[key("A")] == 10.0


@pytest.mark.parametrize(("later", "left_for_b"), [(0.5, 10.0), (RETURNS_WITHIN + 0.5, 0.0)])
def test_a_limit_that_falls_while_an_actor_is_away_is_shared_and_not_made_good_by_one(
    later: float, left_for_b: float
) -> None:
    """AC-2, LM-3: a dead actor's station can't be told now, but in a moment; not so if it stays away."""
    model = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    leased = charging("A", 20.0, fallback=6.0, lease_ends_at=500.0)
    made = planner(model, [leased, charging("B", 20.0)])
    made.learn([ConnectorFacts(key("A"), incarnation=1, link=Link.CONNECTED)])
    assert made.decide(100.0).lowered == {}
    made.reductions = {MAIN: Reduction(50, "input at 50 %")}
    decision = made.decide(100.0 + later)
    assert decision.lowered == {key("B"): left_for_b}, "and A isn't told anything before it is known"
    assert decision.raised == {}
    made.learn([leased])
    assert made.decide(100.1 + later).lowered[key("A")] == 10.0


def test_an_offender_whose_actor_dies_takes_nothing_from_the_others() -> None:
    """LM-10, AC-2: it is suspended, and stays so without being judged."""
    model = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    offender = charging("A", 10.0, fallback=6.0, lease_ends_at=500.0, draw=even(32.0), draw_at=20.0)
    made = planner(model, [offender])
    assert made.decide(20.0).disobedient == (key("A"),)
    suspended = charging("A", 0.0, at=21.0, fallback=6.0, lease_ends_at=500.0, draw=NO_AMPS, draw_at=30.0)
    made.learn([suspended, charging("B", 32.0)])
    made.learn([ConnectorFacts(key("A"), incarnation=1, link=Link.CONNECTED)])
    assert made.decide(30.0).lowered == {}


def test_a_station_that_restarted_itself_counts_with_its_rating() -> None:
    """DG-6: RELIABILITY invariant 5: reset means nameplate."""
    model = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    made = planner(model, [charging("A", 8.0, fallback=6.0), charging("B", 16.0)])
    made.learn([ConnectorFacts(key("A"), incarnation=2, link=Link.CONNECTED)])
    assert made.pledges(1.0)[key("A")] == 32.0


def test_a_raise_cut_short_by_the_gate_is_not_decided_again_while_the_station_takes_its_time() -> None:
    """LM-1: the target stays above what there is room for; each look would order, and write, the same."""
    model = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    falling = charging("B", 10.0, outstanding=(30.0,))
    made = planner(model, [charging("A", 6.0, plan=5), falling])
    raised = made.decide(1_000.0).raised
    assert raised == {key("A"): 10.0}
    made.note_orders(raised, 6, 1_000.0)
    made.learn([charging("A", 6.0, plan=6), falling])
    assert made.decide(1_000.1).raised == {}


def test_a_successor_goes_on_where_its_predecessor_ended() -> None:
    """AC-2, LM-10: facts, orders, offences and inputs; nothing is raised before the meter has spoken."""
    model = site([zone("main", 60, meter="m")], [station("A", "main"), station("B", "main")])
    facts = [
        charging("A", 10.0, draw=even(16.0), draw_at=990.0),
        charging("B", 20.0, at=900.0, draw=even(20.0), draw_at=999.0),
    ]
    first = planner(model, facts)
    first.condition(ZoneCondition(MAIN, measured=even(36.0), measured_at=1_000.0))
    first.reductions = {MAIN: Reduction(90, "input at 90 %")}
    first.decide(1_000.0)
    after = planner(model, [])
    after.recall(first.memory(), 1_000.5)
    decision = after.decide(1_000.5)
    assert decision.disobedient == (key("A"),)
    assert (decision.lowered, decision.raised) == ({key("A"): 0.0}, {})
    assert after.reductions == first.reductions
    after.condition(ZoneCondition(MAIN, measured=even(26.0), measured_at=1_010.0))
    assert after.decide(1_010.0).raised.keys() == {key("B")}


def test_a_raise_in_flight_counts_for_the_successor_too() -> None:
    """AC-2: RELIABILITY invariant 17, 30 A are on their way to a station that still reports 6 A."""
    model = site([zone("main", 40)], [station("A", "main"), station("B", "main")])
    first = planner(model, [charging("A", 6.0), charging("B", 0.0)])
    first.note_orders({key("A"): 30.0}, 5, 1_000.0)
    after = planner(model, [])
    after.recall(first.memory(), 1_000.5)
    assert after.pledges(1_000.5)[key("A")] == 30.0
    assert after.decide(1_000.5).raised.get(key("B"), 0.0) <= 10.0


def test_what_whole_amperes_leave_over_goes_to_the_others() -> None:
    """LM-6: 35.5 A for two: 17 whole ones, and 18.5 for the one that knows tenths."""
    model = site([zone("main", 35.5)], [station("A", "main"), station("B", "main")])
    made = planner(model, [charging("A", 0.0, takes=Takes(whole_amps=True)), charging("B", 0.0)])
    assert made.decide(0.0).raised == {key("A"): 17.0, key("B"): 18.5}


@pytest.mark.parametrize(
    ("watts_on", "maximum", "raised"),
    [(1, 25.0, 25.0), (1, 19.0, None), (3, 19.0, 19.0), (3, 6.5, None)],
)
def test_a_station_that_takes_watts_charges_with_enough_for_all_phases_of_its_car(
    watts_on: int, maximum: float, raised: float | None
) -> None:
    """LM-2: 20 A while one phase might carry all of it, 6.7 A once three are seen to share it."""
    model = site([zone("main", maximum)], [station("A", "main")])
    made = planner(model, [charging("A", 0.0, takes=Takes(watts_on=watts_on))])
    assert made.decide(0.0).raised == ({} if raised is None else {key("A"): raised})
