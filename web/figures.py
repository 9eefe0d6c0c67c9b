"""What the pages show, worked out of a snapshot: the fleet, the tree, the running sessions."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from evce.facts import ConnectorStatus
from evce.units import NO_AMPS, NOMINAL_VOLTAGE, Amps, ConnectorKey, PhaseAmps, Watts, ZoneId
from evce.views import (
    AlarmView,
    ConnectorView,
    MeterView,
    SiteSnapshot,
    StationView,
    TransactionView,
    ZoneView,
)
from web.formatting import amps, in_locale
from web.languages import gettext
from web.sentences import told
from web.states import OutletState, State, connector_state, outlet_state, station_state, tally

__all__ = [
    "METER_LOST",
    "ConnectorLine",
    "Fleet",
    "RunningSession",
    "ZoneNode",
    "ZoneState",
    "bound_by_sentence",
    "connector_lines",
    "find_connector",
    "fleet",
    "highest",
    "is_free",
    "outlets",
    "path_to",
    "production_of",
    "running_sessions",
    "sorted_alarms",
    "stations_below",
    "subtree",
    "unassigned",
    "why",
    "why_phases",
    "zone_state",
    "zone_tree",
]

METER_LOST = "meter lost"
"""Begins `ZoneView.bound_by` in degraded operation."""

_SEVERITY = {"critical": 0, "error": 0, "major": 0, "warning": 1}
_AT_LIMIT = 0.97
"""A zone whose vehicles use more than this share of its limit on a phase is shown as full."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """Stations and charge points counted apart, by state (UI-1)."""

    stations: dict[State, int]
    connectors: dict[State, int]
    outlets: dict[OutletState, int]
    sessions: int
    power: Watts

    @property
    def station_count(self) -> int:
        """All stations."""
        return sum(self.stations.values())

    @property
    def connector_count(self) -> int:
        """All charge points."""
        return sum(self.connectors.values())


@dataclass(frozen=True, slots=True)
class RunningSession:
    """One line of the table of running sessions (UI-1)."""

    station: StationView
    connector: ConnectorView
    transaction: TransactionView
    state: State
    zone: ZoneView | None

    @property
    def why(self) -> str:
        """Why the connector has its setpoint (UI-9)."""
        return why(self.zone, self.connector)


@dataclass(frozen=True, slots=True)
class ConnectorLine:
    """One connector in the tables of the zone and station pages."""

    station: StationView
    connector: ConnectorView
    state: State
    why: str


class ZoneState(StrEnum):
    """How a zone is doing, for its dot in the tree."""

    OVER = "faulted"
    METER_LOST = "disconnected"
    FULL = "suspended-system"
    CHARGING = "charging"
    IDLE = "available"

    @property
    def word(self) -> str:
        """The word beside the colour."""
        match self:
            case ZoneState.OVER:
                return gettext("over its limit")
            case ZoneState.METER_LOST:
                return gettext("meter lost")
            case ZoneState.FULL:
                return gettext("limit reached")
            case ZoneState.CHARGING:
                return gettext("charging")
            case ZoneState.IDLE:
                return gettext("idle")


@dataclass(frozen=True, slots=True)
class ZoneNode:
    """A zone in the tree, with what hangs below it."""

    zone: ZoneView
    state: ZoneState
    children: tuple["ZoneNode", ...]
    stations: tuple[tuple[StationView, State], ...]

    @property
    def charging(self) -> int:
        """Stations below that charge now."""
        return sum(state is State.CHARGING for _, state in self.stations) + sum(
            child.charging for child in self.children
        )

    @property
    def station_count(self) -> int:
        """Stations in the whole subtree."""
        return len(self.stations) + sum(child.station_count for child in self.children)


def fleet(snapshot: SiteSnapshot, stations: list[StationView] | None = None) -> Fleet:
    """Counts over the given stations, or over all."""
    chosen = [s for s in snapshot.stations.values() if s.registered] if stations is None else stations
    pairs = [(station, connector) for station in chosen for connector in station.connectors]
    return Fleet(
        stations=tally(station_state(station) for station in chosen),
        connectors=tally(connector_state(station, connector) for station, connector in pairs),
        outlets={
            state: sum(outlet_state(meter) is state for meter in outlets(snapshot)) for state in OutletState
        },
        sessions=sum(connector.transaction is not None for _, connector in pairs),
        power=sum(sum(connector.measured or NO_AMPS) for _, connector in pairs) * NOMINAL_VOLTAGE,
    )


def outlets(snapshot: SiteSnapshot) -> list[MeterView]:
    """The meters that only report (MT-4)."""
    return [meter for meter in snapshot.meters.values() if meter.role == "reporting"]


def production_of(snapshot: SiteSnapshot, zone: ZoneId) -> list[MeterView]:
    """The local production that feeds a zone (MT-5)."""
    return [m for m in snapshot.meters.values() if m.role == "production" and m.zone == zone]


def zone_tree(snapshot: SiteSnapshot) -> tuple[ZoneNode, ...]:
    """All root zones with everything below them."""
    return tuple(_node(snapshot, zone) for zone in snapshot.zones.values() if zone.parent is None)


def _node(snapshot: SiteSnapshot, zone: ZoneView) -> ZoneNode:
    return ZoneNode(
        zone=zone,
        state=zone_state(snapshot, zone),
        children=tuple(
            _node(snapshot, child) for child in snapshot.zones.values() if child.parent == zone.id
        ),
        stations=tuple(
            (station, station_state(station))
            for station in snapshot.stations.values()
            if station.zone == zone.id and station.registered
        ),
    )


def zone_state(snapshot: SiteSnapshot, zone: ZoneView) -> ZoneState:
    """The one thing about a zone that its dot tells."""
    if zone.measured is not None and max(zone.measured) > zone.maximum * 1.001:
        return ZoneState.OVER
    if zone.bound_by.startswith(METER_LOST):
        return ZoneState.METER_LOST
    in_use = any(
        pledged > 0 and pledged >= _AT_LIMIT * limit
        for pledged, limit in zip(zone.pledged, zone.limit, strict=True)
    )
    if in_use:
        return ZoneState.FULL
    if any(
        connector.transaction is not None
        for station in stations_below(snapshot, zone.id)
        for connector in station.connectors
    ):
        return ZoneState.CHARGING
    return ZoneState.IDLE


def unassigned(snapshot: SiteSnapshot) -> list[StationView]:
    """Stations without a zone: no limit protects them, so they get 0 A (EL-8, OC-2)."""
    return [s for s in snapshot.stations.values() if s.zone is None or s.zone not in snapshot.zones]


def stations_below(snapshot: SiteSnapshot, zone: ZoneId) -> list[StationView]:
    """All stations in the zone and in its sub-zones."""
    below = set(subtree(snapshot, zone))
    return [s for s in snapshot.stations.values() if s.zone in below and s.registered]


def subtree(snapshot: SiteSnapshot, zone: ZoneId) -> Iterator[ZoneId]:
    """The zone and all that are below it."""
    yield zone
    for child in snapshot.zones.values():
        if child.parent == zone:
            yield from subtree(snapshot, child.id)


def path_to(snapshot: SiteSnapshot, zone: ZoneId | None) -> list[ZoneView]:
    """The zones from the root down to this one."""
    path: list[ZoneView] = []
    while zone is not None and zone in snapshot.zones and len(path) < len(snapshot.zones):
        path.insert(0, snapshot.zones[zone])
        zone = snapshot.zones[zone].parent
    return path


def running_sessions(
    snapshot: SiteSnapshot, stations: list[StationView] | None = None
) -> list[RunningSession]:
    """The sessions that run, newest first."""
    found = [
        RunningSession(
            station,
            connector,
            connector.transaction,
            connector_state(station, connector),
            snapshot.zones.get(station.zone) if station.zone is not None else None,
        )
        for station in (snapshot.stations.values() if stations is None else stations)
        for connector in station.connectors
        if connector.transaction is not None
    ]
    return sorted(found, key=lambda line: line.transaction.started_at, reverse=True)


def connector_lines(snapshot: SiteSnapshot, stations: list[StationView]) -> list[ConnectorLine]:
    """One line per connector of the stations, in their order."""
    return [
        ConnectorLine(
            station,
            connector,
            connector_state(station, connector),
            why(snapshot.zones.get(station.zone) if station.zone is not None else None, connector),
        )
        for station in stations
        for connector in station.connectors
    ]


def why(zone: ZoneView | None, connector: ConnectorView) -> str:
    """Why a connector has its setpoint: the zone's sentence, else the connector's own."""
    return told((zone.reasons.get(connector.key, "") if zone is not None else "") or connector.reason)


def sorted_alarms(snapshot: SiteSnapshot) -> list[AlarmView]:
    """The alarms that stand: those that nobody has seen first, then the gravest, then the newest."""
    newest_first = sorted(snapshot.alarms, key=lambda alarm: alarm.raised_at, reverse=True)
    return sorted(
        newest_first, key=lambda alarm: (bool(alarm.acknowledged_by), _SEVERITY.get(alarm.severity, 2))
    )


def bound_by_sentence(zone: ZoneView) -> str:
    """What sets the zone's limit now, in words (UI-9)."""
    cause, _sign, produced = zone.bound_by.partition(", ")
    match cause.split(" ", 1):
        case [""] | ["maximum"]:
            text = gettext("the configured maximum of the switchboard")
        case ["meter"]:
            text = gettext("what the building leaves, as the meter reads it")
        case ["meter", "lost"]:
            text = gettext("the degraded setpoint, because the meter is lost")
        case ["tariff", which]:
            name, _, percent = which.rpartition(" at ")
            text = gettext("the times of use (%(name)s at %(percent)s)", name=name, percent=percent)
        case ["remote", which]:
            amount = in_locale(which.removeprefix("at "))
            text = gettext("remote energy management (%(amount)s)", amount=amount)
        case ["input", which]:
            percent = which.removeprefix("at ")
            text = gettext("a digital input (at %(percent)s)", percent=percent)
        case _:
            text = told(cause)
    if produced:
        amount = in_locale(produced.removesuffix(" produced"))
        return gettext("%(what)s, with %(amount)s of local production added", what=text, amount=amount)
    return text


