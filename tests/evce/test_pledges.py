"""Tests of the pledge: what a connector may be drawing, as far as we can know."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.electrical import Family
from evce.facts import Acknowledged, ConnectorFacts, ConnectorStatus, Link
from evce.pledges import SETTLING, Remembered, holds_until, on_phases, pledge
from tests.evce.builders import charging, connector, key

A = connector("A")
DC = connector("A", family=Family.DC_24)


def lost(facts: ConnectorFacts, at: float = 0.0) -> ConnectorFacts:
    return replace(facts, link=Link.LOST, link_lost_at=at, verified=False)


@pytest.mark.parametrize(
    ("facts", "now", "expected", "why"),
    [
        (charging("A", 16.0), 0.0, 16.0, "the setpoint in force"),
        (charging("A", 16.0, outstanding=(20.0,)), 0.0, 20.0, "an unanswered raise counts"),
        (charging("A", 16.0, outstanding=(6.0,)), 0.0, 16.0, "an unanswered reduction lowers nothing"),
        (charging("A", 16.0, draw=(18.0, 0.0, 0.0)), 0.0, 18.0, "a car that draws more counts with that"),
        (
            charging("A", acknowledged=(Acknowledged(20.0, 0.0, 10.0), Acknowledged(6.0, 10.0))),
            10.0 + SETTLING - 0.1,
            20.0,
            "the car may still be settling",
        ),
        (
            charging("A", acknowledged=(Acknowledged(20.0, 0.0, 10.0), Acknowledged(6.0, 10.0))),
            10.0 + SETTLING,
            6.0,
            "the car has settled",
        ),
        (
            charging("A", transaction=None, status=ConnectorStatus.PREPARING, starts_at=9.0),
            0.0,
            9.0,
            "plugged: what a new transaction gets by itself",
        ),
        (
            charging("A", transaction=None, status=ConnectorStatus.AVAILABLE, plugged=False, starts_at=9.0),
            0.0,
            0.0,
            "nothing plugged",
        ),
        (
            charging(
                "A",
                transaction=None,
                status=ConnectorStatus.UNKNOWN,
                plugged=False,
                starts_at=None,
                fallback=9.0,
            ),
            0.0,
            9.0,
            "an unknown status may hide a car",
        ),
    ],
)
def test_a_verified_connector_counts_with_all_it_may_be_following(
    facts: ConnectorFacts, now: float, expected: float, why: str
) -> None:
    """LM-1: the pledge of a station that answers."""
    assert pledge(facts, A, now) == expected, why


@pytest.mark.parametrize(
    ("facts", "now", "expected", "why"),
    [
        (lost(charging("A", 16.0, fallback=9.0)), 119.0, 16.0, "the lease still runs"),
        (lost(charging("A", 16.0, fallback=9.0)), 120.0, 9.0, "the lease has lapsed"),
        (lost(charging("A", 0.0, fallback=9.0)), 10.0, 9.0, "below the fall-back it may rise to it"),
        (lost(charging("A", 16.0, fallback=None)), 500.0, 32.0, "an unverified fall-back is none"),
        (replace(charging("A", 16.0, fallback=9.0), verified=False), 10.0, 16.0, "back, not verified again"),
    ],
)
def test_a_lost_station_runs_its_lease_and_then_falls_back(
    facts: ConnectorFacts, now: float, expected: float, why: str
) -> None:
    """DG-6: never less than the fall-back."""
    assert pledge(facts, A, now) == expected, why


def test_a_lost_dc_station_keeps_its_last_setpoint_for_ever() -> None:
    """EL-6: no degraded mode."""
    assert pledge(lost(charging("A", 20.0)), DC, 10_000.0) == 20.0


@pytest.mark.parametrize(
    ("remembered", "now", "expected"),
    [
        (None, 0.0, 32.0),
        (Remembered(16.0, 100.0, 9.0), 99.0, 16.0),
        (Remembered(16.0, 100.0, 9.0), 100.0, 9.0),
        (Remembered(6.0, 100.0, 9.0), 0.0, 9.0),
        (Remembered(6.0, 100.0, None), 0.0, 32.0),
    ],
)
def test_a_station_not_seen_yet_counts_with_what_the_disk_remembers(
    remembered: Remembered | None, now: float, expected: float
) -> None:
    """OC-6: a restart never believes less than reality."""
    assert pledge(ConnectorFacts(key("A")), A, now, remembered) == expected


def test_amps_go_on_the_phases_of_the_mask() -> None:
    """EL-3: single-phase wiring loads one grid phase."""
    assert on_phases(10.0, (False, True, False)) == (0.0, 10.0, 0.0)


SETPOINTS = st.lists(st.integers(0, 320).map(lambda tenths: tenths / 10), min_size=1, max_size=4)


@given(SETPOINTS, SETPOINTS, st.floats(0, 300), st.sampled_from(Link), st.booleans())
def test_asking_for_more_never_lowers_a_pledge(
    accepted: list[float], asked: list[float], now: float, link: Link, verified: bool
) -> None:
    """LM-1: an unanswered request, whatever becomes of it, is no proof of a lower current."""
    history = tuple(
        Acknowledged(amps, float(i), float(i + 1) if i + 1 < len(accepted) else None)
        for i, amps in enumerate(accepted)
    )
    facts = charging("A", acknowledged=history, fallback=9.0, link=link, verified=verified)
    assert pledge(replace(facts, outstanding=tuple(asked)), A, now) >= pledge(facts, A, now)


@given(SETPOINTS, st.floats(0, 300), st.floats(0, 300))
def test_a_pledge_of_a_lost_station_only_falls_with_time(
    accepted: list[float], now: float, later: float
) -> None:
    """DG-6: no silence makes a station draw more than we counted."""
    facts = lost(charging("A", accepted[-1], fallback=9.0))
    assert pledge(facts, A, now + later) <= pledge(facts, A, now)


@given(SETPOINTS, st.floats(0, 30), st.floats(0, 30), st.sampled_from(Link), st.booleans(), st.booleans())
def test_a_pledge_stays_as_it_is_until_the_next_setpoint_has_settled(
    accepted: list[float], now: float, later: float, link: Link, verified: bool, charges: bool
) -> None:
    """LM-1: what was worked out once may be used until then, and not a moment longer."""
    history = tuple(
        Acknowledged(amps, float(i), float(i + 1) if i + 1 < len(accepted) else None)
        for i, amps in enumerate(accepted)
    )
    made = charging("A", acknowledged=history, fallback=9.0, link=link, verified=verified)
    facts = made if charges else replace(made, transaction=None)
    until = holds_until(facts, now)
    if link is not Link.CONNECTED or not verified:
        assert until < now, "a lease may end at any time"
    if now + later < until:
        assert pledge(facts, A, now + later) == pledge(facts, A, now)
    assert until <= min(
        (float(i + 1) + SETTLING for i in range(len(accepted) - 1) if now < i + 1 + SETTLING), default=until
    )
