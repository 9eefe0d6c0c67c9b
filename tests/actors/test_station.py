"""The station's actor under both runtimes: inputs carried in, effects carried out."""

import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from math import inf
from typing import Any

import pytest

from actors.messages import (
    AlarmRaised,
    AssignSetpoints,
    CallAnswered,
    CallReceived,
    CardChecked,
    CardsChanged,
    CardsFound,
    CheckCard,
    FindCards,
    FindForecast,
    FindOpenTransactions,
    ForecastFound,
    GetActions,
    GetDossier,
    GetPeer,
    LinkClosed,
    LinkOpened,
    Message,
    OpenTransactionsFound,
    RecordEvent,
    RecordProgress,
    RecordStart,
    RecordStation,
    RecordStop,
    RecordWear,
    ReportDemand,
    RequestAction,
    SetpointOrder,
    StartRecorded,
    StationReported,
    StationShown,
    StopRecorded,
)
from actors.runtime import Runtime
from actors.station import ReconfigureStation, StationActor, station_name
from actors.supervised import Context, Supervised
from evce.configuration.choices import Authentication
from evce.departures import Forecast
from evce.facts import ConnectorFacts, Link
from evce.records import CardRecord, PledgeRecord, SessionRecord, StationMemory, WearRecord
from evce.station_control.settings import StationSettings
from evce.units import BoxIdentity, ConnectorKey, TransactionId, ZoneId
from tests.actors.runtimes import BOTH, running, wait
from tests.evce.station_control.bench import BOX, make_station

__all__ = ["running"]

KEY = ConnectorKey(BOX, 1)
NAME = station_name(BOX)
EXPECTED = Forecast((3_600.0,), (10_000.0,))
SETTINGS = StationSettings(fallback={1: 9.0}, authentication=Authentication.ALL_CARDS)


class Listener(Supervised):
    """Writes down what it is told."""

    def __init__(self, context: Context, heard: list[Message]) -> None:
        super().__init__(context)
        self.heard = heard

    def on_message(self, message: Message) -> None:
        self.heard.append(message)


class Ledger(Listener):
    """A recorder in memory: every card is unknown, every session is written, in `running` while it runs."""

    def __init__(
        self,
        context: Context,
        heard: list[Message],
        running: dict[int, SessionRecord],
        pledges: tuple[PledgeRecord, ...],
        wear: tuple[WearRecord, ...],
        memory: StationMemory | None,
    ) -> None:
        super().__init__(context, heard)
        self.memory = memory
        self.running = running
        self.pledges = pledges
        self.wear = wear

    def on_message(self, message: Message) -> None:
        super().on_message(message)
        match message:
            case FindOpenTransactions(reply_to, station):
                found = OpenTransactionsFound(
                    station, tuple(self.running.values()), self.pledges, self.wear, self.memory
                )
                self.send(reply_to, found)
            case FindForecast(reply_to, transaction):
                self.send(reply_to, ForecastFound(transaction, EXPECTED))
            case CheckCard(reply_to, request):
                self.send(reply_to, CardChecked(request, None))
            case RecordStart():
                record = SessionRecord(
                    TransactionId(7),
                    message.connector,
                    message.station_name,
                    message.id_tag,
                    message.vip,
                    message.started_at,
                    message.meter_start,
                )
                self.running[7] = record
                self.send(message.reply_to, StartRecorded(message.request, record))
            case RecordStop():
                self.running.clear()
                self.send(message.reply_to, StopRecorded(message.request, None, orphan=True))


