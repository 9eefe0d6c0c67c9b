"""The actor that looks after the site's time: it follows the operator, or takes what people set."""

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from actors.messages import (
    SITE_TIME,
    AlarmCleared,
    AlarmRaised,
    AskOperatorTime,
    FollowHostTime,
    GetSiteTime,
    GetTimeAnswer,
    Message,
    OperatorTold,
    Question,
    RecordEvent,
    SetSiteTime,
    SiteTimeView,
    TimeAnswer,
)
from actors.station import uplink_name
from actors.supervised import LONGEST_PAUSE_S, Context, Supervised
from evce.operator_time import CONFIRMED_AFTER, Follow, OperatorTime, Refuse, Wait
from evce.site_time import STEP, KeptTime, TimeSettings, TimeSource, time_fault
from evce.units import BoxIdentity, Monotonic, Seconds
from evce.views import AlarmView

__all__ = ["ReconfigureTime", "SiteTimeActor"]

logger = logging.getLogger(__name__)

LOOK_EVERY: Seconds = 1.0
"""A host's clock that somebody sets is noted within a second."""

KEPT_EVERY: Seconds = 3600.0
"""After a power cut a machine without a clock of its own goes on at most an hour behind."""

SLOWLY_BELOW: Seconds = 5.0
"""A program that sets the time again and again moves it without a jump."""

ANSWERS_KEPT = 100
"""Answers for whoever asks for them: a request is answered at once or never."""

NOT_FOLLOWED: Final = "operator_time"
CLOCK_LOST: Final = "clock_lost"

_OPERATOR_RULES = "the time comes from the operator (cpo.time_from_operator)"
_PROGRAMS_MAY_NOT = "programs may not set the time (webservices.time_synchronisation)"


@dataclass(frozen=True, slots=True)
class ReconfigureTime(Message):
    """A new revision is in force."""

    settings: TimeSettings


@dataclass(frozen=True, slots=True)
class _Look(Message):
    """Own timer: what has become of the host's clock?"""


@dataclass(frozen=True, slots=True)
class _AskAgain(Message):
    """Own timer: does the operator still say so?"""

    station: BoxIdentity


