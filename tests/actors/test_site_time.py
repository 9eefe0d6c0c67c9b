"""The actor of the site's time: whom it follows, what it refuses, and what it tells people."""

from datetime import UTC, datetime, timedelta

import pytest

from actors.messages import (
    SITE_TIME,
    AlarmCleared,
    AlarmRaised,
    AskOperatorTime,
    FollowHostTime,
    GetSiteTime,
    GetTimeAnswer,
    OperatorTold,
    RecordEvent,
    SetSiteTime,
    SiteTimeView,
    TimeAnswer,
)
from actors.runtime import Runtime, SimulatedRuntime
from actors.site_time import ReconfigureTime, SiteTimeActor
from actors.station import uplink_name
from evce.operator_time import CONFIRMED_AFTER
from evce.site_time import KeptTime, TimeSettings, TimeSource
from evce.units import BoxIdentity
from tests.actors.ears import Heard, listen
from tests.actors.runtimes import BOTH, running, wait

__all__ = ["running"]

A, B = BoxIdentity("A"), BoxIdentity("B")
OPERATOR = TimeSettings(operator="ws://operator/")
PROGRAMS = TimeSettings(programs=True)


class Parts:
    """The actor between a scripted uplink, view and recorder; `files` is what it wrote for its successor."""

    def __init__(
        self, runtime: Runtime, settings: TimeSettings = OPERATOR, kept: KeptTime | None = None
    ) -> None:
        self.runtime = runtime
        self.uplink, self.view = listen(runtime, uplink_name(A)), listen(runtime, "view")
        self.recorder = listen(runtime, "recorder")
        self.files: list[KeptTime] = []
        self.full = False
        runtime.spawn(SITE_TIME, lambda context: SiteTimeActor(context, settings, kept, self.keep))

    def keep(self, kept: KeptTime) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.files.append(kept)

    def true(self, ahead: float = 0.0) -> datetime:
        """What a clock shows that is `ahead` of the host's as it was in the beginning."""
        return self.runtime.clock.machine().host + timedelta(seconds=ahead)

    def tell(self, ahead: float, station: BoxIdentity = A) -> None:
        """The operator's clock is so far ahead of the host's."""
        now = self.runtime.clock.monotonic()
        self.runtime.tell(SITE_TIME, OperatorTold(station, self.true(ahead), 0.0, now))

    def look(self) -> SiteTimeView:
        found = self.runtime.ask(SITE_TIME, GetSiteTime(), 5.0)
        assert isinstance(found, SiteTimeView)
        return found

    def order(self, time: datetime, source: TimeSource = TimeSource.PERSON) -> TimeAnswer:
        self.runtime.tell(SITE_TIME, SetSiteTime("one", time, source, "anna"))
        return self.answer()

    def follow_host(self) -> TimeAnswer:
        self.runtime.tell(SITE_TIME, FollowHostTime("one", "anna"))
        return self.answer()

    def answer(self) -> TimeAnswer:
        answer = self.runtime.ask(SITE_TIME, GetTimeAnswer("one"), 5.0)
        assert isinstance(answer, TimeAnswer)
        return answer

    def settle(self) -> None:
        """Let the others hear what was said."""
        if isinstance(self.runtime, SimulatedRuntime):
            self.runtime.settle()

    def standing(self) -> set[str]:
        self.settle()
        codes: set[str] = set()
        for _, message in self.view:
            match message:
                case AlarmRaised(alarm):
                    codes.add(alarm.code)
                case AlarmCleared(code):
                    codes.discard(code)
        return codes

    def lines(self, kind: str) -> list[str]:
        self.settle()
        return [line.message for line in self.recorder.of(RecordEvent) if line.type == kind]


@pytest.fixture
def runtime() -> SimulatedRuntime:
    return SimulatedRuntime(seed=1)