class Scripted:
    """A link whose station accepts everything at once; `announced` counts actors that asked for it.

    `allows` is what it answers when asked what it means to allow, A; afterwards it says nothing of it. While
    `silent` it answers nothing.
    """

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.sent: list[list[Any]] = []
        self.closed: list[int] = []
        self.announced = 0
        self.connected = False
        self.allows: list[float] = []
        self.silent = False
        self.answers: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()

    def send(self, station: BoxIdentity, incarnation: int, text: str) -> None:
        frame = json.loads(text)
        with self._lock:
            self.sent.append(frame)
        if frame[0] == 2 and not self.silent:
            answer: dict[str, Any] = {} if frame[2] == "GetConfiguration" else {"status": "Accepted"}
            answer = dict(self.answers.get(frame[2], answer))
            if frame[2] == "GetCompositeSchedule" and self.allows:
                periods = [{"startPeriod": 0, "limit": self.allows.pop(0)}]
                answer["chargingSchedule"] = {"chargingRateUnit": "A", "chargingSchedulePeriod": periods}
            self.tell(CallAnswered(station, incarnation, frame[1], answer))

    def disconnect(self, station: BoxIdentity, incarnation: int, code: int, reason: str) -> None:
        self.closed.append(code)

    def announce(self, station: BoxIdentity) -> None:
        self.announced += 1
        if self.connected:
            self.tell(LinkOpened(station, 1, "192.0.2.7"))

    def tell(self, message: Message) -> None:
        self.runtime.directory.send(NAME, message)

    def calls(self, action: str) -> list[Any]:
        with self._lock:
            return [frame[3] for frame in self.sent if frame[0] == 2 and frame[2] == action]

    def answer(self, message_id: str) -> Any:
        with self._lock:
            return next((f[2] for f in self.sent if f[0] != 2 and f[1] == message_id), None)


class Scene:
    """A station's actor with its zone, the view and the recorder."""

    def __init__(
        self,
        runtime: Runtime,
        *pledges: PledgeRecord,
        running: Sequence[SessionRecord] = (),
        wear: tuple[WearRecord, ...] = (),
        memory: StationMemory | None = None,
    ) -> None:
        self.runtime = runtime
        self.running = {int(session.transaction): session for session in running}
        self.zone: list[Message] = []
        self.view: list[Message] = []
        self.ledger: list[Message] = []
        self.link = Scripted(runtime)
        runtime.spawn("zone/z", lambda context: Listener(context, self.zone))
        runtime.spawn("view", lambda context: Listener(context, self.view))
        runtime.spawn(
            "recorder", lambda context: Ledger(context, self.ledger, self.running, pledges, wear, memory)
        )
        self.spawn()

    def spawn(self) -> None:
        self.runtime.spawn(
            NAME, lambda context: StationActor(context, make_station(), self.link, SETTINGS, "zone/z")
        )

    def connect(self) -> None:
        self.link.connected = True
        self.link.tell(LinkOpened(BOX, 1, "192.0.2.7"))
        self.until(lambda: self.facts.verified)

    def say(self, message_id: str, action: str, **payload: Any) -> Any:
        self.link.tell(CallReceived(BOX, 1, message_id, action, payload))
        self.until(lambda: self.link.answer(message_id) is not None)
        return self.link.answer(message_id)

    def start(self) -> None:
        now = self.runtime.clock.utc_now().isoformat()
        answer = self.say("s", "StartTransaction", connectorId=1, idTag="04a1", meterStart=0, timestamp=now)
        assert answer == {"transactionId": 7, "idTagInfo": {"status": "Accepted"}}
        self.until(lambda: self.facts.transaction == 7)

    @property
    def facts(self) -> ConnectorFacts:
        reports = [m for m in list(self.zone) if isinstance(m, StationReported)]
        return reports[-1].connectors[0] if reports else ConnectorFacts(KEY)

    def told(self, kind: type[Message]) -> list[Any]:
        return [m for m in [*list(self.zone), *list(self.view), *list(self.ledger)] if isinstance(m, kind)]

    def until(self, condition: Any, seconds: float = 5.0) -> None:
        wait(self.runtime, condition, seconds)


def order(plan: int, amps: float) -> AssignSetpoints:
    other = SetpointOrder(ConnectorKey(BoxIdentity("CP-02"), 1), 32.0, 120.0, False)
    return AssignSetpoints(plan, (SetpointOrder(KEY, amps, 120.0, False), other))


@BOTH
def test_an_actor_asks_for_its_sessions_and_its_link_and_reports_itself(running: Runtime) -> None:
    """AC-1, OC-6."""
    scene = Scene(running)
    scene.until(lambda: scene.told(FindOpenTransactions) and scene.told(StationShown) and scene.zone)
    assert scene.link.announced == 1
    assert scene.facts.link is Link.NEVER_SEEN


