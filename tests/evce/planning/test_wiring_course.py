"""Tests of the course of a wiring check: levels, what is waited for, what ends it."""

from dataclasses import dataclass, field, replace

import pytest

from evce.conditions import ZoneCondition
from evce.electrical import Wiring
from evce.facts import Acknowledged, ConnectorFacts, Link
from evce.planning.wiring_course import (
    ENOUGH,
    GIVEN_UP_AFTER,
    STEP,
    WATCHED,
    CannotCheckError,
    Trial,
    WiringCourse,
    WiringReport,
)
from evce.pledges import SETTLING
from evce.units import PhaseAmps, ZoneId
from evce.wiring_check import Finding, WiringVerdict
from tests.evce.builders import charging, key, site, station, zone

MAIN = ZoneId("main")
MODEL = site(
    [zone("main", 100, meter="m"), zone("sub", 63, "main"), zone("street", 40)],
    [station("A", "sub"), station("B", "sub"), station("S", "street")],
)


def car(setpoint: float = 32.0, drawn: float = 32.0, at: float = 0.0, **changes: object) -> ConnectorFacts:
    """A car on the station's first phase, where TRI123 has L1."""
    return replace(
        charging("A", setpoint, at=at, draw=(drawn, 0.0, 0.0), draw_at=at + 50.0),
        **changes,  # type: ignore[arg-type]
    )


def metered(amps: PhaseAmps = (50.0, 50.0, 50.0), at: float = 100.0) -> ZoneCondition:
    return ZoneCondition(MAIN, measured=amps, measured_at=at)


def begun(facts: ConnectorFacts | None = None) -> WiringCourse:
    conditions = {MAIN: metered(), ZoneId("sub"): ZoneCondition(ZoneId("sub"))}
    known = car() if facts is None else facts
    return WiringCourse.begin(MODEL, {key("A"): known}, conditions, key("A"), 6.0, 100.0)


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (car(drawn=8.9), "must draw 9 A"),
        (car(setpoint=8.9, drawn=9.5), "must draw 9 A"),
        (car(transaction=None), "no session"),
        (car(link=Link.LOST), "no session"),
        (car(verified=False), "no session"),
    ],
)
def test_a_car_that_can_not_give_way_is_not_begun_with(facts: ConnectorFacts, why: str) -> None:
    """EL-3: what it would need is said."""
    with pytest.raises(CannotCheckError, match=why):
        begun(facts)


@pytest.mark.parametrize(
    ("conditions", "name", "why"),
    [
        ({MAIN: ZoneCondition(MAIN)}, "A", "can't be read"),
        ({MAIN: replace(metered(), meter_lost=True)}, "A", "can't be read"),
        ({}, "S", "no zone above it has a meter"),
    ],
)
def test_without_a_meter_that_sees_it_nothing_is_begun(
    conditions: dict[ZoneId, ZoneCondition], name: str, why: str
) -> None:
    """EL-3, LM-8."""
    facts = {key(name): charging(name, 32.0, draw=(32.0, 0.0, 0.0))}
    with pytest.raises(CannotCheckError, match=why):
        WiringCourse.begin(MODEL, facts, conditions, key(name), 6.0, 100.0)


def test_it_asks_for_caps_only_and_for_nobody_else_to_rise() -> None:
    """LM-1: the car at most some amperes above its floor; those that the meter sees at what they have."""
    course = begun()
    assert course.trial == Trial(key("A"), 6.0 + STEP, frozenset({key("B")}))
    assert course.trial is not None
    assert course.trial.cap_of(key("A"), 32.0) == (16.0, "a check of its wiring")
    assert course.trial.cap_of(key("B"), 12.0) == (12.0, "its setpoint while a wiring is checked")
    assert course.trial.cap_of(key("S"), 12.0) is None


