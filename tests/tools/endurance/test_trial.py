"""Tests of the playing of faults, on a ground that shows what the test says."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from tests.tools.endurance.grounds import FakeGround
from tools.endurance import trial as trials
from tools.endurance.ground import CARS, Ground
from tools.endurance.trial import Look, Scene, Trial, Verdict, play, play_all
from tools.faults.fault import When
from tools.referee.referee import TOO_LONG, Violation


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for calm needn't wait for long."""
    monkeypatch.setattr(trials, "_STEADY", 0.0)
    monkeypatch.setattr(trials, "SETTLES_WITHIN", 0.05)
    monkeypatch.setattr(trials, "CALMS_WITHIN", 0.05)


def down(scene: Scene) -> bool:
    return not scene.now.up


def shows(**shown: Any) -> Callable[[Scene], None]:
    return lambda scene: cast(FakeGround, scene.ground).shown.update(shown)


def trial(*looks: Look, **given: Any) -> Trial:
    """The daemon doesn't answer for 50 ms."""
    settings: dict[str, Any] = {"strike": shows(up=False), "mend": shows(up=True), "lasts": 0.05} | given
    return Trial("silence", "kill -9", "it doesn't answer", looks=looks, **settings)


def played(given: Trial, ground: FakeGround | None = None, **options: Any) -> Verdict:
    return play(cast(Ground, ground or FakeGround()), given, **options)


def test_what_is_seen_in_time_is_told_with_its_time() -> None:
    verdict = played(
        trial(
            Look("it is away", 1.0, down),
            Look("it is back", 1.0, lambda scene: scene.now.up, When.MEND),
            Look("it stays away", 0.0, down, kept=True),
        )
    )
    assert verdict.good
    assert verdict.complaints == ()
    away, back, stays = verdict.findings
    assert away.after is not None
    assert 0.0 <= away.after < 0.05
    assert back.after is not None
    assert str(away).startswith("it is away (within 1): 0.0")
    assert str(back).startswith("it is back (within 1, from the end): 0.0")
    assert str(stays) == "it stays away (as long as it lasts): kept"


@pytest.mark.parametrize(
    ("look", "said"),
    [
        (Look("snow falls", 0.0, lambda _: False), "snow falls (within 0): never"),
        (Look("nothing happens", 0.03, lambda scene: scene.now.up, kept=True), "not any more after 0.0"),
        (Look("it is back", 0.01, lambda scene: scene.now.up), "it is back (within 0.01): 0."),
    ],
    ids=["never", "not kept", "late"],
)
def test_what_is_missed_is_told(look: Look, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "_LATE", 0.1)
    verdict = played(trial(look))
    assert not verdict.good
    assert "silence: " in verdict.complaints[0]
    assert said in verdict.complaints[0]


def test_a_slow_machine_is_given_more_time() -> None:
    late = Look("it is back", 0.01, lambda scene: scene.now.up)
    (finding,) = played(trial(late), patience=100.0).findings
    assert (finding.good, finding.allowed) == (True, "within 1")


def test_steps_are_done_in_their_order_before_the_end() -> None:
    order: list[str] = []
    played(
        trial(
            strike=lambda _: order.append("strike"),
            mend=lambda _: order.append("mend"),
            steps=((0.02, lambda _: order.append("second")), (0.01, lambda _: order.append("first"))),
        )
    )
    assert order == ["strike", "first", "second", "mend"]


@pytest.mark.parametrize(
    ("seconds", "least", "expected"), [(None, 0.0, 0.05), (0.1, 0.0, 0.1), (0.01, 0.08, 0.08)]
)
def test_a_fault_lasts_as_long_as_it_is_asked_for_and_needs(
    seconds: float | None, least: float, expected: float
) -> None:
    scenes: list[Scene] = []
    played(trial(least=least, mend=scenes.append), seconds=seconds)
    (scene,) = scenes
    assert scene.mended is not None
    assert scene.mended - scene.struck == pytest.approx(expected, abs=0.04)


def test_a_missed_limit_a_wrong_book_and_a_broken_frame_count() -> None:
    """AC-5: the referee's word counts beside what was seen."""
    ground = FakeGround(wrong=["lost: S1/1 40 Wh by EV1"])

    def strike(_: Scene) -> None:
        ground.referee.violations.append(Violation("main", 0, TOO_LONG, 0.0, 12.0, 120.0))  # type: ignore[arg-type]
        ground.grumbles.append("O1: what is this?")

    verdict = played(trial(strike=strike), ground)
    assert len(verdict.complaints) == 3
    assert "silence: main L1: above the limit" in verdict.complaints[0]
    assert verdict.complaints[1:] == ("silence: lost: S1/1 40 Wh by EV1", "silence: O1: what is this?")
    ground.wrong.clear()
    grumbling = trial(strike=lambda _: ground.grumbles.append("again"), garbles=True)
    assert played(grumbling, ground).good


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ({"up": False}, "the daemon doesn't answer"),
        ({"verified": frozenset(CARS[1:])}, f"not verified: {CARS[0]}"),
        ({"running": {}}, "not every car has its transaction"),
        ({"alarms": frozenset({("meter_lost", "main-meter")})}, "alarms meter_lost of main-meter"),
        ({"waiting": 2}, "2 messages for the operator"),
    ],
)
def test_what_does_not_calm_down_is_told(shown: dict[str, Any], said: str) -> None:
    (problem,) = played(trial(mend=shows(**({"up": True} | shown)))).problems
    assert problem.startswith("not calm 0.05 s after its end: ")
    assert said in problem


def test_a_site_without_calm_is_not_played_on() -> None:
    ground = FakeGround(shown={"up": False})
    begun: list[Trial] = []
    told: list[Verdict] = []
    verdicts = play_all(cast(Ground, ground), [trial(), trial()], None, begun.append, told.append)
    assert verdicts == told
    assert len(begun) == 1
    assert verdicts[0].complaints == ("silence: not calm before it: the daemon doesn't answer",)


def test_a_car_that_is_suspected_leaves_and_another_comes() -> None:
    suspected = frozenset({("setpoint_not_respected", "S1/1")})
    ground = FakeGround()
    played(trial(mend=shows(up=True, alarms=suspected), suspects=True), ground)
    assert ground.done == [("unplug", "S1")]
