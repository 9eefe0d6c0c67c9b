"""The site document: everything that describes a site, validated, immutable, and turned into its model."""

from collections.abc import Mapping
from datetime import time
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import Field, ValidationError, model_validator

from evce.configuration.checks import cross_check
from evce.configuration.choices import (
    Authentication,
    AuthenticationChoice,
    FileTransfer,
    FileTransferChoice,
    MemoryChoice,
    MeterRole,
    OfflineAuthentication,
    OfflineChoice,
    ProfileMemory,
    ZoneMode,
)
from evce.configuration.kinds import Lax
from evce.configuration.meter_models import MeterModelSettings, register_map
from evce.configuration.network import NetworkSettings
from evce.configuration.refusals import field_refusals, without
from evce.configuration.sections import (
    AdvancedSettings,
    AuthenticationSettings,
    InputSettings,
    LoadSheddingSettings,
    MeterSettings,
    OcppSettings,
    PeriodSettings,
    Section,
    SiteSettings,
    StationSettings,
    TariffSettings,
    WebSettings,
    ZoneSettings,
)
from evce.configuration.uplink import CpoSettings
from evce.configuration.web_services import WebServicesSettings
from evce.electrical import Connector, SiteModel, Station, Zone
from evce.errors import ConfigurationError, Refusal
from evce.registers import RegisterMap
from evce.tariff import Period, Slot, Tariff
from evce.units import BoxIdentity, ConnectorKey, MeterId, ZoneId

__all__ = ["SiteDocument"]


