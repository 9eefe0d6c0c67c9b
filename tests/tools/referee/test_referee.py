"""What the referee lets pass and what it doesn't."""

import threading

import pytest

from evce.electrical import SiteModel, Zone
from evce.units import PhaseAmps, ZoneId
from tools.referee.referee import TOO_HOT, TOO_LONG, Referee

MAIN = ZoneId("main")
MODEL = SiteModel(zones={MAIN: Zone(MAIN, "Main", None, 100.0)})


def judged(*stretches: tuple[float, float]) -> Referee:
    """A referee that saw L2 of a 100 A zone at each (A, s) in turn, looking four times a second."""
    referee = Referee(MODEL)
    now = 0.0
    for amps, seconds in stretches:
        until = now + seconds
        while now < until:
            referee.observe({MAIN: (20.0, amps, 20.0)}, now)
            now += 0.25
    return referee


@pytest.mark.parametrize(
    ("stretches", "causes"),
    [
        ([(100.0, 60.0)], []),
        ([(100.5, 60.0)], []),
        ([(101.0, 9.75), (90.0, 30.0)], []),
        ([(101.0, 11.0), (90.0, 30.0)], [TOO_LONG]),
        ([(101.0, 11.0), (90.0, 30.0), (101.0, 11.0)], [TOO_LONG, TOO_LONG]),
        ([(101.0, 9.0), (90.0, 1.0), (101.0, 9.0)], []),
        ([(120.0, 9.0), (90.0, 10.0)], []),
        ([(200.0, 3.0), (0.0, 10.0)], []),
        ([(200.0, 4.0), (0.0, 10.0)], [TOO_HOT]),
        ([(145.0, 9.0), (90.0, 60.0)], []),
        ([(145.0, 10.9), (90.0, 60.0)], [TOO_HOT, TOO_LONG]),
        ([(-120.0, 11.0)], [TOO_LONG]),
    ],
)
def test_a_limit_may_be_passed_for_the_reaction_time_and_with_heat_to_spare(
    stretches: list[tuple[float, float]], causes: list[str]
) -> None:
    """AC-5, LM-1: more than 10 s above the limit, or more than 0.8 of the heat, is a violation."""
    referee = judged(*stretches)
    assert sorted(v.cause for v in referee.violations) == sorted(causes)
    assert all(v.phase == 1 and v.zone == MAIN for v in referee.violations)
    assert referee.exit_code == (1 if causes else 0)


def test_a_violation_tells_how_long_and_how_much() -> None:
    referee = judged((90.0, 5.0), (110.0, 15.0), (90.0, 5.0))
    (violation,) = referee.violations
    assert violation.ended - violation.began == pytest.approx(14.75)
    assert violation.worst == 110.0
    assert "main L2: above the limit for too long" in str(violation)
    assert referee.zones[MAIN].longest_above == pytest.approx(14.75)


def test_the_trace_keeps_the_peak_of_each_second() -> None:
    referee = judged((50.0, 10.0), (80.0, 0.5), (50.0, 10.0))
    trace = referee.zones[MAIN].trace
    assert len(trace) <= 22
    assert max(point.amps[1] for point in trace) == 80.0


def test_what_the_books_say_counts_against_the_run() -> None:
    referee = judged((50.0, 1.0))
    referee.note(["lost: CP-01/1"])
    assert not referee.clean
    assert referee.exit_code == 1


def test_watching_looks_by_itself_until_stopped() -> None:
    referee = Referee(MODEL)
    seen = threading.Event()
    looks: list[int] = []

    def truth() -> dict[ZoneId, PhaseAmps]:
        looks.append(1)
        if len(looks) >= 3:
            seen.set()
        return {MAIN: (1.0, 2.0, 3.0)}

    referee.watch(truth, period=0.01)
    assert seen.wait(10)
    referee.stop()
    assert referee.observations >= 2
    assert referee.zones[MAIN].highest == (1.0, 2.0, 3.0)
