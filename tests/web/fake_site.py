"""An invented site behind `ask` and `tell`: what the actors would answer, without any actor."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any
from zoneinfo import ZoneInfo

from actors.messages import (
    REMOTE,
    SITE_TIME,
    AppendRevision,
    ApplyRevision,
    CardRecord,
    DailyEnergy,
    DeleteCard,
    DeleteUser,
    DeleteWebSession,
    FindCard,
    FindSession,
    FindUser,
    FindWebSession,
    FollowHostTime,
    ForgetLoginLock,
    GetActions,
    GetDossier,
    GetPeer,
    GetRemote,
    GetRemoteAnswer,
    GetRevision,
    GetSiteTime,
    GetSnapshot,
    GetTimeAnswer,
    GetTrial,
    GetZoneTrail,
    HearRemote,
    KeepLoginLock,
    ListCards,
    ListCourse,
    ListDailyEnergy,
    ListEvents,
    ListLimits,
    ListLoginLocks,
    ListRevisions,
    ListSessions,
    ListZoneHistory,
    LoginLockRecord,
    Message,
    NewestRevision,
    Question,
    RecordEvent,
    RecordStatement,
    ReplaceCards,
    RequestAction,
    RevisionRecord,
    SaveCard,
    SaveCards,
    SaveUser,
    SaveWebSession,
    SessionPoint,
    SessionRecord,
    SetRemoteLimit,
    SetSiteTime,
    UserRecord,
    WebSessionRecord,
    ZoneHistoryPoint,
)
from evce.facts import ConnectorStatus, Link
from evce.meter_trial import TrialOutcome
from evce.station_control.action_state import Action
from evce.station_control.traffic import Dossier
from evce.units import BoxIdentity, ConnectorKey, PhaseAmps, TransactionId, ZoneId
from evce.views import ConnectorView, SiteSnapshot, StationView, ZoneView
from tests.web.fake_document import revision_history
from tests.web.fake_parts import actor_views, alarm_views, found_events, input_views, meter_views, some_course
from tests.web.fake_plant import station_views, zone_views
from tests.web.fake_remote import FakeRemote
from tests.web.fake_time import FakeTime

__all__ = ["FakeSite", "key", "link_lost"]


@dataclass
class FakeSite:
    """Answers every question of the pages. `now` is its clock; `silent` names actors that don't answer."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    silent: set[str] = field(default_factory=set)
    actions: list[Action] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    told: list[tuple[str, Message]] = field(default_factory=list)
    asked: list[tuple[str, Question]] = field(default_factory=list)
    users: dict[str, UserRecord] = field(default_factory=dict)
    web_sessions: dict[str, WebSessionRecord] = field(default_factory=dict)
    login_locks: dict[tuple[str, str], LoginLockRecord] = field(default_factory=dict)
    events: list[RecordEvent] = field(default_factory=list)
    sessions: list[SessionRecord] = field(default_factory=list)
    cards: dict[str, CardRecord] = field(default_factory=dict)
    revisions: list[RevisionRecord] = field(default_factory=list)
    courses: dict[int, list[SessionPoint]] = field(default_factory=dict)
    trial: TrialOutcome | None = None
    dossier: Dossier | None = None
    remote: FakeRemote | None = None
    """Whoever holds the limits from elsewhere, where that is switched on."""

    def __post_init__(self) -> None:
        self._lock = Lock()
        self.time = FakeTime(self.now)
        moment = self.now()
        self.snapshot = SiteSnapshot(
            version=1,
            site_name="Harbour car park",
            time_zone="Europe/Paris",
            taken_at=moment,
            revision=7,
            zones=zone_views(),
            stations=station_views(moment),
            meters=meter_views(moment),
            inputs=input_views(),
            actors=actor_views(moment),
            alarms=alarm_views(moment),
        )
        self.sessions = self._some_sessions(moment)
        self.events = self._some_events(moment)
        self.revisions = revision_history(moment)
        self.cards = {card.id_tag.casefold(): card for card in _some_cards(moment)}

    # The two functions that the web interface gets.

    def ask(self, name: str, question: Question, timeout: float) -> object:
        """As `runtime.ask`: raises TimeoutError when nobody answers."""
        self.asked.append((name, question))
        if name in self.silent:
            raise TimeoutError(f"{name} did not answer within {timeout} s")
        match name, question:
            case "view", GetSnapshot(newer_than=known):
                return self.snapshot if self.snapshot.version > known else None
            case "view", GetZoneTrail(zone=zone, since=since):
                points = self._history(zone, timedelta(hours=1), 900)
                return [p for p in points if since is None or p.at > since]
            case "recorder", ListZoneHistory(zone=zone, since=since, points=points):
                return self._history(zone, self.now() - since, points)
            case "recorder", ListSessions():
                return self._list_sessions(question)
            case "recorder", FindSession(transaction=transaction):
                return next((s for s in self.sessions if s.transaction == transaction), None)
            case "recorder", ListCourse(transaction=transaction):
                return self.courses.get(transaction) or self._course(transaction)
            case "recorder", ListDailyEnergy(since=since, time_zone=zone, stations=stations):
                return self._daily_energy(since, ZoneInfo(zone), stations)
            case "recorder", ListEvents():
                return found_events(self.events, question)
            case "recorder", FindUser(login=login):
                return list(self.users.values()) if login is None else self.users.get(login)
            case "recorder", ListLoginLocks():
                return list(self.login_locks.values())
            case "recorder", FindWebSession(token_hash=token_hash):
                return self.web_sessions.get(token_hash)
            case "remote", GetRemoteAnswer(request=wanted) if self.remote is not None:
                return self.remote.answers.get(wanted)
            case "remote", GetRemote() if self.remote is not None:
                return self.remote.view(self.now())
            case _, GetSiteTime() if name == SITE_TIME:
                return self.time.view()
            case _, GetTimeAnswer(request=wanted) if name == SITE_TIME:
                return self.time.answers.get(wanted)
            case "trials", GetTrial():
                return self.trial
            case "site", GetRevision():
                return self.revisions[0]
            case "recorder", NewestRevision():
                return self.revisions[0]
            case "recorder", ListRevisions():
                return list(self.revisions)
            case "recorder", FindCard(id_tag=id_tag):
                return self.cards.get(id_tag.casefold())
            case "recorder", ListCards():
                return self._list_cards(question)
            case _, GetActions(request=wanted) if name.startswith("station/"):
                return tuple(a for a in self.actions if wanted in ("", a.id))
            case _, GetDossier() if name.startswith("station/"):
                return self.dossier
            case "recorder", ListLimits():
                return []
            case _, GetPeer() if name.startswith("station/"):
                return "127.0.0.1"
        raise LookupError(f"nobody answers {question!r} at {name}")

    def tell(self, name: str, message: Message) -> bool:
        """As `Supervised.send`: False when nobody has that name."""
        self.told.append((name, message))
        if name in self.gone or (name == REMOTE and self.remote is None):
            return False
        match message:
            case SetRemoteLimit() | HearRemote() if self.remote is not None:
                self.remote.take(message, self.now())
            case SetSiteTime() | FollowHostTime():
                self.time.take(message)
            case SaveUser(user=user):
                self.users[user.login] = user
            case SaveWebSession(session=session):
                self.web_sessions[session.token_hash] = session
            case KeepLoginLock(lock=lock):
                self.login_locks[lock.login, lock.source] = lock
            case ForgetLoginLock(login=login, source=source):
                self.login_locks.pop((login, source), None)
            case DeleteWebSession(token_hash=token_hash):
                self.web_sessions.pop(token_hash, None)
            case RecordEvent():
                self.events.insert(0, message)
            case RequestAction(station=station, action="stop", given=given):
                self.stop(ConnectorKey(station, given["connector"]))
            case ApplyRevision(revision=record) if record.number == self.revisions[0].number + 1:
                self.apply(record)
            case AppendRevision():
                pass
            case RecordStatement(transaction=transaction, statement=statement):
                self.sessions = [
                    replace(s, statement=statement) if s.transaction == transaction else s
                    for s in self.sessions
                ]
            case DeleteUser(login=login):
                self.users.pop(login, None)
            case SaveCard(card=card):
                self._save_cards((card,))
            case SaveCards(cards=cards):
                self._save_cards(cards)
            case DeleteCard(id_tag=id_tag):
                self.cards.pop(id_tag.casefold(), None)
            case ReplaceCards(cards=cards):
                self.cards = {}
                self._save_cards(cards)
        return True

    def _save_cards(self, cards: tuple[CardRecord, ...]) -> None:
        for card in cards:
            known = self.cards.get(card.id_tag.casefold())
            registered = card.registered_at or (known.registered_at if known else None) or self.now()
            seen = card.last_seen_at or (known.last_seen_at if known else None)
            self.cards[card.id_tag.casefold()] = replace(card, registered_at=registered, last_seen_at=seen)

    def _list_cards(self, question: ListCards) -> list[CardRecord]:
        wanted = question.text.casefold()
        found = [
            card
            for _, card in sorted(self.cards.items())
            if (wanted in card.id_tag.casefold() or wanted in card.comment.casefold())
            and (question.zone is None or card.zones is None or question.zone in card.zones)
            and question.vip in (None, card.vip)
            and question.authorised in (None, card.authorised)
        ]
        return found[question.offset :][: question.limit]

    # What tests do to the site.

    def apply(self, record: RevisionRecord) -> None:
        """A revision comes into force, from these pages or from elsewhere."""
        self.revisions.insert(0, record)
        self.change(revision=record.number)

    def change(self, **parts: Any) -> None:
        """A new version of the snapshot."""
        with self._lock:
            self.snapshot = replace(
                self.snapshot,
                version=self.snapshot.version + 1,
                taken_at=self.now(),
                **parts,
            )

    def set_connector(self, key: ConnectorKey, **values: Any) -> None:
        """Change one connector."""
        station = self.snapshot.stations[key.station]
        connectors = tuple(replace(c, **values) if c.key == key else c for c in station.connectors)
        self.set_station(replace(station, connectors=connectors))

    def set_station(self, station: StationView) -> None:
        """Change one station."""
        self.change(stations={**self.snapshot.stations, station.box_identity: station})

    def set_zone(self, zone: ZoneView) -> None:
        """Change one zone."""
        self.change(zones={**self.snapshot.zones, zone.id: zone})

    def stop(self, key: ConnectorKey) -> None:
        """The session of a connector ends, as after a remote stop."""
        self.set_connector(
            key, transaction=None, status=ConnectorStatus.FINISHING, setpoint=0.0, measured=(0.0, 0.0, 0.0)
        )

    def breathe(self) -> None:
        """Life for looking at: currents wander, energies rise."""
        t = self.now().timestamp()
        stations = {}
        for index, (identity, station) in enumerate(self.snapshot.stations.items()):
            connectors = tuple(_breathe(c, t + index) for c in station.connectors)
            stations[identity] = replace(station, connectors=connectors)
        main = self.snapshot.zones[ZoneId("main")]
        load = 118 + 6 * math.sin(t / 20)
        zones = {
            **self.snapshot.zones,
            main.id: replace(main, measured=(load, load - 11 + 2 * math.sin(t / 7), load + 9)),
        }
        self.change(stations=stations, zones=zones)

    # How the invented past looks.

    def _history(self, zone: ZoneId, span: timedelta, points: int) -> list[ZoneHistoryPoint]:
        view = self.snapshot.zones[zone]
        end = self.now()
        step = span / points
        return [_point(view, end - span + step * (n + 1)) for n in range(points)]

    def _course(self, transaction: int) -> list[SessionPoint]:
        """Older sessions are forgotten."""
        session = next((s for s in self.sessions if s.transaction == transaction >= 300), None)
        return [] if session is None else some_course(session, session.stopped_at or self.now())

    def _list_sessions(self, question: ListSessions) -> list[SessionRecord]:
        found = [
            s
            for s in self.sessions
            if (not question.running_only or s.stopped_at is None)
            and (question.started_from is None or s.started_at >= question.started_from)
            and (question.started_before is None or s.started_at < question.started_before)
            and question.station in (None, s.connector.station)
        ]
        return found[question.offset : question.offset + question.limit]

    def _daily_energy(
        self, since: datetime, zone: ZoneInfo, stations: tuple[str, ...] | None
    ) -> list[DailyEnergy]:
        days: dict[date, DailyEnergy] = {}
        for session in self.sessions:
            if session.started_at >= since and (stations is None or session.connector.station in stations):
                day = session.started_at.astimezone(zone).date()
                known = days.get(day, DailyEnergy(day, 0.0, 0))
                days[day] = DailyEnergy(day, known.energy + session.energy, known.sessions + 1)
        return [days[day] for day in sorted(days)]

    def _some_sessions(self, now: datetime) -> list[SessionRecord]:
        stations = list(self.snapshot.stations.values())
        running = [
            SessionRecord(
                transaction=c.transaction.id,
                connector=c.key,
                station_name=s.name,
                id_tag=c.transaction.id_tag,
                vip=c.transaction.vip,
                started_at=c.transaction.started_at,
                meter_start=0.0,
                energy=c.transaction.energy,
            )
            for s in stations
            for c in s.connectors
            if c.transaction is not None
        ]
        ended = []
        for n in range(140):
            station = stations[n * 5 % len(stations)]
            start = now - timedelta(hours=3 + 1.7 * n)
            energy = 2400.0 + (n * 1717) % 31000
            ended.append(
                SessionRecord(
                    transaction=TransactionId(400 - n),
                    connector=ConnectorKey(station.box_identity, 1),
                    station_name=station.name,
                    id_tag=f"04A1B{n % 23:02X}7C",
                    vip=n % 9 == 0,
                    started_at=start,
                    meter_start=1000.0,
                    stopped_at=start + timedelta(minutes=35 + n * 13 % 300),
                    meter_stop=1000.0 + energy,
                    energy=energy,
                    stop_reason=("EVDisconnected", "Local", "Remote", "PowerLoss")[n % 4],
                    flags=("clock unsure",) if n % 31 == 30 else (),
                )
            )
        return sorted([*running, *ended], key=lambda s: s.started_at, reverse=True)

    def _some_events(self, now: datetime) -> list[RecordEvent]:
        lines = (
            ("CP-03", "transaction", "Session 512 started on connector 1 by badge 04A1B37C"),
            ("main", "alarm", "Limit reached on L3: setpoints of 4 vehicles reduced"),
            ("CP-14", "system", "Link lost: no frame for 15 s"),
            ("evce", "audit", "“olivia” logged in from 10.0.4.17"),
            ("CP-07", "transaction", "Session 498 stopped: EVDisconnected, 18.42 kWh"),
            ("main-meter", "system", "Meter reads again after 6.2 s"),
            ("evce", "configuration", "Revision 7 applied: zone garage 80 A → 100 A"),
        )
        return [
            RecordEvent(now - timedelta(minutes=4 * n + 1), *lines[n % len(lines)], author="")
            for n in range(260)
        ]


