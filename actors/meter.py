"""The meter actor polls one power meter and tells its zones what can be believed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from actors.messages import (
    AlarmCleared,
    AlarmRaised,
    Message,
    MeterLost,
    MeterSampled,
    MeterShown,
    RecordEvent,
)
from actors.supervised import Context, Supervised
from evce.configuration.sections import MeterSettings
from evce.meter_trial import PollFault
from evce.plausibility import (
    Health,
    MeterHistory,
    PlausibilityLimits,
    judge,
    note_miss,
    note_reading,
    plain_amps,
)
from evce.registers import LIVE, ReadRequest, RegisterMap, decode, read_plan
from evce.units import MeterId, Monotonic, Seconds, WattHours, ZoneId
from evce.views import AlarmView, MeterView

__all__ = ["MeterActor", "MeterLink", "PollAnswered", "PollFailed", "meter_name"]

ENERGY_EVERY: Seconds = 10.0
"""The energy register changes slowly; gateways with serial lines behind them are spared the request."""

SHOWN_EVERY: Seconds = 0.5
"""What people see of a meter changes at most twice a second."""

STATES = {Health.GOOD: "connected", Health.DOUBTFUL: "connected", Health.SUSPECT: "suspect"}
"""What the pages say of a meter (MT-6); else "not connected"."""

PollKey = tuple[int, int]
"""Incarnation of the actor and number of the poll: an answer to a dead predecessor speaks for nobody."""


@dataclass(frozen=True, slots=True)
class PollAnswered(Message):
    """The link read everything that poll asked for."""

    poll: PollKey
    answers: Mapping[ReadRequest, Sequence[int]]


@dataclass(frozen=True, slots=True)
class PollFailed(Message):
    """The link could not read all of it: time-out, exception, no connection."""

    poll: PollKey
    reason: str
    fault: PollFault = PollFault.OTHER


class MeterLink(Protocol):
    """The way to one meter. It outlives the incarnations of the actor that uses it."""

    def read(
        self, poll: PollKey, requests: Sequence[ReadRequest], deliver: Callable[[Message], object]
    ) -> None:
        """Start reading and return at once; never raises.

        Exactly one `PollAnswered` or `PollFailed` with this `poll` goes to `deliver`, on any thread.
        """


@dataclass(frozen=True, slots=True)
class _Poll(Message):
    """Own timer: time for the next poll."""


@dataclass(frozen=True, slots=True)
class _Expire(Message):
    """Own timer: no good reading for so long that the meter is lost."""


@dataclass(frozen=True, slots=True)
class _Show(Message):
    """Own timer: people may see the newest reading."""


@dataclass(frozen=True, slots=True)
class _Pending:
    poll: PollKey
    sent_at: float
    whole: bool


def meter_name(meter: MeterId | str) -> str:
    """The meter's name in the directory."""
    return f"meter/{meter}"


