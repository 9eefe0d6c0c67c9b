"""The timeline of a session, and which outlets had sessions when."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request

from actors.messages import ListEvents, ListSessions, SessionRecord
from evce.units import BoxIdentity, ConnectorKey, ZoneId
from evce.views import SiteSnapshot
from web.api_calls import Call, call
from web.figures import stations_below
from web.formatting import midnight, short_day, zone_info
from web.languages import gettext
from web.rendering import event_log, site, still_page
from web.security import Access, access
from web.timeline import Timeline, plain, timeline_of

__all__ = ["Bar", "Row", "rows_of", "timeline_pages"]

SPANS = (1, 7, 30)
"""Days that the timeline of many outlets shows; the first unless asked otherwise."""

_LOG_LOOKED_AT = 2000
_SESSIONS_AT_MOST = 5000
_LONGEST = timedelta(days=7)
"""A session that began longer before the time shown is shown only while it runs."""
_HIGHEST_ID = 2**63 - 1

timeline_pages = Blueprint("timeline", __name__)


@dataclass(frozen=True, slots=True)
class Bar:
    """A session on the picture: where it stands and how long it is, in percent of the time shown."""

    session: SessionRecord
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """An outlet with its sessions, oldest first."""

    connector: ConnectorKey
    name: str
    bars: tuple[Bar, ...]


@timeline_pages.get("/sessions/<int:transaction>")
@access(Access.USER)
def page(transaction: int) -> Response:
    """One session: what it was allowed, what it drew, what bound it, and its key moments."""
    snapshot = site().snapshot()
    found = _timeline(transaction, snapshot)
    return still_page(
        "timeline.html", snapshot, "sessions", timeline=found, station=_station_known(snapshot, found.session)
    )


@timeline_pages.get("/sessions/<int:transaction>/news")
@access(Access.USER)
def news(transaction: int) -> Response:
    """What has become of a session that runs: the words beside the plot."""
    snapshot = site().snapshot()
    return _part("parts/timeline_body.html", snapshot, _timeline(transaction, snapshot))


@timeline_pages.get("/sessions/<int:transaction>/band")
@access(Access.USER)
def band(transaction: int) -> Response:
    """The states of a session as one band, for the page of its station."""
    snapshot = site().snapshot()
    return _part("parts/timeline_band.html", snapshot, _timeline(transaction, snapshot))


@timeline_pages.get("/api/v1/sessions/<int:transaction>/timeline")
@access(Access.USER)
@call(
    Call(
        "Transactions",
        {"type": "object"},
        {"transaction": 473, "station": "CP-01", "connector": 1, "stretches": [], "moments": []},
        refusals={404: "There is no such session."},
    )
)
def for_programs(transaction: int) -> Response:
    """The course of a session: its states, moments and reasons; times in UTC, currents in A per phase."""
    return jsonify(plain(_timeline(transaction, site().snapshot())))


@timeline_pages.get("/sessions/timeline")
@access(Access.USER)
def overview() -> Response:
    """Which outlets had sessions when: of the site, a `zone` or a `station`, `days` up to a `last` day."""
    snapshot = site().snapshot()
    zone = zone_info(snapshot.time_zone)
    today = snapshot.taken_at.astimezone(zone).date()
    days, last = _days(), _last_day(today)
    begin, end = midnight(last - timedelta(days=days - 1), zone), midnight(last + timedelta(days=1), zone)
    connectors, scope = _outlets(snapshot)
    sessions = _sessions_between(begin, end)
    query = {key: request.args[key] for key in ("zone", "station") if request.args.get(key)}
    rows = rows_of(connectors, sessions, begin, end, snapshot.taken_at)
    return still_page(
        "outlets_timeline.html",
        snapshot,
        "sessions",
        rows=rows,
        count=sum(len(row.bars) for row in rows),
        days=days,
        spans=SPANS,
        query=query,
        scope=scope,
        first_day=last - timedelta(days=days - 1),
        last_day=last,
        earlier=last - timedelta(days=days),
        later=min(last + timedelta(days=days), today) if last < today else None,
        ticks=_ticks(begin, end, days, zone),
    )


def rows_of(
    connectors: dict[ConnectorKey, str],
    sessions: list[SessionRecord],
    begin: datetime,
    end: datetime,
    now: datetime,
) -> list[Row]:
    """A row for each outlet (with its name), and on it the sessions that reach into the time shown."""
    whole = (end - begin).total_seconds()
    bars: dict[ConnectorKey, list[Bar]] = {}
    for session in sorted(sessions, key=lambda one: one.started_at):
        first, last = max(session.started_at, begin), min(session.stopped_at or now, end)
        if session.connector in connectors and last >= first:
            left = 100.0 * (first - begin).total_seconds() / whole
            width = 100.0 * (last - first).total_seconds() / whole
            bars.setdefault(session.connector, []).append(Bar(session, round(left, 3), round(width, 3)))
    return [Row(key, name, tuple(bars.get(key, ()))) for key, name in connectors.items()]


def _timeline(transaction: int, snapshot: SiteSnapshot) -> Timeline:
    session = site().session(transaction) if transaction <= _HIGHEST_ID else None
    if session is None:
        abort(404)
    log = event_log(ListEvents(limit=_LOG_LOOKED_AT, devices=(session.connector.station,)))
    return timeline_of(session, site().course(transaction), log, snapshot.taken_at)


def _part(template: str, snapshot: SiteSnapshot, timeline: Timeline) -> Response:
    return make_response(
        render_template(template, timeline=timeline, now=snapshot.taken_at, tz=snapshot.time_zone)
    )


def _station_known(snapshot: SiteSnapshot, session: SessionRecord) -> bool:
    """Whether the station is still on the site."""
    return session.connector.station in snapshot.stations


def _sessions_between(begin: datetime, end: datetime) -> list[SessionRecord]:
    """All that may reach into the time: those that began in it or not long before, and those that run."""
    known = ListSessions(started_from=begin - _LONGEST, started_before=end, limit=_SESSIONS_AT_MOST)
    running = ListSessions(running_only=True, started_before=end, limit=_SESSIONS_AT_MOST)
    found = {one.transaction: one for one in (*site().sessions(running), *site().sessions(known))}
    return list(found.values())


def _outlets(snapshot: SiteSnapshot) -> tuple[dict[ConnectorKey, str], str]:
    """The outlets asked for, each with its station's name, and what they are together."""
    zone, station = request.args.get("zone"), request.args.get("station")
    stations = [one for one in snapshot.stations.values() if one.registered]
    scope = gettext("The whole site")
    if station:
        if station not in snapshot.stations:
            abort(404)
        stations = [snapshot.stations[BoxIdentity(station)]]
        scope = stations[0].name
    elif zone:
        if zone not in snapshot.zones:
            abort(404)
        stations = stations_below(snapshot, ZoneId(zone))
        scope = snapshot.zones[ZoneId(zone)].name
    return {connector.key: one.name for one in stations for connector in one.connectors}, scope


