"""Determinism, virtual time, interleavings and the driver's tools."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from actors.messages.base import Message
from actors.messages.supervision import NoAnswer
from actors.runtime import SimulatedRuntime
from actors.runtime.simulated import EPOCH
from actors.supervised import Context, Supervised
from tests.actors.runtimes import Fail, Note, Notes, Probe, SetAlarm


class Chatter(Supervised):
    """Sends notes to its peers at random times, so that a trace shows every choice of the scheduler."""

    def __init__(self, context: Context, peers: list[str], budget: int) -> None:
        super().__init__(context)
        self.peers = peers
        self.budget = budget

    def on_begin(self) -> None:
        self.after(self.random.random(), Note("tick"))

    def on_message(self, message: Message) -> None:
        if self.budget == 0:
            return
        self.budget -= 1
        for peer in self.random.sample(self.peers, 2):
            self.send(peer, Note(f"{self.budget}", self.name))
        self.after(self.random.random(), Note("tick"))


def trace(seed: int, in_transit: bool) -> list[tuple[float, str, Message]]:
    runtime = SimulatedRuntime(seed, in_transit=in_transit)
    delivered: list[tuple[float, str, Message]] = []
    runtime.on_delivery(lambda now, name, message, _: delivered.append((now, name, message)))
    peers = [f"peer/{number}" for number in range(5)]
    for name in peers:
        runtime.spawn(name, lambda context: Chatter(context, peers, 20))
    runtime.call_after(3.0, lambda: runtime.kill("peer/2"))
    runtime.run_for(60.0)
    return delivered


@pytest.mark.parametrize("in_transit", [False, True])
def test_the_same_seed_gives_the_same_trace(in_transit: bool) -> None:
    """And another seed another one."""
    first = trace(7, in_transit)
    assert len(first) > 100
    assert first == trace(7, in_transit)
    assert first != trace(8, in_transit)


@pytest.mark.parametrize("in_transit", [False, True])
def test_one_sender_to_one_receiver_keeps_its_order(in_transit: bool) -> None:
    """Whatever the seed; messages of different senders may overtake each other."""
    orders = set()
    for seed in range(20):
        runtime = SimulatedRuntime(seed, in_transit=in_transit)
        got: list[str] = []

        class Burst(Supervised):
            def on_begin(self) -> None:
                for number in range(3):
                    self.send("probe", Note(f"{self.name}{number}"))

        runtime.spawn("probe", lambda context, got=got: Probe(context, got))  # type: ignore[misc]
        runtime.spawn("x", Burst)
        runtime.spawn("y", Burst)
        runtime.settle()
        got = [note for note in got if note[0] in "xy"]
        for sender in "xy":
            assert [note for note in got if note[0] == sender] == [f"{sender}{number}" for number in range(3)]
        orders.add(tuple(got))
    assert len(orders) > (5 if in_transit else 1)


def test_in_transit_a_message_can_overtake_a_detour() -> None:
    """A tells C and then D, C tells D: on threads either may arrive first, so some seed must show each."""

    def first_at_d(seed: int) -> str:
        runtime = SimulatedRuntime(seed, in_transit=True)
        got: list[str] = []

        class Sender(Supervised):
            def on_begin(self) -> None:
                self.send("c", Note("pass on"))
                self.send("d", Note("straight"))

        class Relay(Supervised):
            def on_message(self, message: Message) -> None:
                self.send("d", Note("detour"))

        runtime.spawn("d", lambda context: Probe(context, got))
        runtime.spawn("c", Relay)
        runtime.settle()
        runtime.spawn("a", Sender)
        runtime.settle()
        return next(note for note in got if note in ("straight", "detour"))

    assert {first_at_d(seed) for seed in range(30)} == {"straight", "detour"}


def test_time_passes_only_in_the_driver() -> None:
    """Virtual seconds cost nothing, and the clock stops where it was told to."""
    runtime = SimulatedRuntime()
    notes: list[str] = []
    runtime.spawn("probe", lambda context: Probe(context, notes))
    runtime.tell("probe", SetAlarm(86_400.0, "a day later"))
    runtime.run_for(86_399.0)
    assert "a day later" not in notes
    assert runtime.clock.monotonic() == 86_399.0
    assert runtime.run_until(lambda: "a day later" in notes, timeout=10.0)
    assert runtime.clock.monotonic() == 86_400.0
    assert runtime.clock.utc_now() == EPOCH + timedelta(days=1)
    assert not runtime.run_until(lambda: False, timeout=5.0)
    assert runtime.clock.monotonic() == 86_405.0


def test_a_jump_of_the_wall_clock_rings_no_timer() -> None:
    """RELIABILITY invariant 16."""
    runtime = SimulatedRuntime()
    notes: list[str] = []
    runtime.spawn("probe", lambda context: Probe(context, notes))
    runtime.tell("probe", SetAlarm(10.0, "rang"))
    runtime.run_for(1.0)
    runtime.shift_wall(86_400.0)
    runtime.run_for(8.9)
    assert "rang" not in notes
    runtime.run_for(0.2)
    assert "rang" in notes
    assert runtime.clock.utc_now() == EPOCH + timedelta(seconds=86_410.1)


def test_events_from_outside_come_at_their_time_and_may_fail_the_driver() -> None:
    """A scenario is a list of `call_at`."""
    runtime = SimulatedRuntime()
    at: list[float] = []
    runtime.call_at(2.0, lambda: at.append(runtime.clock.monotonic()))
    runtime.call_at(1.0, lambda: at.append(runtime.clock.monotonic()))
    runtime.run_for(1.5)
    runtime.call_at(0.5, lambda: at.append(runtime.clock.monotonic()))
    runtime.run_for(1.5)
    assert at == [1.0, 1.5, 2.0]

    def fails() -> None:
        raise ValueError("the scenario is wrong")

    runtime.call_after(1.0, fails)
    with pytest.raises(ValueError, match="scenario"):
        runtime.run_for(2.0)


def test_an_unanswered_question_costs_virtual_time_only() -> None:
    """A hung actor is modelled by one that is never drawn again."""
    runtime = SimulatedRuntime()
    runtime.spawn("probe", Probe, hang_budget_s=60.0)
    runtime.kill("probe", "hang")
    with pytest.raises(NoAnswer):
        runtime.ask("probe", Notes(), timeout=5.0)
    assert runtime.clock.monotonic() == 5.0
    (line,) = runtime.tree()
    assert line.busy_s == 5.0


def test_a_livelock_is_told_instead_of_running_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two actors that answer each other at once stop the virtual clock."""
    monkeypatch.setattr("actors.runtime.simulated.LIVELOCK_BOUND", 1000)

    class Ball(Supervised):
        def on_message(self, message: Message) -> None:
            self.send("pong" if self.name == "ping" else "ping", message)

    runtime = SimulatedRuntime()
    runtime.spawn("ping", Ball)
    runtime.spawn("pong", Ball)
    runtime.tell("ping", Note("ball"))
    with pytest.raises(RuntimeError, match="livelock"):
        runtime.run_for(1.0)


