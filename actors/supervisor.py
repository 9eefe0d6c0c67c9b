"""Starts children in order, stops them in reverse, restarts what failed and gives up when that can't help."""

from __future__ import annotations

import logging
import traceback
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import pykka

from actors.messages.base import Message
from actors.messages.storage import RecordEvent
from actors.messages.supervision import (
    ChildBegan,
    ChildDied,
    ChildEnded,
    RestartChild,
    StartChild,
    StopChild,
)
from actors.messages.view import ActorShown
from actors.runtime.base import VIEW, Start
from actors.supervised import HANG_BUDGET_S, TRACEBACK_BOUND, Context, Supervised, describe
from evce.restarts import (
    BackOff,
    Intensity,
    RestartHistory,
    RestartType,
    Strategy,
    affected,
    deserves_restart,
    restart_delay,
)
from evce.views import ActorView

__all__ = ["SHUTDOWN_S", "ChildKind", "ChildSpec", "IntensityExceeded", "Supervisor"]

logger = logging.getLogger(__name__)

SHUTDOWN_S = 5.0
"""Seconds a child has for its orderly end before it is abandoned: OTP's value, a long commit to a slow card
takes two."""

RECORDER = "recorder"

UNTOLD_BOUND = 50
"""Log lines kept while the recorder is away: it is back within seconds, or the process ends."""


class ChildKind(Enum):
    """What the child is."""

    WORKER = "worker"
    SUPERVISOR = "supervisor"


@dataclass(frozen=True)
class ChildSpec:
    """How to start, restart and stop one child. `shutdown_s` and `hang_budget_s` are seconds.

    `start` runs on the supervisor's thread and must be quick; what takes time belongs into `on_begin`.
    """

    name: str
    start: Start
    restart: RestartType = RestartType.PERMANENT
    shutdown_s: float = SHUTDOWN_S
    hang_budget_s: float = HANG_BUDGET_S
    kind: ChildKind = ChildKind.WORKER


class IntensityExceeded(RuntimeError):  # noqa: N818  # OTP's word
    """Too many restarts within the period: the supervisor dies so that its own supervisor tries higher up."""


class Phase(Enum):
    """Where a child is; `WAITING` wants a start, now or after its back-off."""

    WAITING = "waiting"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"


_ALIVE = (Phase.STARTING, Phase.RUNNING, Phase.STOPPING)