def _days() -> int:
    asked = request.args.get("days", str(SPANS[0]))
    if asked not in {str(span) for span in SPANS}:
        abort(400, f"days is {asked}; allowed are {', '.join(map(str, SPANS))}")
    return int(asked)


def _last_day(today: date) -> date:
    asked = request.args.get("last", "")
    if not asked:
        return today
    try:
        last = date.fromisoformat(asked)
    except ValueError:
        abort(400, f"last is {asked}; a day is written as {today.isoformat()}")
    if not date(2000, 1, 1) <= last <= today:
        abort(400, f"last is {asked}; allowed is a day from 2000-01-01 to {today.isoformat()}")
    return last


def _ticks(begin: datetime, end: datetime, days: int, zone: ZoneInfo) -> list[tuple[float, str]]:
    """Where the axis is marked, in percent, and how: every six hours of one day, else the days themselves."""
    whole = (end - begin).total_seconds()
    step = timedelta(hours=6) if days == 1 else timedelta(days=1 if days <= 7 else 5)
    first = begin.astimezone(zone).replace(tzinfo=None)
    marks = []
    moment = first
    while (there := moment.replace(tzinfo=zone).astimezone(UTC)) < end:
        label = f"{moment:%H:%M}" if days == 1 else short_day(moment.date())
        marks.append((round(100.0 * (there - begin).total_seconds() / whole, 3), label))
        moment += step
    return marks