@BOTH
def test_the_operators_time_is_taken_over_once_two_stations_agree(running: Runtime) -> None:
    """CPO-4: the wall clock of the whole runtime, and not the monotonic one."""
    parts = Parts(running)
    assert (parts.look().source, parts.look().offset) == (TimeSource.HOST, 0.0)
    parts.tell(3600.0)
    assert parts.look().source is TimeSource.HOST
    parts.tell(3600.4, B)
    view = parts.look()
    assert view.source is TimeSource.OPERATOR
    assert view.offset == pytest.approx(3600.0, abs=0.5)
    assert view.heard_at is not None
    wait(running, lambda: bool(parts.files))
    assert parts.files[-1].source is TimeSource.OPERATOR
    ahead = (running.clock.utc_now() - running.clock.machine().host).total_seconds()
    assert ahead == pytest.approx(3600.0, abs=0.5)
    wait(running, lambda: any("set forward by 3600" in line for line in parts.lines("system")))


def test_a_first_word_is_asked_for_again(runtime: SimulatedRuntime) -> None:
    """CPO-4: a heartbeat of that station's uplink."""
    parts = Parts(runtime)
    parts.tell(-7200.0)
    runtime.run_for(CONFIRMED_AFTER - 1.0)
    assert not parts.uplink.of(AskOperatorTime)
    runtime.run_for(2.0)
    assert len(parts.uplink.of(AskOperatorTime)) == 1
    parts.tell(-7200.0)
    assert parts.look().offset == pytest.approx(-7200.0)


def test_what_can_not_be_raises_an_alarm_that_clears(runtime: SimulatedRuntime) -> None:
    """CPO-4, RELIABILITY invariant 20: the site's time stays as it is."""
    parts = Parts(runtime)
    for _ in range(3):
        parts.tell(-1.7e9)
        runtime.run_for(60.0)
    assert parts.look().offset == 0.0
    assert "can't be" in parts.look().refused
    assert parts.standing() == {"operator_time"}
    raised = parts.view.of(AlarmRaised)
    assert len(raised) == 1, "said once, whatever the figures"
    assert raised[0].alarm.message.startswith("The operator's time isn't followed: 19")
    parts.tell(0.2)
    assert parts.look().refused == ""
    assert parts.standing() == set()
    runtime.tell(SITE_TIME, OperatorTold(A, None, 0.0, runtime.clock.monotonic()))
    assert "is no time" in parts.look().refused


def test_a_lost_operator_keeps_its_word_whatever_the_host_does(runtime: SimulatedRuntime) -> None:
    """CPO-4: and the event log tells that the host's clock was set."""
    parts = Parts(runtime)
    parts.tell(100.0, A)
    parts.tell(100.0, B)
    assert parts.look().offset == pytest.approx(100.0)
    before = parts.look().site
    runtime.shift_wall(-86_400.0)
    runtime.run_for(7200.0)
    assert (parts.look().site - before).total_seconds() == pytest.approx(7200.0, abs=0.01)
    assert parts.lines("system")[-1] == (
        "the host's clock was set back by 86400.0 s; the site's time goes on as it was"
    )
    assert len(parts.files) == 3, "kept when it came, and every hour"


def test_switched_off_the_host_counts_again(runtime: SimulatedRuntime) -> None:
    """CPO-4: off: from the host; another operator is believed anew."""
    parts = Parts(runtime)
    parts.tell(-1.7e9)
    parts.tell(500.0, A)
    parts.tell(500.0, B)
    assert parts.look().operator_rules
    runtime.tell(SITE_TIME, ReconfigureTime(TimeSettings()))
    view = parts.look()
    assert (view.source, view.offset, view.operator_rules) == (TimeSource.HOST, 0.0, False)
    parts.tell(500.0, A)
    parts.tell(500.0, B)
    assert parts.look().offset == 0.0
    assert parts.files[-1].source is TimeSource.HOST
    assert parts.standing() == set()