@dataclass
class Bench:
    """A car that follows at once, on the grid phase that the meter shows; its station reports each 5 s."""

    course: WiringCourse = field(default_factory=begun)
    grid_phase: int = 0
    now: float = 100.0
    told: list[float] = field(default_factory=list)
    facts: ConnectorFacts = field(default_factory=car)

    def run(self, seconds: float, *, reports: bool = True) -> None:
        until = self.now + seconds
        while self.now < until and self.course.trial is not None:
            self.now += 0.5
            cap = self.course.trial.cap
            if self.facts.setpoint != cap:
                self.told.append(cap)
                self.facts = replace(self.facts, acknowledged=(Acknowledged(cap, self.now),))
            drawn = self.facts.acknowledged[-1].amps
            if reports and self.now % 5.0 == 0.0:
                self.facts = replace(self.facts, draw=(drawn, 0.0, 0.0), draw_at=self.now)
            amps = [50.0, 50.0, 50.0]
            amps[self.grid_phase] += drawn
            condition = metered((amps[0], amps[1], amps[2]), self.now)
            self.course.look(self.facts, condition, self.now)


@pytest.mark.parametrize(
    ("grid_phase", "verdict", "correction"),
    [(0, WiringVerdict.RIGHT, None), (1, WiringVerdict.WRONG, 'wiring = "TRI231"')],
)
def test_it_steps_down_and_back_twice_and_tells(
    grid_phase: int, verdict: WiringVerdict, correction: str | None
) -> None:
    """EL-3: in about a minute; once it is over, it asks for nothing."""
    bench = Bench(grid_phase=grid_phase)
    bench.run(120.0)
    assert bench.told == [16.0, 6.0, 16.0, 6.0, 16.0]
    report = bench.course.report
    assert report.finding is not None
    assert (report.finding.verdict, report.correction, report.progress) == (verdict, correction, 1.0)
    assert bench.course.trial is None
    assert 5.0 * (SETTLING + WATCHED) <= bench.now - 100.0 <= 5.0 * (SETTLING + WATCHED + 6.0)


def test_a_level_is_watched_until_it_is_reported() -> None:
    """LM-9: reports may come once a minute; without any the check ends with nothing told."""
    bench = Bench()
    bench.run(GIVEN_UP_AFTER - 1.0, reports=False)
    assert bench.course.report.progress == 0.0
    bench.run(5.0, reports=False)
    assert bench.course.report.finding is not None
    assert "within 90 s" in bench.course.report.text


@pytest.mark.parametrize(
    ("facts", "condition", "why"),
    [
        (None, metered(), "ended"),
        (car(transaction=2), metered(), "ended"),
        (car(link=Link.LOST), metered(), "ended"),
        (car(), replace(metered(), meter_lost=True), "meter was lost"),
        (car(), None, "meter was lost"),
    ],
)
def test_whatever_takes_the_ground_away_ends_it(
    facts: ConnectorFacts | None, condition: ZoneCondition | None, why: str
) -> None:
    """EL-3: half a check tells nothing."""
    course = begun()
    course.look(facts, condition, 101.0)
    assert course.trial is None
    assert why in course.report.text
    course.look(car(), metered(), 102.0)
    assert course.trial is None


def test_readings_before_the_car_has_settled_do_not_count() -> None:
    """LM-1: a car may take 6 s."""
    course = begun()
    facts = car(16.0, 16.0, at=100.5, draw_at=150.0)
    for poll in range(round((SETTLING + WATCHED) * 2.0)):
        course.look(facts, metered(at=100.5 + 0.5 * poll), 101.0 + 0.5 * poll)
        assert course.report.progress == 0.0
    course.look(facts, metered(at=100.5 + SETTLING + WATCHED), 112.0)
    assert course.report.progress == 0.2
    assert ENOUGH <= WATCHED / 0.5


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (WiringReport(key("A"), Wiring.TRI123, 0.4), "A/1: the check of its wiring is 40 % through"),
        (
            WiringReport(key("A"), Wiring.TRI123, 1.0, Finding(WiringVerdict.RIGHT, "why", Wiring.TRI123)),
            "A/1: wired TRI123 as configured; why",
        ),
        (
            WiringReport(key("A"), Wiring.TRI123, 1.0, Finding(WiringVerdict.UNCLEAR, "why")),
            "A/1: its wiring could not be told: why",
        ),
    ],
)
def test_a_report_is_one_plain_sentence(report: WiringReport, text: str) -> None:
    """UI-9."""
    assert report.text == text
    assert report.correction is None
