"""Small builders for sites and facts, shared by the tests of the domain."""

from evce.electrical import Connector, Family, SiteModel, Socket, Station, Wiring, Zone
from evce.facts import Acknowledged, ConnectorFacts, ConnectorStatus, Link
from evce.units import BoxIdentity, ConnectorKey, MeterId, TransactionId, ZoneId

__all__ = ["charging", "connector", "key", "site", "station", "zone"]


def key(station: str, number: int = 1) -> ConnectorKey:
    """Name a connector."""
    return ConnectorKey(BoxIdentity(station), number)


def connector(
    station: str,
    number: int = 1,
    wiring: Wiring = Wiring.TRI123,
    rating: float = 32.0,
    sockets: tuple[Socket, ...] = (Socket.T2,),
    family: Family = Family.PARKING,
) -> Connector:
    """Make a connector."""
    return Connector(key(station, number), wiring, rating, sockets, family)


def station(
    name: str, zone_id: str | None, *connectors: Connector, family: Family = Family.PARKING
) -> Station:
    """Make a station; without connectors it gets one with three phases and 32 A."""
    return Station(
        BoxIdentity(name),
        name,
        family,
        None if zone_id is None else ZoneId(zone_id),
        connectors or (connector(name, family=family),),
    )


def zone(
    name: str,
    maximum: float,
    parent: str | None = None,
    *,
    meter: str | None = None,
    degraded: float = 0.0,
    production: tuple[str, ...] = (),
) -> Zone:
    """Make a zone; with a meter it is a dynamic one."""
    return Zone(
        ZoneId(name),
        name.title(),
        None if parent is None else ZoneId(parent),
        maximum,
        dynamic=meter is not None,
        meter=None if meter is None else MeterId(meter),
        degraded_setpoint=degraded,
        production_meters=tuple(MeterId(name) for name in production),
    )


def site(zones: list[Zone], stations: list[Station]) -> SiteModel:
    """Make a site."""
    return SiteModel({z.id: z for z in zones}, {s.box_identity: s for s in stations})


def charging(
    name: str,
    amps: float = 0.0,
    *,
    number: int = 1,
    at: float = 0.0,
    draw: tuple[float, float, float] | None = None,
    draw_at: float | None = None,
    fallback: float = 0.0,
    transaction: int = 1,
    **changes: object,
) -> ConnectorFacts:
    """Make the facts of a verified connector with a session, its setpoint accepted at `at`."""
    facts: dict[str, object] = {
        "key": key(name, number),
        "incarnation": 1,
        "link": Link.CONNECTED,
        "verified": True,
        "status": ConnectorStatus.CHARGING,
        "plugged": True,
        "plugged_at": 0.0,
        "transaction": TransactionId(transaction),
        "wants": True,
        "draw": draw,
        "draw_at": at if draw is not None and draw_at is None else draw_at,
        "acknowledged": (Acknowledged(amps, at),),
        "fallback": fallback,
        "starts_at": 0.0,
        "lease_ends_at": at + 120.0,
    }
    return ConnectorFacts(**(facts | changes))  # type: ignore[arg-type]
