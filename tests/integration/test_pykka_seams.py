"""Pins the private seams of pykka 4.5 that actors/supervised.py, inbox.py and runtime/ build on."""

import inspect
import queue
import threading
from importlib.metadata import version
from typing import Any

import pykka
import pytest
from pykka import _actor, _envelope, _threading, messages

from actors.runtime import SimulatedRuntime
from tests.actors.runtimes import Notes, Probe


class Bare(pykka.ThreadingActor):
    """An actor that notes which seams pykka goes through."""

    calls: list[str]

    def __init__(self) -> None:
        self.calls = []
        super().__init__()

    def _create_actor_inbox(self) -> Any:  # type: ignore[override]
        self.calls.append("inbox")
        return super()._create_actor_inbox()

    def _start_actor_loop(self) -> None:
        self.calls.append("start loop")


def test_pykka_is_of_the_series_that_the_seams_were_read_in() -> None:
    """A newer one needs a look at its source, and this line."""
    assert version("pykka").startswith("4.5")


def test_the_inbox_is_made_through_the_instance_once_in_the_constructor() -> None:
    """`_create_actor_inbox` may be overridden by a method that sees self."""
    actor = Bare()
    assert actor.calls == ["inbox"]
    assert actor.actor_ref.actor_inbox is actor.actor_inbox


def test_start_loop_makes_no_thread_when_overridden() -> None:
    """The runtime decides what an actor runs on."""
    before = threading.active_count()
    actor = Bare()
    actor._start_actor_loop()
    assert actor.calls[-1] == "start loop"
    assert threading.active_count() == before


def test_pykkas_own_thread_would_run_actor_loop() -> None:
    """`_actor_loop` is the whole life of an actor: overriding it takes over every reaction to failures."""
    assert "target=self._actor_loop" in inspect.getsource(_threading.ThreadingActor._start_actor_loop)
    body = inspect.getsource(_actor.Actor._actor_loop)
    for step in ("_actor_loop_setup", "_actor_loop_running", "_actor_loop_teardown"):
        assert f"self.{step}()" in body
    # What the override must keep from happening: SystemExit in one actor stopping them all.
    assert "ActorRegistry.stop_all()" in inspect.getsource(_actor.Actor._actor_loop_running)


def test_an_envelope_has_a_message_and_a_place_to_reply() -> None:
    """The inbox sorts envelopes and answers through `reply_to`."""
    future: pykka.Future[Any] = pykka.ThreadingFuture()
    envelope = _envelope.Envelope("message", reply_to=future)
    assert (envelope.message, envelope.reply_to) == ("message", future)
    assert _envelope.Envelope("told").reply_to is None


def test_stop_is_a_message_put_into_the_inbox_with_a_reply() -> None:
    """`ActorRef.stop` asks `_ActorStop`; answering it with None resolves the future to True."""
    actor = Bare()
    future = actor.actor_ref.stop(block=False)
    envelope = actor.actor_inbox.get()
    assert isinstance(envelope.message, messages._ActorStop)
    assert envelope.reply_to is not None
    envelope.reply_to.set(None)
    assert future.get(timeout=1) is True


def test_a_ref_is_alive_until_actor_stopped_is_set() -> None:
    """The runtime ends an actor by that event alone."""
    actor = Bare()
    alive = [actor.actor_ref.is_alive()]
    actor.actor_stopped.set()
    alive.append(actor.actor_ref.is_alive())
    assert alive == [True, False]
    with pytest.raises(pykka.ActorDeadError):
        actor.actor_ref.tell("message")


def test_a_future_refuses_a_second_answer_and_shows_the_first() -> None:
    """`reject` relies on the refusal, the simulated runtime's `ask` on `_result`."""
    future: pykka.ThreadingFuture[str] = pykka.ThreadingFuture()
    assert future._result is None
    future.set("first")
    assert getattr(future, "_result") is not None  # noqa: B009
    with pytest.raises(queue.Full):
        future.set("second")
    assert future.get(timeout=0) == "first"


def test_a_supervised_actor_never_enters_pykkas_registry() -> None:
    """Names resolve through the directory; `ActorRegistry.stop_all` finds nobody."""
    runtime = SimulatedRuntime()
    runtime.spawn("probe", Probe)
    runtime.settle()
    assert runtime.ask("probe", Notes(), timeout=1.0) == ["begin 1"]
    assert not [ref for ref in pykka.ActorRegistry.get_all() if ref.actor_class is Probe]
