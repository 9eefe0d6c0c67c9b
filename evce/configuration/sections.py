"""The sections of a site document: what can be set, within which bounds, and what it is good for."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from evce.allocation import Priority
from evce.configuration.choices import (
    Authentication,
    AuthenticationChoice,
    FileTransfer,
    FileTransferChoice,
    MemoryChoice,
    MeterProtocol,
    MeterRole,
    OfflineAuthentication,
    OfflineChoice,
    Parity,
    ProfileMemory,
    Weekday,
    ZoneMode,
)
from evce.configuration.defaults import complete_station
from evce.configuration.kinds import (
    DeviceFile,
    FileName,
    Host,
    Identity,
    IpAddress,
    Lax,
    LicenceText,
    ListenHost,
    Name,
    SlotText,
    Slug,
    TimeZone,
    WebAddress,
)
from evce.configuration.meter_models import ModelName
from evce.electrical import Family, Socket, Wiring
from evce.endpoints import Endpoint, SerialLine, TcpEndpoint
from evce.floors import FloorStandard
from evce.security.profiles import SecurityProfile
from evce.units import Amps
from evce.vendor import RELEASES

__all__ = [
    "AdvancedSettings",
    "AuthenticationSettings",
    "ChannelSettings",
    "ConnectorSettings",
    "InputSettings",
    "LoadSheddingSettings",
    "MeterSettings",
    "OcppSettings",
    "PeriodSettings",
    "Section",
    "SiteSettings",
    "StationSettings",
    "TariffSettings",
    "WebSettings",
    "ZoneSettings",
]

HIGHEST_AMPS = 10_000.0
"""More than the largest low-voltage switchboard carries; catches mA written for A."""

Rating = Annotated[Amps, Field(gt=0, le=1_000)]
Maximum = Annotated[Amps, Field(gt=0, le=HIGHEST_AMPS)]
Port = Annotated[int, Field(ge=1, le=65_535)]
ListenPort = Annotated[int, Field(ge=0, le=65_535)]
Profile = Annotated[int, Field(ge=0, le=3)]
"""A security profile of OCPP 1.6."""
Percent = Annotated[int, Field(ge=0, le=100)]


class Section(BaseModel):
    """Base of the document's sections: immutable, no unknown keys, no silent conversion."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class SiteSettings(Section):
    """The site itself."""

    name: Name = Field(description="What the site is called on screens, in reports and on the network.")
    time_zone: TimeZone = Field(
        default="UTC",
        description="Time zone of the site: screens and times of use follow it, records stay in UTC.",
    )
    licence: LicenceText = Field(
        default="",
        description="The signed licence of this EVCE, which says how many stations and zones the site may "
        "have and which features; without one there is no limit.",
    )


