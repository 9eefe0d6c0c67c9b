"""Tests of the one drill that runs, and of its lease."""

import threading
from typing import Any

import pytest

from actors.messages import DrillShown, Message
from actors.runtime import SimulatedRuntime
from evce.drill.kinds import Kind
from evce.drill.target import Target
from evce.views import DrillView
from tests.actors.scripted import ListeningActor
from tests.conftest import TIMEOUT_FACTOR
from tools.drill.cuts import Cuts
from tools.drill.drills import Drills

METER, STATION = Target(Kind.METER, "m"), Target(Kind.STATION, "A")


class Bars:
    def bar(self, station: str) -> None: ...

    def unbar(self, station: str) -> None: ...


class Book:
    """The audit log."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.came = threading.Event()
        """The second line is there."""

    def written(self, author: str, text: str) -> bool:
        self.lines.append(f"{author}: {text}")
        if len(self.lines) == 2:
            self.came.set()
        return True


class House:
    def __init__(self, *, seen: bool = True) -> None:
        self.runtime = SimulatedRuntime()
        self.cuts = Cuts(self.runtime, Bars())
        self.book = Book()
        audit: Any = self.book
        self.drills = Drills(self.runtime, self.cuts, audit)
        self.views: list[ListeningActor] = []
        if seen:
            self.open_eyes()

    def open_eyes(self) -> None:
        def listen(context: Any) -> ListeningActor:
            self.views.append(ListeningActor(context))
            return self.views[-1]

        self.runtime.spawn("view", listen)
        self.runtime.settle()

    def shown(self) -> list[DrillView | None]:
        self.runtime.settle()
        heard: list[Message] = self.views[-1].heard
        return [message.view for message in heard if isinstance(message, DrillShown)]


def test_the_lease_restores_what_nobody_ends() -> None:
    """AC-4: it lives in the daemon; whoever began the drill may be dead."""
    house = House()
    drill = house.drills.begin(METER, 30.0, "erika")
    assert house.cuts.off(METER)
    house.runtime.run_for(29.9)
    assert house.cuts.off(METER)
    assert not drill.over.is_set()
    house.runtime.run_for(0.2)
    assert not house.cuts.off(METER)
    assert drill.over.is_set()
    assert house.drills.running is None
    assert house.shown() == [DrillView("meter m", "erika", drill.until), None]


def test_a_drill_that_is_ended_is_over_once_and_leaves_the_next_alone() -> None:
    """AC-4: an old lease doesn't end a new drill."""
    house = House()
    first = house.drills.begin(METER, 30.0, "erika")
    house.runtime.run_for(10.0)
    assert house.drills.end(first, "ended by max")
    assert not house.drills.end(first, "ended by max")
    assert not house.cuts.off(METER)
    house.drills.begin(STATION, 40.0, "max")
    assert not house.drills.end(first, "late")
    house.runtime.run_for(25.0)
    assert house.cuts.off(STATION)
    house.runtime.run_for(16.0)
    assert not house.cuts.off(STATION)


def test_there_is_one_drill_at_a_time() -> None:
    """AC-4: the second is told who drills what until when, and nothing is cut."""
    house = House()
    house.drills.begin(METER, 30.0, "erika")
    with pytest.raises(ValueError, match=r"a drill is running: erika cut off meter m, until .* UTC"):
        house.drills.begin(STATION, 10.0, "max")
    assert not house.cuts.off(STATION)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 300.1])
def test_no_drill_lasts_longer_than_five_minutes(seconds: float) -> None:
    """AC-4: field, value and what is allowed."""
    house = House()
    with pytest.raises(ValueError, match=f"seconds={seconds:g}: above 0 and up to 300"):
        house.drills.begin(METER, seconds, "erika")
    assert not house.cuts.off(METER)


def test_begin_and_end_are_audited_with_their_author() -> None:
    """AC-4: before anything is cut, and with how long it was."""
    house = House()
    written = house.book.written

    def before_the_cut(author: str, text: str) -> bool:
        assert not house.cuts.off(METER)
        return written(author, text)

    house.book.written = before_the_cut  # type: ignore[method-assign]
    drill = house.drills.begin(METER, 30.0, "erika")
    house.runtime.run_for(12.5)
    house.drills.end(drill, "ended by max")
    assert house.book.came.wait(5.0 * TIMEOUT_FACTOR)
    assert house.book.lines == [
        "erika: drill begun: meter m cut off for 30 s",
        "erika: drill over: meter m restored after 12.5 s, ended by max",
    ]


def test_a_view_that_was_away_learns_what_was_told_last() -> None:
    """AC-4: no banner stays behind."""
    house = House(seen=False)
    drill = house.drills.begin(METER, 30.0, "erika")
    house.runtime.run_for(5.0)
    house.drills.end(drill, "ended by max")
    house.runtime.run_for(0.5)
    house.open_eyes()
    house.runtime.run_for(3.0)
    assert house.shown() == [None]
