"""Tests of what is believed of a station whose actor has begun anew."""

from dataclasses import replace

import pytest

from evce.facts import ConnectorFacts, Link
from evce.planning.successions import CERTAIN, GRACE, RETURNS_WITHIN, Successions
from tests.evce.builders import charging, key

KNOWN = charging("A", 6.0, at=100.0, fallback=20.0, incarnation=3, lease_ends_at=265.0)
ANEW = ConnectorFacts(key("A"), incarnation=3, link=Link.CONNECTED)
NO_LINK = ConnectorFacts(key("A"))


def after(known: ConnectorFacts, *reports: ConnectorFacts) -> Successions:
    made = Successions()
    for report in reports:
        made.learned(known, report)
        known = report
    return made


@pytest.mark.parametrize(
    ("known", "reports", "holds"),
    [
        (KNOWN, (ANEW,), True),
        (KNOWN, (ANEW, replace(ANEW, draw=(6.0, 6.0, 6.0), draw_at=1.0)), True),
        (replace(KNOWN, verified=False), (ANEW,), False),
        (KNOWN, (replace(ANEW, incarnation=4),), False),
        (KNOWN, (ANEW, replace(ANEW, link=Link.LOST)), False),
        (KNOWN, (ANEW, KNOWN), False),
        (replace(KNOWN, outstanding=(12.0,)), (ANEW,), False),
        (replace(KNOWN, lease_ends_at=200.0 + CERTAIN), (ANEW,), False),
    ],
)
def test_the_last_word_of_a_dead_actor_holds_while_nothing_can_have_changed(
    known: ConnectorFacts, reports: tuple[ConnectorFacts, ...], holds: bool
) -> None:
    """AC-2: one actor's death never stops another's charging control; DG-6: nor is anything overlooked."""
    made = after(known, *reports)
    assert (made.believed(reports[-1], 200.0) == known) is holds


def test_the_last_word_holds_for_a_moment_only() -> None:
    """DG-6: afterwards a station that isn't verified counts with its fall-back."""
    made = after(KNOWN, ANEW)
    assert made.believed(ANEW, 200.0) == KNOWN
    assert made.believed(ANEW, 200.0 + GRACE - 0.1) == KNOWN
    assert made.believed(ANEW, 200.0 + GRACE) is None


def test_a_session_keeps_its_share_only_until_its_actor_should_be_back() -> None:
    """AC-2, LM-1: its station can't be told anything meanwhile, so that a limit is made good within 10 s."""
    made = after(KNOWN, ANEW)
    assert made.returning(ANEW, 200.0) == KNOWN
    assert made.returning(ANEW, 200.0 + RETURNS_WITHIN - 0.1) == KNOWN
    assert made.returning(ANEW, 200.0 + RETURNS_WITHIN) is None
    assert made.believed(ANEW, 200.0 + RETURNS_WITHIN) == KNOWN
    assert made.returning(charging("B", 6.0), 200.0) is None


def test_a_successor_that_finds_no_link_tells_that_the_station_is_lost() -> None:
    """DG-6: its link broke while nobody was there to be told."""
    made = Successions()
    assert made.orphaned(KNOWN, NO_LINK)
    assert not made.orphaned(KNOWN, NO_LINK), "no news"
    assert made.lost(KNOWN, 200.0) is None
    lost = made.lost(KNOWN, 200.0 + GRACE)
    assert lost == replace(KNOWN, link=Link.LOST, link_lost_at=200.0, verified=False)


def test_a_successor_that_finds_its_link_has_lost_nothing() -> None:
    """AC-2: the first report comes before the gateway has told of the link."""
    made = Successions()
    made.orphaned(KNOWN, NO_LINK)
    made.learned(KNOWN, ANEW)
    assert made.lost(ANEW, 200.0) is made.lost(ANEW, 200.0 + GRACE) is None
