"""What both runtimes share: births, deaths, names, zombies and the roster that the shell shows."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pykka
from pykka._envelope import Envelope

from actors.directory import Directory, Entry
from actors.inbox import Inbox, InboxStats, Signal
from actors.messages.base import Message, Question
from actors.messages.supervision import ChildBegan, ChildDied, ChildEnded
from actors.messages.view import ActorShown
from actors.runtime.clock import Clock
from actors.runtime.heir import Heirs
from actors.supervised import HANG_BUDGET_S, Context, Kill, Pause, Supervised
from actors.timers import Owner, Timers
from actors.watchdog import ZOMBIE_LIMIT
from evce.views import ActorView

__all__ = ["VIEW", "ActorStats", "OnDelivery", "Random", "Runtime", "Start"]

logger = logging.getLogger(__name__)

Start = Callable[[Context], Supervised]
"""Makes an actor: its class when it takes nothing but the context, a lambda otherwise."""

OnDelivery = Callable[[float, str, Message, str], None]
"""Monotonic time in seconds, name of the receiver, message, name of the sender (empty: from outside)."""

VIEW = "view"
"""The actor that gathers what people see."""

FAILURES_KEPT = 100
"""Deaths remembered for the shell: more than one screen, less than a page of memory each."""


@dataclass(frozen=True, slots=True)
class ActorStats:
    """One line of the tree: what its supervisor knows and, while it lives, what its inbox says."""

    view: ActorView
    incarnation: int
    inbox: InboxStats | None
    busy_s: float
    """Seconds for which the current handler has run; 0.0 when idle."""
    paused: bool = False
    """Held by somebody at the debug shell."""


class Runtime(ABC):
    """The seam: everything that touches threads, time, chance and the inside of pykka goes through here."""

    clock: Clock
    timers: Timers

    def __init__(
        self, lock: AbstractContextManager[Any], seed: int, on_give_up: Callable[[str], None] | None
    ) -> None:
        self._lock = lock
        self._seed = seed
        self._on_give_up = on_give_up
        self._actors: dict[Owner, Supervised] = {}
        self._roster: dict[str, ActorView] = {}
        self._zombies: dict[Owner, Supervised] = {}
        self.directory = Directory(lock)
        self.heirs = Heirs(lock)
        self.failures: deque[ChildDied] = deque(maxlen=FAILURES_KEPT)
        """The last deaths of all actors, newest last."""
        self._listeners: tuple[OnDelivery, ...] = ()
        self.zombies_total = 0
        self.gave_up: str | None = None
        """Why, once the runtime has given up."""

    # For the composition root, edges and tests.

    def spawn(
        self,
        name: str,
        start: Start,
        supervisor: str | None = None,
        hang_budget_s: float = HANG_BUDGET_S,
    ) -> pykka.ActorRef[Any]:
        """Make and start an actor under this name. Raises whatever its constructor raises."""
        return self.bear(name, start, supervisor, hang_budget_s).actor_ref

    def bear(
        self, name: str, start: Start, supervisor: str | None, hang_budget_s: float = HANG_BUDGET_S
    ) -> Supervised:
        """`spawn` for supervisors, who must know the incarnation even of a child that is dead already."""
        incarnation = self.directory.next_incarnation(name)
        context = Context(name, self, supervisor, incarnation, hang_budget_s)
        actor = start(context)
        with self._lock:
            self._actors[context.owner] = actor
        if not self.directory.bind(Entry(name, actor.actor_ref, actor.inbox, incarnation)):
            self.abandon(context.owner, "overtaken")
            self.loop_ended(actor)
            raise RuntimeError(f"{name} got a younger holder while it was made")
        if supervisor is None:
            self.show(ActorView(name, "", "running", since=self.clock.utc_now()))
        actor._start_actor_loop()
        return actor

    def tell(self, name: str, message: Message) -> bool:
        """Deliver from outside; thread-safe, never raises. False when nobody is there."""
        return self.directory.send(name, message)

    def kill(self, name: str, how: str = "exception") -> bool:
        """Fault drill: the actor fails inside its own thread before its next message.

        `how`: exception, exit (SystemExit) or hang. False when nobody has that name.
        """
        if how not in ("exception", "exit", "hang"):
            raise ValueError(f"how={how!r}: use exception, exit or hang")
        entry = self.directory.find(name)
        return entry is not None and entry.inbox.offer(Envelope(Kill(how)))

    def pause(self, name: str, seconds: float) -> bool:
        """Let an actor handle nothing for `seconds` (at most its `longest_pause_s`), or until `resume`.

        What comes meanwhile waits in its inbox. False when nobody has that name.
        """
        for actor in self.living():
            if actor.name == name and not actor.muted:
                if not 0.0 < seconds <= actor.longest_pause_s:
                    raise ValueError(
                        f"seconds={seconds:g}: {name} may be paused for up to {actor.longest_pause_s:g} s"
                    )
                return actor.inbox.offer(Envelope(Pause(seconds)))
        return False

    def resume(self, name: str) -> bool:
        """End a pause before its time. False when nobody of that name is paused."""
        paused = [actor for actor in self.living() if actor.name == name and actor.paused]
        for actor in paused:
            self.release(actor)
        return bool(paused)

    def on_delivery(self, callback: OnDelivery) -> None:
        """Call back for every message right before it is handled, on the thread that handles it.

        The callback must be quick and must not raise: it would be the actor's death.
        """
        with self._lock:
            self._listeners = (*self._listeners, callback)

    def off_delivery(self, callback: OnDelivery) -> None:
        """Call back no more; nothing happens when it wasn't."""
        with self._lock:
            self._listeners = tuple(each for each in self._listeners if each != callback)

    @abstractmethod
    def ask(self, name: str, question: Question, timeout: float) -> Any:
        """Ask from an edge; seconds. Raises `NobodyThere`, `NoAnswer` or `AnswererDied`; never for actors."""

    def tree(self) -> tuple[ActorStats, ...]:
        """Every actor that has been shown and not removed, by name."""
        with self._lock:
            views = sorted(self._roster.values(), key=lambda view: view.name)
            actors = {actor.name: actor for actor in self._actors.values()}
        now = self.clock.monotonic()
        lines = []
        for view in views:
            actor = actors.get(view.name)
            since = None if actor is None else actor.busy_since
            lines.append(
                ActorStats(
                    view=view,
                    incarnation=0 if actor is None else actor.context.incarnation,
                    inbox=None if actor is None else actor.inbox.stats(),
                    busy_s=0.0 if since is None else now - since,
                    paused=actor is not None and actor.paused,
                )
            )
        return tuple(lines)

    def stop(self, timeout: float = 10.0) -> bool:
        """Stop the actors without a supervisor, last started first, each in good order.

        `timeout` in seconds for all of them. False when some were still alive at the end.
        """
        deadline = self.clock.monotonic() + timeout
        with self._lock:
            tops = [actor for actor in self._actors.values() if actor.context.supervisor is None]
        for actor in self.living():
            if actor.paused:
                self.release(actor)
        for actor in reversed(tops):
            self.stop_actor(actor.actor_ref)
            self.wait_until(lambda actor=actor: actor.actor_stopped.is_set(), deadline)  # type: ignore[misc]
        with self._lock:
            return not self._actors

    @abstractmethod
    def wait_until(self, condition: Callable[[], bool], deadline: float) -> bool:
        """Let the actors work until the condition holds or the monotonic clock reaches `deadline`."""

    # For actors.

    def carry(self, sender: str, name: str, message: Message) -> bool:
        """Deliver a message from one actor to another."""
        return self.directory.send(name, message, sender)

    def random_for(self, owner: Owner) -> Random:
        """The actor's own source of chance, the same for the same seed, name and incarnation."""
        return Random(f"{self._seed}/{owner[0]}/{owner[1]}")  # noqa: S311  # jitter, not secrets

    def stop_actor(self, ref: pykka.ActorRef[Any]) -> None:
        """Ask for an orderly stop; returns at once."""
        if ref.is_alive():
            ref.stop(block=False)

    def abandon(self, owner: Owner, reason: str) -> None:
        """Give up an actor from outside: its name is free at once and what it still does reaches nobody."""
        with self._lock:
            actor = self._actors.get(owner)
            if actor is not None:
                # Until `loop_ended`: whoever is idle ends at once, a hung one stays a zombie.
                self._zombies[owner] = actor
        if actor is not None:
            actor.mute()
            self._take_away(actor)
            self._abandon_children(actor, reason)
            with self._lock:
                view = self._roster.get(owner[0])
                if view is not None:
                    self._roster[owner[0]] = replace(view, state="stopped")

    def show(self, view: ActorView, gone: bool = False) -> None:
        """Keep for `tree` what became of an actor."""
        with self._lock:
            if gone:
                self._roster.pop(view.name, None)
            else:
                self._roster[view.name] = view

    def give_up(self, reason: str) -> None:
        """The tree can't heal itself: tell the composition root, once, so that the process restarts."""
        with self._lock:
            if self.gave_up is not None:
                return
            self.gave_up = reason
        logger.critical("giving up: %s", reason)
        if self._on_give_up is not None:
            self._on_give_up(reason)

    @property
    def zombies(self) -> int:
        """Hung actors whose thread still lives."""
        with self._lock:
            return len(self._zombies)

    # For `Supervised` and the runtimes themselves.

    def new_inbox(self, actor: Supervised) -> Inbox:
        """The mailbox of a new actor."""
        return Inbox(
            self.new_signal(actor),
            self.clock.monotonic,
            event_bound=actor.event_bound,
            sample_bound=actor.sample_bound,
            drain_on_stop=actor.drain_on_stop,
        )

    @abstractmethod
    def new_signal(self, actor: Supervised) -> Signal:
        """How a message wakes the actor."""

    @abstractmethod
    def start_loop(self, actor: Supervised) -> None:
        """Let the actor live: `begin`, then a `turn` per message."""

    def began(self, actor: Supervised) -> None:
        """`on_begin` is through. A view that (re)started is told of everybody."""
        context = actor.context
        if context.name == VIEW:
            with self._lock:
                views = list(self._roster.values())
            for view in views:
                self.directory.send(VIEW, ActorShown(view))
        if context.supervisor is not None:
            self.directory.send(context.supervisor, ChildBegan(context.name, context.incarnation))

    @abstractmethod
    def hang(self, actor: Supervised) -> None:
        """A handler raised `HangForDrill`: behave as a hung one until the watchdog has acted."""

    def hangs(self, actor: Supervised) -> bool:  # noqa: ARG002
        """Whether the actor is hung although its handler has returned (simulated runtime)."""
        return False

    @abstractmethod
    def hold(self, actor: Supervised, seconds: float) -> None:
        """The actor was told to pause: it handles nothing until `release`, its end, or the time is over."""

    @abstractmethod
    def release(self, actor: Supervised) -> None:
        """A pause is over."""

    def delivered(self, actor: Supervised, message: Message) -> None:
        """A message is about to be handled: tell the listeners."""
        for listener in self._listeners:
            listener(self.clock.monotonic(), actor.name, message, actor.sender)

    def bury(self, actor: Supervised, reason: str | None = None, traceback: str = "") -> None:
        """The actor has ended: in good order when `reason` is None, by a failure otherwise."""
        context = actor.context
        self._take_away(actor)
        if reason is None:
            self._tell_above(actor, ChildEnded(context.name, context.incarnation))
            return
        died = ChildDied(context.name, context.incarnation, reason, traceback)
        self.failures.append(died)
        self._abandon_children(actor, f"its supervisor {context.name} died")
        self._tell_above(actor, died)

    def found_hung(self, actor: Supervised, seconds: float, traceback: str = "") -> None:
        """The watchdog's verdict: mute it, free its name, have it replaced, count the zombie."""
        context = actor.context
        with self._lock:
            if context.owner not in self._actors:
                return
            self._zombies[context.owner] = actor
            self.zombies_total += 1
            living = len(self._zombies)
        reason = f"hung: a handler ran for {seconds:.1f} s, its budget is {context.hang_budget_s:g} s"
        logger.error("%s %s", context.name, reason)
        actor.mute()
        self.bury(actor, reason, traceback)
        if living > ZOMBIE_LIMIT:
            self.give_up(f"{living} hung actors, the last one {context.name}")

    def loop_ended(self, actor: Supervised) -> None:
        """The thread of this actor is gone, also when it was a zombie's."""
        with self._lock:
            self._zombies.pop(actor.context.owner, None)

    def living(self) -> list[Supervised]:
        """All actors that have not ended, in the order of their births."""
        with self._lock:
            return list(self._actors.values())

    def _take_away(self, actor: Supervised) -> None:
        owner = actor.context.owner
        self.directory.unbind(*owner)
        with self._lock:
            self._actors.pop(owner, None)
        self.timers.cancel_all(owner)
        actor.actor_stopped.set()
        actor.inbox.close()

    def _abandon_children(self, actor: Supervised, reason: str) -> None:
        """What a dead supervisor leaves behind would otherwise run beside its successor's children."""
        name = actor.name
        for child in self.living():
            if child.context.supervisor == name and child.context.owner != actor.context.owner:
                logger.warning("%s is abandoned: %s", child.name, reason)
                self.abandon(child.context.owner, reason)

    def _tell_above(self, actor: Supervised, message: ChildDied | ChildEnded) -> None:
        supervisor = actor.context.supervisor
        if supervisor is not None:
            self.directory.send(supervisor, message)
            return
        failed = isinstance(message, ChildDied)
        state = "given up" if failed else "stopped"
        failure = message.reason if isinstance(message, ChildDied) else ""
        self.show(ActorView(actor.name, "", state, last_failure=failure, since=self.clock.utc_now()))
        if failed and actor.ends_process:
            self.give_up(f"{actor.name} died: {failure}")
