"""One death for every failure, timers, questions and orderly ends: the same under both runtimes."""

import logging

import pytest

from actors.messages.base import Message
from actors.messages.supervision import AnswererDied, ChildBegan, ChildDied, ChildEnded, NobodyThere
from actors.runtime import Runtime, SimulatedRuntime, ThreadRuntime
from actors.supervised import Context, Supervised, describe
from tests.actors.runtimes import (
    BOTH,
    Echo,
    Fail,
    Note,
    Notes,
    Probe,
    SetAlarm,
    make_runtime,
    running,
    wait,
)

__all__ = ["running"]


class Above(Supervised):
    """Stands where a supervisor would and keeps what it is told."""

    def __init__(self, context: Context, told: list[Message]) -> None:
        super().__init__(context)
        self.told = told

    def on_message(self, message: Message) -> None:
        self.told.append(message)


class Draining(Probe):
    drain_on_stop = True


@BOTH
@pytest.mark.parametrize(
    ("how", "reason"),
    [
        (Fail(), "RuntimeError: told to fail"),
        (Fail(SystemExit), "SystemExit: told to fail"),
        (Fail(KeyboardInterrupt), "KeyboardInterrupt: told to fail"),
        (Fail(GeneratorExit), "GeneratorExit: told to fail"),
    ],
)
def test_any_exception_is_one_death_that_nobody_else_notices(
    running: Runtime, how: Message, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Also SystemExit, at which pykka itself would stop all actors. Logged once."""
    told: list[Message] = []
    running.spawn("above", lambda context: Above(context, told))
    running.spawn("other", Probe)
    running.spawn("probe", Probe, supervisor="above")
    with caplog.at_level(logging.ERROR):
        running.tell("probe", how)
        wait(running, lambda: any(isinstance(each, ChildDied) for each in told))
    assert [type(each) for each in told] == [ChildBegan, ChildDied]
    died = told[1]
    assert isinstance(died, ChildDied)
    assert (died.name, died.incarnation, died.reason) == ("probe", 1, reason)
    assert "raise error" in died.traceback
    assert len(caplog.records) == 1
    assert not running.tell("probe", Note("too late"))
    assert running.ask("other", Notes(), timeout=2.0) == ["begin 1"]


@BOTH
@pytest.mark.parametrize("where", ["begin", "drained", "end"])
def test_a_failing_hook_is_a_death(running: Runtime, where: str) -> None:
    """Before the first message, at the settling and at the end."""
    told: list[Message] = []
    running.spawn("above", lambda context: Above(context, told))
    ref = running.spawn("probe", lambda context: Probe(context, fails_in=where), supervisor="above")
    running.tell("probe", Note("a"))
    if where == "end":
        running.stop_actor(ref)
    wait(running, lambda: any(isinstance(each, ChildDied) for each in told))
    assert not any(isinstance(each, ChildEnded) for each in told)
    assert running.failures[-1].reason == f"RuntimeError: {where} fails"


@BOTH
@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_a_failure_while_answering_kills_the_actor_and_tells_the_asker(
    running: Runtime, error: type[BaseException]
) -> None:
    """Under pykka alone the asker would get the exception and the half-changed actor would live on."""
    running.spawn("probe", Probe)
    with pytest.raises(AnswererDied, match="asked to fail"):
        running.ask("probe", Echo(error), timeout=2.0)
    wait(running, lambda: running.directory.find("probe") is None)
    with pytest.raises(NobodyThere):
        running.ask("probe", Echo(), timeout=2.0)


@BOTH
def test_what_waits_when_the_actor_dies_is_dropped_and_askers_are_told(running: Runtime) -> None:
    """Nobody waits for an answer of the dead."""
    notes: list[str] = []
    running.spawn("probe", lambda context: Probe(context, notes, fails_in="begin"))
    with pytest.raises((AnswererDied, NobodyThere)):
        running.ask("probe", Notes(), timeout=2.0)
    assert notes == []


@BOTH
def test_drained_is_called_once_the_inbox_is_empty(running: Runtime) -> None:
    """The zone settles once for a burst, and never for nothing."""
    notes: list[str] = []
    running.spawn("probe", lambda context: Probe(context, notes))
    wait(running, lambda: notes == ["begin 1"])
    assert running.ask("probe", Echo(), timeout=2.0) is None
    assert notes == ["begin 1"]
    running.tell("probe", Note("a"))
    wait(running, lambda: notes == ["begin 1", "a", "drained"])


def test_a_burst_is_drained_once() -> None:
    """Natural batching: several messages, one settling."""
    runtime = SimulatedRuntime()
    notes: list[str] = []
    runtime.spawn("probe", lambda context: Probe(context, notes))
    for text in "abc":
        runtime.tell("probe", Note(text))
    runtime.settle()
    assert notes == ["begin 1", "a", "b", "c", "drained"]


@BOTH
@pytest.mark.parametrize("kind_of_probe", [Probe, Draining])
def test_an_orderly_stop_ends_the_actor_and_says_so(running: Runtime, kind_of_probe: type[Probe]) -> None:
    """The name is free afterwards; the recorder drains first."""
    told: list[Message] = []
    notes: list[str] = []
    running.spawn("above", lambda context: Above(context, told))
    ref = running.spawn("probe", lambda context: kind_of_probe(context, notes), supervisor="above")
    for text in "abc":
        running.tell("probe", Note(text))
    running.stop_actor(ref)
    wait(running, lambda: any(isinstance(each, ChildEnded) for each in told))
    assert running.directory.find("probe") is None
    assert notes[-1] == "end"
    if kind_of_probe is Draining:
        assert [note for note in notes if note != "drained"] == ["begin 1", "a", "b", "c", "end"]
        assert notes[-2] == "drained"


@BOTH
def test_a_timer_brings_its_message_and_the_same_key_replaces(running: Runtime) -> None:
    """One-shot; a cancelled one is silent; those without a key stand alone."""
    notes: list[str] = []
    running.spawn("probe", lambda context: Probe(context, notes))
    running.tell("probe", SetAlarm(0.01, "replaced", "k"))
    running.tell("probe", SetAlarm(0.06, "kept", "k"))
    running.tell("probe", SetAlarm(0.01, "cancelled", "c"))
    running.tell("probe", SetAlarm(0.0, "", "c", cancel=True))
    running.tell("probe", SetAlarm(0.03, "alone 1"))
    running.tell("probe", SetAlarm(0.05, "alone 2"))
    wait(running, lambda: "kept" in notes)
    assert [note for note in notes if note not in ("drained", "begin 1")] == ["alone 1", "alone 2", "kept"]


def test_a_timer_that_rang_already_can_still_be_cancelled() -> None:
    """Cancel is exact: nothing arrives after it, even what waited in the inbox."""
    runtime = SimulatedRuntime()
    notes: list[str] = []

    class Late(Probe):
        def on_message(self, message: Message) -> None:
            super().on_message(message)
            if message == Note("arm"):
                self.after(0.0, Note("rang"), "k")
                ring = runtime.timers.heap.pop_due(self.now())
                assert ring is not None
                ring()
                assert not self.inbox.empty()
                self.cancel("k")

    runtime.spawn("probe", lambda context: Late(context, notes))
    runtime.tell("probe", Note("arm"))
    runtime.run_for(1.0)
    assert notes == ["begin 1", "arm", "drained"]


@BOTH
def test_a_timer_of_the_dead_never_rings_for_the_successor(running: Runtime) -> None:
    """Timers belong to an incarnation."""
    first: list[str] = []
    second: list[str] = []
    running.spawn("probe", lambda context: Probe(context, first))
    running.tell("probe", SetAlarm(0.05, "late"))
    running.tell("probe", Fail())
    wait(running, lambda: running.directory.find("probe") is None)
    running.spawn("probe", lambda context: Probe(context, second))
    running.tell("probe", SetAlarm(0.1, "own"))
    wait(running, lambda: "own" in second)
    assert second[0] == "begin 2"
    assert "late" not in first + second


@BOTH
def test_a_link_delivers_to_its_own_actor_and_never_to_the_successor(running: Runtime) -> None:
    """An answer on an old socket can't speak for a new one."""
    notes: list[str] = []
    links: list[Probe] = []

    def start(context: Context) -> Supervised:
        links.append(Probe(context, notes))
        return links[-1]

    running.spawn("probe", start)
    assert links[0].deliver(Note("first"))
    wait(running, lambda: "first" in notes)
    running.kill("probe")
    wait(running, lambda: running.directory.find("probe") is None)
    running.spawn("probe", start)
    assert not links[0].deliver(Note("from the old link"))
    assert links[1].deliver(Note("second"))
    wait(running, lambda: "second" in notes)
    assert "from the old link" not in notes


@BOTH
def test_the_heir_outlives_the_actor(running: Runtime) -> None:
    """Pledges, incarnations and plan numbers are there for the successor."""

    class Keeper(Probe):
        def on_begin(self) -> None:
            self.notes.append(f"found {self.heir.get('plan', 0)}")
            self.heir.put("plan", self.heir.get("plan", 0) + 1)

    notes: list[str] = []
    for round_ in (1, 2):
        running.spawn("keeper", lambda context: Keeper(context, notes))
        wait(running, lambda round_=round_: len(notes) == round_)  # type: ignore[misc]
        running.kill("keeper")
        wait(running, lambda: running.directory.find("keeper") is None)
    assert notes == ["found 0", "found 1"]


@BOTH
def test_chance_is_seeded_by_name_and_incarnation(running: Runtime) -> None:
    """The same seed gives the same draws, another name others."""
    again = SimulatedRuntime(seed=1)
    draws = running.random_for(("probe", 1)).random()
    assert draws == again.random_for(("probe", 1)).random()
    assert draws != again.random_for(("probe", 2)).random()
    assert draws != again.random_for(("other", 1)).random()


def test_an_error_that_cannot_be_printed_is_described_by_its_kind() -> None:
    """One line, whatever the error does."""

    class MuteError(Exception):
        def __str__(self) -> str:
            raise ValueError("no text")

    assert describe(MuteError()) == "MuteError"
    assert describe(ValueError("one\ntwo")) == "ValueError: one"
    assert describe(ValueError()) == "ValueError"


def test_every_turn_is_counted_with_its_time() -> None:
    """AC-4: what the shell's rates and percentiles are made of; a pause is no work."""
    runtime = make_runtime("threads")
    notes: list[str] = []
    runtime.spawn("probe", lambda context: Probe(context, notes))
    probe = runtime.living()[0]
    runtime.pause("probe", 0.2)
    for text in "abc":
        runtime.tell("probe", Note(text))
    wait(runtime, lambda: sum(probe.spent.counts) == 3)
    assert isinstance(runtime, ThreadRuntime)
    runtime.close()
    assert 0.0 < probe.spent.total < 0.2
