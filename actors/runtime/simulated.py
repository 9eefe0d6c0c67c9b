"""The deterministic runtime: one thread, a virtual clock, a seeded scheduler, the same actor classes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from contextlib import nullcontext
from datetime import UTC, datetime
from random import Random
from typing import Any

import pykka
from pykka._envelope import Envelope

from actors.inbox import Signal
from actors.messages.base import Message, Question
from actors.messages.supervision import AnswererDied, NoAnswer, NobodyThere
from actors.runtime.base import Runtime
from actors.runtime.clock import VirtualClock
from actors.supervised import Supervised
from actors.timers import Owner, TimerHeap
from actors.watchdog import PERIOD_S
from evce.site_time import KeptTime

__all__ = ["EPOCH", "SimulatedRuntime", "SimulatedTimers"]

EPOCH = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)
"""Where the virtual wall clock starts unless told otherwise: a Monday morning in winter time."""

LIVELOCK_BOUND = 1_000_000
"""Messages handled while the virtual clock stands still before the simulation is called a livelock."""

_WORLD: Owner = ("", 0)


class _Wake:
    """In the place of a condition: a put makes the actor runnable."""

    def __init__(self, runtime: SimulatedRuntime, actor: Supervised) -> None:
        self._runtime = runtime
        self._actor = actor

    def __enter__(self) -> None:
        return None

    def __exit__(self, *exc_info: Any) -> None:
        return None

    def notify(self) -> None:
        self._runtime.make_runnable(self._actor)

    def wait(self, timeout: float | None = None) -> None:  # noqa: ARG002
        raise RuntimeError("nothing waits in the simulated runtime")


class SimulatedTimers:
    """Timers in virtual time."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.heap = TimerHeap()

    def after(self, seconds: float, owner: Owner, key: Hashable, ring: Callable[[], None]) -> None:
        """See `Timers.after`."""
        self.heap.arm(self._clock.monotonic() + max(0.0, seconds), owner, key, ring)

    def cancel(self, owner: Owner, key: Hashable) -> None:
        """See `Timers.cancel`."""
        self.heap.disarm(owner, key)

    def cancel_all(self, owner: Owner) -> None:
        """See `Timers.cancel_all`."""
        self.heap.disarm_all(owner)


