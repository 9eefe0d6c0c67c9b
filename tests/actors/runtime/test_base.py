"""What both runtimes promise alike."""

import pytest

from actors.messages.base import Message, Question
from actors.messages.supervision import AnswererDied, AskFailed, NoAnswer, NobodyThere
from actors.runtime import Runtime
from actors.supervised import HangForDrill, Supervised
from actors.supervisor import Supervisor
from tests.actors.runtimes import BOTH, Echo, Fail, Note, Notes, Probe, make_runtime, running, wait

__all__ = ["running"]


@BOTH
def test_ask_brings_the_answer(running: Runtime) -> None:
    """Behind what waited before."""
    running.spawn("probe", Probe)
    running.tell("probe", Note("a"))
    answer = running.ask("probe", Notes(), timeout=2.0)
    assert [note for note in answer if note != "drained"] == ["begin 1", "a"]


@BOTH
def test_ask_without_an_answer_is_an_error_of_its_kind(running: Runtime) -> None:
    """Each is an `AskFailed` and a builtin error, so that an edge needs no pykka."""

    class Deaf(Supervised):
        def on_question(self, question: Question) -> object:
            raise HangForDrill

    running.spawn("probe", Probe)
    running.spawn("deaf", Deaf)
    for name, question, builtin, error in (
        ("nobody", Notes(), LookupError, NobodyThere),
        ("deaf", Notes(), TimeoutError, NoAnswer),
        ("probe", Echo(ValueError), RuntimeError, AnswererDied),
    ):
        with pytest.raises(builtin) as caught:
            running.ask(name, question, timeout=0.1)
        assert isinstance(caught.value, error)
        assert isinstance(caught.value, AskFailed)


@BOTH
def test_an_actor_that_asks_dies_of_it(running: Runtime) -> None:
    """Actors send messages; asking each other they would wait for each other."""

    class Curious(Supervised):
        def on_message(self, message: Message) -> None:
            self.context.runtime.ask("probe", Notes(), timeout=1.0)

    running.spawn("probe", Probe)
    running.spawn("curious", Curious)
    running.tell("curious", Note("go"))
    wait(running, lambda: bool(running.failures))
    assert "never ask" in running.failures[0].reason


@BOTH
@pytest.mark.parametrize("how", ["exception", "exit", "hang"])
def test_kill_ends_the_actor_before_its_next_message(running: Runtime, how: str) -> None:
    """For fault drills; nobody else is touched."""
    notes: list[str] = []
    running.spawn("probe", lambda context: Probe(context, notes), hang_budget_s=0.1)
    wait(running, lambda: notes == ["begin 1"])
    assert running.kill("probe", how)
    running.tell("probe", Note("too late"))
    wait(running, lambda: running.directory.find("probe") is None)
    assert notes == ["begin 1"]
    assert not running.kill("probe", how)
    assert running.failures[-1].name == "probe"


def test_an_unknown_way_to_kill_is_refused() -> None:
    """With the ways that exist."""
    with pytest.raises(ValueError, match="exception, exit or hang"):
        make_runtime("simulated").kill("probe", "axe")


@BOTH
def test_only_a_top_supervisor_that_fails_gives_up(kind: str) -> None:
    """Not a plain actor, and not an orderly end; once."""
    reasons: list[str] = []
    runtime = make_runtime(kind, on_give_up=reasons.append)
    runtime.spawn("probe", Probe)
    runtime.spawn("one", Supervisor)
    runtime.spawn("two", Supervisor)
    other = runtime.spawn("three", Supervisor)
    runtime.tell("probe", Fail())
    runtime.stop_actor(other)
    wait(runtime, lambda: len(runtime.living()) == 2)
    assert reasons == []
    runtime.kill("one")
    runtime.kill("two")
    wait(runtime, lambda: not runtime.living())
    assert len(reasons) == 1
    assert runtime.gave_up == reasons[0]
    states = {line.view.name: line.view.state for line in runtime.tree()}
    assert states == {"one": "given up", "two": "given up", "three": "stopped", "probe": "given up"}


@BOTH
def test_stop_ends_the_last_started_first(running: Runtime) -> None:
    """In good order; and again changes nothing."""
    order: list[str] = []

    class Ending(Supervised):
        def on_end(self) -> None:
            order.append(self.name)

    for name in "abc":
        running.spawn(name, Ending)
    assert running.stop(timeout=2.0)
    assert order == ["c", "b", "a"]
    assert running.stop(timeout=2.0)


@BOTH
def test_stop_tells_when_somebody_would_not(running: Runtime) -> None:
    """Within the time that it was given."""
    running.spawn("probe", Probe, hang_budget_s=60.0)
    running.kill("probe", "hang")
    assert not running.stop(timeout=0.1)


@BOTH
def test_a_constructor_that_fails_leaves_nothing_behind(running: Runtime) -> None:
    """Its error reaches who spawns it."""
    with pytest.raises(RuntimeError, match="constructor fails"):
        running.spawn("probe", lambda context: Probe(context, fails_in="constructor"))
    assert running.directory.find("probe") is None
    assert not running.living()
