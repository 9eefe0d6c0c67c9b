"""The tree builder: turns the configuration in force into actors, and a new revision into few changes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from actors.cpo import CpoLink, ReconfigureUplink, UplinkActor, uplink_name
from actors.gateway_protocol import StationLink
from actors.input_board import InputBoardActor, InputLink
from actors.messages import (
    REMOTE,
    SITE_TIME,
    TRIALS,
    AppendRevision,
    ApplyRevision,
    CardsChanged,
    GetRevision,
    Message,
    MeterShown,
    Question,
    RecordEvent,
    ResetToFactory,
    Restart,
    RestoreBackup,
    SiteChanged,
    SiteShown,
    StartChild,
    StationShown,
    StopChild,
)
from actors.meter import MeterActor, MeterLink, meter_name
from actors.meter_trials import MeterProbe, MeterTrials
from actors.remote import ReconfigureRemote, RemoteActor
from actors.reset_contact import ResetContactActor
from actors.root_zone import RootZoneActor
from actors.security import SecurityActor, SecurityEdges
from actors.site_time import ReconfigureTime, SiteTimeActor
from actors.station import SECURITY, ReconfigureStation, StationActor, station_name
from actors.supervised import LONGEST_PAUSE_S, Context, Supervised
from actors.supervisor import ChildSpec
from actors.zone import SubZone, ZoneActor, zone_name
from evce.allocation import Priority
from evce.configuration.choices import MeterRole
from evce.configuration.document import SiteDocument
from evce.configuration.revisions import parse_json
from evce.configuration.sections import InputSettings, MeterSettings
from evce.cpo.settings import UplinkSettings
from evce.degraded import degraded_currents
from evce.electrical import SiteModel
from evce.planning.settings import PlanSettings
from evce.records import RevisionRecord
from evce.remote_limits import RemoteSettings
from evce.site_time import KeptTime, TimeSettings
from evce.station_control.settings import StationSettings
from evce.station_control.wear import longest_lease
from evce.units import Amps, BoxIdentity, ConnectorKey, MeterId, Seconds, ZoneId

__all__ = ["METERS", "STATIONS", "UPLINKS", "ZONES", "InForce", "SiteActor", "SiteEdges", "SiteInForce"]

ZONES = "supervisor/zones"
METERS = "supervisor/meters"
STATIONS = "supervisor/stations"
UPLINKS = "supervisor/uplinks"
RESET_CONTACT = "reset-contact"

SECURITY_HANG_BUDGET_S: Seconds = 30.0
"""A slow processor takes seconds for the authority's first key, and no reduction waits for it."""


@dataclass(frozen=True, slots=True)
class SiteEdges:
    """The ways out of the house that actors are handed; real ones in the daemon, simulated ones in tests."""

    station_link: StationLink
    meter_link: Callable[[MeterSettings], MeterLink]
    input_link: InputLink
    cpo_link: CpoLink | None = None
    security: SecurityEdges | None = None
    meter_probe: MeterProbe | None = None
    reset_link: Callable[[InputSettings], InputLink] | None = None
    """The way to the reset contact's pins."""
    reset: Callable[[str], None] | None = None
    """Ends the daemon and deletes everything; thread-safe, returns at once. Gets who wants it."""
    restore: Callable[[RestoreBackup], None] | None = None
    """Ends the daemon and puts a backup in the site's place; thread-safe, returns at once."""
    restart: Callable[[str], None] | None = None
    """Ends the daemon and starts it anew; thread-safe, returns at once. Gets who wants it."""
    kept_time: KeptTime | None = None
    """What an earlier process left of its correction of the time."""
    keep_time: Callable[[KeptTime], None] | None = None
    """Writes that down for the next one; may raise OSError."""


