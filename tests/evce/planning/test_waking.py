"""Tests of waking cars that sleep on after a pause."""

from dataclasses import replace

import pytest

from evce.facts import ConnectorFacts, ConnectorStatus, Link
from evce.planning.planner import Planner
from evce.planning.settings import PlanSettings
from evce.planning.waking import (
    ASLEEP_AFTER,
    HELD_FOR,
    NUDGED_FOR,
    RESTARTS_AFTER,
    STARTS_AGAIN_AFTER,
    STARTS_WITHIN,
    Sleepers,
    SleepStage,
)
from evce.units import ZoneId
from tests.evce.builders import charging, key, site, station, zone

OFFERED_AT = 200.0
ASLEEP_AT = OFFERED_AT + ASLEEP_AFTER


def told(amps: float, at: float, drawn: float | None, draw_at: float, **changes: object) -> ConnectorFacts:
    """The car was told `amps` at `at`, and drew `drawn` at `draw_at`."""
    draw = None if drawn is None else (drawn, drawn, drawn)
    return charging("A", amps, at=at, draw=draw, draw_at=draw_at, id_tag="CARD", **changes)  # type: ignore[arg-type]


PAUSED = [told(16.0, 0.0, 16.0, 50.0), told(0.0, 100.0, 0.0, 110.0)]
"""It charged, then the load management paused it."""


def after(*reports: ConnectorFacts) -> tuple[Sleepers, ConnectorFacts]:
    sleepers = Sleepers()
    for report in reports:
        sleepers.learn(report)
    return sleepers, reports[-1]


def asleep() -> tuple[Sleepers, ConnectorFacts]:
    """A car that was offered current again and didn't draw any for a minute."""
    return after(*PAUSED, told(16.0, OFFERED_AT, 0.0, ASLEEP_AT))


@pytest.mark.parametrize(
    ("reports", "sleeps", "why"),
    [
        ([*PAUSED, told(16.0, 200.0, 0.0, 260.0)], True, "a minute without a draw"),
        ([*PAUSED, told(16.0, 200.0, 0.0, 259.0)], False, "it may still wake by itself"),
        ([*PAUSED, told(16.0, 200.0, 5.0, 230.0), told(16.0, 200.0, 0.0, 290.0)], False, "it woke"),
        ([*PAUSED, told(16.0, 200.0, 0.0, 110.0)], False, "nothing was measured since"),
        ([*PAUSED, told(16.0, 200.0, None, 260.0)], False, "its draw isn't known"),
        ([told(16.0, 0.0, 0.0, 50.0), PAUSED[1], told(16.0, 200.0, 0.0, 260.0)], False, "it was full"),
        ([PAUSED[0], told(16.0, 0.0, 0.0, 500.0)], False, "nobody paused it"),
        ([*PAUSED, told(16.0, 200.0, 0.0, 260.0, transaction=2)], False, "another session"),
        ([*PAUSED, told(16.0, 200.0, 0.0, 260.0, link=Link.LOST)], False, "the link is lost"),
        ([*PAUSED, told(6.0, 200.0, 0.0, 230.0), told(9.0, 235.0, 0.0, 260.0)], True, "offers may change"),
        ([*PAUSED, told(6.0, 200.0, 0.0, 230.0), told(0.0, 235.0, 0.0, 260.0)], False, "paused again"),
    ],
)
def test_a_car_sleeps_that_drew_when_it_was_paused_and_does_not_draw_when_it_may(
    reports: list[ConnectorFacts], sleeps: bool, why: str
) -> None:
    """LM-11: not every car that draws nothing sleeps."""
    sleepers, facts = after(*reports)
    assert (sleepers.stage(facts, 300.0) is not None) is sleeps, why


@pytest.mark.parametrize(
    ("since", "stage"),
    [
        (0.0, SleepStage.HELD),
        (HELD_FOR - 0.1, SleepStage.HELD),
        (HELD_FOR, SleepStage.NUDGED),
        (HELD_FOR + NUDGED_FOR - 0.1, SleepStage.NUDGED),
        (HELD_FOR + NUDGED_FOR, SleepStage.HELD),
        (10_000.0, SleepStage.HELD),
    ],
)
def test_a_sleeper_is_held_at_its_floor_and_nudged_once(since: float, stage: SleepStage) -> None:
    """LM-11: a short rise of the setpoint."""
    sleepers, facts = asleep()
    assert sleepers.stage(facts, ASLEEP_AT + since) is stage


