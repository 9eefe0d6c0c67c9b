"""The remote actor, with root zones, a disk and a view that listen."""

from itertools import pairwise

import pytest

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
    RecordEvent,
    RemoteLimitsChanged,
    RemoteLimitsFound,
    RemoteShown,
    SetRemoteLimit,
)
from actors.remote import ReconfigureRemote, RemoteActor
from actors.runtime import Runtime, SimulatedRuntime
from actors.supervised import Context, Supervised
from evce.remote_limits import Refused, RemoteAnswer, RemoteSettings
from evce.units import Amps, ZoneId
from evce.views import RemoteView
from tests.actors.ears import Heard, listen
from tests.actors.runtimes import BOTH, Fail, running, wait

__all__ = ["running"]

MAIN, GARAGE = ZoneId("main"), ZoneId("garage")
SETTINGS = RemoteSettings(enabled=True, maxima={MAIN: 100.0, GARAGE: 40.0})
ROOTS = ("zone/a", "zone/b")


class Disk(Supervised):
    """A recorder that knows these limits; `None` is one that doesn't answer."""

    def __init__(self, context: Context, limits: dict[ZoneId, Amps] | None) -> None:
        super().__init__(context)
        self.limits = limits

    def on_message(self, message: Message) -> None:
        match message:
            case FindRemoteLimits(reply_to=reply_to) if self.limits is not None:
                self.send(reply_to, RemoteLimitsFound(self.limits))
            case Fail():
                self.limits = {MAIN: 30.0}


def start(runtime: Runtime, settings: RemoteSettings = SETTINGS) -> None:
    runtime.spawn(REMOTE, lambda context: RemoteActor(context, settings, ROOTS))


def held(zone: Heard) -> dict[ZoneId, Amps] | None:
    told = zone.of(RemoteLimitsChanged)
    return dict(told[-1].limits) if told else None


def wish(runtime: Runtime, amps: Amps | None, zone: ZoneId = MAIN) -> RemoteAnswer:
    """As the web and the command line do: the answer is there as soon as the message was handled."""
    runtime.tell(REMOTE, SetRemoteLimit("one", zone, amps, "service"))
    answer = runtime.ask(REMOTE, GetRemoteAnswer("one"), 5.0)
    assert isinstance(answer, RemoteAnswer)
    return answer


@BOTH
def test_a_limit_reaches_every_root_zone_and_the_disk(running: Runtime) -> None:
    """API-3: at once; who set it stands in the audit log."""
    zones = [listen(running, name) for name in ROOTS]
    disk, view = listen(running, "recorder"), listen(running, "view")
    start(running)
    wait(running, lambda: bool(disk.of(FindRemoteLimits)))
    assert [held(zone) for zone in zones] == [None, None], "before the disk has told nobody knows"
    running.tell(REMOTE, RemoteLimitsFound())
    assert wish(running, 16.0) == RemoteAnswer(16.0, 60.0)
    wait(running, lambda: all(held(zone) == {MAIN: 16.0} for zone in zones))
    wait(running, lambda: [dict(kept.limits) for kept in disk.of(KeepRemoteLimits)] == [{MAIN: 16.0}])
    event = disk.of(RecordEvent)[-1]
    assert (event.device, event.type, event.author) == ("main", "audit", "service")
    assert "16.0 A" in event.message
    wait(running, lambda: bool(view.of(RemoteShown)) and bool(view.of(RemoteShown)[-1].view.limits))
    shown = view.of(RemoteShown)[-1].view
    assert (shown.state, shown.limits[0].amps, shown.limits[0].dropped) == ("active", 16.0, False)
    later = wish(running, 20.0)
    assert (later.refused, later.amps) == (Refused.TOO_SOON, 16.0)
    assert running.ask(REMOTE, GetRemoteAnswer("nobody's"), 5.0) is None


def simulated(limits: dict[ZoneId, Amps] | None = None) -> tuple[SimulatedRuntime, Heard, Heard, Heard]:
    """Zone, view, and what the disk is told."""
    runtime = SimulatedRuntime(seed=4)
    zone, view = listen(runtime, "zone/a"), listen(runtime, "view")
    told = Heard()
    runtime.on_delivery(lambda at, to, message, _: told.append((at, message)) if to == "recorder" else None)
    runtime.spawn("recorder", lambda context: Disk(context, limits))
    start(runtime)
    runtime.run_for(0.1)
    return runtime, zone, view, told