def test_a_person_sets_the_time_and_it_is_audited(runtime: SimulatedRuntime) -> None:
    """CPO-4: set from the browser; the host's clock can be taken again."""
    parts = Parts(runtime, TimeSettings())
    assert parts.order(parts.true(-90.0)) == TimeAnswer(-90.0)
    view = parts.look()
    assert (view.source, view.by, round(view.offset, 3)) == (TimeSource.PERSON, "anna", -90.0)
    assert parts.lines("audit") == ["the site's time was set back by 90.0 s"]
    assert parts.recorder.of(RecordEvent)[-1].author == "anna"
    assert parts.follow_host().moved == pytest.approx(90.0)
    assert (parts.look().source, parts.look().offset) == (TimeSource.HOST, 0.0)
    assert (
        parts.lines("audit")[-1] == "the site's time is the host's clock again: it was set forward by 90.0 s"
    )
    assert runtime.ask(SITE_TIME, GetTimeAnswer("nobody's"), 5.0) is None


@pytest.mark.parametrize(
    ("settings", "source", "told", "why"),
    [
        (OPERATOR, TimeSource.PERSON, True, "cpo.time_from_operator"),
        (TimeSettings("ws://x/", programs=True), TimeSource.WEB_SERVICES, True, "cpo.time_from_operator"),
        (TimeSettings(), TimeSource.WEB_SERVICES, False, "webservices.time_synchronisation"),
    ],
)
def test_who_may_not_set_it_is_refused(
    runtime: SimulatedRuntime, settings: TimeSettings, source: TimeSource, told: bool, why: str
) -> None:
    """CPO-4, API-4: while the operator is the source, and programs only where they are allowed to."""
    parts = Parts(runtime, settings)
    if told:
        parts.tell(0.0)
    answer = parts.order(parts.true(60.0), source)
    assert why in answer.refused
    assert (answer.moved, parts.look().offset) == (0.0, 0.0)
    assert parts.lines("audit") == []
    if told:
        assert why in parts.follow_host().refused


def test_as_long_as_the_operator_is_silent_a_person_may(runtime: SimulatedRuntime) -> None:
    """CPO-4: an uplink that isn't there yet keeps nobody from setting a clock right; then it takes over."""
    parts = Parts(runtime)
    assert parts.order(parts.true(60.0)).refused == ""
    parts.tell(0.0, A)
    parts.tell(0.0, B)
    assert (parts.look().source, round(parts.look().offset, 3)) == (TimeSource.OPERATOR, 0.0)


@pytest.mark.parametrize("year", [1970, 2150])
def test_a_time_that_can_not_be_is_refused(runtime: SimulatedRuntime, year: int) -> None:
    """CPO-4, API-4."""
    parts = Parts(runtime, PROGRAMS)
    for source in (TimeSource.PERSON, TimeSource.WEB_SERVICES):
        assert (
            f"{year}-01-01 00:00:00 UTC can't be"
            in parts.order(datetime(year, 1, 1, tzinfo=UTC), source).refused
        )


def test_a_program_moves_the_time_without_a_jump_where_it_is_a_little_off(runtime: SimulatedRuntime) -> None:
    """API-4: it synchronises again and again; only a jump is worth a line."""
    parts = Parts(runtime, PROGRAMS)
    assert parts.order(parts.true(2.0), TimeSource.WEB_SERVICES) == TimeAnswer(2.0)
    view = parts.look()
    assert (view.source, view.slewing, view.programs_may) == (TimeSource.WEB_SERVICES, 2.0, True)
    assert abs(view.offset) < 0.1
    runtime.run_for(500.0)
    assert parts.look().offset == pytest.approx(2.0)
    assert parts.lines("audit") == []
    parts.order(parts.true(200.0), TimeSource.WEB_SERVICES)
    assert parts.lines("audit") == ["the site's time was set forward by 198.0 s"]