class MeterActor(Supervised):
    """Tells `zones` (names of zone actors) each good reading as `MeterSampled`.

    Doubts (three polls missed, figures that stand still) go out as `MeterLost` with `raises_only`, a loss
    (5 s) without it. From then on nothing is sampled until several polls in a row were good: a zone takes
    a sample as leave to raise. What stands is told again every few seconds, so that a zone that restarted
    meanwhile learns of it.
    """

    def __init__(
        self,
        context: Context,
        settings: MeterSettings,
        link: MeterLink,
        zones: Sequence[str],
        registers: RegisterMap,
    ) -> None:
        super().__init__(context)
        self.settings = settings
        self.meter = MeterId(settings.id)
        self._link = link
        self._zones = tuple(zones)
        self._registers = registers
        self._period = settings.poll_ms / 1000.0
        self._limits = PlausibilityLimits(self._period, energy_step=self._registers.energy_step)
        self._live_plan = read_plan(self._registers, LIVE)
        self._whole_plan = read_plan(self._registers)
        self._history = MeterHistory(began=self.now())
        self._due = 0.0
        self._polls = 0
        self._pending: _Pending | None = None
        self._energy: WattHours | None = None
        self._energy_due = 0.0
        self._alarms: dict[str, bool] = {}
        self._shown_at: float | None = None

    def on_begin(self) -> None:
        """Runs before the first message: show that nothing is known yet, and poll."""
        self._history = MeterHistory(began=self.now())
        self._due = self._energy_due = self.now()
        self._watch()
        self._show()
        self._poll()

    def on_message(self, message: Message) -> None:
        match message:
            case _Poll():
                self._poll()
            case PollAnswered(poll=poll) | PollFailed(poll=poll):
                if self._pending is not None and self._pending.poll == poll:
                    pending, self._pending = self._pending, None
                    self._take(message, pending)
            case _Expire():
                self._conclude(judge(self._history, self.now(), self._limits), repeat=True)
                self._watch()
            case _Show():
                self._show()
            case _:
                super().on_message(message)

    # Polling.

    def _poll(self) -> None:
        """Send the next poll; the schedule is fixed, a slow answer doesn't shift it."""
        now = self.now()
        if self._pending is not None:
            self._pending = None
            self._conclude(note_miss(self._history, "no answer until the next poll", now, self._limits))
        self._due += self._period
        if self._due <= now:
            # Times that went by while the actor was held up are not made up for.
            self._due = now + self._period - (now - self._due) % self._period
        self.after(self._due - now, _Poll(), key="poll")
        self._polls += 1
        self._pending = _Pending((self.context.incarnation, self._polls), now, now >= self._energy_due)
        plan = self._whole_plan if self._pending.whole else self._live_plan
        self._link.read(self._pending.poll, plan, self.deliver)

    def _take(self, message: PollAnswered | PollFailed, pending: _Pending) -> None:
        now = self.now()
        if isinstance(message, PollFailed):
            self._conclude(note_miss(self._history, message.reason, now, self._limits))
            return
        try:
            reading = decode(self._registers, message.answers)
        except ValueError as error:
            self._conclude(note_miss(self._history, str(error), now, self._limits))
            return
        if pending.whole:
            self._energy_due = now + ENERGY_EVERY
        if reading.energy is not None:
            self._energy = reading.energy
        reading = replace(reading, energy=self._energy)
        # The values were taken after the poll was sent: taking that moment never makes them younger.
        self._conclude(note_reading(self._history, reading, pending.sent_at, now, self._limits))

    # What follows from it.

    def _conclude(self, history: MeterHistory, repeat: bool = False) -> None:
        """Take the new history over; tell the zones and the people what it means."""
        before, self._history = self._history, history
        if history.last_good != before.last_good:
            self._watch()
        changed = history.health is not before.health
        match history.health:
            case Health.GOOD:
                if history.last_good != before.last_good:
                    self._sample(history)
            case Health.DOUBTFUL | Health.SUSPECT | Health.LOST if changed or repeat:
                lost = MeterLost(
                    self.meter,
                    history.last_good,
                    history.reason or "silent",
                    raises_only=history.health is not Health.LOST,
                )
                for zone in self._zones:
                    self.send(zone, lost)
        if changed:
            self._change_alarms(before.health)
        if changed or history.last_good != before.last_good:
            self._show_soon()

    def _watch(self) -> None:
        """Come back when the meter would be lost without another good reading."""
        heard = self._history.began if self._history.last_good is None else self._history.last_good
        left = heard + self._limits.lost_after - self.now()
        self.after(left if left > 0.0 else self._limits.lost_after, _Expire(), key="expire")

    def _sample(self, history: MeterHistory) -> None:
        reading, at = history.reading, history.last_good
        if reading is None or at is None:
            return
        sampled = MeterSampled(self.meter, at, plain_amps(reading), reading.power, reading.energy)
        for zone in self._zones:
            self.send(zone, sampled)

    def _change_alarms(self, before: Health) -> None:
        health, reason = self._history.health, self._history.reason or "it stopped answering"
        name, where = self.settings.name, self.settings.endpoint
        self._set_alarm(
            "meter_lost",
            health is Health.LOST,
            f"Meter {name} can't be read: {reason}",
            f"Check its power, the connection to {where} and the unit id {self.settings.unit}.",
            "critical" if self._zones else "warning",
        )
        self._set_alarm(
            "meter_suspect",
            health is Health.SUSPECT,
            f"Meter {name} stands still: {reason}",
            f"Compare its display with what {where} answers; restart the meter or its gateway.",
            "warning",
        )
        if before is not Health.UNKNOWN or health is not Health.GOOD:
            text = f"{before.value} -> {health.value}" + (f": {reason}" if health is not Health.GOOD else "")
            self.send("recorder", RecordEvent(self.utc_now(), self.name, "system", text))

    def _set_alarm(self, code: str, stands: bool, message: str, advice: str, severity: str) -> None:
        # A predecessor may have left an alarm: the first conclusion clears what doesn't stand.
        if self._alarms.get(code) is stands:
            return
        self._alarms[code] = stands
        now = self.utc_now()
        if stands:
            alarm = AlarmView(code, str(self.meter), message, advice, severity, now)
            self.send("view", AlarmRaised(alarm))
        else:
            self.send("view", AlarmCleared(code, str(self.meter), now))

    def _show_soon(self) -> None:
        waited = SHOWN_EVERY if self._shown_at is None else self.now() - self._shown_at
        if waited >= SHOWN_EVERY:
            self._show()
        else:
            self.after(SHOWN_EVERY - waited, _Show(), key="show")

    def _show(self) -> None:
        self.cancel("show")
        self._shown_at = self.now()
        self.send("view", MeterShown(self.meter, self._view()))

    def _view(self) -> MeterView:
        settings, history = self.settings, self._history
        reading = history.reading if history.health is not Health.LOST else None
        return MeterView(
            id=self.meter,
            name=settings.name,
            role=settings.role.value,
            model=settings.model,
            connection=settings.endpoint.of_unit(settings.unit),
            zone=None if settings.zone is None else ZoneId(settings.zone),
            state=STATES.get(history.health, "not connected"),
            amps=None if reading is None else plain_amps(reading),
            power=None if reading is None else reading.power,
            energy=None if reading is None else reading.energy,
            read_at=None if history.last_good is None else self._utc(history.last_good),
        )

    def _utc(self, moment: Monotonic) -> datetime:
        return self.utc_now() - timedelta(seconds=self.now() - moment)