@BOTH
def test_a_session_from_its_start_over_an_order_to_its_end(running: Runtime) -> None:
    """OC-6, LM-1."""
    scene = Scene(running)
    scene.connect()
    scene.start()
    scene.link.tell(order(3, 16.0))
    scene.until(lambda: scene.facts.setpoint == 16.0)
    assert scene.facts.plan == 3
    values = [
        {
            "timestamp": running.clock.utc_now().isoformat(),
            "sampledValue": [
                {"value": "15.5", "measurand": "Current.Import", "phase": "L1"},
                {"value": "2500"},
            ],
        }
    ]
    scene.link.tell(CallReceived(BOX, 1, "m", "MeterValues", {"connectorId": 1, "meterValue": values}, True))
    scene.until(lambda: scene.facts.draw == (15.5, 0.0, 0.0) and scene.told(RecordProgress))
    assert scene.told(RecordProgress)[0].energy == 2500.0
    now = running.clock.utc_now().isoformat()
    assert scene.say("e", "StopTransaction", transactionId=7, meterStop=3000, timestamp=now) == {}
    scene.until(lambda: scene.facts.transaction is None)
    assert scene.told(RecordStop)[0].meter_stop == 3000.0


@BOTH
def test_what_is_expected_of_a_session_travels_up_with_its_facts(running: Runtime) -> None:
    """LM-4: asked of the recorder where departures count."""
    scene = Scene(running)
    scene.connect()
    scene.start()
    assert not scene.told(FindForecast)
    counting = replace(SETTINGS, forecasts=True)
    scene.link.tell(ReconfigureStation(make_station(), counting, "zone/z"))
    scene.until(lambda: scene.facts.forecast == EXPECTED)
    assert scene.told(FindForecast) == [FindForecast(NAME, TransactionId(7))]


@BOTH
def test_a_lost_link_is_reported_and_alarmed(running: Runtime) -> None:
    """DG-2."""
    scene = Scene(running)
    scene.connect()
    scene.link.tell(LinkClosed(BOX, 1, "reset"))
    scene.until(lambda: scene.facts.link is Link.LOST)
    scene.until(lambda: [m.alarm.code for m in scene.told(AlarmRaised)] == ["disconnected"])
    assert scene.facts.lease_ends_at is not None


@BOTH
def test_a_zone_that_asks_is_told_everything(running: Runtime) -> None:
    """AC-2."""
    scene = Scene(running)
    scene.connect()
    asked: list[Message] = []
    running.spawn("zone/new", lambda context: Listener(context, asked))
    scene.link.tell(ReportDemand("zone/new"))
    scene.until(lambda: len(asked) == 1)
    assert asked[0] == StationReported(BOX, (scene.facts,))


@BOTH
def test_a_successor_learns_its_link_and_says_everything_again(running: Runtime) -> None:
    """AC-2: it never raises a setpoint by being born."""
    scene = Scene(running)
    scene.connect()
    before = len(scene.link.calls("SetChargingProfile"))
    running.kill(NAME, "exception")
    scene.until(lambda: running.directory.find(NAME) is None)
    scene.zone.clear()
    scene.spawn()
    scene.until(lambda: scene.facts.verified)
    limits = [
        payload["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"]
        for payload in scene.link.calls("SetChargingProfile")[before:]
    ]
    assert limits == [9.0, 0.0]
    ids = [frame[1] for frame in scene.link.sent]
    assert len(ids) == len(set(ids))


def tx_limits(scene: Scene, since: int = 0) -> list[float]:
    """The limits of the session's own profiles, from the `since`-th SetChargingProfile on."""
    profiles = [payload["csChargingProfiles"] for payload in scene.link.calls("SetChargingProfile")[since:]]
    return [
        profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"]
        for profile in profiles
        if profile["chargingProfilePurpose"] == "TxProfile"
    ]


