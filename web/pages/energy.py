"""The page of the energy charged by day: of the whole site, a zone, or a station."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, Response, abort, jsonify, request

from actors.messages import DailyEnergy, ListDailyEnergy
from evce.units import BoxIdentity, WattHours, ZoneId
from evce.views import SiteSnapshot
from web.api_calls import Call, Parameter, call
from web.figures import stations_below
from web.formatting import midnight, zone_info
from web.languages import gettext
from web.rendering import site, still_page
from web.security import Access, access

__all__ = ["Bar", "Chart", "chart_of", "energy_pages"]

SPANS = (30, 90, 365)
"""Days that can be looked at; the first unless asked otherwise."""

_STEPS = (1.0, 2.0, 5.0)

energy_pages = Blueprint("energy", __name__)


@dataclass(frozen=True, slots=True)
class Bar:
    """One day: energy in Wh, how many sessions began, and where its bar stands, in percent of the chart."""

    day: date
    energy: WattHours
    sessions: int
    left: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Chart:
    """The days in order; `top` is the energy at the upper edge, in Wh."""

    bars: tuple[Bar, ...]
    top: WattHours
    total: WattHours
    sessions: int


def chart_of(days: Iterable[DailyEnergy], first: date, last: date) -> Chart:
    """Lay the days from `first` to `last` side by side; a day without a session is an empty place."""
    known = {entry.day: entry for entry in days}
    count = (last - first).days + 1
    top = 1000.0 * _round_up(max((entry.energy for entry in known.values()), default=0.0) / 1000.0)
    bars = []
    for place in range(count):
        day = first + timedelta(days=place)
        entry = known.get(day, DailyEnergy(day, 0.0, 0))
        left, width = round(100.0 * place / count, 3), round(80.0 / count, 3)
        bars.append(Bar(day, entry.energy, entry.sessions, left, width, round(100.0 * entry.energy / top, 2)))
    return Chart(tuple(bars), top, sum(bar.energy for bar in bars), sum(bar.sessions for bar in bars))


@energy_pages.get("/energy")
@access(Access.USER)
def page() -> Response:
    """`zone` or `station` narrows it down, `days` is one of 30, 90, 365."""
    snapshot = site().snapshot()
    days, chosen, name = _days(), _stations(snapshot), _name(snapshot)
    chart = _chart(snapshot, days, chosen)
    query = {key: request.args[key] for key in ("zone", "station") if request.args.get(key)}
    return still_page(
        "energy.html", snapshot, "sessions", chart=chart, days=days, spans=SPANS, scope=name, query=query
    )


@energy_pages.get("/api/v1/energy")
@access(Access.USER)
@call(
    Call(
        "Transactions",
        {"type": "object"},
        {"days": [{"day": "2026-11-22", "kwh": 41.2, "sessions": 6}], "total_kwh": 41.2},
        query=(
            Parameter("days", "How far back.", {"enum": list(SPANS)}, SPANS[0]),
            Parameter("zone", "Of this zone alone.", {"type": "string"}, "garage"),
            Parameter("station", "Of this station alone.", {"type": "string"}, "CP-01"),
        ),
        refusals={400: "Another number of days.", 404: "There is no such zone or station."},
    )
)
def by_day() -> Response:
    """The energy charged by day of the site's time zone, and how many sessions began on it."""
    snapshot = site().snapshot()
    chart = _chart(snapshot, _days(), _stations(snapshot))
    days = [
        {"day": bar.day.isoformat(), "kwh": round(bar.energy / 1000.0, 3), "sessions": bar.sessions}
        for bar in chart.bars
    ]
    return jsonify(days=days, total_kwh=round(chart.total / 1000.0, 3))


def _chart(snapshot: SiteSnapshot, days: int, stations: tuple[BoxIdentity, ...] | None) -> Chart:
    zone = zone_info(snapshot.time_zone)
    last = snapshot.taken_at.astimezone(zone).date()
    first = last - timedelta(days=days - 1)
    question = ListDailyEnergy(midnight(first, zone), str(zone), stations)
    return chart_of(site().daily_energy(question), first, last)


def _days() -> int:
    asked = request.args.get("days", str(SPANS[0]))
    if asked not in {str(span) for span in SPANS}:
        abort(400)
    return int(asked)


def _stations(snapshot: SiteSnapshot) -> tuple[BoxIdentity, ...] | None:
    zone, station = request.args.get("zone"), request.args.get("station")
    if station:
        if station not in snapshot.stations:
            abort(404)
        return (BoxIdentity(station),)
    if zone:
        if zone not in snapshot.zones:
            abort(404)
        return tuple(found.box_identity for found in stations_below(snapshot, ZoneId(zone)))
    return None


def _name(snapshot: SiteSnapshot) -> str:
    zone, station = request.args.get("zone"), request.args.get("station")
    if station:
        return snapshot.stations[BoxIdentity(station)].name
    return snapshot.zones[ZoneId(zone)].name if zone else gettext("The whole site")


def _round_up(kwh: float) -> float:
    """The next of 1, 2, 5, 10, 20, 50 ... kWh."""
    power = 1.0
    while True:
        for step in _STEPS:
            if kwh <= step * power:
                return step * power
        power *= 10.0