class SiteDocument(Section):
    """Everything that describes a site.

    `parse` is the way in for files, forms and stored revisions: it tells everything that is wrong at
    once. Construction checks just as much, so that no invalid document exists.
    """

    site: SiteSettings = Field(description="The site itself.")
    ocpp: OcppSettings = Field(default=OcppSettings(), description="Where stations connect.")
    web: WebSettings = Field(default=WebSettings(), description="Where the web interface answers.")
    network: NetworkSettings = Field(
        default=NetworkSettings(), description="The addresses of EVCE's own machine."
    )
    zones: Annotated[tuple[ZoneSettings, ...], Lax] = Field(
        default=(), description="The switchboards, as a tree."
    )
    stations: Annotated[tuple[StationSettings, ...], Lax] = Field(
        default=(), description="The charging stations."
    )
    meters: Annotated[tuple[MeterSettings, ...], Lax] = Field(default=(), description="The power meters.")
    meter_models: Annotated[tuple[MeterModelSettings, ...], Lax] = Field(
        default=(), description="The site's own models of meters, beside those that are built in."
    )
    inputs: InputSettings = Field(default=InputSettings(), description="The digital inputs.")
    tariff: TariffSettings = Field(default=TariffSettings(), description="The times of use.")
    load_shedding: LoadSheddingSettings = Field(
        default=LoadSheddingSettings(), description="Who charges when there isn't enough for all."
    )
    authentication: AuthenticationSettings = Field(
        default=AuthenticationSettings(), description="Who may charge."
    )
    cpo: CpoSettings = Field(default=CpoSettings(), description="The remote operator.")
    webservices: WebServicesSettings = Field(
        default=WebServicesSettings(), description="What programs of others may do."
    )
    advanced: AdvancedSettings = Field(default=AdvancedSettings(), description="Values rarely touched.")

    @model_validator(mode="after")
    def _cross_check(self) -> Self:
        if refusals := tuple(cross_check(self.model_dump(mode="json"))):
            raise ConfigurationError(refusals)
        return self

    @classmethod
    def parse(cls, data: object) -> "SiteDocument":
        """The document in this plain data (as read from TOML, JSON or a form).

        Raises `ConfigurationError` with everything that is wrong: first field by field, then what the
        fields that are right by themselves can't be together.
        """
        if not isinstance(data, Mapping):
            raise ConfigurationError([Refusal((), "the document", data, "must be a table of settings")])
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            refused = field_refusals(error, cls, data)
            together = cross_check(without(data, [refusal.path for refusal in refused]))
            raise ConfigurationError((*refused, *together)) from None

    def plain(self) -> dict[str, Any]:
        """The document as plain data: what `parse` takes back, every default written out."""
        return self.model_dump(mode="json")

    @property
    def time_zone(self) -> ZoneInfo:
        return ZoneInfo(self.site.time_zone)

    def zone(self, zone: ZoneId) -> ZoneSettings:
        """The zone with this id; `KeyError` when there is none."""
        return {settings.id: settings for settings in self.zones}[zone]

    def station(self, identity: BoxIdentity) -> StationSettings:
        """The station with this box identity; `KeyError` when there is none."""
        return {settings.box_identity: settings for settings in self.stations}[identity]

    def meter(self, meter: MeterId) -> MeterSettings:
        """The meter with this id; `KeyError` when there is none."""
        return {settings.id: settings for settings in self.meters}[meter]

    def registers_of(self, meter: MeterSettings) -> RegisterMap:
        """The registers of a meter of this document."""
        return register_map(meter.model, self.meter_models)

    def authentication_of(self, identity: BoxIdentity) -> Authentication:
        """Who may charge at a station: by its own mode, else its zones', else the installation's (AU-1)."""
        station = self.station(identity)
        choices = [station.authentication]
        zone = station.zone
        while zone is not None:
            settings = self.zone(ZoneId(zone))
            choices.append(settings.authentication)
            zone = settings.parent
        own = (choice for choice in choices if choice is not AuthenticationChoice.INHERIT)
        return Authentication(next(own, self.authentication.mode))

    def offline_of(self, identity: BoxIdentity) -> OfflineAuthentication:
        """Whom a station lets charge while it can't ask (AU-2): all-card stations go on accepting all."""
        match self.authentication_of(identity):
            case Authentication.KNOWN_CARDS:
                own = self.station(identity).offline
                return (
                    self.authentication.offline
                    if own is OfflineChoice.INHERIT
                    else OfflineAuthentication(own)
                )
            case _:
                return OfflineAuthentication.ACCEPT

    def writes_a_day(self, identity: BoxIdentity) -> int | None:
        """How many profiles a connector of the station may be sent in a day, None where that does no harm."""
        own = self.station(identity).profile_memory
        memory = self.ocpp.profile_memory if own is MemoryChoice.INHERIT else ProfileMemory(own)
        return self.advanced.profile_writes_a_day if memory.wears else None

    def file_transfer_of(self, identity: BoxIdentity) -> FileTransfer:
        """How a station leaves and fetches files: by its own setting, else by what is said of all (OC-3)."""
        own = self.station(identity).file_transfer
        return self.ocpp.file_transfer if own is FileTransferChoice.INHERIT else FileTransfer(own)

    def times_of_use(self) -> Tariff:
        """The tariff that the zones follow (TOU-1)."""
        named = {zone for period in self.tariff.periods for zone in period.zones or ()}
        return Tariff(
            time_zone=self.time_zone,
            periods=tuple(_period(period) for period in self.tariff.periods),
            zones={
                ZoneId(zone.id): tuple(
                    period.name
                    for period in self.tariff.periods
                    if period.zones is None or zone.id in period.zones
                )
                for zone in self.zones
                if named
            },
            enabled=self.tariff.enabled,
        )

    def model(self) -> SiteModel:
        """The electrical model that the control loop works on."""
        production: dict[str, tuple[MeterId, ...]] = {}
        for meter in self.meters:
            if meter.role is MeterRole.PRODUCTION and meter.zone is not None:
                production[meter.zone] = (*production.get(meter.zone, ()), MeterId(meter.id))
        zones = {
            ZoneId(zone.id): Zone(
                id=ZoneId(zone.id),
                name=zone.name,
                parent=None if zone.parent is None else ZoneId(zone.parent),
                maximum=zone.maximum_a,
                dynamic=zone.mode is ZoneMode.DYNAMIC,
                meter=None if zone.meter is None else MeterId(zone.meter),
                degraded_setpoint=zone.degraded_setpoint_a,
                production_meters=production.get(zone.id, ()),
                building_maximum=zone.building_maximum_a,
            )
            for zone in self.zones
        }
        stations = {BoxIdentity(station.box_identity): _station(station) for station in self.stations}
        return SiteModel(zones=zones, stations=stations)


def _period(settings: PeriodSettings) -> Period:
    slots = (slot.split("-") for slot in settings.slots)
    return Period(
        name=settings.name,
        slots=tuple(Slot(time.fromisoformat(start), time.fromisoformat(end)) for start, end in slots),
        weekdays=frozenset(day.number for day in settings.days),
        percent=settings.percent,
        enabled=settings.enabled,
    )


def _station(settings: StationSettings) -> Station:
    identity = BoxIdentity(settings.box_identity)
    return Station(
        box_identity=identity,
        name=settings.name,
        family=settings.family,
        zone=None if settings.zone is None else ZoneId(settings.zone),
        connectors=tuple(
            Connector(
                key=ConnectorKey(identity, number),
                wiring=connector.wiring,
                rating=connector.rating_a,
                sockets=connector.sockets,
                family=settings.family,
            )
            for number, connector in enumerate(settings.connectors, start=1)
        ),
        vip=settings.vip,
    )
