"""What programs read: site, zones, stations, connectors, transactions, meters and cards (API-2)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from flask import Blueprint, Response

from actors.messages import CardRecord, FindCard, ListCards, ListSessions
from evce.facts import ConnectorStatus, Link
from evce.units import BoxIdentity, MeterId, ZoneId
from evce.views import SiteSnapshot, StationView
from web import resources
from web.api_calls import Call, Parameter, call, schema_of
from web.figures import stations_below
from web.listing import PAGING, Page, Query, choice, flag, moment, page_of, page_schema, text, versioned
from web.problems import Problem
from web.rendering import site
from web.security import Access, access
from web.site import NoAnswerError

__all__ = ["resources_pages"]

resources_pages = Blueprint("resources", __name__)

T = TypeVar("T")

_NOT_THERE = {404: "There is none of that name."}
_ZONE = Parameter("zone", "Only those in this zone and in the zones below it.", {"type": "string"}, "garage")
_MODES = ("static", "dynamic")
_ROLES = ("zone", "reporting", "production")


def _lists(group: str, kind: type, example: object, *query: Parameter) -> Call:
    return Call(
        group,
        page_schema(schema_of(kind)),
        {"items": [example], "limit": 100, "offset": 0, "next": None},
        query=(*PAGING, *query),
        refusals={400: "A parameter can't be understood; each one that is wrong is named."},
        conditional="If-None-Match",
    )


def _one(group: str, kind: type, example: object) -> Call:
    return Call(group, kind, example, refusals=_NOT_THERE, conditional="If-None-Match")


_SITE = {
    "name": "Harbour car park",
    "time_zone": "Europe/Paris",
    "revision": 7,
    "zones": ["main"],
    "stations": 12,
    "stations_connected": 11,
    "transactions_running": 5,
    "alarms": 1,
}
_A_ZONE = {
    "id": "garage",
    "name": "Garage",
    "parent": "main",
    "maximum_a": 100.0,
    "mode": "static",
    "meter": None,
    "limit_a": [16.0, 16.0, 16.0],
    "bound_by": "remote at 16.0 A",
    "remote_limit_a": 16.0,
    "setpoints_a": [16.0, 16.0, 16.0],
    "pledged_a": [16.0, 16.0, 16.0],
    "set_aside_a": [0.0, 0.0, 0.0],
    "measured_a": None,
    "stations_measured_a": [15.7, 15.8, 15.7],
    "optimal": 0,
    "reduced": 1,
    "suspended": 0,
    "why": ["L1 of Garage: …", "L2 of Garage: …", "L3 of Garage: …"],
}
_STATION = {
    "box_identity": "CP-01",
    "name": "Garage 1",
    "registered": True,
    "family": "parking",
    "zone": "garage",
    "vip": False,
    "link": Link.CONNECTED.value,
    "verified": True,
    "vendor": "Schneider Electric",
    "model": "EVF2S22P44",
    "serial_number": "3N201840001",
    "firmware": "3.4.0.12",
    "last_seen_at": "2026-11-22T17:59:58+00:00",
    "connectors": ["CP-01/1", "CP-01/2"],
}
_CONNECTOR = {
    "id": "CP-01/1",
    "station": "CP-01",
    "number": 1,
    "zone": "garage",
    "wiring": "TRI123",
    "rating_a": 32.0,
    "status": ConnectorStatus.CHARGING.value,
    "setpoint_a": 16.0,
    "measured_a": [15.7, 15.8, 15.7],
    "transaction": 473,
    "why": "16 A: its fair share of 16 A on L1 (remote at 16.0 A) in zone Garage",
}
_TRANSACTION = {
    "id": 473,
    "connector": "CP-01/1",
    "station": "CP-01",
    "id_tag": "04A1B037C",
    "vip": False,
    "started_at": "2026-11-22T16:58:00+00:00",
    "stopped_at": None,
    "energy_wh": 9123.0,
    "stop_reason": None,
}
_METER = {
    "id": "main-meter",
    "name": "Main meter",
    "role": "zone",
    "model": "pm5320",
    "zone": "main",
    "state": "connected",
    "amps": [118.2, 107.4, 127.9],
    "power_w": 81300.0,
    "energy_wh": 1204500.0,
    "read_at": "2026-11-22T17:59:59+00:00",
}
_CARD = {
    "id_tag": "04A1B037C",
    "authorised": True,
    "vip": False,
    "comment": "Reception",
    "zones": None,
    "registered_at": "2026-03-02T07:00:00+00:00",
    "last_seen_at": "2026-11-22T16:58:00+00:00",
}


@resources_pages.get("/api/v1/site")
@access(Access.READ)
@call(Call("Site", resources.Site, _SITE, conditional="If-None-Match"))
def the_site() -> Response:
    """The site: its name, and how much there is of everything."""
    return versioned(resources.plain(resources.site_of(site().snapshot())))


@resources_pages.get("/api/v1/zones")
@access(Access.READ)
@call(
    _lists(
        "Zones",
        resources.Zone,
        _A_ZONE,
        Parameter("parent", "Only those right below this zone.", {"type": "string"}, "main"),
        Parameter("mode", "Only those of this kind.", {"enum": list(_MODES)}, "static"),
    )
)
def zones() -> Response:
    """The zones, each with its limits and sums, parents before children."""
    snapshot = site().snapshot()
    query = Query(parent=choice(snapshot.zones), mode=choice(_MODES))
    found = [
        zone
        for zone in snapshot.zones.values()
        if query["parent"] in (None, zone.parent) and query["mode"] in (None, _MODES[zone.dynamic])
    ]
    return _listed(found, query.page, lambda zone: resources.zone_of(snapshot, zone))


@resources_pages.get("/api/v1/zones/<zone_id>")
@access(Access.READ)
@call(_one("Zones", resources.Zone, _A_ZONE))
def zone(zone_id: str) -> Response:
    """One zone."""
    snapshot = site().snapshot()
    return _told(resources.zone_of(snapshot, _known(snapshot.zones.get(ZoneId(zone_id)), "zone", zone_id)))


@resources_pages.get("/api/v1/stations")
@access(Access.READ)
@call(
    _lists(
        "Stations",
        resources.Station,
        _STATION,
        _ZONE,
        Parameter(
            "link", "Only those in this state.", {"enum": [str(link.value) for link in Link]}, "connected"
        ),
        Parameter(
            "registered", "Only those that are part of the site, or aren't.", {"type": "boolean"}, True
        ),
    )
)
def stations() -> Response:
    """The stations, those that were only detected among them."""
    snapshot = site().snapshot()
    query = Query(zone=choice(snapshot.zones), link=choice(str(link.value) for link in Link), registered=flag)
    found = [
        station
        for station in _in_zone(snapshot, query["zone"])
        if query["link"] in (None, station.link.value) and query["registered"] in (None, station.registered)
    ]
    return _listed(found, query.page, resources.station_of)


@resources_pages.get("/api/v1/stations/<identity>")
@access(Access.READ)
@call(_one("Stations", resources.Station, _STATION))
def station(identity: str) -> Response:
    """One station."""
    found = site().snapshot().stations.get(BoxIdentity(identity))
    return _told(resources.station_of(_known(found, "station", identity)))


@resources_pages.get("/api/v1/connectors")
@access(Access.READ)
@call(
    _lists(
        "Connectors",
        resources.Connector,
        _CONNECTOR,
        _ZONE,
        Parameter("station", "Only those of this station.", {"type": "string"}, "CP-01"),
        Parameter(
            "status",
            "Only those in this state.",
            {"enum": [str(one.value) for one in ConnectorStatus]},
            "Charging",
        ),
        Parameter("in_use", "Only those with a transaction, or without one.", {"type": "boolean"}, True),
    )
)
def connectors() -> Response:
    """The outlets of all stations, each with its setpoint and why it has it."""
    snapshot = site().snapshot()
    query = Query(
        zone=choice(snapshot.zones),
        station=choice(snapshot.stations),
        status=choice(str(one.value) for one in ConnectorStatus),
        in_use=flag,
    )
    found = [
        (station, connector)
        for station in _in_zone(snapshot, query["zone"])
        for connector in station.connectors
        if query["station"] in (None, station.box_identity)
        and query["status"] in (None, connector.status.value)
        and query["in_use"] in (None, connector.transaction is not None)
    ]
    return _listed(found, query.page, lambda each: resources.connector_of(snapshot, *each))


@resources_pages.get("/api/v1/connectors/<identity>/<int:number>")
@access(Access.READ)
@call(_one("Connectors", resources.Connector, _CONNECTOR))
def connector(identity: str, number: int) -> Response:
    """One outlet."""
    snapshot = site().snapshot()
    owner = _known(snapshot.stations.get(BoxIdentity(identity)), "station", identity)
    found = next((one for one in owner.connectors if one.key.number == number), None)
    return _told(resources.connector_of(snapshot, owner, _known(found, "connector", f"{identity}/{number}")))


@resources_pages.get("/api/v1/transactions")
@access(Access.READ)
@call(
    _lists(
        "Transactions",
        resources.Transaction,
        _TRANSACTION,
        Parameter("running", "Only those that still run.", {"enum": ["true"]}, "true"),
        Parameter(
            "since",
            "Only those begun then or later.",
            {"type": "string", "format": "date-time"},
            "2026-11-01T00:00:00Z",
        ),
        Parameter(
            "before",
            "Only those begun before.",
            {"type": "string", "format": "date-time"},
            "2026-12-01T00:00:00Z",
        ),
    )
)
def transactions() -> Response:
    """The charging sessions, newest first. For a stable paging give `before`."""
    query = Query(running=choice(("true",)), since=moment, before=moment)
    page = query.page
    wanted = ListSessions(
        running_only=query["running"] is not None,
        started_from=query["since"],
        started_before=query["before"],
        limit=page.limit + 1,
        offset=page.offset,
    )
    found = site().sessions(wanted)
    return page_of(
        [resources.plain(resources.transaction_of(record)) for record in found[: page.limit]],
        page,
        more=len(found) > page.limit,
    )


@resources_pages.get("/api/v1/transactions/<int:number>")
@access(Access.READ)
@call(_one("Transactions", resources.Transaction, _TRANSACTION))
def transaction(number: int) -> Response:
    """One charging session, running or over."""
    found = site().session(number) if number < 2**63 else None
    return _told(resources.transaction_of(_known(found, "transaction", str(number))))


@resources_pages.get("/api/v1/meters")
@access(Access.READ)
@call(
    _lists(
        "Meters",
        resources.Meter,
        _METER,
        Parameter("zone", "Only those of this zone.", {"type": "string"}, "main"),
        Parameter("role", "Only those of this kind.", {"enum": list(_ROLES)}, "zone"),
    )
)
def meters() -> Response:
    """The power meters with their newest readings."""
    snapshot = site().snapshot()
    query = Query(zone=choice(snapshot.zones), role=choice(_ROLES))
    found = [
        meter
        for meter in snapshot.meters.values()
        if query["zone"] in (None, meter.zone) and query["role"] in (None, meter.role)
    ]
    return _listed(found, query.page, resources.meter_of)


@resources_pages.get("/api/v1/meters/<meter_id>")
@access(Access.READ)
@call(_one("Meters", resources.Meter, _METER))
def meter(meter_id: str) -> Response:
    """One power meter."""
    found = site().snapshot().meters.get(MeterId(meter_id))
    return _told(resources.meter_of(_known(found, "meter", meter_id)))


@resources_pages.get("/api/v1/cards")
@access(Access.READ)
@call(
    _lists(
        "Cards",
        resources.Card,
        _CARD,
        Parameter("text", "Only those with this text in IdTag or comment.", {"type": "string"}, "Reception"),
        Parameter("zone", "Only those that open this zone.", {"type": "string"}, "garage"),
        Parameter("vip", "Only VIP cards, or only others.", {"type": "boolean"}, True),
        Parameter("authorised", "Only authorised cards, or only others.", {"type": "boolean"}, True),
    )
)
def cards() -> Response:
    """The RFID cards, by IdTag."""
    query = Query(text=text, zone=choice(site().snapshot().zones), vip=flag, authorised=flag)
    page = query.page
    wanted = ListCards(
        limit=page.limit + 1,
        offset=page.offset,
        text=query["text"] or "",
        zone=query["zone"],
        vip=query["vip"],
        authorised=query["authorised"],
    )
    answer = site().ask("recorder", wanted)
    if not isinstance(answer, list | tuple):
        raise NoAnswerError("recorder")
    found = [record for record in answer if isinstance(record, CardRecord)]
    return page_of(
        [resources.plain(resources.card_of(record)) for record in found[: page.limit]],
        page,
        more=len(found) > page.limit,
    )


@resources_pages.get("/api/v1/cards/<id_tag>")
@access(Access.READ)
@call(_one("Cards", resources.Card, _CARD))
def card(id_tag: str) -> Response:
    """One card; small and capital letters are the same."""
    answer = site().ask("recorder", FindCard(id_tag))
    if answer is not None and not isinstance(answer, CardRecord):
        raise NoAnswerError("recorder")
    return _told(resources.card_of(_known(answer, "card", id_tag)))


def _known(found: T | None, kind: str, name: str) -> T:
    if found is None:
        raise Problem(404, f"There is no such {kind}", f"no {kind} {name[:100]!r}")
    return found


def _told(resource: object) -> Response:
    return versioned(resources.plain(resource))


def _listed(found: Sequence[T], page: Page, tell: Callable[[T], Any]) -> Response:
    items, more = page.cut(found)
    return page_of([resources.plain(tell(item)) for item in items], page, more=more)


def _in_zone(snapshot: SiteSnapshot, zone_id: ZoneId | None) -> Iterable[StationView]:
    return snapshot.stations.values() if zone_id is None else stations_below(snapshot, zone_id)
