"""What programs read of the site (API-2): each kind of thing as plain values, with its unit in its name."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated, Any, Literal

from actors.messages import CardRecord, SessionRecord
from evce.facts import ConnectorStatus, Link
from evce.units import PhaseAmps
from evce.views import ConnectorView, MeterView, SiteSnapshot, StationView, ZoneView
from web.figures import why, why_phases

__all__ = [
    "Card",
    "Connector",
    "Meter",
    "Site",
    "Station",
    "Transaction",
    "Zone",
    "card_of",
    "connector_of",
    "meter_of",
    "plain",
    "site_of",
    "station_of",
    "transaction_of",
    "zone_of",
]

Phases = Annotated[tuple[float, float, float], "A on L1, L2, L3"]
_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Site:
    """The site as a whole."""

    name: str
    time_zone: Annotated[str, "IANA name"]
    revision: Annotated[int, "of the configuration in force"]
    zones: Annotated[tuple[str, ...], "ids of those without a parent"]
    stations: int
    stations_connected: int
    transactions_running: int
    alarms: int


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone, its limits and sums."""

    id: str
    name: str
    parent: str | None
    maximum_a: Annotated[float, "A per phase, as configured"]
    mode: Literal["static", "dynamic"]
    meter: str | None
    limit_a: Annotated[Phases, "what its vehicles may have together now"]
    bound_by: Annotated[str, "what sets the limit: maximum, meter, input, tariff, remote"]
    remote_limit_a: Annotated[float | None, "set from elsewhere, A per phase"]
    setpoints_a: Annotated[Phases, "the sum of what is granted"]
    pledged_a: Annotated[Phases, "the sum of what may be drawn"]
    set_aside_a: Annotated[Phases, "the part of it that is kept for stations out of control"]
    measured_a: Annotated[Phases | None, "by its meter, local production taken off"]
    stations_measured_a: Annotated[Phases, "as the stations report it"]
    optimal: Annotated[int, "vehicles that have all that they may have"]
    reduced: int
    suspended: int
    why: Annotated[tuple[str, str, str], "one sentence per phase"]


@dataclass(frozen=True, slots=True)
class Station:
    """A charging station."""

    box_identity: str
    name: str
    registered: Annotated[bool, "part of the configuration, else only detected"]
    family: str
    zone: str | None
    vip: bool
    link: Link
    verified: Annotated[bool, "does what it is told, as far as is known"]
    vendor: str
    model: str
    serial_number: str
    firmware: str
    last_seen_at: datetime | None
    connectors: Annotated[tuple[str, ...], "ids"]


@dataclass(frozen=True, slots=True)
class Connector:
    """An outlet of a station."""

    id: Annotated[str, "BOX_IDENTITY/NUMBER"]
    station: str
    number: int
    zone: str | None
    wiring: str
    rating_a: float
    status: ConnectorStatus
    setpoint_a: Annotated[float | None, "A per phase; null while nobody charges"]
    measured_a: Annotated[Phases | None, "on the grid's phases"]
    transaction: int | None
    why: Annotated[str, "why it has this setpoint"]


@dataclass(frozen=True, slots=True)
class Transaction:
    """A charging session."""

    id: int
    connector: Annotated[str, "BOX_IDENTITY/NUMBER"]
    station: str
    id_tag: str
    vip: bool
    started_at: datetime
    stopped_at: Annotated[datetime | None, "null while it runs"]
    energy_wh: float
    stop_reason: str | None


@dataclass(frozen=True, slots=True)
class Meter:
    """A power meter."""

    id: str
    name: str
    role: Literal["zone", "reporting", "production"]
    model: str
    zone: str | None
    state: Annotated[str, "connected, not connected, suspect"]
    amps: Annotated[Phases | None, "null where nothing valid was read"]
    power_w: float | None
    energy_wh: float | None
    read_at: datetime | None


@dataclass(frozen=True, slots=True)
class Card:
    """An RFID card."""

    id_tag: str
    authorised: bool
    vip: bool
    comment: str
    zones: Annotated[tuple[str, ...] | None, "that it opens; null for all"]
    registered_at: datetime | None
    last_seen_at: datetime | None


def plain(resource: Any) -> dict[str, Any]:
    """The resource as JSON has it: times as ISO 8601 in UTC."""
    return {name: _plain(value) for name, value in asdict(resource).items()}