@dataclass(frozen=True)
class InForce:
    """One revision and all that follows from it; computed once, shared by everybody."""

    record: RevisionRecord
    document: SiteDocument
    model: SiteModel
    plan: PlanSettings
    fallbacks: dict[ConnectorKey, Amps]

    @classmethod
    def of(cls, record: RevisionRecord) -> "InForce":
        """Work a revision out. Raises `ConfigurationError` where its document is no valid one."""
        document = parse_json(record.document)
        model = document.model()
        shedding, advanced = document.load_shedding, document.advanced
        plan = PlanSettings(
            standard=shedding.floor_standard,
            priority=shedding.priority,
            review=shedding.review_minutes * 60.0,
            lease_dynamic=float(advanced.lease_dynamic_s),
            lease_static=float(advanced.lease_static_s),
            ramp=advanced.ramp_a_per_s,
            tariff=document.times_of_use(),
            consumption_optimisation=advanced.consumption_optimisation,
            remote=document.webservices.enabled and document.webservices.remote_energy_management,
        )
        longest = {
            station.box_identity: longest_lease(
                _lease(model, plan, station.zone), document.writes_a_day(station.box_identity)
            )
            for station in model.stations.values()
        }
        plan = replace(plan, longest_leases=longest)
        return cls(record, document, model, plan, degraded_currents(model, shedding.floor_standard))

    def station_settings(self, station: BoxIdentity) -> StationSettings:
        """What the configuration says about one station."""
        zone = self.model.stations[station].zone
        return StationSettings(
            lease=_lease(self.model, self.plan, zone),
            longest_lease=self._longest_lease_beside(station),
            fallback={
                connector.key.number: self.fallbacks.get(connector.key, 0.0)
                for connector in self.model.stations[station].connectors
            },
            authentication=self.document.authentication_of(station),
            offline=self.document.offline_of(station),
            heartbeat_interval=float(self.document.ocpp.heartbeat_s),
            meter_interval=float(self.document.ocpp.meter_interval_s),
            uplink=self.document.cpo.enabled,
            forecasts=self.plan.priority is Priority.DEPARTURE,
            writes_a_day=self.document.writes_a_day(station),
            tariff=self.plan.tariff,
        )

    def uplink_settings(self) -> UplinkSettings | None:
        """What the configuration says about the uplinks to the operator; None while they are off (CPO-1)."""
        cpo = self.document.cpo
        if not cpo.enabled or cpo.url is None:
            return None
        return UplinkSettings(
            url=cpo.url,
            attempts=cpo.transaction_attempts,
            retry_interval=float(cpo.retry_interval_s),
            ping_interval=float(cpo.ping_interval_s),
            meter_interval=float(cpo.meter_interval_s),
            plug_numbering=cpo.plug_numbering,
            proxy=cpo.proxy,
            credentials_file=cpo.credentials_file,
            ca_file=cpo.ca_file,
            certificate_file=cpo.certificate_file,
            key_file=cpo.key_file,
        )

    def remote_settings(self) -> RemoteSettings:
        """What the configuration says about remote energy management (API-3)."""
        services = self.document.webservices
        return RemoteSettings(
            enabled=self.plan.remote,
            login=services.remote_login,
            minimum_period=float(services.setpoint_period_s),
            heartbeat_period=float(services.heartbeat_period_s),
            ramp=self.plan.ramp,
            maxima={zone.id: zone.maximum for zone in self.model.zones.values()},
        )

    def time_settings(self) -> TimeSettings:
        """Who may say what time it is; an operator only while its uplinks are on (CPO-4, API-4)."""
        cpo, services = self.document.cpo, self.document.webservices
        return TimeSettings(
            operator=cpo.url if cpo.enabled and cpo.time_from_operator else None,
            programs=services.enabled and services.time_synchronisation,
        )

    def listeners(self, meter: MeterSettings) -> tuple[str, ...]:
        """The zones that live by this meter, by actor name."""
        match meter.role:
            case MeterRole.ZONE:
                return tuple(
                    zone_name(zone.id) for zone in self.model.zones.values() if zone.meter == meter.id
                )
            case MeterRole.PRODUCTION if meter.zone is not None:
                return (zone_name(ZoneId(meter.zone)),)
            case _:
                return ()

    def _longest_lease_beside(self, station: BoxIdentity) -> Seconds:
        """Anywhere in its tree: who may rise waits for whoever must fall (DESIGN §4)."""
        zone = self.model.stations[station].zone
        tree = () if zone is None else tuple(self.model.subtree(self.model.path(zone)[-1]))
        leases = (_lease(self.model, self.plan, member) for member in tree)
        longest = self.plan.longest_leases
        lengthened = (longest[other] for member in tree for other in self.model.stations_of[member])
        return max((longest[station], *leases, *lengthened))


