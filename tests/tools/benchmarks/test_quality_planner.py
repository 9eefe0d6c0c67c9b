"""EVCE's own rules in the comparison: the planner itself, and stations that follow it."""

import pytest

from evce.allocation import Priority
from tools.benchmarks.quality_course import Car, live
from tools.benchmarks.quality_planner import PlannedRule
from tools.benchmarks.quality_site import TightSite
from tools.benchmarks.quality_weeks import POWER, RecordedSession, recorded

HOUR = 3_600.0


def session(
    number: int, outlet: int, hours: float, need: float, leaves: float | None = None
) -> RecordedSession:
    return RecordedSession(
        number, 0, 100.0 * number, 100.0 * number + hours * HOUR, outlet, need, leaves, None
    )


@pytest.mark.parametrize("priority", list(Priority))
def test_a_car_alone_is_served_whole_and_at_once(priority: Priority) -> None:
    """LM-1."""
    outcome = live([session(0, 1, 3.0, POWER)], TightSite(300.0), PlannedRule(TightSite(300.0), priority, ()))
    assert (outcome.whole, outcome.waits, outcome.violations) == (1.0, 0.0, 0)


@pytest.mark.parametrize("priority", list(Priority))
def test_a_day_of_the_recording_stays_within_every_limit(priority: Priority) -> None:
    """LM-1, LM-2: with an eighth of what they would take; nobody is between nothing and 6 A."""
    day = [s for s in recorded() if s.season == 0 and 28 <= s.arrives / 86_400.0 < 28.4][:25]
    site = TightSite(100.0)
    rule = PlannedRule(site, priority, ())
    offers: list[float] = []

    class Watched:
        def decide(self, now: float, cars: list[Car]) -> object:
            amps, again_at = rule.decide(now, cars)
            offers.extend(amps.values())
            return amps, again_at

    outcome = live(day, site, Watched())  # type: ignore[arg-type]
    assert outcome.violations == 0
    assert all(amps == 0.0 or amps >= 6.0 for amps in offers)
    assert outcome.energy > 0.0


def test_by_departure_who_said_to_leave_soon_gets_more() -> None:
    """LM-4: two on one phase of a row that holds 27 A."""
    site = TightSite(180.0)
    first, second = [outlet for outlet in site.loads if site.loads[outlet] == site.loads[1]][:2]
    cars = [session(0, first, 9.0, 9 * POWER, 9 * HOUR), session(1, second, 2.0, 9 * POWER, 2 * HOUR)]
    energies = {}
    for priority in (Priority.ENERGY, Priority.DEPARTURE):
        energies[priority] = live(cars, site, PlannedRule(site, priority, ())).by_session[1]
    assert energies[Priority.DEPARTURE] > 1.15 * energies[Priority.ENERGY]


def test_only_sessions_that_have_ended_teach() -> None:
    """LM-4: the end of a session is known when it comes."""
    site = TightSite(300.0)
    rule = PlannedRule(site, Priority.DEPARTURE, ())
    days = [
        RecordedSession(n, 0, n * 86_400.0, n * 86_400.0 + 4 * HOUR, 1, POWER, None, None) for n in range(3)
    ]
    rule.decide(60.0, [Car(days[0])])
    assert rule.expected(days[1]) is None
    live(days[:2], site, rule)
    expected = rule.expected(days[2])
    assert expected is not None
    assert set(expected.stays) == {4 * HOUR}