def test_the_driver_cannot_be_driven_from_inside_an_actor() -> None:
    """Nested scheduling would break the atomic turn of the actor that does it."""
    runtime = SimulatedRuntime()

    class Meddler(Supervised):
        def on_message(self, message: Message) -> None:
            runtime.run_for(1.0)

    runtime.spawn("meddler", Meddler)
    runtime.tell("meddler", Note("go"))
    runtime.settle()
    assert "don't drive it" in runtime.failures[0].reason


def test_the_dead_leave_no_timers_behind() -> None:
    """A crash loop with an hour's timer each must not fill the heap."""
    runtime = SimulatedRuntime()
    runtime.spawn("probe", Probe)
    runtime.tell("probe", SetAlarm(3600.0, "late"))
    runtime.settle()
    assert len(runtime.timers.heap) == 1
    runtime.kill("probe")
    runtime.settle()
    assert len(runtime.timers.heap) == 0


def test_the_dead_are_not_drawn() -> None:
    """What was told before the death is dropped with the inbox."""
    runtime = SimulatedRuntime()
    notes: list[str] = []
    runtime.spawn("probe", lambda context: Probe(context, notes))
    tell: Callable[[Message], bool] = lambda message: runtime.tell("probe", message)  # noqa: E731
    assert tell(Fail())
    assert tell(Note("lost"))
    runtime.settle()
    assert notes == ["begin 1"]
    assert not runtime.living()
