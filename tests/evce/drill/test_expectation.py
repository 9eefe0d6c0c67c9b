"""Tests of how what is seen is compared with what was expected."""

import pytest

from evce.drill.expectation import Expectation, Observer, Sight
from evce.drill.kinds import Stage, Verdict
from tests.evce.drill.yard import document, snapshot

SIGHT = Sight(snapshot(document()))


class Light:
    """Something to look at."""

    def __init__(self, *, holds: bool = False, within: float = 2.0) -> None:
        self.on = False
        row = Expectation(Stage.CUT, "light", "on", within, self.look, holds)
        self.observer = Observer([row])

    def look(self, _: Sight) -> tuple[str, bool]:
        return ("on", True) if self.on else ("off", False)

    def at(self, since: float, *, on: bool) -> list[Verdict]:
        self.on = on
        return [result.verdict for result in self.observer.look(Stage.CUT, SIGHT, since)]


@pytest.mark.parametrize(
    ("seen_at", "verdict", "good"),
    [(1.9, Verdict.AS_PREDICTED, True), (2.0, Verdict.AS_PREDICTED, True), (2.1, Verdict.LATE, False)],
)
def test_what_comes_counts_by_its_time(seen_at: float, verdict: Verdict, good: bool) -> None:
    """AC-4: later than predicted isn't as predicted."""
    light = Light()
    assert light.at(0.5, on=False) == []
    assert light.at(seen_at, on=True) == [verdict]
    (result,) = light.observer.results
    assert (result.observed, result.after, light.observer.good) == ("on", seen_at, good)
    assert light.observer.over(Stage.CUT, 9.0) == []


@pytest.mark.parametrize(("ended", "verdict"), [(3.0, Verdict.DIFFERS), (1.0, Verdict.ENDED_BEFORE)])
def test_what_never_comes_differs_unless_the_drill_was_ended_before(ended: float, verdict: Verdict) -> None:
    """AC-4."""
    light = Light()
    light.at(0.5, on=False)
    (result,) = light.observer.over(Stage.CUT, ended)
    assert (result.verdict, result.observed, result.after) == (verdict, "off", None)
    assert light.observer.good is (verdict is Verdict.ENDED_BEFORE)


def test_what_must_hold_is_looked_at_until_the_end() -> None:
    """AC-4: from its time on, at every look."""
    light = Light(holds=True)
    assert light.at(1.0, on=False) == []
    assert light.at(3.0, on=True) == []
    assert [result.verdict for result in light.observer.over(Stage.CUT, 5.0)] == [Verdict.AS_PREDICTED]
    broken = Light(holds=True)
    assert broken.at(3.0, on=True) == []
    assert broken.at(4.0, on=False) == [Verdict.DIFFERS]
    assert not broken.observer.good


def test_an_observer_waits_no_longer_than_for_what_may_still_come() -> None:
    """AC-4."""
    light = Light()
    assert light.observer.waits(Stage.CUT, 2.0)
    assert not light.observer.waits(Stage.CUT, 2.1)
    assert not light.observer.waits(Stage.RESTORED, 0.0)
    light.at(1.0, on=True)
    assert not light.observer.waits(Stage.CUT, 1.0)
