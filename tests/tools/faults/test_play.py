"""Tests of the play itself: it must be able to fail, and to repeat."""

from dataclasses import replace
from pathlib import Path

from tools.faults.catalogue import FAULTS
from tools.faults.fault import Sight
from tools.faults.play import Expected, Strike, play, play_fault
from tools.faults.sights import alarm
from tools.rehearsal.house import House
from tools.rehearsal.mishaps import Mishap

METER = FAULTS["meter-silent"]


def test_what_is_not_seen_or_too_late_is_a_problem() -> None:
    """AC-5: an alarm that never comes, one that comes too late, a promise that is broken."""
    never = alarm("no_such_alarm", 3.0)
    late = alarm("meter_lost", 2.0)
    broken = Sight("it never comes", 20.0, lambda stage: not stage.stands("meter_lost"), kept=True)
    report = play_fault(replace(METER, sights=(never, late, broken)))
    assert not report.passed
    assert report.problems == tuple(f"meter-silent: not seen: {sight}" for sight in (never, late, broken))
    assert [each.seen for each in report.observed] == [False, False, False]
    assert 4.0 < (report.observed[2].after or 0.0) < 6.0


def test_a_site_that_does_not_come_right_again_is_a_problem() -> None:
    """AC-5: a station that never dials again, an actor that died by itself."""

    def strike(house: House) -> None:
        house.site.cut("O1", house.now)

    for_good = replace(
        METER, sights=(), calms_within=5.0, mishap=lambda _: Mishap(0.0, "link", "cut for good", 0.0, strike)
    )
    assert play_fault(for_good).problems == ("not within 5 s: every station is verified again",)


def test_several_strike_in_their_time_and_the_same_seed_is_the_same_play(tmp_path: Path) -> None:
    """AC-5: two faults, and something that is expected of both."""
    reports = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        strikes = [Strike(METER, 2.0, lasts=10.0), Strike(FAULTS["link-reset"], 5.0, "G1", lasts=10.0)]
        expected = [Expected(8.0, alarm("meter_lost", 1.0)), Expected(8.0, alarm("no_such_alarm", 1.0))]
        reports.append(replace(play("both", strikes, folder, expected=expected), took=0.0))
    assert reports[0] == reports[1]
    assert reports[0].problems == ("both: not seen: alarm no_such_alarm (within 1 s)",)
    assert len(reports[0].mishaps) == 2
