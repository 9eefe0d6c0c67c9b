"""What a successor goes on with: never more than is counted, never more than the station says."""

from dataclasses import replace
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.facts import Acknowledged, ConnectorFacts, Link
from evce.profiles import CompositeSchedule, RateUnit
from evce.records import PledgeRecord
from evce.station_control.inheritance import HOLDS_FOR, Held, held_by_pledges, held_now, inherited, unanswered
from evce.units import TransactionId
from tests.evce.builders import charging, key

KNOWN = charging("A", 16.0, at=100.0, fallback=9.0, incarnation=3, lease_ends_at=265.0)
EXACT = Held(16.0, KNOWN.transaction, 16.0, 265.0 - HOLDS_FOR, 3)


def says(*periods: tuple[float, float], unit: RateUnit = RateUnit.AMPS) -> CompositeSchedule:
    return CompositeSchedule(unit, periods)


@pytest.mark.parametrize(
    ("held", "schedule", "expected"),
    [
        pytest.param(EXACT, says((0.0, 16.0)), 16.0, id="as it was"),
        pytest.param(EXACT, says((0.0, 12.34)), 12.3, id="the station holds less"),
        pytest.param(EXACT, says((0.0, 32.0)), 16.0, id="the station says more than is counted"),
        pytest.param(EXACT, says((0.0, 16.0), (8.0, 9.0)), 9.0, id="its lease is about to lapse"),
        pytest.param(EXACT, says((0.0, 16.0), (50.0, 9.0)), 16.0, id="its lease runs on"),
        pytest.param(Held(40.0), says((0.0, 500.0)), 32.0, id="never above the rating"),
        pytest.param(Held(20.0), says((0.0, 3312.0), unit=RateUnit.WATTS), 16.0, id="in watts"),
        pytest.param(Held(20.0), says((0.0, -1.0)), 0.0, id="nonsense"),
        pytest.param(EXACT, None, 16.0, id="the station can't tell, we are certain"),
        pytest.param(replace(EXACT, incarnation=2), None, 0.0, id="the station may have restarted"),
        pytest.param(replace(EXACT, until=100.0), None, 0.0, id="the lease may have lapsed"),
        pytest.param(replace(EXACT, most=12.0), None, 12.0, id="lowered meanwhile"),
        pytest.param(Held(16.0), None, 0.0, id="only the pledge is known, and that is a most"),
    ],
)
def test_no_car_gets_more_than_it_has(
    held: Held, schedule: CompositeSchedule | None, expected: float
) -> None:
    """RELIABILITY invariant 17: a restart raises nothing; OC-6: and pauses nobody without need."""
    assert inherited(held, schedule, 32.0, 3, 200.0) == expected


@given(
    st.floats(0.0, 63.0),
    st.lists(st.tuples(st.floats(0.0, 60.0), st.floats(-5.0, 80.0)), min_size=1, max_size=4),
    st.sampled_from(RateUnit),
)
def test_what_is_inherited_is_counted_and_in_force(
    most: float, periods: list[tuple[float, float]], unit: RateUnit
) -> None:
    """LM-1: within the pledge, the rating and what the station allows first."""
    schedule = CompositeSchedule(unit, tuple(sorted(periods)))
    amps = inherited(Held(most), schedule, 32.0, 1, 0.0)
    in_amps = schedule.limit_now if unit is RateUnit.AMPS else schedule.limit_now / 207.0
    assert 0.0 <= amps <= min(most, 32.0) + 1e-6
    assert amps <= max(in_amps, 0.0) + 1e-6


def with_facts(**changes: object) -> ConnectorFacts:
    return replace(KNOWN, **changes)  # type: ignore[arg-type]


BEFORE = {1: Held(8.0, TransactionId(5))}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (KNOWN, EXACT),
        (
            with_facts(acknowledged=(Acknowledged(20.0, 1.0, 99.0), Acknowledged(16.0, 99.0))),
            replace(EXACT, most=20.0),
        ),
        (with_facts(outstanding=(24.0,)), replace(EXACT, most=24.0, exactly=None, until=-inf)),
        (with_facts(lease_ends_at=inf), replace(EXACT, exactly=None, until=-inf)),
        (with_facts(lease_ends_at=None), replace(EXACT, exactly=None, until=-inf)),
        (with_facts(verified=False), BEFORE[1]),
        (with_facts(acknowledged=()), BEFORE[1]),
        (with_facts(link=Link.LOST), None),
        (with_facts(transaction=None), None),
    ],
)
def test_what_a_successor_should_know(facts: ConnectorFacts, expected: Held | None) -> None:
    """AC-2: the most that the zones count, and what is certain; a lost link and an ended session end it."""
    assert held_now(BEFORE, (facts,)).get(1) == expected


def test_a_session_inherits_only_what_was_its_own() -> None:
    """DG-6: the disk knows connectors, not sessions; an heir knows both."""
    other = TransactionId((KNOWN.transaction or 0) + 1)
    assert KNOWN.transaction is not None
    assert [EXACT.of_session(KNOWN.transaction), EXACT.of_session(other)] == [True, False]
    (held,) = held_by_pledges([PledgeRecord(key("A", 1), 16.0, 120.0, 9.0)]).values()
    assert held == Held(16.0)
    assert held.of_session(other)


@pytest.mark.parametrize(("ordered", "expected"), [(10.0, 10.0), (24.0, 16.0)])
def test_of_an_order_without_an_answer_yet_a_successor_goes_on_with_the_lower(
    ordered: float, expected: float
) -> None:
    """RELIABILITY invariant 17: 16 A in force, and an order on the wire."""
    assert inherited(unanswered(EXACT, ordered), None, 32.0, 3, 200.0) == expected