class OcppSettings(Section):
    """Where stations connect: ws://HOST:PORT/ocpp/BOX_IDENTITY."""

    host: ListenHost = Field(default="0.0.0.0", description="Address on which stations are awaited.")  # noqa: S104
    port: ListenPort = Field(
        default=8887, description="TCP port on which stations are awaited; 0 takes any free one."
    )
    heartbeat_s: Annotated[int, Field(ge=5, le=86_400)] = Field(
        default=60, description="Interval in seconds at which a silent station gives a sign of life."
    )
    meter_interval_s: Annotated[int, Field(ge=1, le=900)] = Field(
        default=5,
        description="Interval in seconds at which a charging station reports what it measures; above 5 s a "
        "car that doesn't follow its setpoint is noticed later.",
    )
    profile_memory: Annotated[ProfileMemory, Lax] = Field(
        default=ProfileMemory.UNKNOWN,
        description="Where stations keep charging profiles: ram, which doesn't wear out; flash; or unknown, "
        "which counts as flash. In flash a connector gets profile_writes_a_day at most: leases lengthen "
        "and raises wait for one another. The maker of the stations knows.",
    )
    files_port: ListenPort = Field(
        default=8888,
        description="TCP port at which stations leave and fetch files (diagnostics, firmware) over HTTP, "
        "from the next start on; 0 takes any free one.",
    )
    update_firmware: bool = Field(
        default=True,
        description="Whether a station that is older than the newest firmware kept for its family is updated "
        "by itself, while nobody uses it.",
    )
    file_transfer: Annotated[FileTransfer, Lax] = Field(
        default=FileTransfer.HTTP,
        description="How stations leave and fetch files: http; ftp, for those that know nothing else; or "
        "ftps, which is FTP within TLS. The port for FTP is open only where a station uses it.",
    )
    ftp_port: ListenPort = Field(
        default=8821,
        description="TCP port at which stations leave and fetch files over FTP; 0 takes any free one.",
    )
    ftps_port: ListenPort = Field(
        default=8990, description="TCP port for files over FTPS; 0 takes any free one."
    )
    ftp_data_port_first: ListenPort = Field(
        default=8900,
        description="First TCP port of those that EVCE opens for a file over FTP (passive mode); 0 takes any "
        "free ones.",
    )
    ftp_data_port_last: ListenPort = Field(
        default=8939, description="Last TCP port of those; a firewall lets stations reach all of them."
    )
    files_address: Host | None = Field(
        default=None,
        description="Name or address of EVCE that stations are told for files; without it the address of "
        "this computer that faces the station.",
    )
    security_profile: Profile = Field(
        default=0,
        description="Least security profile of every station: 0 none; 1 a password; 2 TLS and a password; "
        "3 TLS and a certificate. With 2 or 3 the port without TLS isn't opened.",
    )
    tls_port: ListenPort | None = Field(
        default=None,
        description="TCP port on which stations are awaited with TLS (wss://), from the next start on; 0 "
        "takes any free one.",
    )
    tls_certificate_file: FileName | None = Field(
        default=None,
        description="PEM file of the certificate that EVCE shows the stations, with those between it and its "
        "root; without it EVCE's own authority makes one.",
    )
    tls_key_file: FileName | None = Field(
        default=None, description="PEM file of that certificate's private key."
    )
    tls_names: Annotated[tuple[Host, ...], Lax] = Field(
        default=(),
        description="Further names and addresses by which stations call EVCE; they stand in the certificate "
        "that its authority makes.",
        json_schema_extra={"default": "none"},
    )
    tls_client_ca_file: FileName | None = Field(
        default=None,
        description="PEM file of further authorities, such as the manufacturer's, whose station certificates "
        "count.",
    )

    @property
    def opens_plain_port(self) -> bool:
        """Whether any station may connect without TLS."""
        return self.security_profile < SecurityProfile.TLS_BASIC_AUTH


class WebSettings(Section):
    """Where the web interface answers, over HTTPS."""

    host: ListenHost = Field(default="0.0.0.0", description="Address on which the web interface answers.")  # noqa: S104
    port: ListenPort = Field(default=8443, description="TCP port of the web interface; 0 takes any free one.")
    session_timeout_s: Annotated[int, Field(ge=60, le=43_200)] = Field(
        default=600,
        description="Seconds after which a login that nobody uses ends; after 12 h it ends in any case.",
    )
    login_attempts: Annotated[int, Field(ge=1, le=20)] = Field(
        default=6, description="Failed logins in a row that lock a login for where they came from."
    )
    login_lock_s: Annotated[int, Field(ge=10, le=3_600)] = Field(
        default=60,
        description="Seconds for which it is locked; each further lock within an hour lasts twice as long.",
    )
    announce: bool = Field(
        default=True,
        description="Whether other machines on the local network see the site's name with a link to the web "
        "interface (mDNS, and SSDP for Windows).",
    )
    releases: WebAddress | None = Field(
        default=RELEASES,
        description="Where there are newer releases of EVCE, as a link and a code for phones on the page of "
        "EVCE's firmware.",
    )


