"""Tests of the trace of messages that the shell and the pages share."""

import pytest

from actors.messages import Message, RequestAction
from actors.runtime import SimulatedRuntime
from actors.supervised import Supervised
from actors.tracing import Trace
from evce.tracing import FORSAKEN_AFTER
from evce.units import BoxIdentity
from tests.actors.runtimes import Note, Notes, Probe


class Passer(Supervised):
    """Passes what it hears on to the probe, and reminds itself of it."""

    def on_message(self, message: Message) -> None:
        if isinstance(message, Note) and message.text == "pass":
            self.send("probe", Note("passed"))
            self.after(1.0, Note("again"))


def running(*, in_transit: bool = False) -> SimulatedRuntime:
    runtime = SimulatedRuntime(seed=1, in_transit=in_transit)
    runtime.spawn("probe", Probe)
    runtime.spawn("passer", Passer)
    runtime.settle()
    return runtime


@pytest.mark.parametrize("in_transit", [False, True])
def test_a_message_is_told_with_sender_receiver_and_time(in_transit: bool) -> None:
    """AC-4: who told whom; an actor's own timer is told by itself, what is from outside by nobody."""
    runtime = running(in_transit=in_transit)
    trace = Trace(runtime, "", "", 4)
    runtime.tell("passer", Note("pass"))
    runtime.run_for(2.0)
    told = trace.take()
    assert [(each.sender, each.to, each.fields["text"]) for each in told] == [
        ("", "passer", "pass"),
        ("passer", "probe", "passed"),
        ("passer", "passer", "again"),
    ]
    start = runtime.clock.utc_now()
    assert told[0].at[:19] < start.isoformat()[:19]
    runtime.ask("probe", Notes(), 5.0)
    (asked,) = trace.take()
    assert (asked.sender, asked.type) == ("", "Notes")


def test_secrets_are_not_told() -> None:
    """RELIABILITY 4.22: an engineer may share the screen."""
    runtime = running()
    trace = Trace(runtime, "", "RequestAction", 7)
    given = {"key": "AuthorizationKey", "value": "SECRET"}
    runtime.tell("probe", RequestAction(BoxIdentity("CP-1"), "set-key", given, "ada"))
    runtime.settle()
    (told,) = trace.take()
    assert "SECRET" not in str(told)
    assert told.fields["given"]["key"] == "AuthorizationKey"


def test_a_trace_that_nobody_reads_any_more_ends_by_itself() -> None:
    """AC-4: from then on it costs nothing."""
    runtime = running()
    trace = Trace(runtime, "", "", 4)
    runtime.run_for(FORSAKEN_AFTER - 1.0)
    runtime.tell("probe", Note("a"))
    runtime.settle()
    assert trace.running
    runtime.run_for(2.0)
    runtime.tell("probe", Note("b"))
    runtime.settle()
    assert not trace.running
    assert runtime._listeners == ()
    assert [each.fields["text"] for each in trace.take()] == ["a", "b"]


def test_a_closed_trace_hears_nothing() -> None:
    runtime = running()
    trace = Trace(runtime, "", "", 4)
    trace.close()
    runtime.tell("probe", Note("a"))
    runtime.settle()
    assert trace.take() == []
    assert runtime._listeners == ()