def test_a_machine_that_lost_its_time_raises_an_alarm(runtime: SimulatedRuntime) -> None:
    """RELIABILITY §2: RTC 1970: timestamps flagged within a second."""
    parts = Parts(runtime, TimeSettings())
    runtime.run_for(2.0)
    lost = 60.0 - runtime.clock.utc_now().timestamp()
    runtime.shift_wall(lost)
    runtime.run_for(1.1)
    assert parts.standing() == {"clock_lost"}
    assert "1970-01-01 00:01" in parts.view.of(AlarmRaised)[0].alarm.message
    assert "the host's clock was set back" in parts.lines("system")[0]
    runtime.shift_wall(-lost)
    runtime.run_for(1.1)
    assert parts.standing() == set()


def test_a_new_process_goes_on_where_the_old_one_ended(runtime: SimulatedRuntime) -> None:
    """CPO-4: kept over a restart; who has said it, too."""
    parts = Parts(runtime)
    parts.tell(50.0, A)
    parts.tell(50.0, B)
    runtime.run_for(10.0)
    assert runtime.stop()
    kept = parts.files[-1]
    next_runtime = SimulatedRuntime(seed=1, start=kept.machine.host + timedelta(seconds=5), kept_time=kept)
    view = Parts(next_runtime, kept=kept).look()
    assert (view.source, round(view.offset, 3), view.heard_at) == (TimeSource.OPERATOR, 50.0, kept.heard_at)


def test_a_guess_is_told_until_somebody_knows(runtime: SimulatedRuntime) -> None:
    """CPO-4: with care: a machine without a clock of its own was without power."""
    parts = Parts(runtime, TimeSettings())
    parts.order(parts.true(50.0))
    kept = parts.files[-1]
    later = SimulatedRuntime(seed=1, start=datetime(1970, 1, 1, tzinfo=UTC), kept_time=kept)
    after = Parts(later, TimeSettings(), kept)
    view = after.look()
    assert (view.guessed, view.site) == (True, kept.site)
    assert after.standing() == {"clock_lost"}
    after.order(kept.site + timedelta(days=2))
    assert not after.look().guessed
    assert after.standing() == set()


def test_a_successor_goes_on_and_a_full_disk_is_no_reason_to_die(runtime: SimulatedRuntime) -> None:
    """CPO-4, RELIABILITY §2 (actor exception, ENOSPC): the correction is the clock's."""
    parts = Parts(runtime, TimeSettings())
    parts.full = True
    assert parts.order(parts.true(50.0)).refused == ""
    runtime.kill(SITE_TIME)
    runtime.settle()
    assert len(runtime.failures) == 1
    runtime.spawn(SITE_TIME, lambda context: SiteTimeActor(context, TimeSettings()))
    view = parts.look()
    assert (view.source, view.by, round(view.offset, 3)) == (TimeSource.PERSON, "anna", 50.0)


def test_what_nobody_hears_changes_nothing(runtime: SimulatedRuntime) -> None:
    """CPO-4: an operator that isn't asked for the time may say what it wants."""
    parts = Parts(runtime, TimeSettings())
    parts.tell(500.0, A)
    parts.tell(500.0, B)
    assert (parts.look().offset, parts.standing(), Heard(parts.recorder)) == (0.0, set(), [])


def test_a_machine_without_a_clock_takes_the_operators_word() -> None:
    """CPO-4: RTC 1970: years away, and right."""
    parts = Parts(SimulatedRuntime(seed=1, start=datetime(1970, 1, 1, tzinfo=UTC)))
    assert parts.standing() == {"clock_lost"}
    parts.tell(1.78e9, A)
    parts.tell(1.78e9, B)
    assert (parts.look().source, parts.look().site.year) == (TimeSource.OPERATOR, 2026)
    assert parts.standing() == {"clock_lost"}, "looked at every second"
    assert isinstance(parts.runtime, SimulatedRuntime)
    parts.runtime.run_for(1.0)
    assert parts.standing() == set()
