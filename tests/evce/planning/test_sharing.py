"""Tests of the sharing of limits, and of its reviews."""

from dataclasses import replace

from evce.allocation import Allocation, Claim
from evce.planning.budgets import Budget
from evce.planning.settings import PlanSettings
from evce.planning.sharing import Sharing
from evce.units import TransactionId, ZoneId
from tests.evce.builders import key, site, station, zone

MAIN = ZoneId("main")
MODEL = site([zone("main", 10)], [station(name, "main") for name in "ABC"])


def even(amps: float) -> tuple[float, float, float]:
    return (amps, amps, amps)


def claim(name: str, energy: float, **changes: object) -> Claim:
    made = Claim(key(name), MAIN, (True, True, True), 6.0, 32.0, energy=energy, granted_at=0.0, paused_at=0.0)
    return replace(made, **changes)  # type: ignore[arg-type]


def share(
    sharing: Sharing, claims: list[Claim], now: float, aside: float = 0.0, number: int = 1
) -> Allocation:
    budgets = {MAIN: Budget(MAIN, even(10.0), even(10.0), "maximum")}
    sessions = frozenset((each.key, TransactionId(number)) for each in claims)
    asides = {key("C"): even(aside)} if aside else {}
    return sharing.share(MODEL, budgets, claims, asides, sessions, PlanSettings(), now)


def test_between_two_reviews_whoever_charges_keeps_the_place() -> None:
    """LM-4: rights are reviewed every 15 min, by energy; a review rotates."""
    sharing = Sharing()
    fresh = [claim("A", 0.0, held=10.0), claim("B", 500.0)]
    assert share(sharing, fresh, 1_000.0).targets == {key("A"): 10.0, key("B"): 0.0}
    later = [claim("A", 9_000.0, held=10.0), claim("B", 500.0)]
    assert share(sharing, later, 1_899.0).targets == {key("A"): 10.0, key("B"): 0.0}
    assert share(sharing, later, 1_900.0).targets == {key("A"): 0.0, key("B"): 10.0}


def test_a_plug_in_is_a_reason_to_review_at_once() -> None:
    """LM-4."""
    sharing = Sharing()
    claims = [claim("A", 9_000.0, held=10.0), claim("B", 500.0)]
    share(sharing, claims[:1], 1_000.0)
    assert share(sharing, claims, 1_001.0).targets == {key("A"): 0.0, key("B"): 10.0}
    assert sharing.reviews.reviewed_at == 1_000.0


def test_who_is_passed_over_is_counted_at_the_regular_reviews_only() -> None:
    """LM-4: nobody starves."""
    sharing = Sharing()
    claims = [claim("A", 0.0, held=10.0), claim("B", 500.0)]
    share(sharing, claims, 1_000.0)
    share(sharing, claims, 1_001.0, number=2)
    assert sharing.reviews.passed_over == {key("B"): 1}
    share(sharing, claims, 2_000.0, number=2)
    assert sharing.reviews.passed_over == {key("B"): 2}


def test_what_is_set_aside_is_not_shared() -> None:
    """DG-2."""
    assert share(Sharing(), [claim("A", 0.0)], 1_000.0, aside=4.0).targets == {key("A"): 6.0}
    assert share(Sharing(), [claim("A", 0.0)], 1_000.0, aside=4.1).targets == {key("A"): 0.0}
