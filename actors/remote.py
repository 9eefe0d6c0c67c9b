"""The remote actor holds the limits that are set from elsewhere and tells them to every root zone (API-3)."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from actors.messages import (
    REMOTE,
    AlarmCleared,
    AlarmRaised,
    FindRemoteLimits,
    GetRemote,
    GetRemoteAnswer,
    HearRemote,
    KeepRemoteLimits,
    Message,
    Question,
    RecordEvent,
    RemoteLimitsChanged,
    RemoteLimitsFound,
    RemoteShown,
    SetRemoteLimit,
)
from actors.supervised import Context, Supervised
from evce.remote_limits import RemoteAnswer, RemoteLimits, RemoteMemory, RemoteSettings, RemoteState
from evce.units import Amps, Monotonic, Seconds, ZoneId
from evce.views import AlarmView, RemoteLimitView, RemoteView

__all__ = ["ReconfigureRemote", "RemoteActor"]

LOOK_EVERY: Seconds = 0.5
"""What holds is told again, so that a root zone that restarted knows it soon; a ramp moves in these steps."""

LOWER_WITHIN: Seconds = 5.0
"""Two writes of reductions are so far apart at least: 17,280 a day, whatever the other side does."""

HIGHER_WITHIN: Seconds = 60.0
"""A raise may reach the disk late: after a restart the lower limit is the careful one."""

SHOWN_EVERY = timedelta(seconds=10)
"""How old the last sign of life may be on the screens."""

ANSWERS_KEPT = 200
"""Answers for whoever asks for them: a request is answered at once or never."""

ALARM = "remote_silent"


@dataclass(frozen=True, slots=True)
class ReconfigureRemote(Message):
    """A new revision is in force; `roots` are the names of the root zones."""

    settings: RemoteSettings
    roots: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Look(Message):
    """Own timer: time has passed."""


class RemoteActor(Supervised):
    """Runs on its own thread. Its heir keeps what holds; the disk keeps the limits for the next process.

    Until the disk has told what an earlier process left, no root zone is told anything: it holds its raises.
    """

    def __init__(self, context: Context, settings: RemoteSettings, roots: Sequence[str]) -> None:
        super().__init__(context)
        self._limits = RemoteLimits(settings)
        self._roots = tuple(roots)
        self._answers: OrderedDict[str, RemoteAnswer] = OrderedDict()
        self._heard_at: datetime | None = None
        self._on_disk: dict[ZoneId, Amps] = {}
        self._written_at: Monotonic = float("-inf")
        self._shown: tuple[object, ...] = ()
        self._shown_heard: datetime | None = None
        self._alarm: bool | None = None

    def on_begin(self) -> None:
        """Runs before the first message: what the heir kept, else what the disk has."""
        memory = self.heir.get("memory")
        if isinstance(memory, RemoteMemory):
            settings = self._limits.settings
            self._limits.recall(memory)
            self._limits.reconfigure(settings, self.now())
            self._heard_at = self.heir.get("heard_at")
            self._on_disk = self.heir.get("on_disk") or {}
        self.after(LOOK_EVERY, _Look(), key="look")
        self._conclude()

    def on_message(self, message: Message) -> None:
        match message:
            case SetRemoteLimit():
                self._set(message)
            case HearRemote():
                self._limits.hear(self.now())
                self._note_heard()
            case RemoteLimitsFound(limits=limits):
                if not self._limits.known:
                    self._on_disk = dict(limits)
                self._limits.restore(limits, self.now())
            case ReconfigureRemote(settings=settings, roots=roots):
                self._roots = roots
                self._limits.reconfigure(settings, self.now())
            case _Look():
                self.after(LOOK_EVERY, _Look(), key="look")
            case _:
                super().on_message(message)
        self._conclude()

    def on_question(self, question: Question) -> object:
        match question:
            case GetRemoteAnswer(request):
                return self._answers.get(request)
            case GetRemote():
                return self._view()
        return super().on_question(question)

    def _set(self, message: SetRemoteLimit) -> None:
        now = self.now()
        before = self._limits.limit(message.zone, now)
        answer = self._limits.wish(message.zone, message.amps, now, message.expected)
        self._answers[message.request] = answer
        while len(self._answers) > ANSWERS_KEPT:
            self._answers.popitem(last=False)
        if self._limits.heard_at == now:
            self._note_heard()
        if answer.refused is None and (before is None) != (answer.amps is None):
            # How it goes up and down meanwhile stands in the limit ledger.
            told = "its remote limit is taken away"
            if answer.amps is not None:
                told = f"a remote limit of {answer.amps:.1f} A is set"
            self._record(str(message.zone), "audit", told, message.by)

    def _note_heard(self) -> None:
        if self._limits.settings.enabled:
            self._heard_at = self.utc_now()

    def _conclude(self) -> None:
        """Time or somebody has changed what holds: tell, show, and keep it."""
        now = self.now()
        self._limits.look(now)
        self.heir.put("memory", self._limits.memory())
        self.heir.put("heard_at", self._heard_at)
        if self._limits.known:
            self._tell(now)
            self._keep(now)
        else:
            self.send("recorder", FindRemoteLimits(self.name))
        self._set_alarm()
        self._show(now)

    def _tell(self, now: Monotonic) -> None:
        told = RemoteLimitsChanged(self._limits.in_force(now))
        for root in self._roots:
            self.send(root, told)

    def _keep(self, now: Monotonic) -> None:
        kept = self._limits.kept()
        if kept == self._on_disk:
            return
        lower = any(amps < self._on_disk.get(zone, float("inf")) for zone, amps in kept.items())
        wait = LOWER_WITHIN if lower or not kept else HIGHER_WITHIN
        if now - self._written_at >= wait and self.send("recorder", KeepRemoteLimits(kept)):
            self._written_at, self._on_disk = now, kept
            self.heir.put("on_disk", kept)

    def _set_alarm(self) -> None:
        # A predecessor may have left the alarm: the first conclusion clears it.
        silent = self._limits.state is RemoteState.SILENT
        if self._alarm is silent:
            return
        self._alarm, now = silent, self.utc_now()
        if not silent:
            self.send("view", AlarmCleared(ALARM, REMOTE, now))
            return
        period = self._limits.settings.heartbeat_period
        message = f"Remote energy management has been silent for {period:.0f} s: its limits are dropped"
        advice = "Look for the system that sets them, or switch remote energy management off."
        self.send("view", AlarmRaised(AlarmView(ALARM, REMOTE, message, advice, "major", now)))

    def _show(self, now: Monotonic) -> None:
        told = (
            self._limits.settings,
            self._limits.in_force(now),
            replace(self._limits.memory(), heard_at=None),
            self._limits.state,
        )
        stale = self._heard_at != self._shown_heard and (
            self._heard_at is None
            or self._shown_heard is None
            or abs(self._heard_at - self._shown_heard) >= SHOWN_EVERY
        )
        if told != self._shown or stale:
            self._shown, self._shown_heard = told, self._heard_at
            self.send("view", RemoteShown(self._view()))

    def _view(self) -> RemoteView:
        now, utc, limits = self.now(), self.utc_now(), self._limits
        settings = limits.settings
        return RemoteView(
            state=limits.state.value,
            login=settings.login,
            heard_at=self._heard_at,
            minimum_period=settings.minimum_period,
            heartbeat_period=settings.heartbeat_period,
            limits=tuple(
                RemoteLimitView(
                    zone,
                    amps,
                    utc + timedelta(seconds=left) if (left := limits.raises_in(zone, now)) > 0.0 else None,
                    limits.is_dropped(zone),
                )
                for zone, amps in sorted(limits.in_force(now).items())
            ),
        )

    def _record(self, device: str, kind: str, text: str, author: str) -> None:
        self.send("recorder", RecordEvent(self.utc_now(), device, kind, text, author))