def test_a_car_that_wakes_is_treated_as_any_other() -> None:
    sleepers, facts = asleep()
    awake = replace(facts, draw=(6.0, 6.0, 6.0), draw_at=ASLEEP_AT + 20.0)
    sleepers.learn(awake)
    assert sleepers.stage(awake, ASLEEP_AT + 20.0) is None


def test_a_car_that_no_nudge_wakes_gets_a_new_session_once() -> None:
    """LM-11: ended, and begun again with the same card while the same car is there."""
    sleepers, facts = asleep()
    now = ASLEEP_AT + RESTARTS_AFTER
    assert sleepers.restarts([facts], now - 0.1).ended == ()
    assert sleepers.restarts([facts], now).ended == (key("A"),)
    assert sleepers.restarts([facts], now + 1.0) == sleepers.restarts([], now)
    ended = replace(facts, transaction=None, status=ConnectorStatus.FINISHING)
    sleepers.learn(ended)
    assert sleepers.restarts([ended], now + 2.0).begun == ((key("A"), "CARD"),)
    assert sleepers.restarts([ended], now + 3.0).begun == ()
    assert sleepers.restarts([ended], now + 2.0 + STARTS_AGAIN_AFTER).begun == ((key("A"), "CARD"),)
    for report in [*PAUSED, told(16.0, OFFERED_AT, 0.0, ASLEEP_AT)]:
        sleepers.learn(replace(report, transaction=facts.transaction))
    assert sleepers.restarts([facts], now + 1_000.0).ended == (), "not a second time"


@pytest.mark.parametrize(
    ("later", "changes"),
    [
        (STARTS_WITHIN, {}),
        (2.0, {"plugged": False, "plugged_at": None}),
        (2.0, {"plugged_at": 12345.0}),
        (2.0, {"verified": False}),
    ],
)
def test_no_session_is_begun_for_a_car_that_may_be_gone(later: float, changes: dict[str, object]) -> None:
    """LM-11: too late, unplugged, another car, or a station that nobody knows."""
    sleepers, facts = asleep()
    now = ASLEEP_AT + RESTARTS_AFTER
    sleepers.restarts([facts], now)
    ended = replace(facts, transaction=None, **changes)  # type: ignore[arg-type]
    assert sleepers.restarts([ended], now + later).begun == ()


def test_a_successor_goes_on_where_the_predecessor_ended() -> None:
    """AC-2: a restart neither forgets a sleeper nor restarts a session twice; who is gone is forgotten."""
    first, facts = asleep()
    now = ASLEEP_AT + RESTARTS_AFTER
    assert first.restarts([facts], now).ended == (key("A"),)
    second = Sleepers()
    second.restore(first.seen())
    assert second.stage(facts, now) is SleepStage.HELD
    assert second.restarts([facts], now + 1.0).ended == ()
    second.keep_only(())
    assert second.stage(facts, now) is None


def test_the_planner_holds_nudges_and_says_why() -> None:
    """LM-11, UI-9: 6 A, then 32, then 6; a zone's own look restarts no session."""
    planner = Planner(site([zone("main", 40)], [station("A", "main")]), ZoneId("main"), PlanSettings())
    for report in [*PAUSED, told(16.0, OFFERED_AT, 0.0, ASLEEP_AT)]:
        planner.learn([replace(report, status=ConnectorStatus.SUSPENDED_EV)])
    targets = {}
    for since in (0.0, HELD_FOR, HELD_FOR + NUDGED_FOR):
        decision = planner.decide(ASLEEP_AT + since)
        targets[since] = decision.targets[key("A")]
        if since == HELD_FOR:
            assert decision.reasons[key("A")] == "Gets 32 A: its rating, to wake its car, allows no more."
    assert list(targets.values()) == [6.0, 32.0, 6.0]
    now = ASLEEP_AT + RESTARTS_AFTER
    assert planner.decide(now, cuts_only=True).restarts.ended == ()
    assert planner.decide(now).restarts.ended == (key("A"),)