def why_phases(zone: ZoneView) -> tuple[str, str, str]:
    """Why vehicles may have what they may have on each phase of a zone, one sentence per phase (UI-9)."""
    cause = bound_by_sentence(zone)
    first, second, third = (_why_phase(zone, cause, phase) for phase in range(3))
    return first, second, third


def _why_phase(zone: ZoneView, cause: str, phase: int) -> str:
    values = {
        "phase": f"L{phase + 1}",
        "zone": zone.name,
        "limit": amps(zone.limit[phase]),
        "cause": cause,
        "maximum": amps(zone.maximum),
        "granted": amps(zone.setpoints[phase]),
        "free": amps(max(0.0, zone.limit[phase] - zone.pledged[phase])),
        "lost": amps(zone.lost[phase]),
    }
    if zone.lost[phase] > 0:
        return gettext(
            "%(phase)s of %(zone)s: vehicles may have %(limit)s A of %(maximum)s A, set by %(cause)s; "
            "%(granted)s A are granted, %(lost)s A set aside for lost stations, %(free)s A free.",
            **values,
        )
    return gettext(
        "%(phase)s of %(zone)s: vehicles may have %(limit)s A of %(maximum)s A, set by %(cause)s; "
        "%(granted)s A are granted, %(free)s A free.",
        **values,
    )


def find_connector(snapshot: SiteSnapshot, text: str) -> tuple[StationView, ConnectorView] | None:
    """The connector that `CP-01/2` names; None when there is none."""
    identity, _, number = text.rpartition("/")
    for station in snapshot.stations.values():
        if station.box_identity == identity and number.isdecimal():
            for connector in station.connectors:
                if connector.key == ConnectorKey(station.box_identity, int(number)):
                    return station, connector
    return None


def is_free(connector: ConnectorView) -> bool:
    """Whether a session may be started on it from the screen."""
    return connector.transaction is None and connector.status not in (
        ConnectorStatus.FAULTED,
        ConnectorStatus.UNAVAILABLE,
    )


def highest(amps: PhaseAmps | None) -> Amps | None:
    """The current of the most loaded phase; None while nothing was measured."""
    return None if amps is None else max(amps)