def test_a_silent_system_loses_its_limits_with_an_alarm_and_on_a_ramp() -> None:
    """API-3, RELIABILITY REST controller silent."""
    runtime, zone, view, _ = simulated({})
    wish(runtime, 16.0)
    runtime.run_for(300.0)
    runtime.tell(REMOTE, HearRemote("service"))
    runtime.run_for(599.0)
    assert held(zone) == {MAIN: 16.0}
    assert view.of(AlarmRaised) == []
    runtime.run_for(2.0)
    raised = view.of(AlarmRaised)[-1].alarm
    assert (raised.code, raised.source) == ("remote_silent", "remote")
    steps = [told.limits.get(MAIN, 100.0) for told in zone.of(RemoteLimitsChanged)]
    assert max(after - before for before, after in pairwise(steps)) <= 1.01
    runtime.run_for(60.0)
    assert held(zone) == {}
    assert view.of(RemoteShown)[-1].view.state == "silent"
    runtime.tell(REMOTE, HearRemote("service"))
    runtime.run_for(1.0)
    assert view.of(AlarmCleared)[-1].code == "remote_silent"
    assert held(zone) == {}, "a sign of life alone brings no limit back"


def test_limits_of_before_a_restart_hold_a_whole_period() -> None:
    """API-3: the disk knows them; a disk that answers late is asked again."""
    runtime, zone, view, told = simulated(None)
    runtime.run_for(20.0)
    assert held(zone) is None
    runtime.tell("recorder", Fail())
    runtime.run_for(1.0)
    assert held(zone) == {MAIN: 30.0}
    assert view.of(RemoteShown)[-1].view.state == "waiting"
    runtime.run_for(590.0)
    assert held(zone) == {MAIN: 30.0}
    runtime.run_for(120.0)
    assert held(zone) == {}
    assert [dict(kept.limits) for kept in told.of(KeepRemoteLimits)] == [{}]


def test_an_actor_that_failed_goes_on_where_it_was() -> None:
    """API-3: RELIABILITY invariant 8; the disk isn't asked again."""
    runtime, zone, _, told = simulated({})
    wish(runtime, 16.0)
    runtime.run_for(300.0)
    asked = len(told.of(FindRemoteLimits))
    runtime.kill(REMOTE, "exception")
    runtime.run_for(0.1)
    start(runtime)
    runtime.run_for(1.0)
    assert held(zone) == {MAIN: 16.0}
    assert len(told.of(FindRemoteLimits)) == asked
    runtime.run_for(290.0)
    assert held(zone) == {MAIN: 16.0}
    runtime.run_for(20.0)
    assert held(zone) != {MAIN: 16.0}, "its period went on meanwhile"


def test_reductions_without_end_are_written_every_few_seconds_at_most() -> None:
    """DESIGN 6: bytes written a day are bounded, whatever the other side does."""
    runtime, _, _, told = simulated({})
    for step in range(100):
        wish(runtime, 90.0 - step * 0.5)
        runtime.run_for(0.5)
    runtime.run_for(10.0)
    written = told.of(KeepRemoteLimits)
    assert len(written) <= 12
    assert dict(written[-1].limits) == {MAIN: 40.5}
    assert len(told.of(RecordEvent)) == 1, "the log hears of the first, the limit ledger of all"


@pytest.mark.parametrize("roots", [ROOTS, ("zone/c",)])
def test_switched_off_what_held_rises_and_the_disk_forgets(roots: tuple[str, ...]) -> None:
    """API-3, CF-1: applied live; a zone that became a root is told, too."""
    runtime, _, _, told = simulated({})
    zone = listen(runtime, "zone/c")
    wish(runtime, 16.0, GARAGE)
    runtime.run_for(10.0)
    runtime.tell(REMOTE, ReconfigureRemote(RemoteSettings(maxima=SETTINGS.maxima), roots))
    runtime.run_for(2.0)
    assert bool(zone.of(RemoteLimitsChanged)) == ("zone/c" in roots)
    view = runtime.ask(REMOTE, GetRemote(), 5.0)
    assert isinstance(view, RemoteView)
    assert view.state == "off"
    assert view.limits[0].dropped
    assert wish(runtime, 10.0, GARAGE).refused is Refused.OFF
    runtime.run_for(60.0)
    assert runtime.ask(REMOTE, GetRemote(), 5.0).limits == ()
    assert [dict(kept.limits) for kept in told.of(KeepRemoteLimits)] == [{GARAGE: 16.0}, {}]