class ZoneSettings(Section):
    """One switchboard. A zone holds sub-zones or stations, never both."""

    id: Slug = Field(description="Short name by which the document refers to the zone.")
    name: Name = Field(description="Name of the zone on screens; no two zones share one.")
    parent: Slug | None = Field(
        default=None, description="Zone that feeds this one; without it the zone is a root."
    )
    maximum_a: Maximum = Field(
        description="Current in A per phase that the zone's feeder may carry, at most that of its parent."
    )
    mode: Annotated[ZoneMode, Lax] = Field(
        default=ZoneMode.STATIC,
        description="static: the cars may take the maximum; dynamic: they get what the building leaves under "
        "it, as read by the zone's meter.",
    )
    meter: Slug | None = Field(
        default=None,
        description="Meter that reads everything in a dynamic zone, the cars included; of one zone only.",
    )
    degraded_setpoint_a: Annotated[Amps, Field(ge=0, le=HIGHEST_AMPS)] = Field(
        default=0.0,
        description="Current in A per phase for the cars of a dynamic zone while its meter is lost.",
    )
    building_maximum_a: Annotated[Amps, Field(ge=0, le=HIGHEST_AMPS)] | None = Field(
        default=None,
        description="Most that all but the cars ever draws in a dynamic zone, in A per phase, zones below it "
        "included; without it nobody can show that its feeder holds while communication is lost.",
    )
    authentication: Annotated[AuthenticationChoice, Lax] = Field(
        default=AuthenticationChoice.INHERIT,
        description="Who may charge in this zone; inherit takes over what the zone above says.",
    )


class ConnectorSettings(Section):
    """One outlet of a station."""

    wiring: Annotated[Wiring, Lax] = Field(
        description="Grid phases behind the station's phases: TRI231 has L2 on its first, MONO3 has L3 only."
    )
    rating_a: Rating = Field(
        description="Rated current in A per phase on the AC side.",
        json_schema_extra={"default": "the family's"},
    )
    sockets: Annotated[tuple[Annotated[Socket, Lax], ...], Lax] = Field(
        min_length=1, description="Socket types of the outlet.", json_schema_extra={"default": "the family's"}
    )


class StationSettings(Section):
    """One charging station, known by its box identity."""

    box_identity: Identity = Field(
        description="OCPP charge box identity with which the station connects; no two stations share one."
    )
    name: Name = Field(description="Name of the station on screens; no two stations share one.")
    family: Annotated[Family, Lax] = Field(
        default=Family.GENERIC,
        description="Product family: sets the usual sockets and rating, and the floor's exceptions.",
    )
    zone: Slug | None = Field(
        default=None,
        description="Zone that feeds the station; without one it gets 0 A, since no limit protects it.",
    )
    vip: bool = Field(default=False, description="Whether its cars come before all others.")
    address: IpAddress | None = Field(
        default=None, description="IP address of the station, for its own web page."
    )
    serial_number: Name | None = Field(default=None, description="Serial number on its plate.")
    security_profile: Profile = Field(
        default=0,
        description="Least security profile of this station; the higher one of this and the site's counts.",
    )
    authentication: Annotated[AuthenticationChoice, Lax] = Field(
        default=AuthenticationChoice.INHERIT,
        description="Who may charge at this station; inherit takes over what its zone says.",
    )
    offline: Annotated[OfflineChoice, Lax] = Field(
        default=OfflineChoice.INHERIT,
        description="Whom it lets charge while it can't ask; inherit takes over what the installation says.",
    )
    profile_memory: Annotated[MemoryChoice, Lax] = Field(
        default=MemoryChoice.INHERIT,
        description="Where this station keeps charging profiles; inherit takes over what ocpp says of all.",
    )
    file_transfer: Annotated[FileTransferChoice, Lax] = Field(
        default=FileTransferChoice.INHERIT,
        description="How this station leaves and fetches files; inherit takes over what ocpp says of all.",
    )
    connectors: Annotated[tuple[ConnectorSettings, ...], Lax] = Field(
        min_length=1, max_length=2, description="Its outlets, in the order of their OCPP connector numbers."
    )

    @model_validator(mode="before")
    @classmethod
    def _complete(cls, data: Any) -> Any:
        return complete_station(data) if isinstance(data, Mapping) else data


