"""Tests of the pledges line by line."""

from dataclasses import replace

from evce.facts import Acknowledged, ConnectorFacts, Link
from evce.planning.ledger import ledger
from evce.planning.planner import Planner
from evce.planning.settings import PlanSettings
from evce.units import ZoneId
from tests.evce.builders import charging, key, site, station, zone

MAIN, NORTH = ZoneId("main"), ZoneId("north")


def planner(*facts: ConnectorFacts) -> Planner:
    model = site([zone("main", 80), zone("north", 60, "main")], [station("A", "north"), station("B", "main")])
    made = Planner(model, MAIN, PlanSettings())
    made.learn(facts)
    return made


def test_the_lines_of_a_zone_are_those_below_it_and_their_pledges_are_the_planners() -> None:
    """AC-4: the ledger shows what the gate counts with."""
    made = planner(charging("A", 16.0), charging("B", 10.0))
    lines = {line.connector: line for line in ledger(made, MAIN, 100.0)}
    assert {name: max(line.pledge) for name, line in lines.items()} == {
        str(name): amps for name, amps in made.pledges(100.0).items()
    }
    assert [line.connector for line in ledger(made, NORTH, 100.0)] == ["A/1"]
    assert ledger(made, ZoneId("elsewhere"), 100.0) == ()


def test_a_line_tells_what_its_pledge_is_made_of() -> None:
    """AC-4, DESIGN 4.5: settling, unanswered and measured currents, and the lease of a lost station."""
    known = replace(
        charging("A", 6.0, draw=(7.0, 7.0, 7.0), draw_at=99.0),
        acknowledged=(Acknowledged(20.0, 50.0, 98.0), Acknowledged(6.0, 98.0)),
        outstanding=(8.0,),
        fallback=5.0,
        lease_ends_at=160.0,
    )
    line = next(line for line in ledger(planner(known), NORTH, 100.0))
    assert (line.pledge, line.setpoint, line.settling) == ((20.0,) * 3, 6.0, (20.0,))
    assert (line.unanswered, line.measured, line.fallback, line.lease) == ((8.0,), (7.0,) * 3, 5.0, 60.0)
    later = next(line for line in ledger(planner(known), NORTH, 200.0))
    assert (later.settling, later.lease) == ((), 0.0)


def test_who_was_never_seen_counts_with_the_rating() -> None:
    """RELIABILITY invariant 5."""
    line = next(line for line in ledger(planner(), NORTH, 0.0) if line.connector == str(key("A")))
    assert (line.pledge, line.link, line.verified) == ((line.rating,) * 3, Link.NEVER_SEEN.value, False)
    assert (line.setpoint, line.lease, line.charging) == (None, None, False)