@BOTH
def test_a_successor_goes_on_with_what_the_car_has(running: Runtime) -> None:
    """AC-2: also twice in a row, and at a station that can't be asked; an ended session leaves nothing."""
    scene = Scene(running)
    scene.connect()
    scene.start()
    scene.link.tell(order(1, 16.0))
    scene.until(lambda: scene.facts.setpoint == 16.0)
    for death in range(2):
        # Its clock is right, so that the end of its lease is known.
        time = running.clock.utc_now().isoformat()
        status = {"connectorId": 1, "status": "Charging", "errorCode": "NoError", "timestamp": time}
        scene.say(f"status{death}", "StatusNotification", **status)
        scene.until(lambda: (scene.facts.lease_ends_at or inf) < inf)
        before = len(scene.link.calls("SetChargingProfile"))
        running.kill(NAME, "exception")
        scene.until(lambda: running.directory.find(NAME) is None)
        scene.zone.clear()
        scene.spawn()
        scene.until(lambda before=before: scene.facts.verified and tx_limits(scene, before))
        assert tx_limits(scene, before) == [16.0]
    now = running.clock.utc_now().isoformat()
    scene.say("e", "StopTransaction", transactionId=7, meterStop=3000, timestamp=now)
    scene.until(lambda: scene.facts.transaction is None)
    assert running.heirs.of(NAME).get("held") == {}


@BOTH
def test_the_first_actor_of_a_process_goes_on_with_what_station_and_disk_agree_on(running: Runtime) -> None:
    """OC-6: after a `kill -9`; the leased pledge on disk bounds what the station says."""
    utc = running.clock.utc_now()
    session = SessionRecord(TransactionId(7), KEY, "Garage 1", "04A1", False, utc, 0.0)
    scene = Scene(running, PledgeRecord(KEY, 16.0, 120.0, 9.0), running=[session])
    scene.link.allows = [32.0, 16.0]
    scene.connect()
    scene.until(lambda: scene.facts.setpoint == 16.0)
    assert tx_limits(scene) == [16.0]


@BOTH
def test_what_the_station_told_outlives_actor_and_process(running: Runtime) -> None:
    """OC-6, UI-3: the disk gets it once, and what changes anew; it is shown before it speaks."""
    known = StationMemory(BOX, "Vendor", "Model", "S1", "1.0")
    scene = Scene(running, memory=known)
    scene.until(
        lambda: any(m.view is not None and m.view.vendor == "Vendor" for m in scene.told(StationShown))
    )
    assert scene.told(RecordStation) == []
    scene.connect()
    scene.until(lambda: scene.told(RecordStation))
    assert scene.told(RecordStation)[-1].memory.vendor == "Vendor"
    kept = running.heirs.of(NAME).get("memory")
    assert kept == scene.told(RecordStation)[-1].memory
    assert kept.keys is not None
    running.kill(NAME, "exception")
    scene.until(lambda: running.directory.find(NAME) is None)
    written = len(scene.told(RecordStation))
    scene.spawn()
    scene.zone.clear()
    scene.until(lambda: scene.facts.verified)
    assert len(scene.told(RecordStation)) == written


@BOTH
def test_the_count_of_profiles_outlives_actor_and_process(running: Runtime) -> None:
    """DESIGN §4: an heir has the newest, the disk gets it at the end."""
    scene = Scene(running, wear=(WearRecord(KEY, 1_000, 5.0),))
    scene.connect()
    sent = len(scene.link.calls("SetChargingProfile"))
    scene.until(lambda: running.heirs.of(NAME).get("wear") == (WearRecord(KEY, 1_000 + sent, today=sent),))
    running.kill(NAME, "exception")
    scene.until(lambda: running.directory.find(NAME) is None)
    scene.zone.clear()
    scene.spawn()
    scene.until(lambda: scene.facts.verified)
    again = len(scene.link.calls("SetChargingProfile"))
    assert again > sent
    scene.until(lambda: running.heirs.of(NAME).get("wear") == (WearRecord(KEY, 1_000 + again, today=again),))
    entry = running.directory.find(NAME)
    assert entry is not None
    entry.ref.stop(block=False)
    scene.until(lambda: scene.told(RecordWear))
    assert [record.total for record in scene.told(RecordWear)[-1].records] == [1_000 + again]