class _Child:
    """What the supervisor knows of one child."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self.phase = Phase.WAITING
        self.incarnation = 0
        self.ref: pykka.ActorRef[Supervised] | None = None
        self.starts = 0
        self.restarts = 0
        self.failures = 0
        """Failures in a row, each soon after its start."""
        self.started_at = 0.0
        self.not_before = 0.0
        self.last_failure = ""
        self.halt = False
        """To be stopped."""
        self.wanted = True
        """To be started once it is stopped."""
        self.remove = False
        """To be forgotten once it is stopped."""


@dataclass(frozen=True, slots=True)
class _Look(Message):
    """A back-off is over."""


@dataclass(frozen=True, slots=True)
class _ShutdownOver(Message):
    """The child had its time to end in good order."""

    name: str
    incarnation: int


class Supervisor(Supervised):
    """Its children are started one after the other, each when the one before has begun (or failed).

    Never waits on its own thread: a stop is a message to the child, its end a message back, the deadline a
    timer. So a slow child delays nobody but those that must be stopped after it. Its specifications, also
    those that came by `StartChild`, are kept in its heir: the next incarnation rebuilds them all.
    """

    ends_process = True

    def __init__(
        self,
        context: Context,
        children: Iterable[ChildSpec] = (),
        *,
        strategy: Strategy = Strategy.ONE_FOR_ONE,
        intensity: Intensity | None = None,
        back_off: BackOff | None = None,
    ) -> None:
        super().__init__(context)
        self._strategy = strategy
        self._intensity = intensity if intensity is not None else Intensity()
        self._back_off = back_off if back_off is not None else BackOff()
        kept: tuple[ChildSpec, ...] | None = self.heir.get("children")
        self._children: dict[str, _Child] = {}
        for spec in tuple(children) if kept is None else kept:
            if spec.name in self._children:
                raise ValueError(f"{self.name} has two children named {spec.name}: names must differ")
            self._children[spec.name] = _Child(spec)
        self._history = RestartHistory()
        self._untold: deque[RecordEvent] = deque(maxlen=UNTOLD_BOUND)
        self._leaving = False
        self._fatal = ""
        """Why it will die once its children are stopped; empty at an orderly stop."""

    def on_begin(self) -> None:
        """Start the first child; the others follow as it begins."""
        self._advance()

    def on_message(self, message: Message) -> None:
        """What became of the children, and what somebody wants to become of them."""
        match message:
            case ChildBegan(name, incarnation):
                self._began(self._find(name, incarnation))
            case ChildDied(name, incarnation, reason):
                self._ended(self._find(name, incarnation), reason)
            case ChildEnded(name, incarnation):
                self._ended(self._find(name, incarnation), None)
            case StartChild(spec):
                self._start(spec)
            case StopChild(name, remove):
                self._halt(name, wanted=False, remove=remove)
            case RestartChild(name):
                self._halt(name, wanted=True, remove=False)
            case _ShutdownOver(name, incarnation):
                self._overdue(self._find(name, incarnation))
            case _Look():
                pass
            case _:
                super().on_message(message)
                return
        self._advance()

    def on_stop_asked(self) -> bool:
        """Stop the children in reverse first."""
        self._leave()
        self._advance_stops()
        return not self._any_alive()

    # What happened.

    def _find(self, name: str, incarnation: int) -> _Child | None:
        """None when the message speaks of a child, or an incarnation, of the past."""
        child = self._children.get(name)
        return child if child is not None and child.incarnation == incarnation else None

    def _began(self, child: _Child | None) -> None:
        if child is not None and child.phase is Phase.STARTING:
            child.phase = Phase.RUNNING
            self._show(child, "running")
        self._tell_recorder()

    def _ended(self, child: _Child | None, failure: str | None) -> None:
        """`failure` None: in good order."""
        if child is None or child.phase not in _ALIVE:
            return
        child.ref = None
        self.cancel(("shutdown", child.spec.name))
        if failure is not None:
            child.last_failure = failure
        if child.halt or child.phase is Phase.STOPPING or self._leaving:
            if failure is not None:
                self._record(child, f"failed while it was stopped: {failure}")
            self._settle_stopped(child)
        elif deserves_restart(child.spec.restart, failure is not None):
            self._restart(child)
        else:
            if failure is not None:
                self._record(child, f"failed and is not restarted: {failure}")
            child.wanted = False
            child.remove = child.remove or child.spec.restart is RestartType.TEMPORARY
            self._settle_stopped(child)

    def _overdue(self, child: _Child | None) -> None:
        if child is not None and child.phase is Phase.STOPPING:
            reason = f"didn't end within its {child.spec.shutdown_s:g} s"
            logger.error("%s %s", child.spec.name, reason)
            self.context.runtime.abandon((child.spec.name, child.incarnation), reason)
            self._ended(child, reason)

    def _restart(self, child: _Child) -> None:
        now = self.now()
        self._history = self._history.after_restart(self._intensity, now)
        if self._history.exceeds(self._intensity):
            child.phase = Phase.STOPPED
            self._show(child, "given up")
            self._fatal = (
                f"more than {self._intensity.restarts} restarts in {self._intensity.period:g} s, "
                f"the last for {child.spec.name}: {child.last_failure}"
            )
            self._record(child, f"given up: {self._fatal}")
            self._leave()
            return
        steady = child.starts > 0 and now - child.started_at >= self._intensity.period
        child.failures = 1 if steady else child.failures + 1
        delay = restart_delay(self._back_off, child.failures, self.random.random())
        child.restarts += 1
        child.phase = Phase.WAITING
        child.not_before = now + delay
        self._record(child, f"restarted: {child.last_failure or 'it ended by itself'}")
        if delay > 0:
            self._show(child, "backing off")
            self.after(delay, _Look(), key=("start", child.spec.name))
        for name in affected(self._strategy, tuple(self._children), child.spec.name):
            sibling = self._children[name]
            # All wait for the same back-off: an early start would only be stopped again.
            sibling.not_before = max(sibling.not_before, child.not_before)
            if sibling is not child and sibling.phase in _ALIVE and not sibling.halt:
                sibling.halt = True
                temporary = sibling.spec.restart is RestartType.TEMPORARY
                sibling.wanted = not temporary
                sibling.remove = temporary

    # What is wanted.

    def _start(self, spec: ChildSpec) -> None:
        child = self._children.get(spec.name)
        if child is None:
            self._children[spec.name] = _Child(spec)
        else:
            child.spec = spec
            if spec.kind is ChildKind.SUPERVISOR:
                # The new specification says which children it has, not what was added to the old one.
                self.context.runtime.heirs.of(spec.name).forget("children")
            self._halt(spec.name, wanted=True, remove=False)
        self._keep_specs()

    def _halt(self, name: str, *, wanted: bool, remove: bool) -> None:
        child = self._children.get(name)
        if child is None:
            logger.warning("%s has no child named %s", self.name, name)
            return
        child.wanted = wanted and not self._leaving
        child.remove = remove
        child.not_before = 0.0
        self._keep_specs()
        if child.phase in _ALIVE:
            child.halt = True
        else:
            self._settle_stopped(child)

    def _leave(self) -> None:
        self._leaving = True
        for child in self._children.values():
            child.wanted = False
            if child.phase in _ALIVE:
                child.halt = True
            elif child.phase is Phase.WAITING:
                child.phase = Phase.STOPPED
                self._show(child, "stopped")

    def _settle_stopped(self, child: _Child) -> None:
        """The child isn't alive: is it wanted again, or to be forgotten?"""
        child.halt = False
        child.phase = Phase.WAITING if child.wanted else Phase.STOPPED
        if child.remove and not child.wanted:
            self._keep_specs()
            del self._children[child.spec.name]
            self._show(child, "stopped", gone=True)
        else:
            self._show(child, "starting" if child.wanted else "stopped")

    def _keep_specs(self) -> None:
        specs = tuple(child.spec for child in self._children.values() if not child.remove)
        self.heir.put("children", specs)

    # Doing it.

    def _any_alive(self) -> bool:
        return any(child.phase in _ALIVE for child in self._children.values())

    def _advance(self) -> None:
        """Do the next possible stop and all possible starts; called after every message."""
        if self.muted:
            # A hung supervisor that wakes up has a successor, whose children these are now.
            return
        self._advance_stops()
        self._advance_starts()
        # A start may have failed at once and so asked for stops.
        self._advance_stops()
        if self._leaving and not self._any_alive():
            if self._fatal:
                raise IntensityExceeded(self._fatal)
            self.end()

    def _advance_stops(self) -> None:
        """One at a time, the last started first."""
        for child in reversed(self._children.values()):
            if child.phase is Phase.STOPPING:
                return
            if child.halt and child.ref is not None:
                child.phase = Phase.STOPPING
                name = child.spec.name
                self.after(
                    child.spec.shutdown_s, _ShutdownOver(name, child.incarnation), key=("shutdown", name)
                )
                self.context.runtime.stop_actor(child.ref)
                return

    def _advance_starts(self) -> None:
        """In order. Under one_for_one a child that failed before doesn't keep the others waiting."""
        independent = self._strategy is Strategy.ONE_FOR_ONE
        if not independent and any(child.halt for child in self._children.values()):
            return
        queue_held = False
        for child in tuple(self._children.values()):
            while child.phase is Phase.WAITING and child.not_before <= self.now() and not self.muted:
                if queue_held and child.starts == 0:
                    break
                self._bear(child)
                if not independent and any(each.halt for each in self._children.values()):
                    return
            waits = child.phase is Phase.STARTING or (child.phase is Phase.WAITING and not independent)
            if waits and not independent:
                return
            queue_held = queue_held or (waits and child.starts == 1)

    def _bear(self, child: _Child) -> None:
        self.cancel(("start", child.spec.name))
        child.phase = Phase.STARTING
        child.starts += 1
        child.started_at = self.now()
        spec = child.spec
        self._show(child, "starting")
        try:
            actor = self.context.runtime.bear(spec.name, spec.start, self.name, spec.hang_budget_s)
        except BaseException as error:  # a constructor's SystemExit is its child's death, not ours
            logger.error("%s could not be made: %s", spec.name, describe(error), exc_info=error)
            text = "".join(traceback.format_exception(error))[-TRACEBACK_BOUND:]
            child.incarnation = 0
            self.context.runtime.failures.append(ChildDied(spec.name, 0, describe(error), text))
            self._ended(child, describe(error))
            return
        if self.muted:
            self.context.runtime.abandon(actor.context.owner, f"{self.name} has a successor")
            return
        child.incarnation = actor.context.incarnation
        child.ref = actor.actor_ref

    # Telling people.

    def _show(self, child: _Child, state: str, gone: bool = False) -> None:
        view = ActorView(
            child.spec.name, self.name, state, child.restarts, child.last_failure, self.utc_now()
        )
        self.context.runtime.show(view, gone)
        self.send(VIEW, ActorShown(view, gone))

    def _record(self, child: _Child, message: str) -> None:
        self._untold.append(RecordEvent(self.utc_now(), child.spec.name, "system", message))
        self._tell_recorder()

    def _tell_recorder(self) -> None:
        while self._untold and self.send(RECORDER, self._untold[0]):
            self._untold.popleft()
