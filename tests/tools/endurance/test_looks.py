"""Tests of what is looked for on the ground."""

from typing import Any, cast

import pytest

from tests.tools.endurance.grounds import FakeGround
from tools.endurance.ground import CARS, Ground
from tools.endurance.looks import (
    alarm,
    alarm_over,
    back,
    fallen,
    happened,
    no_alarm,
    not_raised,
    one_alarm,
    same_sessions,
    unmoved,
)
from tools.endurance.trial import Look, Scene

LOST = frozenset({("meter_lost", "main-meter")})


def scene(ground: FakeGround | None = None) -> Scene:
    ground = ground or FakeGround()
    return Scene(cast(Ground, ground), ground.now, ground.now, ground.now.at)


def pilots(**other: float) -> dict[str, float]:
    return dict.fromkeys(CARS, 16.0) | other


@pytest.mark.parametrize(
    ("look", "yes", "no"),
    [
        (alarm("meter_lost", "main-meter", 6.0), {"alarms": LOST}, {}),
        (no_alarm("meter_lost"), {}, {"alarms": LOST}),
        (alarm_over("meter_lost", 6.0), {}, {"alarms": LOST}),
        (alarm_over("meter_lost", 6.0), {}, {"up": False}),
        (back(["O1"], 5.0), {"verified": frozenset({"O1"})}, {"verified": frozenset(CARS) - {"O1"}}),
        (not_raised(["G1"]), {"pilots": pilots(G1=16.5, G2=32.0)}, {"pilots": pilots(G1=17.5)}),
        (unmoved(["G1"], 5.0), {"pilots": pilots(G1=15.5)}, {"pilots": pilots(G1=14.5)}),
        (same_sessions(["G1", "G2"]), {"running": {"G1": 1, "G2": 2}}, {"running": {"G1": 1, "G2": 9}}),
        (same_sessions(["G1"]), {}, {"running": {}}),
        (
            fallen(40.0),
            {"pilots": dict.fromkeys(CARS, 6.6)},
            {"pilots": dict.fromkeys(CARS, 6.6) | {"S1": 8.0}},
        ),
    ],
)
def test_a_look_tells_what_is_from_what_is_not(look: Look, yes: dict[str, Any], no: dict[str, Any]) -> None:
    for shown, expected in ((yes, True), (no, False)):
        ground = FakeGround()
        watched = scene(ground)
        ground.shown |= shown
        watched.now = ground.next()
        assert look.so(watched) is expected


def test_a_second_alarm_is_one_too_many() -> None:
    ground, look, seen = FakeGround(), one_alarm("meter_lost", 30.0), []
    watched = scene(ground)
    for alarms in ((), LOST, LOST, (), LOST):
        ground.shown["alarms"] = frozenset(alarms)
        watched.now = ground.next()
        seen.append(look.so(watched))
    assert seen == [True, True, True, True, False]


def test_a_fault_that_never_struck_proves_nothing() -> None:
    ground = FakeGround()
    ground.counts["drop"] = 7  # by an earlier fault
    watched, look = scene(ground), happened("stations", "drop")
    assert [look.so(watched), look.so(watched)] == [False, False]
    ground.counts["drop"] += 1
    assert look.so(watched)
