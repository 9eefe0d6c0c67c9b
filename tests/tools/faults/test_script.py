"""Tests of what is drawn from seeds, and of what may be expected."""

from tools.faults.catalogue import FAULTS
from tools.faults.script import Cue, Expectation, Script, at_random, each, perform


def test_a_row_of_faults_is_drawn_from_the_seed() -> None:
    """AC-5: replays identically."""
    assert at_random(7) == at_random(7) != at_random(8)
    assert [cue.at for cue in at_random(7).cues] == sorted(cue.at for cue in at_random(7).cues)


def test_each_fault_is_played_in_all_its_variants() -> None:
    names = [script.name for script in each()]
    assert {"clock-day (ahead)", "clock-day (behind)", "meter-silent"} <= set(names)
    assert len(names) == sum(len(fault.variants) for fault in FAULTS.values())


def test_what_is_expected_is_looked_at() -> None:
    """AC-5: alarms, amperes of zones and stations, links; those that don't come true are named."""
    expected = (
        Expectation(0.0, 6.0, alarm="meter_lost", source="main-meter"),
        Expectation(20.0, 1.0, zone="main", at_most_a=20.1),
        Expectation(20.0, 1.0, station="S1", at_least_a=19.0),
        Expectation(20.0, 1.0, station="S1", verified=True),
        Expectation(55.0, 1.0, no_alarm="meter_lost"),
        Expectation(20.0, 1.0, zone="main", at_least_a=80.0),
        Expectation(20.0, 1.0, station="O1", at_most_a=0.0),
        Expectation(20.0, 1.0, station="S1", verified=False),
    )
    report = perform(Script("meter", (Cue("meter-silent"),), expected))
    assert report.problems == (
        "meter: not seen: main: 80 A at least (within 1 s)",
        "meter: not seen: O1: 0 A at most (within 1 s)",
        "meter: not seen: S1 is not verified (within 1 s)",
    )