@BOTH
def test_people_s_wishes_go_out_and_are_logged(running: Runtime) -> None:
    """OC-3."""
    scene = Scene(running)
    scene.connect()
    scene.start()
    scene.link.tell(RequestAction(BOX, "stop", {"connector": 1}, "ada"))
    scene.link.tell(RequestAction(BOX, "start", {"connector": 1, "card": "04A1"}, "ada"))
    scene.link.tell(RequestAction(BOX, "unlock", {"connector": 1}, "ada"))
    for action in ("RemoteStopTransaction", "RemoteStartTransaction", "UnlockConnector"):
        scene.until(lambda action=action: scene.link.calls(action))
    scene.until(lambda: sum(m.author == "ada" for m in scene.told(RecordEvent)) == 3)


@BOTH
def test_a_report_can_ask_what_the_actor_knows(running: Runtime) -> None:
    """LG-3"""
    scene = Scene(running)
    scene.connect()
    dossier = running.ask(NAME, GetDossier(), 5.0)
    assert (dossier.peer, dossier.links) == ("192.0.2.7", 1)
    scene.until(lambda: any(line[2] for line in running.ask(NAME, GetDossier(), 5.0).counted))


@BOTH
def test_an_action_can_be_followed_and_outlives_its_actor(running: Runtime) -> None:
    """OC-3, AC-2."""
    scene = Scene(running)
    scene.link.answers["UnlockConnector"] = {"status": "Unlocked"}
    scene.connect()
    assert running.ask(NAME, GetPeer(), 5.0) == "192.0.2.7"
    scene.link.tell(RequestAction(BOX, "reset", {"type": "Hard"}, "ada", "r1"))
    scene.link.tell(RequestAction(BOX, "unlock", {"connector": 1}, "ada", "r2"))
    scene.until(lambda: scene.link.calls("UnlockConnector"))

    def states() -> dict[str, str]:
        return {action.id: action.state.value for action in running.ask(NAME, GetActions(), 5.0)}

    scene.until(lambda: states() == {"r1": "in progress", "r2": "done"})
    assert [action.id for action in running.ask(NAME, GetActions("r2"), 5.0)] == ["r2"]
    running.kill(NAME, "exception")
    scene.until(lambda: running.directory.find(NAME) is None)
    scene.spawn()
    scene.until(lambda: running.directory.find(NAME) is not None)
    scene.until(lambda: states() == {"r1": "in progress", "r2": "done"})


@BOTH
def test_cards_are_asked_for_when_a_list_is_wanted(running: Runtime) -> None:
    """AU-2."""
    scene = Scene(running)
    scene.link.answers["GetLocalListVersion"] = {"listVersion": 0}
    scene.connect()
    scene.link.tell(RequestAction(BOX, "card-list", {}, "ada", "r1"))
    scene.until(lambda: scene.told(FindCards))
    scene.link.tell(CardsFound("r1", (CardRecord("04A1", True),)))
    scene.until(lambda: scene.link.calls("SendLocalList"))
    (sent,) = scene.link.calls("SendLocalList")
    assert sent["localAuthorizationList"] == [{"idTag": "04A1", "idTagInfo": {"status": "Accepted"}}]
    scene.link.tell(CardsChanged(withdrawn=True))
    scene.until(lambda: scene.link.calls("ClearCache"))


@BOTH
def test_a_recorder_that_is_away_has_the_station_try_again(running: Runtime) -> None:
    """OC-6."""
    scene = Scene(running)
    scene.connect()
    running.kill("recorder", "exception")
    scene.until(lambda: running.directory.find("recorder") is None)
    now = running.clock.utc_now().isoformat()
    answer = scene.say("s", "StartTransaction", connectorId=1, idTag="a", meterStart=0, timestamp=now)
    assert answer == "InternalError"


