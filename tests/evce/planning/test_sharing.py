"""Tests of the sharing of limits, and of its reviews."""

from dataclasses import replace

from evce.allocation import Allocation, Claim, Priority
from evce.departures import Forecast, Outlook
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


SOON, LATE = Forecast((3_600.0,), (20_000.0,)), Forecast((36_000.0,), (20_000.0,))


def test_urgency_is_looked_at_with_each_review_and_when_the_driver_says_something() -> None:
    """LM-4: in between shares stay as they are; a car of which nothing is known counts as the others do."""
    sharing = Sharing()
    by_departure = PlanSettings(priority=Priority.DEPARTURE)
    budgets = {MAIN: Budget(MAIN, even(60.0), even(60.0), "maximum")}
    claims = [claim(name, 0.0, held=10.0) for name in "ABC"]
    sessions = frozenset((each.key, TransactionId(1)) for each in claims)

    def shares(now: float, *forecasts: Forecast) -> list[float]:
        outlooks = {
            key(name): Outlook(each, now, 0.0, 22_000.0) for name, each in zip("AB", forecasts, strict=True)
        }
        got = sharing.share(MODEL, budgets, claims, {}, sessions, by_departure, now, outlooks)
        return list(got.targets.values())

    first = shares(0.0, LATE, SOON)
    assert first[0] < first[2] < first[1] == 32.0
    assert shares(890.0, LATE, SOON) == first
    said = shares(891.0, SOON, SOON)
    assert said[0] > first[0]
    assert said[1] < first[1]
    assert shares(900.0, LATE, LATE) == [20.0, 20.0, 20.0]
    usual = sharing.share(MODEL, budgets, claims, {}, sessions, PlanSettings(), 901.0)
    assert list(usual.targets.values()) == [20.0, 20.0, 20.0]


def test_what_is_set_aside_is_not_shared() -> None:
    """DG-2."""
    assert share(Sharing(), [claim("A", 0.0)], 1_000.0, aside=4.0).targets == {key("A"): 6.0}
    assert share(Sharing(), [claim("A", 0.0)], 1_000.0, aside=4.1).targets == {key("A"): 0.0}
