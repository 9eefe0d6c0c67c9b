"""What programs read: the snapshot as JSON, the points of a zone's plot, and whether the site answers."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from flask import Blueprint, Response, abort, jsonify, request

from actors.messages import ZoneHistoryPoint
from evce.units import ConnectorKey, ZoneId
from web.api_calls import Call, call
from web.figures import why, why_phases
from web.rendering import site
from web.security import Access, access
from web.site import NoAnswerError

__all__ = ["api_pages", "as_json"]

_RANGES = {"24h": timedelta(hours=24), "7d": timedelta(days=7)}

api_pages = Blueprint("api", __name__)


def as_json(value: object) -> Any:
    """Views as plain JSON: field names as they are, connectors as `CP-01/1`, times as ISO 8601 UTC."""
    match value:
        case ConnectorKey():
            return str(value)
        case Enum():
            return value.value
        case datetime():
            return value.astimezone(UTC).isoformat()
        case Mapping():
            return {str(as_json(key)): as_json(item) for key, item in value.items()}
        case list() | tuple():
            return [as_json(item) for item in value]
        case None | bool() | int() | float() | str():
            return value
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"{type(value).__name__} has no JSON form")


@api_pages.get("/api/v1/snapshot")
@access(Access.USER)
@call(
    Call(
        "Site",
        {"type": "object"},
        {"version": 1, "site_name": "Harbour car park", "zones": {}, "stations": {}},
    )
)
def snapshot() -> Response:
    """Everything, each connector and phase with the same `why` as on the pages."""
    newest = site().snapshot()
    plain = as_json(newest)
    for zone in newest.zones.values():
        plain["zones"][zone.id]["why"] = list(why_phases(zone))
    for station in newest.stations.values():
        zone_of = None if station.zone is None else newest.zones.get(station.zone)
        for place, connector in enumerate(station.connectors):
            plain["stations"][station.box_identity]["connectors"][place]["why"] = why(zone_of, connector)
    return jsonify(plain)


@api_pages.get("/zones/<zone_id>/history.json")
@access(Access.USER)
def zone_history(zone_id: str) -> Response:
    """The plot's points: `range` 1h (from memory; `since` for what is newer), 24h or 7d."""
    newest = site().snapshot()
    zone = newest.zones.get(ZoneId(zone_id))
    if zone is None:
        abort(404)
    wanted = request.args.get("range", "1h")
    if wanted == "1h":
        points = site().trail(zone.id, _since())
    elif wanted in _RANGES:
        points = site().zone_history(zone.id, newest.taken_at - _RANGES[wanted])
    else:
        abort(400)
    return jsonify(maximum=zone.maximum, dynamic=zone.dynamic, **_columns(points))


@api_pages.get("/healthz")
@access(Access.PUBLIC)
def health() -> tuple[Response, int]:
    """Whether the view answers; for watchdogs and load balancers, without a login and without details."""
    try:
        site().snapshot()
    except NoAnswerError:
        return jsonify(status="no answer"), 503
    return jsonify(status="ok"), 200


def _since() -> datetime | None:
    text = request.args.get("since", "")
    if not text:
        return None
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        abort(400)


def _columns(points: list[ZoneHistoryPoint]) -> dict[str, object]:
    """uPlot wants columns: times in s, then per phase what was measured, granted, and the limit, in A."""
    return {
        "t": [round(point.at.timestamp(), 3) for point in points],
        "measured": [
            [None if point.measured is None else round(point.measured[phase], 2) for point in points]
            for phase in range(3)
        ],
        "setpoints": [[round(point.setpoints[phase], 2) for point in points] for phase in range(3)],
        "limit": [round(min(point.limit), 2) for point in points],
    }