def _lease(model: SiteModel, plan: PlanSettings, zone: ZoneId | None) -> Seconds:
    """How long a setpoint holds in the zone while there is no memory to spare."""
    path = () if zone is None else model.path(zone)
    return plan.lease_dynamic if any(model.zones[member].dynamic for member in path) else plan.lease_static


def _roots(model: SiteModel) -> tuple[str, ...]:
    return tuple(zone_name(root) for root in model.roots)


class SiteInForce:
    """Holds the revision in force; read by whoever starts an actor, replaced by the site actor alone."""

    def __init__(self, current: InForce, edges: SiteEdges) -> None:
        self.current = current
        self.edges = edges

    def zone_specs(self) -> tuple[ChildSpec, ...]:
        """One child per zone, parents before children."""
        model = self.current.model
        return tuple(self.zone_spec(zone) for root in model.roots for zone in model.subtree(root))

    def zone_spec(self, zone: ZoneId) -> ChildSpec:
        """A zone; the one without a parent plans for its whole tree."""

        def start(context: Context) -> ZoneActor:
            now = self.current
            kind = RootZoneActor if now.model.zones[zone].parent is None else ZoneActor
            return kind(context, SubZone(zone, now.model, now.plan))

        return ChildSpec(zone_name(zone), start)

    def station_spec(self, station: BoxIdentity) -> ChildSpec:
        """A registered station."""

        def start(context: Context) -> StationActor:
            now = self.current
            known = now.model.stations[station]
            zone = None if known.zone is None else zone_name(known.zone)
            return StationActor(context, known, self.edges.station_link, now.station_settings(station), zone)

        return ChildSpec(station_name(station), start)

    def uplink_specs(self) -> tuple[ChildSpec, ...]:
        """One child for each station, none while the uplinks are off."""
        if self.current.uplink_settings() is None:
            return ()
        return tuple(self.uplink_spec(station) for station in self.current.model.stations)

    def uplink_spec(self, station: BoxIdentity) -> ChildSpec:
        """A station's uplink to the operator."""

        def start(context: Context) -> UplinkActor:
            now, link = self.current, self.edges.cpo_link
            settings = now.uplink_settings()
            if settings is None or link is None:
                raise RuntimeError(f"{station}: the uplinks were switched off meanwhile")
            return UplinkActor(context, now.model.stations[station], link, settings)

        return ChildSpec(uplink_name(station), start)

    def meters(self) -> tuple[MeterId, ...]:
        """Every meter of the document, in its order."""
        return tuple(MeterId(meter.id) for meter in self.current.document.meters)

    def meter_spec(self, meter: MeterId) -> ChildSpec:
        """A power meter."""
        link = self.edges.meter_link(self.current.document.meter(meter))

        def start(context: Context) -> MeterActor:
            now = self.current
            settings = now.document.meter(meter)
            return MeterActor(
                context, settings, link, now.listeners(settings), now.document.registers_of(settings)
            )

        return ChildSpec(meter_name(meter), start)

    def trial_specs(self) -> tuple[ChildSpec, ...]:
        """Who tries meters for people; nobody where there is no way to a meter."""
        probe = self.edges.meter_probe
        if probe is None:
            return ()

        def start(context: Context) -> MeterTrials:
            return MeterTrials(context, probe)

        return (ChildSpec(TRIALS, start),)

    def security_specs(self) -> tuple[ChildSpec, ...]:
        """Who looks after the stations' keys and certificates; nobody where no door is guarded."""
        edges = self.edges.security
        if edges is None:
            return ()

        def start(context: Context) -> SecurityActor:
            return SecurityActor(context, edges)

        return (ChildSpec(SECURITY, start, hang_budget_s=SECURITY_HANG_BUDGET_S),)

    def time_spec(self) -> ChildSpec:
        """Who looks after the site's time."""

        def start(context: Context) -> SiteTimeActor:
            edges = self.edges
            return SiteTimeActor(context, self.current.time_settings(), edges.kept_time, edges.keep_time)

        return ChildSpec(SITE_TIME, start)

    def inputs_spec(self) -> ChildSpec:
        """The digital inputs; they count for every tree of the site."""

        def start(context: Context) -> InputBoardActor:
            now = self.current
            return InputBoardActor(context, now.document.inputs, self.edges.input_link, _roots(now.model))

        return ChildSpec("inputs", start)

    def remote_specs(self) -> tuple[ChildSpec, ...]:
        """Who holds the limits that are set from elsewhere; nobody while that is switched off."""
        if not self.current.plan.remote:
            return ()

        def start(context: Context) -> RemoteActor:
            now = self.current
            return RemoteActor(context, now.remote_settings(), _roots(now.model))

        return (ChildSpec(REMOTE, start),)

    def reset_specs(self) -> tuple[ChildSpec, ...]:
        """Who watches the reset contact; nobody where there is none."""
        settings, way = self.current.document.inputs, self.edges.reset_link
        if way is None or not settings.reset_contact:
            return ()
        link = way(settings)

        def start(context: Context) -> ResetContactActor:
            return ResetContactActor(context, settings, link)

        return (ChildSpec(RESET_CONTACT, start),)