@BOTH
def test_a_station_that_moves_reports_to_its_new_zone(running: Runtime) -> None:
    """CF-1."""
    scene = Scene(running)
    scene.connect()
    moved: list[Message] = []
    running.spawn("zone/new", lambda context: Listener(context, moved))
    station = replace(make_station(), zone=ZoneId("new"))
    scene.link.tell(ReconfigureStation(station, replace(SETTINGS, fallback={1: 6.0}), "zone/new"))
    scene.until(lambda: bool(moved) and moved[-1].connectors[0].fallback == 6.0)  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["simulated"])
def test_a_renewal_needs_no_message_from_outside(running: Runtime) -> None:
    """DG-6: the actor's own timer wakes it."""
    scene = Scene(running)
    scene.connect()
    running.run_for(300.0)  # type: ignore[attr-defined]
    leases = [p for p in scene.link.calls("SetChargingProfile") if p["csChargingProfiles"]["stackLevel"] == 1]
    assert 5 <= len(leases) <= 7


@pytest.mark.parametrize("kind", ["simulated"])
def test_measurements_alone_are_reported_twice_a_second_at_most(running: Runtime) -> None:
    """UI-4: and the last one always."""
    scene = Scene(running)
    scene.connect()
    scene.start()
    running.run_for(2.0)  # type: ignore[attr-defined]
    scene.zone.clear()
    for n in range(100):
        time = running.clock.utc_now().isoformat()
        sampled = [{"value": str(n / 10), "measurand": "Current.Import", "phase": "L1"}]
        values = [{"timestamp": time, "sampledValue": sampled}]
        scene.link.tell(
            CallReceived(BOX, 1, f"m{n}", "MeterValues", {"connectorId": 1, "meterValue": values}, True)
        )
        running.run_for(0.01)  # type: ignore[attr-defined]
    running.run_for(1.0)  # type: ignore[attr-defined]
    assert 2 <= len(scene.zone) <= 4
    assert scene.facts.draw == (9.9, 0.0, 0.0)


@pytest.mark.parametrize("kind", ["simulated"])
def test_an_order_and_its_answer_are_one_report(running: Runtime) -> None:
    """DESIGN 5: of many stations that are told at once, none is kept waiting for the others' echoes."""
    scene = Scene(running)
    scene.connect()
    scene.start()
    running.run_for(2.0)  # type: ignore[attr-defined]
    scene.zone.clear()
    scene.link.silent = True
    scene.link.tell(order(1, 16.0))
    running.run_for(0.2)  # type: ignore[attr-defined]
    assert scene.zone == []
    scene.link.tell(CallAnswered(BOX, 1, scene.link.sent[-1][1], {"status": "Accepted"}))
    running.run_for(2.0)  # type: ignore[attr-defined]
    assert [(told.connectors[0].plan, told.connectors[0].setpoint) for told in scene.zone] == [(1, 16.0)]


@pytest.mark.parametrize("kind", ["simulated"])
def test_an_order_that_nobody_answers_is_reported_soon(running: Runtime) -> None:
    """LM-1: it may be in force all the same."""
    scene = Scene(running)
    scene.connect()
    scene.start()
    running.run_for(2.0)  # type: ignore[attr-defined]
    scene.link.silent = True
    scene.link.tell(order(1, 16.0))
    running.run_for(0.6)  # type: ignore[attr-defined]
    assert (scene.facts.plan, scene.facts.outstanding) == (1, (16.0,))


@BOTH
def test_an_order_without_an_answer_bounds_a_successor(running: Runtime) -> None:
    """RELIABILITY invariant 17."""
    scene = Scene(running)
    scene.connect()
    scene.start()
    scene.link.tell(order(1, 16.0))
    scene.until(lambda: scene.facts.setpoint == 16.0)
    scene.link.silent = True
    before = len(tx_limits(scene))
    scene.link.tell(order(2, 10.0))
    scene.until(lambda: len(tx_limits(scene)) > before)
    scene.until(lambda: running.heirs.of(NAME).get("held")[1].most == 10.0)


@BOTH
def test_an_orderly_end_takes_the_station_off_the_screen(running: Runtime) -> None:
    """CF-1."""
    scene = Scene(running)
    scene.connect()
    entry = running.directory.find(NAME)
    assert entry is not None
    entry.ref.stop(block=False)
    scene.until(lambda: scene.told(StationShown)[-1].view is None)
