"""What the command line has a running daemon do about drills."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from actors.messages import DrillShown, Foresee, GetRevision, GetSnapshot, Message, NewestRevision, Question
from actors.runtime import ThreadRuntime
from actors.supervised import Context, Supervised
from evce.configuration.revisions import next_revision
from evce.drill.kinds import Kind
from evce.drill.target import Target
from evce.facts import Link
from evce.planning.foresight import foresee
from evce.units import BoxIdentity
from evce.views import DrillView, SiteSnapshot
from tests.conftest import TIMEOUT_FACTOR
from tests.evce.drill.yard import AT, NOW, document, planner, snapshot
from tools.control.drills import drill_deeds
from tools.drill.cuts import Cuts

STATION, CPO = Target(Kind.STATION, "A"), Target(Kind.CPO)


class Site:
    """What the actors answer; `shown` may be changed, and `told` is what the view was told."""

    def __init__(self, **changes: int) -> None:
        self.document = document(**changes)
        self.shown: SiteSnapshot = snapshot(self.document)
        self.told: list[DrillView | None] = []
        self.came = threading.Condition()
        now = datetime.now(UTC)
        self.revision = next_revision(
            None, self.document, author="t", comment="", now=now, accept_unproven=True
        )

    def answer(self, question: Question) -> object:
        match question:
            case GetSnapshot():
                return self.shown
            case GetRevision():
                return self.revision
            case Foresee(loss, lasts):
                return foresee(planner(self.document), loss, lasts, NOW, AT)
            case NewestRevision():
                return None
            case _:
                return ()


class Actor(Supervised):
    def __init__(self, context: Context, site: Site) -> None:
        super().__init__(context)
        self.site = site

    def on_message(self, message: Message) -> None:
        if isinstance(message, DrillShown):
            with self.site.came:
                self.site.told.append(message.view)
                self.site.came.notify_all()

    def on_question(self, question: Question) -> object:
        return self.site.answer(question)


class Daemon:
    """The deeds with scripted actors behind them; cutting the operator off takes every uplink away."""

    def __init__(self, runtime: ThreadRuntime, **changes: int) -> None:
        self.site = Site(**changes)
        for name in ("view", "site", "recorder", "zone/main"):
            runtime.spawn(name, lambda context: Actor(context, self.site))
        self.cuts = Cuts(runtime, self)
        self.deeds: Any = drill_deeds(runtime, self.cuts)

    def bar(self, station: BoxIdentity) -> None:
        away = replace(self.site.shown.stations[station], link=Link.LOST)
        self.site.shown = replace(self.site.shown, stations={**self.site.shown.stations, station: away})

    def unbar(self, station: BoxIdentity) -> None: ...


@pytest.fixture
def runtime() -> Iterator[ThreadRuntime]:
    runtime = ThreadRuntime(seed=1)
    yield runtime
    runtime.close()


def test_every_drill_is_foretold(runtime: ThreadRuntime) -> None:
    """AC-4: in words and amperes, with what keeps it from being done."""
    daemon = Daemon(runtime, building=70, degraded=50)
    daemon.site.shown = replace(
        daemon.site.shown, inputs=(replace(daemon.site.shown.inputs[0], board_lost=True),)
    )
    answer = daemon.deeds["drills"]({})
    assert answer["running"] is None
    told = {each["what"]: each for each in answer["drills"]}
    assert list(told) == [
        "meter m",
        "meter kitchen",
        "station A",
        "station B",
        "every uplink to the operator",
        "the digital inputs",
    ]
    assert "110 A on a fuse of 100 A" in told["meter m"]["dangers"][0]
    assert told["meter m"]["amiss"] == ["the digital inputs can't be read"]
    assert any(note.startswith("A/1 stays reserved with 20 A") for note in told["station A"]["notes"])
    row = {"stage": "cut", "what": "station A", "predicted": "not connected", "within": 1.0}
    assert row in told["station A"]["expected"]
    some = daemon.deeds["drills"]({"kind": "station"})["drills"]
    assert [each["name"] for each in some] == ["A", "B"]
    (one,) = daemon.deeds["drills"]({"kind": "meter", "name": "m"})["drills"]
    assert one == told["meter m"]


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"kind": "meter", "name": "x"}, "meter='x': not at this site"),
        ({"kind": "meter", "name": "m"}, r"not proven to be safe: .*110 A on a fuse of 100 A"),
        ({"kind": "meter", "name": "m", "seconds": 2}, "seconds=2: what follows is seen after 8 at least"),
        ({"kind": "meter", "name": "m", "force": True, "seconds": 301}, "seconds=301: above 0 and up to 300"),
    ],
)
def test_what_should_not_be_done_is_refused(
    runtime: ThreadRuntime, request_: dict[str, Any], text: str
) -> None:
    """AC-4: it isn't there, it might overload a feeder, or it would show nothing."""
    daemon = Daemon(runtime, building=70, degraded=50)
    with pytest.raises((LookupError, ValueError), match=text):
        list(daemon.deeds["drill"](request_))
    assert daemon.site.told == []