class SiteActor(Supervised):
    """Runs on its own thread. After a failure its successor goes on with the revision in force."""

    longest_pause_s: ClassVar[float] = LONGEST_PAUSE_S
    """Without it the configuration stays as it is."""

    def __init__(
        self, context: Context, site: SiteInForce, on_applied: Callable[[SiteDocument], None]
    ) -> None:
        super().__init__(context)
        self._site = site
        self._on_applied = on_applied

    def on_begin(self) -> None:
        """Runs before the first message: tell the view what site this is."""
        self._show()

    def on_message(self, message: Message) -> None:
        match message:
            case ApplyRevision(revision=record) if record.number == self._site.current.record.number + 1:
                self._apply(InForce.of(record))
            case CardsChanged():
                for station in self._site.current.model.stations:
                    self.send(station_name(station), message)
            case ResetToFactory(author=author):
                self._end(self._site.edges.reset, author, "no reset is possible")
            case Restart(author=author):
                self._end(self._site.edges.restart, author, "no restart is possible")
            case RestoreBackup():
                self._restore(message)
            case ApplyRevision():
                pass  # somebody was faster; whoever asked sees another revision in force
            case _:
                super().on_message(message)

    def on_question(self, question: Question) -> object:
        match question:
            case GetRevision():
                return self._site.current.record
        return super().on_question(question)

    def _end(self, end: Callable[[str], None] | None, author: str, refusal: str) -> None:
        if end is None:
            self.send("recorder", RecordEvent(self.utc_now(), "EVCE", "audit", refusal, author))
        else:
            end(author)

    def _restore(self, wanted: RestoreBackup) -> None:
        restore = self._site.edges.restore
        if restore is None:
            text = "no restore is possible"
            self.send("recorder", RecordEvent(self.utc_now(), "EVCE", "audit", text, wanted.author))
        else:
            restore(wanted)

    def _apply(self, after: InForce) -> None:
        """Keep the revision, then change just the actors that it concerns."""
        before, self._site.current = self._site.current, after
        self.send("recorder", AppendRevision(after.record))
        self._on_applied(after.document)
        self._change_zones(before, after)
        self._change_meters(before, after)
        self._change_stations(before, after)
        self._change_uplinks(before, after)
        if before.time_settings() != after.time_settings():
            self.send(SITE_TIME, ReconfigureTime(after.time_settings()))
        # A board without enabled inputs watches nothing, and tells the zones that nothing reduces them.
        if before.document.inputs != after.document.inputs or before.model.roots != after.model.roots:
            self.send("supervisor", StartChild(self._site.inputs_spec()))
        self._change_remote(before, after)
        if before.document.inputs != after.document.inputs:
            self.send("supervisor", StopChild(RESET_CONTACT))
            for spec in self._site.reset_specs():
                self.send("supervisor", StartChild(spec))
        self._show()

    def _change_zones(self, before: InForce, after: InForce) -> None:
        if before.model == after.model and before.plan == after.plan:
            return
        changed = SiteChanged(after.record.number, after.model, after.plan)
        for zone in reversed([z for root in before.model.roots for z in before.model.subtree(root)]):
            if zone not in after.model.zones:
                self.send(ZONES, StopChild(zone_name(zone)))
        for spec_zone in (z for root in after.model.roots for z in after.model.subtree(root)):
            known = before.model.zones.get(spec_zone)
            stays_in_kind = known is not None and (known.parent is None) == (
                after.model.zones[spec_zone].parent is None
            )
            if not stays_in_kind or not self.send(zone_name(spec_zone), changed):
                # Also one that is being replaced this moment: it may have been made from the old revision.
                self.send(ZONES, StartChild(self._site.zone_spec(spec_zone)))

    def _change_meters(self, before: InForce, after: InForce) -> None:
        for old in before.document.meters:
            if all(old.id != new.id for new in after.document.meters):
                self.send(METERS, StopChild(meter_name(old.id)))
                self.send("view", MeterShown(MeterId(old.id), None))
        for new in after.document.meters:
            known = next((old for old in before.document.meters if old.id == new.id), None)
            if (
                known != new
                or before.listeners(known) != after.listeners(new)
                or before.document.registers_of(known) != after.document.registers_of(new)
            ):
                self.send(METERS, StartChild(self._site.meter_spec(MeterId(new.id))))

    def _change_stations(self, before: InForce, after: InForce) -> None:
        for station in before.model.stations:
            if station not in after.model.stations:
                self.send(STATIONS, StopChild(station_name(station)))
                self.send("view", StationShown(station, None))
        for station, known in after.model.stations.items():
            settings = after.station_settings(station)
            stays = station in before.model.stations
            if (
                stays
                and before.model.stations[station] == known
                and before.station_settings(station) == settings
            ):
                continue
            zone = None if known.zone is None else zone_name(known.zone)
            # Not a new actor: what this one knows of its station lets charging go on meanwhile.
            if not stays or not self.send(station_name(station), ReconfigureStation(known, settings, zone)):
                self.send(STATIONS, StartChild(self._site.station_spec(station)))

    def _change_uplinks(self, before: InForce, after: InForce) -> None:
        """After the stations: an uplink speaks for an actor that knows of it."""
        old, new = before.uplink_settings(), after.uplink_settings()
        had = before.model.stations if old is not None else {}
        has = after.model.stations if new is not None else {}
        for station in had:
            if station not in has:
                self.send(UPLINKS, StopChild(uplink_name(station)))
        for station, known in has.items():
            if new is None or (had.get(station) == known and old == new):
                continue
            changed = ReconfigureUplink(known, new)
            if station not in had or not self.send(uplink_name(station), changed):
                self.send(UPLINKS, StartChild(self._site.uplink_spec(station)))

    def _change_remote(self, before: InForce, after: InForce) -> None:
        """Switched off, it lives on until what it holds has risen; the next process does without it."""
        settings, roots = after.remote_settings(), _roots(after.model)
        if (before.remote_settings(), _roots(before.model)) == (settings, roots):
            return
        if not self.send(REMOTE, ReconfigureRemote(settings, roots)):
            for spec in self._site.remote_specs():
                self.send("supervisor", StartChild(spec))

    def _show(self) -> None:
        current = self._site.current
        self.send(
            "view",
            SiteShown(
                current.document.site.name,
                current.document.site.time_zone,
                current.record.number,
                tuple(current.model.zones),
            ),
        )
