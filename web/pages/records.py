"""The pages of records: all charging sessions, and the event log."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import chain, count
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, request

from actors.messages import ListCards, ListEvents, ListSessions, SessionRecord
from evce.units import ZoneId
from evce.views import SiteSnapshot
from web.figures import stations_below, subtree
from web.formatting import midnight, zone_info
from web.languages import gettext
from web.rendering import document_in_force, event_log, site, still_page
from web.security import Access, access, reader
from web.session_export import SessionExport
from web.site import Site

__all__ = ["SessionFilter", "read_days", "read_page", "records_pages"]

_PER_PAGE = 50
_CHUNK = 500
_LOOKED_AT = 20_000
_CARDS = 100_000
"""More than any site has."""
_EVENTS_STEPS = (200, 500, 1000)
_AUDIT = "audit"
_EVENT_TYPES = ("system", "transaction", "alarm", _AUDIT, "configuration")

records_pages = Blueprint("records", __name__)


@dataclass(frozen=True, slots=True)
class SessionFilter:
    """What the reader asked for; dates are days in the site's time zone, both included."""

    text: str = ""
    running: bool = False
    first: date | None = None
    last: date | None = None
    page: int = 1

    def question(self, zone: ZoneInfo, limit: int, offset: int) -> ListSessions:
        """The question to the recorder for a stretch of the sessions."""
        return ListSessions(
            running_only=self.running,
            started_from=midnight(self.first, zone) if self.first is not None else None,
            started_before=midnight(self.last + timedelta(days=1), zone) if self.last is not None else None,
            limit=limit,
            offset=offset,
        )

    def matches(self, session: SessionRecord) -> bool:
        """Whether the text is in the station's name or identity, the badge or the number."""
        wanted = self.text.casefold()
        return any(
            wanted in field.casefold()
            for field in (
                session.station_name,
                session.connector.station,
                session.id_tag,
                str(session.transaction),
            )
        )


@records_pages.get("/sessions")
@access(Access.USER)
def sessions() -> Response:
    snapshot = site().snapshot()
    wanted, faults = _read_filter()
    found: list[SessionRecord] = []
    more = False
    if not faults:
        found, more = _find(wanted, zone_info(snapshot.time_zone))
    return still_page(
        "sessions.html",
        snapshot,
        nav="sessions",
        status=422 if faults else 200,
        sessions=found,
        more=more,
        wanted=wanted,
        form=request.args,
        faults=faults,
        total=sum(s.energy for s in found),
    )