class SimulatedRuntime(Runtime):
    """Same seed, same events from outside: identical trace.

    Handlers take no virtual time; the clock moves only when nothing is runnable. Which runnable actor comes
    next is drawn from the seed. With `in_transit` each message also waits in a channel from its sender to
    its receiver until the scheduler draws it, so that messages of different senders overtake each other in
    every way that threads allow (and those of one sender to one receiver never do): slower, finds races.
    Not thread-safe: everything happens on the caller's thread.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        start: datetime = EPOCH,
        in_transit: bool = False,
        on_give_up: Callable[[str], None] | None = None,
        kept_time: KeptTime | None = None,
    ) -> None:
        self.clock: VirtualClock = VirtualClock(start, kept_time)
        self.timers: SimulatedTimers = SimulatedTimers(self.clock)
        super().__init__(nullcontext(), seed, on_give_up)
        self._scheduler = Random(seed)  # noqa: S311  # repeatable on purpose
        self._in_transit = in_transit
        self._runnable: list[Supervised | tuple[str, str]] = []
        self._waiting: dict[Owner | tuple[str, str], None] = {}
        self._channels: dict[tuple[str, str], deque[Message]] = {}
        self._begun: dict[Owner, None] = {}
        self._hung: dict[Owner, None] = {}
        self._serial = 0
        self._running = False
        self._held: dict[Owner, None] = {}
        self.handled = 0
        """Turns of actors since the start."""

    # Driving the simulation.

    def run_for(self, seconds: float) -> None:
        """Let `seconds` of virtual time pass and everything happen that falls into them."""
        self._run(self.clock.monotonic() + seconds, None)

    def run_until(self, predicate: Callable[[], bool], timeout: float) -> bool:
        """Run until the predicate holds, looked at after every step; False after `timeout` (virtual s)."""
        return self._run(self.clock.monotonic() + timeout, predicate)

    def settle(self) -> None:
        """Run what is runnable now without letting time pass."""
        self.run_for(0.0)

    def call_at(self, moment: float, function: Callable[[], object]) -> None:
        """Do something from outside at a virtual monotonic time (s); its exceptions reach the driver."""
        self._serial += 1

        def ring() -> None:
            function()

        self.timers.heap.arm(max(moment, self.clock.monotonic()), _WORLD, self._serial, ring)

    def call_after(self, seconds: float, function: Callable[[], object]) -> None:
        """Do something from outside in `seconds` of virtual time."""
        self.call_at(self.clock.monotonic() + seconds, function)

    def shift_wall(self, seconds: float) -> None:
        """Set the virtual wall clock forward or back; leases and time-outs must not notice."""
        self.clock.shift_wall(seconds)

    # What `Runtime` wants.

    def ask(self, name: str, question: Question, timeout: float) -> Any:
        """See `Runtime.ask`; runs the scheduler until the answer is there, `timeout` in virtual seconds."""
        if self._running:
            raise RuntimeError(f"somebody asked {name} from inside an actor: actors send messages, never ask")
        entry = self.directory.find(name)
        if entry is None:
            raise NobodyThere(f"no actor is named {name}")
        answer = _Answer()
        entry.inbox.put(Envelope(question, reply_to=answer))
        if not self.run_until(lambda: answer.there, timeout):
            answer.abandoned = True
            raise NoAnswer(f"{name} didn't answer within {timeout:g} s")
        try:
            return answer.get(timeout=0)
        except AnswererDied as error:
            raise AnswererDied(str(error)) from None

    def wait_until(self, condition: Callable[[], bool], deadline: float) -> bool:
        """See `Runtime.wait_until`."""
        return self._run(deadline, condition)

    def carry(self, sender: str, name: str, message: Message) -> bool:
        """At once, or through the channel of this pair."""
        if not self._in_transit:
            return self.directory.send(name, message, sender)
        channel = self._channels.setdefault((sender, name), deque())
        channel.append(message)
        if len(channel) == 1:
            self._runnable.append((sender, name))
        return self.directory.find(name) is not None

    def new_signal(self, actor: Supervised) -> Signal:
        """The scheduler."""
        return _Wake(self, actor)

    def start_loop(self, actor: Supervised) -> None:
        """The actor may now be drawn; its first turn is `begin`."""
        self.make_runnable(actor)

    def make_runnable(self, actor: Supervised) -> None:
        """Let the scheduler draw this actor."""
        owner = actor.context.owner
        if owner in self._held and not actor.actor_stopped.is_set():
            return
        if owner not in self._waiting and owner not in self._hung:
            self._waiting[owner] = None
            self._runnable.append(actor)

    def hang(self, actor: Supervised) -> None:
        """Never draw it again; the watchdog finds it at its next look after the budget."""
        owner = actor.context.owner
        self._hung[owner] = None
        since = self.clock.monotonic()
        budget = actor.context.hang_budget_s

        def found() -> None:
            self.found_hung(actor, self.clock.monotonic() - since)
            # A real zombie may live on; a drill's ends as soon as it is muted.
            self._hung.pop(owner, None)
            self._begun.pop(owner, None)
            self.loop_ended(actor)

        self.call_after(budget + PERIOD_S, found)

    def hangs(self, actor: Supervised) -> bool:
        """Whether `hang` was called for it."""
        return actor.context.owner in self._hung

    def hold(self, actor: Supervised, seconds: float) -> None:
        """Don't draw it meanwhile."""
        self._held[actor.context.owner] = None
        actor.paused = True
        self.call_after(seconds, lambda: self.release(actor))

    def release(self, actor: Supervised) -> None:
        """Let it be drawn again."""
        actor.paused = False
        if self._held.pop(actor.context.owner, self) is None and not actor.inbox.empty():
            self.make_runnable(actor)

    # The scheduler.

    def _run(self, deadline: float, predicate: Callable[[], bool] | None) -> bool:
        if self._running:
            raise RuntimeError("the simulation runs already: don't drive it from inside an actor")
        steps = 0
        while True:
            if predicate is not None and predicate():
                return True
            if self._runnable:
                steps += 1
                if steps > LIVELOCK_BOUND:
                    raise RuntimeError(f"livelock at {self.clock.monotonic():g} s: time doesn't advance")
                self._step()
                continue
            at = self.timers.heap.next_at()
            if at is None or at > deadline:
                self.clock.advance_to(deadline)
                return False
            if at > self.clock.monotonic():
                steps = 0
            self.clock.advance_to(at)
            ring = self.timers.heap.pop_due(at)
            if ring is not None:
                ring()

    def _step(self) -> None:
        """Draw one runnable actor, or channel, and let it have one turn."""
        runnable = self._runnable
        index = self._scheduler.randrange(len(runnable))
        drawn = runnable[index]
        runnable[index] = runnable[-1]
        runnable.pop()
        self._running = True
        try:
            if isinstance(drawn, tuple):
                self._pass_on(drawn)
            else:
                self._turn(drawn)
        finally:
            self._running = False

    def _pass_on(self, pair: tuple[str, str]) -> None:
        channel = self._channels[pair]
        self.directory.send(pair[1], channel.popleft(), pair[0])
        if channel:
            self._runnable.append(pair)
        else:
            del self._channels[pair]

    def _turn(self, actor: Supervised) -> None:
        owner = actor.context.owner
        self._waiting.pop(owner, None)
        if actor.actor_stopped.is_set():
            self._begun.pop(owner, None)
            self.loop_ended(actor)
            return
        self.handled += 1
        if owner not in self._begun:
            self._begun[owner] = None
            alive = actor.begin()
        else:
            envelope = actor.inbox.take()
            alive = envelope is None or actor.turn(envelope)
        if not alive:
            self._begun.pop(owner, None)
            self.loop_ended(actor)
        elif not actor.inbox.empty():
            self.make_runnable(actor)


class _Answer(pykka.ThreadingFuture[Any]):
    """A future that can be looked at."""

    abandoned = False

    @property
    def there(self) -> bool:
        return self._result is not None