def site_of(snapshot: SiteSnapshot) -> Site:
    """The site of this moment."""
    stations = snapshot.stations.values()
    return Site(
        name=snapshot.site_name,
        time_zone=snapshot.time_zone,
        revision=snapshot.revision,
        zones=tuple(zone.id for zone in snapshot.zones.values() if zone.parent is None),
        stations=sum(station.registered for station in stations),
        stations_connected=sum(station.registered and station.link is Link.CONNECTED for station in stations),
        transactions_running=sum(
            connector.transaction is not None for station in stations for connector in station.connectors
        ),
        alarms=len(snapshot.alarms),
    )


def zone_of(snapshot: SiteSnapshot, view: ZoneView) -> Zone:
    """A zone of this moment."""
    limits = () if snapshot.remote is None else snapshot.remote.limits
    remote = next((limit.amps for limit in limits if limit.zone == view.id), None)
    return Zone(
        id=view.id,
        name=view.name,
        parent=view.parent,
        maximum_a=view.maximum,
        mode="dynamic" if view.dynamic else "static",
        meter=view.meter,
        limit_a=_phases(view.limit),
        bound_by=view.bound_by,
        remote_limit_a=None if remote is None else round(remote, _DECIMALS),
        setpoints_a=_phases(view.setpoints),
        pledged_a=_phases(view.pledged),
        set_aside_a=_phases(view.lost),
        measured_a=None if view.measured is None else _phases(view.measured),
        stations_measured_a=_phases(view.stations_measured),
        optimal=view.optimal,
        reduced=view.reduced,
        suspended=view.suspended,
        why=why_phases(view),
    )


def station_of(view: StationView) -> Station:
    """A station of this moment."""
    return Station(
        box_identity=view.box_identity,
        name=view.name,
        registered=view.registered,
        family=view.family,
        zone=view.zone,
        vip=view.vip,
        link=view.link,
        verified=view.verified,
        vendor=view.vendor,
        model=view.model,
        serial_number=view.serial_number,
        firmware=view.firmware,
        last_seen_at=view.last_seen_at,
        connectors=tuple(str(connector.key) for connector in view.connectors),
    )


def connector_of(snapshot: SiteSnapshot, station: StationView, view: ConnectorView) -> Connector:
    """An outlet of this moment."""
    zone = None if station.zone is None else snapshot.zones.get(station.zone)
    return Connector(
        id=str(view.key),
        station=station.box_identity,
        number=view.key.number,
        zone=station.zone,
        wiring=view.wiring,
        rating_a=view.rating,
        status=view.status,
        setpoint_a=None if view.setpoint is None else round(view.setpoint, _DECIMALS),
        measured_a=None if view.measured is None else _phases(view.measured),
        transaction=None if view.transaction is None else view.transaction.id,
        why=why(zone, view),
    )


def transaction_of(record: SessionRecord) -> Transaction:
    """A session, running or over."""
    return Transaction(
        id=record.transaction,
        connector=str(record.connector),
        station=record.connector.station,
        id_tag=record.id_tag,
        vip=record.vip,
        started_at=record.started_at,
        stopped_at=record.stopped_at,
        energy_wh=round(record.energy, 1),
        stop_reason=record.stop_reason,
    )


def meter_of(view: MeterView) -> Meter:
    """A meter of this moment."""
    return Meter(
        id=view.id,
        name=view.name,
        role=view.role,  # type: ignore[arg-type]  # one of the three words
        model=view.model,
        zone=view.zone,
        state=view.state,
        amps=None if view.amps is None else _phases(view.amps),
        power_w=view.power,
        energy_wh=view.energy,
        read_at=view.read_at,
    )


def card_of(record: CardRecord) -> Card:
    """A card of the list."""
    return Card(
        id_tag=record.id_tag,
        authorised=record.authorised,
        vip=record.vip,
        comment=record.comment,
        zones=record.zones,
        registered_at=record.registered_at,
        last_seen_at=record.last_seen_at,
    )


def _phases(amps: PhaseAmps) -> tuple[float, float, float]:
    return (round(amps[0], _DECIMALS), round(amps[1], _DECIMALS), round(amps[2], _DECIMALS))


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Enum():
            return value.value
        case tuple() | list():
            return [_plain(item) for item in value]
        case dict():
            return {name: _plain(item) for name, item in value.items()}
    return value