def test_a_degraded_site_is_not_drilled(runtime: ThreadRuntime) -> None:
    """AC-4."""
    daemon = Daemon(runtime)
    daemon.bar(BoxIdentity("B"))
    with pytest.raises(ValueError, match=r"degraded already, .*station B is not connected"):
        daemon.deeds["drill"]({"kind": "station", "name": "A"})


def test_a_client_that_goes_away_leaves_nothing_cut_off(runtime: ThreadRuntime) -> None:
    """AC-4: the stream is closed with its connection, and the site is restored at once."""
    daemon = Daemon(runtime)
    stream = daemon.deeds["drill"]({"kind": "station", "name": "A", "author": "erika"})
    began = next(stream)["began"]
    assert (began["what"], began["by"]) == ("station A", "erika")
    assert daemon.cuts.off(STATION)
    (running,) = [daemon.deeds["drills"]({"kind": "cpo"})["running"]]
    assert running == began
    with pytest.raises(ValueError, match="a drill is running: erika"):
        daemon.deeds["drill"]({"kind": "cpo"})
    stream.close()
    assert not daemon.cuts.off(STATION)
    with daemon.site.came:
        assert daemon.site.came.wait_for(lambda: daemon.site.told[-1:] == [None], 5.0 * TIMEOUT_FACTOR)


def test_what_is_seen_is_told_as_it_comes_and_an_early_end_is_no_difference(runtime: ThreadRuntime) -> None:
    """AC-4: `evce drill end` ends it; what was due later is not held against anybody."""
    daemon = Daemon(runtime)
    stream = daemon.deeds["drill"]({"kind": "station", "name": "A", "author": "erika"})
    answers = []
    for answer in stream:
        if answer is not None:
            answers.append(answer)
        seen = [each["result"]["what"] for each in answers if "result" in each]
        if "station A" in seen and daemon.cuts.off(STATION):
            assert daemon.deeds["drill_end"]({"author": "max"}) == {"ended": "station A"}
            daemon.site.shown = snapshot(daemon.site.document)
    (outcome,) = [answer["over"] for answer in answers if "over" in answer]
    verdicts = {(each["what"], each["predicted"]): each["verdict"] for each in outcome["results"]}
    assert verdicts["station A", "not connected"] == "as predicted"
    assert verdicts["alarm disconnected", "stands"] == "ended before"
    assert verdicts["station A", "verified again"] == "as predicted"
    assert outcome["good"]
    with pytest.raises(LookupError, match="no drill is running"):
        daemon.deeds["drill_end"]({})


def test_what_does_not_follow_makes_a_drill_bad(runtime: ThreadRuntime) -> None:
    """AC-4: here nothing takes the uplinks away, and two seconds are long enough to see it."""
    daemon = Daemon(runtime)
    due = runtime.clock.monotonic() + 1.3
    answers = []
    for answer in daemon.deeds["drill"]({"kind": "cpo", "seconds": 60}):
        if answer is not None:
            answers.append(answer)
        if runtime.clock.monotonic() > due and daemon.cuts.off(CPO):
            daemon.deeds["drill_end"]({})
    outcome = answers[-1]["over"]
    (row,) = [each for each in outcome["results"] if each["predicted"] == "0 online"]
    assert (row["observed"], row["verdict"], outcome["good"]) == ("2 of 2 online", "differs", False)
    assert not daemon.cuts.off(CPO)
