"""The uplink's actor under both runtimes: inputs carried in, effects carried out, restarts survived."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from actors.cpo import ReconfigureUplink, UplinkActor, uplink_name
from actors.messages import (
    SITE_TIME,
    AlarmRaised,
    AskCpo,
    AskOperatorTime,
    AssignCeilings,
    CallRelayed,
    CpoAnswered,
    JournalGrew,
    Message,
    OperatorTold,
    RecordStart,
    RelayCall,
    StationShownToCpo,
    TellUplink,
    UplinkConnected,
    UplinkHeard,
    UplinkLost,
    UplinkShown,
)
from actors.recorder import Recorder
from actors.runtime import Runtime
from actors.station import station_name
from actors.supervised import Context
from actors.supervisor import ChildSpec, Supervisor
from evce.cpo.settings import UplinkSettings
from evce.ocppj import parse
from evce.storage import Store, open_store
from evce.units import BoxIdentity, ConnectorKey
from tests.actors.ears import Ear, Heard, listen
from tests.actors.runtimes import BOTH, running, wait
from tests.evce.cpo.bench import SETTINGS, START, told
from tests.evce.station_control.bench import BOX, make_station

__all__ = ["running"]

NAME = uplink_name(BOX)
ACCEPTED = {"status": "Accepted"}


class Operator:
    """A link to an operator who accepts everything; `reachable` decides whether a dial succeeds."""

    def __init__(self) -> None:
        self.reachable = True
        self.frames: list[list[Any]] = []
        self.dialled: list[UplinkSettings] = []
        self.hung_up: list[str] = []
        self._deliver: Callable[[Message], object] | None = None
        self._session = 0
        self._lock = threading.Lock()

    def dial(
        self,
        station: BoxIdentity,
        session: int,
        settings: UplinkSettings,
        ping_interval: float,
        deliver: Callable[[Message], object],
    ) -> None:
        with self._lock:
            self.dialled.append(settings)
            self._deliver, self._session = deliver, session
        deliver(UplinkConnected(session) if self.reachable else UplinkLost(session, "no route"))

    def send(self, station: BoxIdentity, session: int, text: str) -> None:
        frame = json.loads(text)
        with self._lock:
            self.frames.append(frame)
        if frame[0] != 2:
            return
        answers: dict[str, dict[str, Any]] = {
            "BootNotification": {
                "status": "Accepted",
                "currentTime": "2026-01-01T00:00:00Z",
                "interval": 300,
            },
            "StartTransaction": {"transactionId": 77, "idTagInfo": ACCEPTED},
            "Authorize": {"idTagInfo": ACCEPTED},
            "Heartbeat": {"currentTime": "2026-01-01T00:00:10Z"},
        }
        self.say([3, frame[1], answers.get(frame[2], {})])

    def hang_up(self, station: BoxIdentity, session: int | None, reason: str) -> None:
        self.hung_up.append(reason)

    def say(self, frame: list[Any]) -> None:
        assert self._deliver is not None
        self._deliver(UplinkHeard(self._session, parse(json.dumps(frame))))

    def calls(self, action: str) -> list[dict[str, Any]]:
        with self._lock:
            return [frame[3] for frame in self.frames if frame[0] == 2 and frame[2] == action]


class Station(Ear):
    """Tells its uplink that it is there, and answers its commands."""

    def on_message(self, message: Message) -> None:
        super().on_message(message)
        match message:
            case TellUplink(reply_to):
                self.send(reply_to, StationShownToCpo(told("Charging", 1)))
            case RelayCall(reply_to, request):
                self.send(reply_to, CallRelayed(request, {"status": "Accepted"}))


class Parts:
    """An uplink between a real recorder, a scripted station and a scripted operator."""

    def __init__(self, runtime: Runtime, folder: Path) -> None:
        self.runtime = runtime
        self.operator = Operator()
        self.view = listen(runtime, "view")
        self.station = Heard()
        self.folder = folder
        runtime.spawn(station_name(BOX), lambda context: Station(context, self.station))
        children = (
            ChildSpec("recorder", lambda context: Recorder(context, self._open)),
            ChildSpec(NAME, self._uplink),
        )
        runtime.spawn("supervisor", lambda context: Supervisor(context, children))

    def _uplink(self, context: Context) -> UplinkActor:
        return UplinkActor(context, make_station(), self.operator, SETTINGS)

    def _open(self, now: datetime) -> Store:
        return open_store(self.folder / "evce.db", now)

    def wait(self, condition: Callable[[], bool], seconds: float = 5.0) -> None:
        wait(self.runtime, condition, seconds)

    def state(self) -> str:
        shown = [message.view for message in self.view.of(UplinkShown) if message.view is not None]
        return shown[-1].state if shown else ""

    def all_told(self) -> bool:
        """Whether sessions are on the disk and nothing of them waits there any more."""
        with Store(self.folder / "evce.db", datetime.now(UTC), read_only=True) as store:
            return bool(store.sessions()) and store.journal() == []

    def start_session(self, meter_start: int = 0) -> None:
        """A station's actor records a start and nudges the uplink."""
        self.runtime.tell(
            "recorder",
            RecordStart(
                reply_to=station_name(BOX),
                request="r",
                connector=ConnectorKey(BOX, 1),
                station_name="Garage 1",
                id_tag="04A1",
                vip=False,
                started_at=datetime(2026, 1, 1, tzinfo=UTC),
                meter_start=float(meter_start),
                upstream={**START, "meterStart": meter_start},
            ),
        )
        self.runtime.tell(NAME, JournalGrew())


