"""Tests of how well stations follow their setpoints."""

from dataclasses import replace

import pytest

from evce.conditions import ZoneCondition
from evce.electrical import SiteModel
from evce.facts import ConnectorFacts, Link
from evce.planning.following import DOUBTED_AFTER, Following, Record
from evce.units import BoxIdentity, PhaseAmps, ZoneId
from tests.evce.builders import charging, key, site, station, zone

A = BoxIdentity("A")
MAIN = ZoneId("main")
MODEL = site([zone("main", 100, meter="m")], [station("A", "main"), station("B", "main")])
ABOVE: PhaseAmps = (50.0, 50.0, 50.0)
ALL: PhaseAmps = (1.0, 1.0, 1.0)


def told(name: str, amps: float, at: float, drawn: float, draw_at: float) -> ConnectorFacts:
    return charging(name, amps, at=at, draw=(drawn, drawn, drawn), draw_at=draw_at)


def reduced(*reports: tuple[float, float], amps: float = 10.0, made: Following | None = None) -> Following:
    """20 A, then `amps` at 100 s; the reports are (A, time)."""
    made = Following() if made is None else made
    known = told("A", 20.0, 0.0, 20.0, 95.0)
    for drawn, at in [(20.0, 95.0), *reports]:
        report = told("A", amps, 100.0, drawn, at)
        made.learn(known, report)
        known = report
    return made


@pytest.mark.parametrize(
    ("reports", "judged", "followed", "delay", "why"),
    [
        ([(14.0, 103.0), (10.2, 105.0)], 1, 1, 5.0, "the first report within the tolerance"),
        ([(10.0, 160.0)], 1, 1, 60.0, "a report each minute knows no better"),
        ([(14.0, 107.9)], 0, 0, None, "it may still follow"),
        ([(14.0, 108.0)], 1, 0, None, "too late"),
        ([(14.0, 108.0), (10.0, 120.0)], 1, 0, None, "judged once"),
        ([], 0, 0, None, "not reported yet"),
    ],
)
def test_a_command_is_followed_when_the_draw_is_down_in_time(
    reports: list[tuple[float, float]], judged: int, followed: int, delay: float | None, why: str
) -> None:
    """LM-10: from the command to the amperes."""
    record = reduced(*reports).record(A) or Record()
    assert (record.judged, record.followed, record.delay) == (judged, followed, delay), why


def test_a_car_that_draws_less_anyway_proves_nothing() -> None:
    """LM-10: only a reduction below the draw is a command that can be followed."""
    record = reduced((10.0, 105.0), amps=18.5).record(A) or Record()
    assert record.judged == 0


def test_the_error_is_what_is_drawn_above_the_setpoint_once_settled() -> None:
    """LM-10: a running mean."""
    made = Following()
    known = told("A", 10.0, 0.0, 10.0, 5.0)
    for number in range(100):
        report = told("A", 10.0, 0.0, 10.8, 10.0 + 5.0 * number)
        made.learn(known, report)
        known = report
    record = made.record(A)
    assert record is not None
    assert record.error == pytest.approx(0.8, abs=0.01)
    assert record.score == 80


def metered(made: Following, fall: PhaseAmps, missing: tuple[float, float] = (0.0, 0.0)) -> None:
    """Readings each half second from 97 s on; what falls is down from 103 s on."""
    for poll in range(30):
        at = 97.0 + 0.5 * poll
        if missing[0] <= at <= missing[1]:
            continue
        amps = tuple(ABOVE[phase] - (fall[phase] if at >= 103.0 else 0.0) for phase in range(3))
        made.metered(ZoneCondition(MAIN, measured=(amps[0], amps[1], amps[2]), measured_at=at))