class MeterSettings(Section):
    """One power meter, read over Modbus TCP or on a serial line (Modbus RTU)."""

    id: Slug = Field(description="Short name by which the document refers to the meter.")
    name: Name = Field(description="Name of the meter on screens; no two meters share one.")
    role: Annotated[MeterRole, Lax] = Field(
        description="zone: gives a dynamic zone its limit; reporting: only shown and recorded; production: "
        "what it reads is local production."
    )
    zone: Slug | None = Field(
        default=None,
        description="Production: the zone that it feeds. Reporting: the zone to show it in. Role zone: may "
        "be left out, the zone names its meter.",
    )
    model: ModelName = Field(
        description="Make of the meter, which tells its registers: built in, or a meter model of the site."
    )
    protocol: Annotated[MeterProtocol, Lax] = Field(
        default=MeterProtocol.TCP,
        description="tcp: Modbus TCP, to the meter or to a gateway before it; rtu: Modbus RTU, on a serial "
        "line of this computer. Of the built-in models iem3x5x knows rtu.",
    )
    host: Host | None = Field(
        default=None, description="tcp only, needed: address of the meter, or of the gateway before it."
    )
    port: Port = Field(default=502, description="tcp only: TCP port of the meter.")
    device: DeviceFile | None = Field(
        default=None, description="rtu only, needed: the serial line, such as /dev/ttyUSB0."
    )
    baud: Annotated[int, Field(ge=1_200, le=115_200)] = Field(
        default=19_200, description="rtu only: bits per second, the same for all meters on the line."
    )
    parity: Annotated[Parity, Lax] = Field(
        default=Parity.EVEN, description="rtu only: check bit, the same for all meters on the line."
    )
    stop_bits: Annotated[int, Field(ge=1, le=2)] = Field(
        default=1, description="rtu only: stop bits, the same for all meters on the line."
    )
    unit: Annotated[int, Field(ge=1, le=255)] = Field(
        default=255, description="Modbus unit id: at that address, or on that line (1 to 247 there)."
    )
    poll_ms: Annotated[int, Field(ge=100, le=60_000)] = Field(
        default=500,
        description="Poll period in milliseconds; at most 1500 for a zone's meter and for production.",
    )

    @property
    def endpoint(self) -> Endpoint:
        """Where it is reached."""
        if self.protocol is MeterProtocol.RTU:
            return SerialLine(self.device or "", self.baud, self.parity[0].upper(), self.stop_bits)
        return TcpEndpoint(self.host or "", self.port)


class ChannelSettings(Section):
    """One digital input."""

    name: Name = Field(description="Name of the input on screens; no two inputs share one.")
    percent: Percent = Field(
        description="Part of each zone's maximum, in percent, that holds while the input is active; 0 "
        "suspends all charging."
    )
    pin: Annotated[int, Field(ge=0, le=27)] = Field(
        description="GPIO number of the line; active is high (3.3 V)."
    )
    enabled: bool = Field(default=False, description="Whether the input counts.")


class InputSettings(Section):
    """The digital inputs that limit every zone from outside."""

    enabled: bool = Field(default=False, description="Whether the inputs are read at all.")
    safe_percent: Percent = Field(
        default=0, description="Percentage that counts as active while the input board can't be read."
    )
    reset_contact: bool = Field(
        default=False,
        description="Whether bridging two pins for 5 s and letting go deletes everything (back to factory "
        "settings); needs no other input.",
    )
    reset_drive_pin: Annotated[int, Field(ge=0, le=27)] = Field(
        default=7, description="GPIO number of the reset contact's line that EVCE holds high."
    )
    reset_sense_pin: Annotated[int, Field(ge=0, le=27)] = Field(
        default=8, description="GPIO number of the reset contact's line that EVCE reads."
    )
    channels: Annotated[tuple[ChannelSettings, ...], Lax] = Field(
        default=(), max_length=3, description="The inputs, at most three."
    )