@pytest.fixture
def parts(running: Runtime, tmp_path: Path) -> Parts:
    return Parts(running, tmp_path)


@BOTH
def test_a_session_reaches_the_operator_once(kind: str, parts: Parts) -> None:
    """CPO-3: recorded, journalled, told, and gone from the journal."""
    parts.wait(lambda: parts.state() == "online")
    parts.start_session()
    parts.wait(lambda: parts.operator.calls("StartTransaction") == [START])
    parts.wait(parts.all_told)


@BOTH
def test_the_operator_s_time_is_handed_on_and_asked_for(kind: str, parts: Parts) -> None:
    """CPO-4: its answer to BootNotification, and to a heartbeat that is wanted."""
    clock = listen(parts.runtime, SITE_TIME)
    parts.wait(lambda: parts.state() == "online")
    parts.wait(lambda: len(clock.of(OperatorTold)) == 1)
    parts.runtime.tell(NAME, AskOperatorTime())
    parts.wait(lambda: len(clock.of(OperatorTold)) == 2)
    boot, beat = clock.of(OperatorTold)
    assert (boot.station, boot.time) == (BOX, datetime(2026, 1, 1, tzinfo=UTC))
    assert beat.time == datetime(2026, 1, 1, 0, 0, 10, tzinfo=UTC)
    assert 0.0 <= beat.round_trip < 5.0
    assert boot.at <= beat.at <= parts.runtime.clock.monotonic()


@BOTH
def test_a_killed_uplink_goes_on_where_it_was(kind: str, parts: Parts) -> None:
    """AC-2, CPO-3: the disk knows what was told; nothing is told twice."""
    parts.wait(lambda: parts.state() == "online")
    parts.start_session(1)
    parts.wait(lambda: len(parts.operator.calls("StartTransaction")) == 1)
    parts.wait(parts.all_told)
    booted = len(parts.operator.calls("BootNotification"))
    assert parts.runtime.kill(NAME)
    parts.wait(lambda: len(parts.operator.calls("BootNotification")) > booted)
    parts.start_session(2)
    parts.wait(lambda: len(parts.operator.calls("StartTransaction")) == 2)
    assert [payload["meterStart"] for payload in parts.operator.calls("StartTransaction")] == [1, 2]


@BOTH
def test_the_station_gets_the_operator_s_answers_and_commands(kind: str, parts: Parts) -> None:
    """CPO-1, AU-3: questions up, commands down, ceilings for the zone."""
    parts.wait(lambda: parts.state() == "online")
    parts.runtime.tell(NAME, AskCpo(station_name(BOX), "q", "Authorize", {"idTag": "A"}))
    parts.wait(lambda: bool(parts.station.of(CpoAnswered)))
    assert parts.station.of(CpoAnswered)[0].payload == {"idTagInfo": {"status": "Accepted"}}
    parts.operator.say([2, "c1", "Reset", {"type": "Soft"}])
    parts.wait(lambda: [3, "c1", {"status": "Accepted"}] in parts.operator.frames)
    profile = {
        "chargingProfileId": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Relative",
        "chargingSchedule": {
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}],
        },
    }
    parts.operator.say([2, "c2", "SetChargingProfile", {"connectorId": 1, "csChargingProfiles": profile}])
    parts.wait(lambda: [3, "c2", {"status": "Accepted"}] in parts.operator.frames)
    parts.wait(lambda: parts.station.of(AssignCeilings)[-1].ceilings == ((1, 8.0),))


@BOTH
def test_a_recorder_that_is_away_is_asked_again(kind: str, parts: Parts) -> None:
    """AC-2: the recorder's death costs a few seconds, no message."""
    parts.wait(lambda: parts.state() == "online")
    assert parts.runtime.kill("recorder")
    parts.wait(lambda: getattr(parts.runtime.directory.find("recorder"), "incarnation", 0) == 2)
    parts.start_session()
    parts.wait(lambda: parts.operator.calls("StartTransaction") == [START], 20.0)


@BOTH
def test_a_new_address_is_dialled(kind: str, parts: Parts) -> None:
    """CF-1: applied live."""
    parts.wait(lambda: parts.state() == "online")
    other = UplinkSettings("ws://other.test/")
    parts.runtime.tell(NAME, ReconfigureUplink(make_station(), other))
    parts.wait(lambda: parts.operator.dialled[-1] == other)


def test_an_outage_is_an_alarm(tmp_path: Path) -> None:
    """CPO-3: the outage is on the screen, a minute after it began."""
    from actors.runtime import SimulatedRuntime

    runtime = SimulatedRuntime(seed=1)
    parts = Parts(runtime, tmp_path)
    parts.operator.reachable = False
    runtime.run_for(90.0)
    assert [message.alarm.code for message in parts.view.of(AlarmRaised)] == ["cpo_unreachable"]
    assert 5 <= len(parts.operator.dialled) <= 12