class SiteTimeActor(Supervised):
    """Runs on its own thread. The correction itself is the clock's, and outlives this actor.

    `kept` is what an earlier process left; `keep` writes what the next one finds, and may raise OSError.
    """

    longest_pause_s: ClassVar[float] = LONGEST_PAUSE_S
    """Without it the time goes on as it is."""

    def __init__(
        self,
        context: Context,
        settings: TimeSettings,
        kept: KeptTime | None = None,
        keep: Callable[[KeptTime], None] | None = None,
    ) -> None:
        super().__init__(context)
        self._settings = settings
        self._keep_file = keep
        self._kept = kept
        self._clock = context.runtime.clock
        self._operator = OperatorTime()
        self._source = TimeSource.HOST
        self._heard_at: datetime | None = None
        self._by = ""
        self._refused: Refuse | None = None
        self._anchor: Seconds = 0.0
        self._lost = False
        self._kept_at: Monotonic = self.now()
        self._unkept = ""
        self._answers: OrderedDict[str, TimeAnswer] = OrderedDict()

    def on_begin(self) -> None:
        """Runs before the first message: goes on where a predecessor, or an earlier process, ended."""
        before = self.heir.get("source") or self._kept
        if isinstance(before, KeptTime) and self._clock.corrected:
            self._source, self._heard_at, self._by = before.source, before.heard_at, before.by
        self._anchor = self._host_ahead()
        # A predecessor may have left alarms: what still holds raises them again.
        for code in (NOT_FOLLOWED, CLOCK_LOST):
            self.send("view", AlarmCleared(code, SITE_TIME, self.utc_now()))
        if self._clock.guessed:
            self._log("the machine has lost its time: the site's time goes on where it was written down last")
        self._reconfigured()
        self._look()

    def on_message(self, message: Message) -> None:
        match message:
            case OperatorTold(station, time, round_trip, at):
                if self._settings.operator is not None:
                    self._operator.heard(station, time, round_trip, at)
                    self._judge(station)
            case SetSiteTime():
                self._answer(message.request, self._set(message))
            case FollowHostTime(request, by):
                self._answer(request, self._follow_host(by))
            case ReconfigureTime(settings):
                if settings.operator != self._settings.operator:
                    self._operator.forget()
                    self._accept()
                self._settings = settings
                self._reconfigured()
            case _AskAgain(station):
                self.send(uplink_name(station), AskOperatorTime())
            case _Look():
                self._look()
            case _:
                super().on_message(message)

    def on_question(self, question: Question) -> object:
        match question:
            case GetSiteTime():
                return self._view()
            case GetTimeAnswer(request):
                return self._answers.get(request)
        return super().on_question(question)

    def on_end(self) -> None:
        """The next process goes on from here."""
        if self._source is not TimeSource.HOST:
            self._keep()

    # The operator.

    def _judge(self, station: BoxIdentity) -> None:
        site, now = self.utc_now(), self.now()
        verdict = self._operator.judge(site, now, sound=not self._doubtful(site))
        match verdict:
            case Follow(seconds, slowly):
                self._follow(seconds, slowly, now)
            case Refuse():
                self._refuse(verdict)
            case Wait():
                self.after(CONFIRMED_AFTER, _AskAgain(station), key="again")

    def _follow(self, seconds: Seconds, slowly: bool, now: Monotonic) -> None:
        first = self._source is not TimeSource.OPERATOR
        if first or seconds:
            self._clock.shift_site(seconds, slowly=slowly)
        if not slowly:
            self._log(f"the operator's time is taken over: the site's time was {_set_by(seconds)}")
        elif first:
            self._log("the time comes from the operator from now on")
        self._operator.followed_at = now
        self._accept()
        self._spoke(TimeSource.OPERATOR, "")
        if first or not slowly:
            self._keep()

    def _refuse(self, verdict: Refuse) -> None:
        if self._refused is None or self._refused.kind != verdict.kind:
            self._accept()
            self._alarm(
                NOT_FOLLOWED,
                f"The operator's time isn't followed: {verdict.why}",
                "The site's time goes on as before. Have the operator's clock set right, or take the host's: "
                "switch cpo.time_from_operator off.",
            )
        self._refused = verdict

    def _accept(self) -> None:
        if self._refused is not None:
            self._refused = None
            self.send("view", AlarmCleared(NOT_FOLLOWED, SITE_TIME, self.utc_now()))

    # People and programs.

    def _set(self, order: SetSiteTime) -> TimeAnswer:
        if order.source is TimeSource.WEB_SERVICES and not self._settings.programs:
            return TimeAnswer(0.0, _PROGRAMS_MAY_NOT)
        if self._source is TimeSource.OPERATOR:
            return TimeAnswer(0.0, _OPERATOR_RULES)
        fault = time_fault(order.time)
        if fault:
            return TimeAnswer(0.0, fault)
        seconds = (order.time - self.utc_now()).total_seconds()
        slowly = order.source is TimeSource.WEB_SERVICES and abs(seconds) <= SLOWLY_BELOW
        self._clock.shift_site(seconds, slowly=slowly)
        if not slowly:
            self._record("audit", f"the site's time was {_set_by(seconds)}", order.by)
        self._spoke(order.source, order.by)
        self._keep()
        return TimeAnswer(seconds)

    def _follow_host(self, by: str) -> TimeAnswer:
        if self._source is TimeSource.OPERATOR:
            return TimeAnswer(0.0, _OPERATOR_RULES)
        return TimeAnswer(self._to_host("audit", by))

    def _to_host(self, kind: str, by: str) -> Seconds:
        site, machine = self._clock.look()
        self._clock.follow_host()
        seconds = (machine.host - site).total_seconds()
        self._record(kind, f"the site's time is the host's clock again: it was {_set_by(seconds)}", by)
        self._spoke(TimeSource.HOST, by)
        self._keep()
        return seconds

    def _answer(self, request: str, answer: TimeAnswer) -> None:
        self._answers[request] = answer
        while len(self._answers) > ANSWERS_KEPT:
            self._answers.popitem(last=False)
        self._look()

    # Inside.

    def _reconfigured(self) -> None:
        if self._settings.operator is None and self._source is TimeSource.OPERATOR:
            self._to_host("system", "")

    def _spoke(self, source: TimeSource, by: str) -> None:
        self._source, self._by = source, by
        self._heard_at = None if source is TimeSource.HOST else self.utc_now()
        self.heir.put("source", self._to_keep())

    def _look(self) -> None:
        self.after(LOOK_EVERY, _Look(), key="look")
        ahead = self._host_ahead()
        step, self._anchor = ahead - self._anchor, ahead
        if abs(step) > STEP:
            if self._clock.corrected:
                self._log(f"the host's clock was {_set_by(step)}; the site's time goes on as it was")
            else:
                self._log(f"the host's clock was {_set_by(step)}, and the site's time with it")
        self._look_for_loss()
        if self._source is not TimeSource.HOST and self.now() - self._kept_at >= KEPT_EVERY:
            self._keep()

    def _look_for_loss(self) -> None:
        site = self.utc_now()
        lost = self._doubtful(site)
        if lost and not self._lost:
            message = f"The machine has lost its time: the site's is {site:%Y-%m-%d %H:%M:%S} UTC"
            self._alarm(
                CLOCK_LOST,
                message,
                "Records and times of use go by it. Set the host's clock, or the site's time on the page "
                "Site; an operator that tells the time does it too.",
            )
        elif self._lost and not lost:
            self.send("view", AlarmCleared(CLOCK_LOST, SITE_TIME, site))
        self._lost = lost

    def _doubtful(self, site: datetime) -> bool:
        return self._clock.guessed or bool(time_fault(site))

    def _host_ahead(self) -> Seconds:
        machine = self._clock.machine()
        return machine.host.timestamp() - machine.running

    def _to_keep(self) -> KeptTime:
        return KeptTime(self._source, *self._clock.look(), self._heard_at, self._by)

    def _keep(self) -> None:
        self._kept_at = self.now()
        if self._keep_file is None:
            return
        try:
            self._keep_file(self._to_keep())
            self._unkept = ""
        except OSError as error:
            if self._unkept != str(error):
                self._unkept = str(error)
                logger.warning("the correction of the time is lost with this process: %s", error)

    def _view(self) -> SiteTimeView:
        site, machine = self._clock.look()
        return SiteTimeView(
            site=site,
            host=machine.host,
            told=self._clock.steady_utc(),
            source=self._source,
            operator_rules=self._settings.operator is not None,
            programs_may=self._settings.programs,
            slewing=self._clock.slewing,
            heard_at=self._heard_at,
            by=self._by,
            refused="" if self._refused is None else self._refused.why,
            guessed=self._clock.guessed,
        )

    def _alarm(self, code: str, message: str, advice: str) -> None:
        alarm = AlarmView(code, SITE_TIME, message, advice, "major", self.utc_now())
        self.send("view", AlarmRaised(alarm))

    def _log(self, text: str) -> None:
        self._record("system", text, "")

    def _record(self, kind: str, text: str, author: str) -> None:
        self.send("recorder", RecordEvent(self.utc_now(), SITE_TIME, kind, text, author))


def _set_by(seconds: Seconds) -> str:
    if abs(seconds) < 0.05:
        return "right already"
    return f"set forward by {seconds:.1f} s" if seconds > 0 else f"set back by {-seconds:.1f} s"
