"""The view actor: gathers what every actor shows into one immutable snapshot for the pages."""

from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

from actors.messages import (
    AcknowledgeAlarm,
    ActorShown,
    AlarmCleared,
    AlarmRaised,
    DrillShown,
    GetSnapshot,
    GetZoneTrail,
    InputsShown,
    Message,
    MeterShown,
    Question,
    RecordEvent,
    RemoteShown,
    SiteShown,
    StationDetected,
    StationShown,
    StorageState,
    UplinkShown,
    ZoneShown,
)
from actors.supervised import Context, Supervised
from evce.drill.alarm import DRILL, DRILL_SOURCE, drill_alarm
from evce.facts import Link
from evce.records import ZoneHistoryPoint
from evce.units import BoxIdentity, MeterId, ZoneId
from evce.views import (
    ActorView,
    AlarmView,
    DrillView,
    InputView,
    MeterView,
    RemoteView,
    SiteSnapshot,
    StationView,
    UplinkView,
    ZoneView,
)

__all__ = ["ViewActor"]

TRAIL_POINTS = 1_800
"""One hour of a zone in memory, 2 s apart."""

TRAIL_EVERY = timedelta(seconds=2)

DETECTED_BOUND = 200
"""Unregistered stations that are listed; a flood of invented identities must not fill the memory."""