@records_pages.get("/sessions/export.csv")
@access(Access.USER)
def export() -> Response:
    """What the filter finds, as CSV, sent while it is read: a site's years need no memory (CDR-2)."""
    snapshot = site().snapshot()
    wanted, faults = _read_filter()
    if faults:
        abort(400, " ".join(faults.values()))
    found = _stretches(wanted, zone_info(snapshot.time_zone), snapshot.taken_at, site())
    first = next(found)  # a recorder that is silent is told before anything was sent
    comments = {card.id_tag: card.comment for card in site().cards(ListCards(_CARDS)) if card.comment}
    columns = SessionExport.of(document_in_force(), comments)
    answer = Response(_lines(columns, chain([first], found), snapshot.taken_at), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="sessions.csv"'
    return answer


def _stretches(
    wanted: SessionFilter, zone: ZoneInfo, now: datetime, source: Site
) -> Iterator[list[SessionRecord]]:
    """All that the filter finds, newest first; what begins after `now` would shift it, and is left out."""
    for offset in count(0, _CHUNK):
        question = wanted.question(zone, _CHUNK, offset)
        latest = now + timedelta(seconds=1)
        before = latest if question.started_before is None else min(latest, question.started_before)
        stretch = source.sessions(replace(question, started_before=before))
        yield [session for session in stretch if wanted.matches(session)]
        if len(stretch) < _CHUNK:
            return


def _lines(export: SessionExport, stretches: Iterable[list[SessionRecord]], now: datetime) -> Iterator[str]:
    yield export.head()
    for stretch in stretches:
        yield export.lines(stretch, now)


@records_pages.get("/events-log")
@access(Access.USER)
def events() -> Response:
    """The newest lines; those of the type *audit* only for whoever may open the audit log."""
    snapshot = site().snapshot()
    readable = [one for one in _EVENT_TYPES if one != _AUDIT or reader().is_admin]
    device, kind = request.args.get("device", "").strip(), request.args.get("type", "").strip()
    try:
        limit = int(request.args.get("limit", _EVENTS_STEPS[0]))
    except ValueError:
        limit = _EVENTS_STEPS[0]
    limit = min(max(limit, 1), _EVENTS_STEPS[-1])
    if kind == _AUDIT and kind not in readable:
        abort(403)
    zone = request.args.get("zone", "").strip()
    devices = tuple(_devices_in(snapshot, ZoneId(zone))) if zone else ()
    if device:
        devices = (device,) if device in devices or not zone else ()
    asked = devices or not (device or zone)
    found = event_log(ListEvents(limit=limit, devices=devices, type=kind or None)) if asked else []
    types = dict.fromkeys((*readable, *(event.type for event in found), *([kind] if kind else [])))
    return still_page(
        "event_log.html",
        snapshot,
        nav="events",
        events=found,
        device=device,
        zone=zone,
        zones=[(one.id, one.name) for one in snapshot.zones.values()],
        kind=kind,
        types=list(types),
        limit=limit,
        next_limit=next((step for step in _EVENTS_STEPS if step > limit), None),
        devices=_devices(snapshot.stations, snapshot.meters, snapshot.zones),
    )


def _devices_in(snapshot: SiteSnapshot, zone: ZoneId) -> Iterator[str]:
    """Whoever the log names for this zone and those below it; a zone that was removed, itself."""
    below = set(subtree(snapshot, zone))
    yield from sorted(below)
    yield from (one.box_identity for one in stations_below(snapshot, zone))
    yield from (one.id for one in snapshot.meters.values() if one.zone in below)


def _find(wanted: SessionFilter, zone: ZoneInfo) -> tuple[list[SessionRecord], bool]:
    """One page, and whether another follows. Text is looked for here, in stretches, newest first."""
    first = (wanted.page - 1) * _PER_PAGE
    if not wanted.text:
        found = site().sessions(wanted.question(zone, _PER_PAGE + 1, first))
        return found[:_PER_PAGE], len(found) > _PER_PAGE
    matching: list[SessionRecord] = []
    for offset in range(0, _LOOKED_AT, _CHUNK):
        stretch = site().sessions(wanted.question(zone, _CHUNK, offset))
        matching += [session for session in stretch if wanted.matches(session)]
        if len(stretch) < _CHUNK or len(matching) > first + _PER_PAGE:
            break
    return matching[first : first + _PER_PAGE], len(matching) > first + _PER_PAGE


def _read_filter() -> tuple[SessionFilter, dict[str, str]]:
    faults: dict[str, str] = {}
    first, last = read_days(faults)
    page = read_page(faults)
    search = request.args.get("text", "").strip()
    if len(search) > 50:
        faults["text"] = gettext("Search for at most 50 characters.")
    running = request.args.get("running") == "1"
    return SessionFilter(search, running, first, last, page), faults


def read_days(faults: dict[str, str]) -> tuple[date | None, date | None]:
    """The first and the last day of the period that the address names; what is wrong goes to `faults`."""
    first, last = _read_day("from", faults), _read_day("to", faults)
    if first is not None and last is not None and last < first:
        faults["to"] = gettext("The last day is before the first.")
    return first, last


def read_page(faults: dict[str, str]) -> int:
    """The number of the page that the address names; what is wrong goes to `faults`."""
    text = request.args.get("page", "1")
    if text.isdecimal() and 1 <= int(text[:9]) <= 1_000_000:
        return int(text)
    faults["page"] = gettext("“%(page)s” is not a page number.", page=text[:20])
    return 1


def _read_day(name: str, faults: dict[str, str]) -> date | None:
    text = request.args.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2199:
        faults[name] = gettext("“%(day)s” is not a day between 2000 and 2199.", day=text[:20])
        return None
    return day


def _devices(*parts: Iterable[str]) -> list[str]:
    return [str(name) for part in parts for name in part]
