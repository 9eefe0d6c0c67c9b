"""The base of every actor: one `match` over messages, and every failure is one supervised death."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import pykka
from pykka._envelope import Envelope
from pykka.messages import _ActorStop

from actors.inbox import EVENT_BOUND, SAMPLE_BOUND, Carried, Inbox, reject
from actors.messages.base import Lane, Message, Question
from actors.timers import Owner
from evce.durations import Durations

if TYPE_CHECKING:
    from datetime import datetime

    from actors.runtime.base import Random, Runtime
    from actors.runtime.heir import Heir

__all__ = [
    "HANG_BUDGET_S",
    "LONGEST_PAUSE_S",
    "Context",
    "HangForDrill",
    "Kill",
    "KilledForDrill",
    "Pause",
    "Supervised",
    "describe",
]

logger = logging.getLogger(__name__)

HANG_BUDGET_S = 2.0
"""A handler that runs longer is hung: twice the second that a reduction may take, 200 times a usual one."""

TRACEBACK_BOUND = 4000
"""Characters of a traceback that travel to the supervisor and the log: its end, where the cause is."""


LONGEST_PAUSE_S = 600.0
"""Seconds for an actor on which no current hangs: a forgotten pause must not outlive a shift."""


class HangForDrill(BaseException):
    """Raised by a handler in a fault drill: from here on the actor does nothing, as if it hung."""


class KilledForDrill(RuntimeError):  # noqa: N818  # the log line says it all
    """Raised inside an actor that `Runtime.kill` was aimed at."""


class Kill(NamedTuple):
    """What `Runtime.kill` puts into an inbox. `how`: exception, exit or hang."""

    how: str

    @property
    def lane(self) -> Lane:
        """Before everything that waits."""
        return Lane.URGENT


class Pause(NamedTuple):
    """What `Runtime.pause` puts into an inbox: handle nothing for so many seconds."""

    seconds: float

    @property
    def lane(self) -> Lane:
        """Before everything that waits."""
        return Lane.URGENT


class _Rang(NamedTuple):
    """A timer of this actor rang; `serial` tells a timer from the one that replaced it."""

    key: Hashable
    serial: int
    message: Message

    @property
    def lane(self) -> Lane:
        """Behind what waits, whatever the lane of the message itself."""
        return Lane.EVENT


@dataclass(frozen=True)
class Context:
    """What an actor is born with. `incarnation` counts the holders of the name since the process started."""

    name: str
    runtime: Runtime
    supervisor: str | None = None
    incarnation: int = 1
    hang_budget_s: float = HANG_BUDGET_S

    @property
    def heir(self) -> Heir:
        """What outlives the actor: `get(key)`, `put(key, immutable value)`."""
        return self.runtime.heirs.of(self.name)

    @property
    def owner(self) -> Owner:
        """Whose timers these are."""
        return self.name, self.incarnation


class Supervised(pykka.ThreadingActor):
    """Subclasses override the `on_…` hooks, which all run on the actor's own thread.

    Any exception in a hook, `SystemExit` too and also while answering an `ask`, is one death: nothing of the
    half-changed state lives on, an asker gets `AnswererDied`, what waits in the inbox is dropped, and the
    supervisor is told (`ChildDied`). Other actors don't notice. The constructor runs on the thread of whoever
    spawns the actor; its failure is a death as well.
    """

    use_daemon_thread = True
    actor_inbox: Inbox

    drain_on_stop: ClassVar[bool] = False
    """An orderly stop first handles what waits (the recorder), instead of overtaking it."""
    event_bound: ClassVar[int] = EVENT_BOUND
    sample_bound: ClassVar[int] = SAMPLE_BOUND
    longest_pause_s: ClassVar[float] = HANG_BUDGET_S
    """As long as a hang may last, except where no current hangs on it: it is no safer than a hung one."""
    ends_process: ClassVar[bool] = False
    """Without a supervisor above it, its death means that the runtime gives up."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.name = context.name
        self.busy_since: float | None = None
        """Monotonic start of the handler that runs now, for the watchdog."""
        self.paused = False
        """Held by somebody at the debug shell: messages wait, and the watchdog doesn't mind."""
        self.spent = Durations()
        """How long each turn of this incarnation took: a handler and, after it, `on_drained`."""
        self.muted = False
        """Taken for hung or abandoned: what it still does reaches nobody."""
        self._monotonic = context.runtime.clock.monotonic
        self._serial = 0
        self._armed: dict[Hashable, int] = {}
        self._undrained = False
        self._current: Envelope[Any] | None = None
        self._stops: list[Envelope[Any]] = []
        super().__init__()

    # What subclasses use.

    def now(self) -> float:
        """Monotonic seconds of the runtime's clock."""
        return self._monotonic()

    def utc_now(self) -> datetime:
        """Aware UTC, wall clock of the runtime's clock."""
        return self.context.runtime.clock.utc_now()

    @property
    def heir(self) -> Heir:
        """What outlives this actor."""
        return self.context.heir

    @cached_property
    def random(self) -> Random:
        """Seeded by the runtime, its own per name and incarnation."""
        return self.context.runtime.random_for(self.context.owner)

    def send(self, name: str, message: Message) -> bool:
        """Tell by name. Never blocks, never raises; False when nobody is there (or when muted)."""
        if self.muted:
            return False
        return self.context.runtime.carry(self.name, name, message)

    def deliver(self, message: Message) -> bool:
        """For this actor's own links: thread-safe, never raises, and never reaches a successor."""
        return self.inbox.offer(Envelope(message))

    def after(self, seconds: float, message: Message, key: Hashable | None = None) -> None:
        """Put `message` into the own inbox (event lane) once in `seconds`; the same key replaces.

        Without a key the timer stands alone and can't be cancelled.
        """
        self._serial += 1
        serial = self._serial
        timer_key: Hashable = ("timer", serial) if key is None else ("key", key)
        self._armed[timer_key] = serial
        rang: Envelope[Any] = Envelope(_Rang(timer_key, serial, message))
        inbox = self.inbox

        def ring() -> None:
            inbox.put(rang)

        self.context.runtime.timers.after(seconds, self.context.owner, timer_key, ring)

    def cancel(self, key: Hashable) -> None:
        """Disarm; also a timer that rang already but was not handled yet."""
        if self._armed.pop(("key", key), None) is not None:
            self.context.runtime.timers.cancel(self.context.owner, ("key", key))

    @property
    def sender(self) -> str:
        """Who sent the message that is handled now: itself for its timers, empty for what is from outside."""
        current = self._current
        if current is None:
            return ""
        if isinstance(current.message, _Rang):
            return self.name
        return current.sender if isinstance(current, Carried) else ""

    @property
    def inbox(self) -> Inbox:
        """The mailbox, for statistics and back-pressure."""
        return self.actor_inbox

    # Hooks.

    def on_begin(self) -> None:
        """Run before the first message. An exception is a supervised death."""

    def on_message(self, message: Message) -> None:
        """Handle one message. An exception is a supervised death."""
        logger.warning("%s got a message that it doesn't know: %r", self.name, message)

    def on_question(self, question: Question) -> object:
        """Answer an `ask`; read only. An exception is a supervised death, the asker gets `AnswererDied`."""
        raise NotImplementedError(f"{self.name} answers no questions, asked {type(question).__name__}")

    def on_drained(self) -> None:
        """Run when the inbox is empty after at least one message. An exception is a supervised death."""

    def on_end(self) -> None:
        """Run at an orderly stop, not after a failure. An exception is a supervised death."""

    def on_stop_asked(self) -> bool:
        """Whether to end at once; a supervisor says no, stops its children and ends later."""
        return True

    # What the runtimes call.

    def begin(self) -> bool:
        """Run `on_begin`; False when the actor died of it."""
        self.busy_since = self._monotonic()
        try:
            self.on_begin()
            if not self.muted:
                self.context.runtime.began(self)
        except HangForDrill:
            self.context.runtime.hang(self)
        except BaseException as error:  # SystemExit included: it must not end the process
            self._die(error)
        return self._still_alive()

    def turn(self, envelope: Envelope[Any]) -> bool:
        """Handle one message from the inbox; False when the actor has ended."""
        started = self.busy_since = self._monotonic()
        self._current = envelope
        try:
            self._handle(envelope)
            if self._undrained and self.inbox.empty() and not self.actor_stopped.is_set():
                self._undrained = False
                self.on_drained()
        except HangForDrill:
            self.context.runtime.hang(self)
        except BaseException as error:  # SystemExit included: it must not end the process
            self._die(error)
        self._current = None
        if self.busy_since is not None:
            self.spent.add(self._monotonic() - started)
        return self._still_alive()

    def end(self) -> None:
        """Finish an orderly stop: last settling when draining, `on_end`, and away."""
        if self._undrained and self.drain_on_stop:
            self._undrained = False
            self.on_drained()
        self.on_end()
        if not self.muted:
            self.context.runtime.bury(self)
        self._answer_stops()

    def mute(self) -> None:
        """Called from outside when the actor is given up while its handler may still run."""
        self.muted = True
        current = self._current
        if current is not None:
            reject(current, f"{self.name} hung or lost its supervisor")
        self._answer_stops()

    def _handle(self, envelope: Envelope[Any]) -> None:
        message = envelope.message
        match message:
            case _Rang(key, serial, payload):
                if self._armed.get(key) == serial:
                    del self._armed[key]
                    self._deliver(payload)
            case _ActorStop():
                self._stops.append(envelope)
                if self.on_stop_asked():
                    self.end()
            case Kill(how):
                raise _DRILLS[how](f"{self.name} was killed for a drill")
            case Pause(seconds):
                self.busy_since = None
                self.context.runtime.hold(self, seconds)
            case _ if envelope.reply_to is not None:
                if getattr(envelope.reply_to, "abandoned", False):
                    return
                self.context.runtime.delivered(self, message)
                answer = self.on_question(message)
                if not self.muted:
                    envelope.reply_to.set(answer)
            case _:
                self._deliver(message)

    def _still_alive(self) -> bool:
        """Also ends the watchdog's count, except for a hung actor of the simulated runtime."""
        alive = not self.actor_stopped.is_set()
        if alive and not self.context.runtime.hangs(self):
            self.busy_since = None
        return alive

    def _deliver(self, message: Message) -> None:
        self._undrained = True
        self.context.runtime.delivered(self, message)
        self.on_message(message)

    def _die(self, error: BaseException) -> None:
        """The one place where a failure ends an actor."""
        current = self._current
        if not self.muted:
            logger.error("%s died: %s", self.name, describe(error), exc_info=error)
            text = "".join(traceback.format_exception(error))[-TRACEBACK_BOUND:]
            self.context.runtime.bury(self, describe(error), text)
        if current is not None:
            reject(current, f"{self.name} died: {describe(error)}")
        self._answer_stops()

    def _answer_stops(self) -> None:
        stops, self._stops = self._stops, []
        for envelope in stops:
            reject(envelope, "stopped")

    # The seams of pykka 4.5 that this class builds on; tests/integration/test_pykka_seams.py pins them.

    def _create_actor_inbox(self) -> Inbox:  # type: ignore[override]  # static in pykka, called on self
        return self.context.runtime.new_inbox(self)

    def _start_actor_loop(self) -> None:
        self.context.runtime.start_loop(self)

    def _actor_loop(self) -> None:
        """The whole life on the actor's own thread; pykka's own loop and reactions are not used."""
        alive = self.begin()
        while alive:
            envelope = self.inbox.get()
            alive = not self.actor_stopped.is_set() and self.turn(envelope)
        self.busy_since = None


def describe(error: BaseException) -> str:
    """One line for people: kind and text of the error."""
    try:
        text = str(error).strip().splitlines()
    except Exception:  # an error that can't even be printed is still an error
        text = []
    return f"{type(error).__name__}: {text[0]}" if text else type(error).__name__


_DRILLS: dict[str, type[BaseException]] = {
    "exception": KilledForDrill,
    "exit": SystemExit,
    "hang": HangForDrill,
}