class ViewActor(Supervised):
    """Runs on its own thread. Its heir keeps what was shown: who has no news doesn't show itself again."""

    def __init__(self, context: Context, site_name: str, time_zone: str, revision: int) -> None:
        super().__init__(context)
        self._site_name, self._time_zone, self._revision = site_name, time_zone, revision
        self._version = 0
        self._zones: dict[ZoneId, ZoneView] = {}
        self._stations: dict[BoxIdentity, StationView] = {}
        self._meters: dict[MeterId, MeterView] = {}
        self._inputs: tuple[InputView, ...] = ()
        self._uplinks: dict[BoxIdentity, UplinkView] = {}
        self._actors: dict[str, ActorView] = {}
        self._alarms: dict[tuple[str, str], AlarmView] = {}
        self._drill: DrillView | None = None
        self._remote: RemoteView | None = None
        self._trails: dict[ZoneId, deque[ZoneHistoryPoint]] = {}

    def on_begin(self) -> None:
        """Runs before the first message: everything goes on where the predecessor ended."""
        self._version = self.heir.get("version") or 0
        self._zones = dict(self.heir.get("zones") or {})
        self._stations = dict(self.heir.get("stations") or {})
        self._meters = dict(self.heir.get("meters") or {})
        self._inputs = self.heir.get("inputs") or ()
        self._uplinks = dict(self.heir.get("uplinks") or {})
        self._actors = dict(self.heir.get("actors") or {})
        self._alarms = dict(self.heir.get("alarms") or {})
        self._drill = self.heir.get("drill")
        self._remote = self.heir.get("remote")

    def on_message(self, message: Message) -> None:
        match message:
            case ZoneShown(view=zone):
                self._zones[zone.id] = zone
                self._trail(zone)
                self._obey(zone)
            case StationShown(station=station, view=None):
                self._stations.pop(station, None)
            case StationShown(station=station, view=shown) if shown is not None:
                before = self._stations.get(station)
                obedience = None if before is None else before.obedience
                self._stations[station] = replace(_introduced(shown, before), obedience=obedience)
            case StationDetected():
                self._detected(message)
            case MeterShown(meter=meter, view=None):
                self._meters.pop(meter, None)
            case MeterShown(meter=meter, view=metered) if metered is not None:
                self._meters[meter] = metered
            case UplinkShown(station=station, view=None):
                self._uplinks.pop(station, None)
            case UplinkShown(station=station, view=uplink) if uplink is not None:
                self._uplinks[station] = uplink
            case InputsShown(inputs=inputs):
                self._inputs = inputs
            case RemoteShown(view=remote):
                self._remote = remote
                self.heir.put("remote", remote)
            case ActorShown():
                self._actor(message)
            case AlarmRaised(alarm=alarm):
                self._raise(alarm)
            case AlarmCleared():
                self._clear(message)
            case AcknowledgeAlarm(code, source, login):
                self._acknowledge(code, source, login)
            case DrillShown(view=drill):
                self._show_drill(drill)
            case StorageState():
                pass
            case SiteShown(site_name=name, time_zone=time_zone, revision=revision, zones=zones):
                self._site_name, self._time_zone, self._revision = name, time_zone, revision
                self._zones = {zone: view for zone, view in self._zones.items() if zone in zones}
            case _:
                return
        self._version += 1

    def on_drained(self) -> None:
        self.heir.put("version", self._version)
        self.heir.put("zones", dict(self._zones))
        self.heir.put("stations", dict(self._stations))
        self.heir.put("meters", dict(self._meters))
        self.heir.put("inputs", self._inputs)
        self.heir.put("uplinks", dict(self._uplinks))

    def on_question(self, question: Question) -> object:
        match question:
            case GetSnapshot(newer_than=version):
                return self._snapshot() if self._version > version else None
            case GetZoneTrail(zone=zone, since=since):
                return [p for p in self._trails.get(zone, ()) if since is None or p.at > since]
        return super().on_question(question)

    def _snapshot(self) -> SiteSnapshot:
        return SiteSnapshot(
            version=self._version,
            site_name=self._site_name,
            time_zone=self._time_zone,
            taken_at=self.utc_now(),
            revision=self._revision,
            zones=dict(self._zones),
            stations=dict(self._stations),
            meters=dict(self._meters),
            inputs=self._inputs,
            uplinks=dict(self._uplinks),
            actors=dict(self._actors),
            alarms=tuple(self._alarms.values()),
            drill=self._drill,
            remote=self._remote,
        )

    def _obey(self, zone: ZoneView) -> None:
        """How well its stations follow is the zone's to know, and the stations' to show."""
        for station, obedience in zone.obedience.items():
            known = self._stations.get(station)
            if known is not None and known.obedience != obedience:
                self._stations[station] = replace(known, obedience=obedience)

    def _trail(self, zone: ZoneView) -> None:
        trail = self._trails.setdefault(zone.id, deque(maxlen=TRAIL_POINTS))
        at = self.utc_now()
        if not trail or at - trail[-1].at >= TRAIL_EVERY or at < trail[-1].at:
            trail.append(ZoneHistoryPoint(at, zone.measured, zone.setpoints, zone.limit))

    def _detected(self, detected: StationDetected) -> None:
        station = detected.station
        unregistered = [view for view in self._stations.values() if not view.registered]
        if station in self._stations or len(unregistered) < DETECTED_BOUND:
            known = self._stations.get(station) or StationView(
                station,
                station,
                "generic",
                None,
                vip=False,
                link=Link.NEVER_SEEN,
                verified=False,
                registered=False,
            )
            if not known.registered:
                known = replace(
                    known,
                    address=detected.peer,
                    vendor=detected.vendor or known.vendor,
                    model=detected.model or known.model,
                    serial_number=detected.serial_number or known.serial_number,
                    firmware=detected.firmware or known.firmware,
                )
            self._stations[station] = replace(known, last_seen_at=self.utc_now())

    def _actor(self, shown: ActorShown) -> None:
        before = self._actors.get(shown.view.name)
        if shown.gone:
            self._actors.pop(shown.view.name, None)
        else:
            self._actors[shown.view.name] = shown.view
        self.heir.put("actors", dict(self._actors))
        if shown.view.restarts > (before.restarts if before is not None else 0):
            self._log(
                shown.view.name, "system", f"Restarted after: {shown.view.last_failure}", self.utc_now()
            )

    def _raise(self, alarm: AlarmView) -> None:
        if (alarm.code, alarm.source) in self._alarms:
            return
        self._alarms[alarm.code, alarm.source] = alarm
        self.heir.put("alarms", dict(self._alarms))
        self._log(alarm.source, "alarm", f"{alarm.message}. {alarm.advice}", alarm.raised_at)

    def _show_drill(self, drill: DrillView | None) -> None:
        self._drill = drill
        self.heir.put("drill", drill)
        if drill is None:
            self._clear(AlarmCleared(DRILL, DRILL_SOURCE, self.utc_now()))
        else:
            self._raise(drill_alarm(drill, self.utc_now()))

    def _acknowledge(self, code: str, source: str, login: str) -> None:
        alarm = self._alarms.get((code, source))
        if alarm is None or alarm.acknowledged_by:
            return
        now = self.utc_now()
        self._alarms[code, source] = replace(alarm, acknowledged_by=login, acknowledged_at=now)
        self.heir.put("alarms", dict(self._alarms))
        told = f"alarm acknowledged: {alarm.message}"
        self.send("recorder", RecordEvent(now, source, "audit", told, login))

    def _clear(self, cleared: AlarmCleared) -> None:
        alarm = self._alarms.pop((cleared.code, cleared.source), None)
        if alarm is not None:
            self.heir.put("alarms", dict(self._alarms))
            self._log(cleared.source, "alarm", f"Over: {alarm.message}", cleared.at)

    def _log(self, device: str, kind: str, text: str, at: datetime) -> None:
        self.send("recorder", RecordEvent(at, device, kind, text))


def _introduced(shown: StationView, before: StationView | None) -> StationView:
    """What a station said of itself before it was registered stands until it says it again."""
    if before is None or shown.vendor or not before.vendor:
        return shown
    return replace(
        shown,
        vendor=before.vendor,
        model=before.model,
        serial_number=before.serial_number,
        firmware=before.firmware,
    )
