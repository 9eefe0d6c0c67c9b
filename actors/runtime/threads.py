"""The runtime of the daemon: a thread per actor, the machine's clock, a thread for timers, one to watch."""

from __future__ import annotations

import logging
import random
import sys
import threading
import traceback
from collections.abc import Callable, Hashable
from typing import Any

import pykka
from pykka._envelope import Envelope

from actors.inbox import Signal
from actors.messages.base import Question
from actors.messages.supervision import AnswererDied, NoAnswer, NobodyThere
from actors.runtime.base import Runtime
from actors.runtime.clock import SystemClock
from actors.runtime.effort import effort_of, processor_time
from actors.supervised import TRACEBACK_BOUND, Supervised
from actors.timers import Owner, TimerHeap
from actors.watchdog import PERIOD_S, Handler, Watchdog
from evce.site_time import KeptTime

__all__ = ["Answer", "ThreadRuntime", "ThreadTimers"]

logger = logging.getLogger(__name__)

PAUSE_LOOK_S = 0.1
"""A paused actor that was stopped or replaced meanwhile ends this soon."""

_here = threading.local()


class Answer(pykka.ThreadingFuture[Any]):
    """Where an answer arrives; `abandoned` once the asker went away, so that nobody works for nobody."""

    abandoned = False


class ThreadTimers:
    """All timers on one thread, which sleeps until the next one is due."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._heap = TimerHeap()
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="timers", daemon=True)
        self._thread.start()

    def after(self, seconds: float, owner: Owner, key: Hashable, ring: Callable[[], None]) -> None:
        """See `Timers.after`."""
        at = self._monotonic() + max(0.0, seconds)
        with self._changed:
            before = self._heap.next_at()
            self._heap.arm(at, owner, key, ring)
            if before is None or at < before:
                self._changed.notify()

    def cancel(self, owner: Owner, key: Hashable) -> None:
        """See `Timers.cancel`."""
        with self._changed:
            self._heap.disarm(owner, key)

    def cancel_all(self, owner: Owner) -> None:
        """See `Timers.cancel_all`."""
        with self._changed:
            self._heap.disarm_all(owner)

    def close(self) -> None:
        """Ring no more and end the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                if self._closed:
                    return
                ring = self._heap.pop_due(self._monotonic())
                if ring is None:
                    at = self._heap.next_at()
                    self._changed.wait(None if at is None else max(0.0, at - self._monotonic()))
                    continue
            try:
                ring()
            except Exception:  # one bad timer must not silence all the others
                logger.exception("a timer failed")


class ThreadRuntime(Runtime):
    """Real threads and the real clock. `on_give_up` gets the reason; the daemon ends the process there.

    `kept_time` is what an earlier process left of its correction of the time.
    """

    def __init__(
        self,
        *,
        on_give_up: Callable[[str], None] | None = None,
        seed: int | None = None,
        kept_time: KeptTime | None = None,
    ) -> None:
        self.clock = SystemClock(kept_time)
        self.timers: ThreadTimers = ThreadTimers(self.clock.monotonic)
        if seed is None:
            seed = random.SystemRandom().getrandbits(64)
        super().__init__(threading.RLock(), seed, on_give_up)
        self._threads: dict[Owner, threading.Thread] = {}
        self._pauses: dict[Owner, threading.Event] = {}
        self._ended = threading.Condition()
        self._closing = threading.Event()
        self._watchdog = Watchdog()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def ask(self, name: str, question: Question, timeout: float) -> Any:
        """See `Runtime.ask`; blocks the calling thread, which must not be an actor's."""
        asking = getattr(_here, "actor", None)
        if asking is not None:
            raise RuntimeError(f"{asking} asked {name}: actors send messages and never ask")
        entry = self.directory.find(name)
        if entry is None:
            raise NobodyThere(f"no actor is named {name}")
        answer = Answer()
        entry.inbox.put(Envelope(question, reply_to=answer))
        try:
            return answer.get(timeout=timeout)
        except pykka.Timeout as error:
            answer.abandoned = True
            raise NoAnswer(f"{name} didn't answer within {timeout:g} s") from error
        except AnswererDied as error:
            raise AnswererDied(str(error)) from None

    def wait_until(self, condition: Callable[[], bool], deadline: float) -> bool:
        """See `Runtime.wait_until`; looks again at least every 50 ms and when an actor ends."""
        with self._ended:
            while not condition():
                left = deadline - self.clock.monotonic()
                if left <= 0:
                    return False
                self._ended.wait(min(left, 0.05))
        return True

    def close(self, timeout: float = 10.0) -> bool:
        """Stop the actors, then the timers and the watchdog; seconds. False when some actor wouldn't stop."""
        stopped = self.stop(timeout)
        self._closing.set()
        self.timers.close()
        return stopped

    def new_signal(self, actor: Supervised) -> Signal:  # noqa: ARG002
        """A condition of its own per actor."""
        return threading.Condition(threading.Lock())

    def start_loop(self, actor: Supervised) -> None:
        """A daemon thread named after the actor."""
        thread = threading.Thread(target=self._live, args=(actor,), name=actor.name, daemon=True)
        with self._lock:
            self._threads[actor.context.owner] = thread
        thread.start()

    def hang(self, actor: Supervised) -> None:
        """Block this thread until the watchdog has muted the actor."""
        actor.actor_stopped.wait()

    def hold(self, actor: Supervised, seconds: float) -> None:
        """Block this thread; looks every tenth of a second whether the actor was given up meanwhile."""
        owner = actor.context.owner
        over = self._pauses[owner] = threading.Event()
        actor.paused = True
        deadline = self.clock.monotonic() + seconds
        while not actor.actor_stopped.is_set() and self.clock.monotonic() < deadline:
            if over.wait(min(PAUSE_LOOK_S, max(0.0, deadline - self.clock.monotonic()))):
                break
        self._pauses.pop(owner, None)
        actor.paused = False

    def release(self, actor: Supervised) -> None:
        """Let the thread go on."""
        over = self._pauses.get(actor.context.owner)
        if over is not None:
            over.set()

    def _live(self, actor: Supervised) -> None:
        _here.actor = actor.name
        try:
            actor._actor_loop()
        finally:
            with self._lock:
                self._threads.pop(actor.context.owner, None)
            self.loop_ended(actor)
            with self._ended:
                self._ended.notify_all()

    def _watch(self) -> None:
        while not self._closing.wait(PERIOD_S):
            actors = {actor.context.owner: actor for actor in self.living()}
            handlers = [handler for actor in actors.values() if (handler := self._handler_of(actor))]
            for handler, seconds in self._watchdog.look(self.clock.monotonic(), processor_time(), handlers):
                actor = actors[handler.owner]
                if actor.busy_since == handler.since:  # it may have come to its end in this moment
                    self.found_hung(actor, seconds, self._stack_of(actor))

    def _handler_of(self, actor: Supervised) -> Handler | None:
        """What runs in this actor now, with the account of its thread."""
        since, context = actor.busy_since, actor.context
        if since is None or actor.muted:
            return None
        with self._lock:
            thread = self._threads.get(context.owner)
        native_id = None if thread is None else thread.native_id
        effort = None if native_id is None else effort_of(native_id)
        return Handler(context.owner, since, context.hang_budget_s, effort)

    def _stack_of(self, actor: Supervised) -> str:
        """Where the hung thread is, for the developer who has to find out why."""
        with self._lock:
            thread = self._threads.get(actor.context.owner)
        frame = None if thread is None or thread.ident is None else sys._current_frames().get(thread.ident)
        return "" if frame is None else "".join(traceback.format_stack(frame))[-TRACEBACK_BOUND:]