def _some_cards(now: datetime) -> list[CardRecord]:
    names = ("Ann Arbor", "Bert Bos", "", "Pool car 3", "Doctor Dee")
    return [
        CardRecord(
            id_tag=f"04A1B{n:02X}7C",
            authorised=n % 7 != 5,
            vip=n % 11 == 0,
            comment=names[n % len(names)],
            zones=None if n % 4 else (ZoneId("garage"),),
            registered_at=now - timedelta(days=30 + n),
            last_seen_at=None if n % 3 == 0 else now - timedelta(hours=n),
        )
        for n in range(64)
    ]


def _breathe(connector: ConnectorView, t: float) -> ConnectorView:
    if connector.transaction is None or connector.measured is None:
        return connector
    wander = 0.35 * math.sin(t / 3)
    measured: PhaseAmps = tuple(max(0.0, a + wander) if a > 1 else a for a in connector.measured)  # type: ignore[assignment]
    transaction = replace(connector.transaction, energy=connector.transaction.energy + 2 * sum(measured) / 10)
    return replace(connector, measured=measured, transaction=transaction)


def _point(zone: ZoneView, at: datetime) -> ZoneHistoryPoint:
    t = at.timestamp()
    wave = math.sin(t / 600) + 0.35 * math.sin(t / 97) + 0.6 * math.sin(t / 5400)
    base = zone.measured or zone.stations_measured
    limit = min(zone.limit) - (6 * abs(math.sin(t / 2500)) if zone.dynamic else 0)
    measured = tuple(
        max(0.0, b * (0.9 + 0.07 * wave) + 1.5 * math.sin(t / (41 + 17 * i))) for i, b in enumerate(base)
    )
    granted = tuple(min(limit, max(0.0, s * (0.92 + 0.06 * wave))) for s in zone.setpoints)
    return ZoneHistoryPoint(
        at=at,
        measured=measured if zone.measured is not None else None,  # type: ignore[arg-type]
        setpoints=granted,  # type: ignore[arg-type]
        limit=(limit, limit, limit),
    )


def key(text: str) -> ConnectorKey:
    """`CP-01/2` as a key."""
    identity, number = text.split("/")
    return ConnectorKey(BoxIdentity(identity), int(number))


def link_lost(station: StationView) -> StationView:
    """The station, disconnected."""
    return replace(station, link=Link.LOST)