class PeriodSettings(Section):
    """One tariff period."""

    name: Name = Field(description="Name of the period on screens and in exports; no two periods share one.")
    percent: Percent = Field(
        description="Part of a zone's maximum, in percent, that applies while the period is on; 0 suspends "
        "all charging."
    )
    slots: Annotated[tuple[SlotText, ...], Lax] = Field(
        min_length=1,
        max_length=20,
        description="Time slots by the clock of the site; one that crosses midnight belongs to the day on "
        "which it starts.",
    )
    days: Annotated[tuple[Annotated[Weekday, Lax], ...], Lax] = Field(
        default=tuple(Weekday),
        min_length=1,
        description="Weekdays on which the slots start.",
        json_schema_extra={"default": "every day"},
    )
    enabled: bool = Field(default=True, description="Whether the period counts.")
    zones: Annotated[tuple[Slug, ...] | None, Lax] = Field(
        default=None, description="Zones to which the period applies; all of them where none are named."
    )


class TariffSettings(Section):
    """Times of use: periods of the day that lower every zone's maximum."""

    enabled: bool = Field(default=False, description="Whether the times of use count at all.")
    periods: Annotated[tuple[PeriodSettings, ...], Lax] = Field(
        default=(), max_length=5, description="The periods, at most five, with twenty slots in all."
    )


class LoadSheddingSettings(Section):
    """Who charges when there isn't enough for all."""

    floor_standard: Annotated[FloorStandard, Lax] = Field(
        default=FloorStandard.IEC61851,
        description="Least current a car gets before it is suspended: iec61851 6 A; evze_ready 8 A on one "
        "phase, 14 A on three.",
    )
    priority: Annotated[Priority, Lax] = Field(
        default=Priority.ENERGY,
        description="Who is suspended first: energy, who has taken most; duration, who has charged longest; "
        "departure, who has most time to spare until it leaves, and who has least gets a larger share too.",
    )
    review_minutes: Annotated[int, Field(ge=1, le=1_440)] = Field(
        default=15, description="Minutes between two reviews of who may charge."
    )


class AuthenticationSettings(Section):
    """Who may charge, where no zone or station says otherwise."""

    mode: Annotated[Authentication, Lax] = Field(
        default=Authentication.KNOWN_CARDS,
        description="all_cards: every card; known_cards: authorised cards; plug_and_charge: no card is "
        "asked for.",
    )
    offline: Annotated[OfflineAuthentication, Lax] = Field(
        default=OfflineAuthentication.REJECT,
        description="Whom stations let charge while they can't ask, with known cards: accept all, reject "
        "all, or the cards already used at that station (cache).",
    )


class AdvancedSettings(Section):
    """Values that a site rarely needs to touch."""

    lease_dynamic_s: Annotated[int, Field(ge=30, le=3_600)] = Field(
        default=120,
        description="Seconds for which a station under a dynamic zone may hold a setpoint without word.",
    )
    lease_static_s: Annotated[int, Field(ge=30, le=86_400)] = Field(
        default=600, description="The same under static zones only; at least that of dynamic ones."
    )
    profile_writes_a_day: Annotated[int, Field(ge=50, le=100_000)] = Field(
        default=200,
        description="Charging profiles that a connector is sent in a day at most where they are kept in "
        "flash, or may be; a reduction is never held back.",
    )
    ramp_a_per_s: Annotated[float, Field(gt=0, le=100)] = Field(
        default=2.0,
        description="Fastest rise of a dynamic zone's limit, in A per second; reductions are never ramped.",
    )
    consumption_optimisation: bool = Field(
        default=False,
        description="Whether what a car leaves of its setpoint goes to others until it asks for more.",
    )
