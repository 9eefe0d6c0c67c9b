"""What both runtimes promise alike."""

import pytest

from actors.messages.base import Message, Question
from actors.messages.supervision import AnswererDied, AskFailed, NoAnswer, NobodyThere
from actors.recorder import Recorder
from actors.runtime import Runtime
from actors.security import SecurityActor
from actors.site import SiteActor
from actors.site_time import SiteTimeActor
from actors.supervised import HANG_BUDGET_S, LONGEST_PAUSE_S, HangForDrill, Supervised
from actors.supervisor import Supervisor
from actors.zone import ZoneActor
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


class Patient(Probe):
    """Nothing hangs on it."""

    longest_pause_s = LONGEST_PAUSE_S


@BOTH
def test_a_paused_actor_handles_nothing_until_it_is_resumed(running: Runtime) -> None:
    """AC-4: what comes meanwhile waits, and the watchdog accuses nobody."""
    notes: list[str] = []
    running.spawn("probe", lambda context: Patient(context, notes), hang_budget_s=0.1)
    wait(running, lambda: notes == ["begin 1"])
    assert running.pause("probe", 60.0)
    wait(running, lambda: running.tree()[0].paused)
    running.tell("probe", Note("later"))
    running.wait_until(lambda: False, running.clock.monotonic() + 0.6)  # more than two looks of the watchdog
    assert notes == ["begin 1"]
    assert (running.tree()[0].busy_s, running.zombies) == (0.0, 0)
    assert running.resume("probe")
    wait(running, lambda: notes == ["begin 1", "later", "drained"])
    assert not running.tree()[0].paused
    assert not running.resume("probe")


@BOTH
def test_a_pause_that_was_forgotten_ends_by_itself(running: Runtime) -> None:
    """AC-4: after the time that was named."""
    notes: list[str] = []
    running.spawn("probe", lambda context: Patient(context, notes))
    assert running.pause("probe", 0.2)
    running.tell("probe", Note("later"))
    wait(running, lambda: "later" in notes)
    assert not running.tree()[0].paused


@BOTH
def test_a_paused_actor_can_still_be_given_up(running: Runtime) -> None:
    """AC-2: its thread ends too."""
    running.spawn("probe", Patient)
    running.pause("probe", 60.0)
    wait(running, lambda: running.tree()[0].paused)
    running.abandon(("probe", 1), "overdue")
    wait(running, lambda: running.zombies == 0)
    assert not running.living()


@BOTH
def test_a_stop_waits_for_no_pause(running: Runtime) -> None:
    """AC-3: SIGTERM ends a paused daemon in good order."""
    notes: list[str] = []
    running.spawn("probe", lambda context: Patient(context, notes))
    running.pause("probe", 60.0)
    wait(running, lambda: running.tree()[0].paused)
    assert running.stop(timeout=5.0)
    assert notes[-1] == "end"


@pytest.mark.parametrize("seconds", [0.0, -1.0, HANG_BUDGET_S + 0.1, float("nan")])
def test_a_pause_that_would_outlast_a_hang_is_refused(seconds: float) -> None:
    """RELIABILITY invariant 17: 3 s is the most that a part of the safety chain may stand still."""
    runtime = make_runtime("simulated")
    runtime.spawn("probe", Probe)
    with pytest.raises(ValueError, match="up to 2 s"):
        runtime.pause("probe", seconds)


@pytest.mark.parametrize(
    "kind",
    [
        kind
        for kind in (*Supervised.__subclasses__(), *ZoneActor.__subclasses__())
        if kind.__module__.startswith("actors.")
    ],
)
def test_only_where_no_current_hangs_on_it_a_pause_may_last(kind: type[Supervised]) -> None:
    """RELIABILITY invariants 1 and 8: what measures, decides or tells a station stands still no longer."""
    at_leisure = kind in (Recorder, SecurityActor, SiteActor, SiteTimeActor)
    assert kind.longest_pause_s == (LONGEST_PAUSE_S if at_leisure else HANG_BUDGET_S)


def test_nobody_can_be_paused_who_does_not_live() -> None:
    assert not make_runtime("simulated").pause("nobody", 1.0)


@BOTH
def test_who_listens_hears_every_message_until_it_stops_listening(running: Runtime) -> None:
    """AC-4: on the way to the handler, questions among them."""
    heard: list[tuple[str, str]] = []

    def listen(_: float, name: str, message: Message, __: str) -> None:
        heard.append((name, type(message).__name__))

    running.spawn("probe", Probe)
    running.on_delivery(listen)
    running.tell("probe", Note("one"))
    running.ask("probe", Notes(), 5.0)
    assert heard == [("probe", "Note"), ("probe", "Notes")]
    running.off_delivery(listen)
    running.off_delivery(listen)
    running.tell("probe", Note("two"))
    running.ask("probe", Notes(), 5.0)
    assert len(heard) == 2