@pytest.mark.parametrize(
    ("fall", "missing", "confirmed", "contradicted", "why"),
    [
        ((10.0, 10.0, 10.0), (0.0, 0.0), 1, 0, "the meter agrees"),
        ((5.1, 5.1, 5.1), (0.0, 0.0), 1, 0, "half of it is no other's doing"),
        ((3.0, 3.0, 3.0), (0.0, 0.0), 0, 0, "the building may have taken the rest"),
        ((0.5, 0.5, 0.5), (0.0, 0.0), 0, 1, "nothing fell"),
        ((-4.0, -4.0, -4.0), (0.0, 0.0), 0, 1, "on the contrary"),
        ((0.0, 0.0, 0.0), (105.0, 120.0), 0, 0, "not measured afterwards"),
        ((0.0, 0.0, 0.0), (96.0, 100.0), 0, 0, "not measured before"),
    ],
)
def test_the_meter_confirms_or_contradicts_what_a_station_reports(
    fall: PhaseAmps, missing: tuple[float, float], confirmed: int, contradicted: int, why: str
) -> None:
    """LM-10: cross-checked against the zone meter."""
    made = reduced((10.0, 105.0))
    metered(made, fall, missing)
    made.compare(MODEL, 110.0)
    made.compare(MODEL, 111.0)
    record = made.record(A)
    assert record is not None
    assert (record.confirmed, record.contradicted) == (confirmed, contradicted), why


@pytest.mark.parametrize(("at", "counts"), [(80.0, 1), (95.0, 0), (104.0, 0), (112.0, 1)])
def test_another_car_that_is_told_something_meanwhile_makes_it_unclear(at: float, counts: int) -> None:
    """LM-10: what one gives up another may take."""
    made = reduced((10.0, 105.0))
    made.learn(charging("B", 10.0, at=0.0), told("B", 20.0, at, 10.0, at))
    metered(made, (0.0, 0.0, 0.0))
    made.compare(MODEL, 110.0)
    record = made.record(A)
    assert record is not None
    assert record.contradicted == counts


def test_without_a_meter_only_the_station_itself_is_heard() -> None:
    """LM-10, LM-7."""
    static: SiteModel = site([zone("main", 100)], [station("A", "main")])
    made = reduced((10.0, 105.0))
    metered(made, (0.0, 0.0, 0.0))
    made.compare(static, 110.0)
    record = made.record(A)
    assert record is not None
    assert (record.judged, record.contradicted) == (1, 0)


@pytest.mark.parametrize(
    ("record", "score", "doubted"),
    [
        (Record(), 100, False),
        (Record(judged=4, followed=3), 75, False),
        (Record(judged=4, followed=4, confirmed=3, contradicted=1), 75, False),
        (Record(judged=4, followed=4, error=2.0), 50, False),
        (Record(judged=4, followed=4, error=20.0), 0, False),
        (Record(judged=4, followed=4, contradicted=DOUBTED_AFTER), 0, True),
        (Record(judged=9, followed=9, contradicted=DOUBTED_AFTER, confirmed=1), 25, False),
    ],
)
def test_the_score_falls_with_whatever_speaks_against_a_station(
    record: Record, score: int, doubted: bool
) -> None:
    """LM-10: 100 for one that follows, or has shown nothing yet."""
    assert (record.score, record.doubted) == (score, doubted)
    assert record.view().score == score


@pytest.mark.parametrize("changes", [{"link": Link.LOST}, {"verified": False}, {"acknowledged": ()}])
def test_a_station_that_is_not_known_is_not_judged(changes: dict[str, object]) -> None:
    """LM-10, OC-6: what it was told may not be in force."""
    made = reduced()
    made.learn(
        told("A", 10.0, 100.0, 20.0, 95.0),
        replace(told("A", 10.0, 100.0, 20.0, 120.0), **changes),  # type: ignore[arg-type]
    )
    made.learn(told("A", 10.0, 100.0, 20.0, 120.0), told("A", 10.0, 100.0, 20.0, 130.0))
    assert (made.record(A) or Record()).judged == 0


def test_a_successor_goes_on_counting_and_forgets_who_is_gone() -> None:
    """AC-2."""
    first, second = reduced((10.0, 105.0)), Following()
    second.restore(first.records())
    reduced((10.0, 105.0), made=second)
    record = second.record(A)
    assert record is not None
    assert record.judged == 2
    second.keep_only((key("B"),), (BoxIdentity("B"),))
    assert second.record(A) is None
