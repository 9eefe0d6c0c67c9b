"""The audit log: who did what and when, by person, text and period, on a page and as CSV."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, count
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, request

from actors.messages import FindUser, ListEvents, RecordEvent, UserRecord
from web.csv_lines import csv_line, iso
from web.formatting import midnight, zone_info
from web.languages import gettext
from web.pages.records import read_days, read_page
from web.rendering import site, still_page
from web.security import Access, access
from web.site import Site

__all__ = ["AuditFilter", "audit_pages"]

_AUDIT = "audit"
_PER_PAGE = 50
_CHUNK = 1000
_LONGEST = {"person": 100, "text": 100}

_EXPORTED = ("at", "person", "about", "action")
_EVENTS_EXPORTED = ("at", "device", "type", "message", "person")
"""The columns of the export; names are the same in every language."""

audit_pages = Blueprint("audit", __name__)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the reader asked for; dates are days in the site's time zone, both included."""

    person: str = ""
    text: str = ""
    first: date | None = None
    last: date | None = None
    page: int = 1

    def question(self, zone: ZoneInfo, limit: int, offset: int) -> ListEvents:
        """The question to the recorder for a stretch of the lines."""
        return ListEvents(
            limit=limit,
            type=_AUDIT,
            author=self.person,
            text=self.text,
            since=midnight(self.first, zone) if self.first is not None else None,
            before=midnight(self.last + timedelta(days=1), zone) if self.last is not None else None,
            offset=offset,
        )


@audit_pages.get("/audit")
@access(Access.ADMIN)
def audit() -> Response:
    """Fifty lines of what the filter finds, newest first."""
    snapshot = site().snapshot()
    wanted, faults = _read_filter()
    found: list[RecordEvent] = []
    if not faults:
        question = wanted.question(
            zone_info(snapshot.time_zone), _PER_PAGE + 1, (wanted.page - 1) * _PER_PAGE
        )
        found = site().event_log(question)
    return still_page(
        "audit.html",
        snapshot,
        nav="events",
        status=422 if faults else 200,
        lines=found[:_PER_PAGE],
        more=len(found) > _PER_PAGE,
        wanted=wanted,
        form=request.args,
        kept={name: request.args.get(name, "") for name in ("person", "text", "from", "to")},
        faults=faults,
        people=_people(),
    )


@audit_pages.get("/audit/export.csv")
@access(Access.ADMIN)
def export() -> Response:
    """What the filter finds, as CSV, sent while it is read."""
    snapshot = site().snapshot()
    wanted, faults = _read_filter()
    if faults:
        abort(400, " ".join(faults.values()))
    zone = zone_info(snapshot.time_zone)
    found = _stretches(lambda limit, offset: wanted.question(zone, limit, offset), site())
    return _as_file("audit.csv", _EXPORTED, found, lambda e: (iso(e.at), e.author, e.device, e.message))


@audit_pages.get("/events-log/export.csv")
@access(Access.ADMIN)
def export_events() -> Response:
    """Every line of the event log, audit lines among them, whatever the page shows of it (guide 3.15.1.1)."""
    found = _stretches(lambda limit, offset: ListEvents(limit=limit, offset=offset), site())
    return _as_file(
        "events.csv", _EVENTS_EXPORTED, found, lambda e: (iso(e.at), e.device, e.type, e.message, e.author)
    )


def _as_file(
    name: str,
    columns: Iterable[str],
    stretches: Iterator[list[RecordEvent]],
    cells: Callable[[RecordEvent], Iterable[str]],
) -> Response:
    first = next(stretches)  # a recorder that is silent is told before anything was sent
    lines = ("".join(csv_line(cells(event)) for event in stretch) for stretch in chain([first], stretches))
    answer = Response(chain([csv_line(columns)], lines), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _stretches(question: Callable[[int, int], ListEvents], source: Site) -> Iterator[list[RecordEvent]]:
    """All that is asked for, newest first; `question` is told the length of a stretch and where it begins.

    A line that is written meanwhile shifts the older ones: one may come twice, none is left out, whatever
    the clock did.
    """
    for offset in count(0, _CHUNK):
        stretch = source.event_log(question(_CHUNK, offset))
        yield stretch
        if len(stretch) < _CHUNK:
            return


def _read_filter() -> tuple[AuditFilter, dict[str, str]]:
    faults: dict[str, str] = {}
    first, last = read_days(faults)
    page = read_page(faults)
    words = {name: request.args.get(name, "").strip() for name in _LONGEST}
    for name, longest in _LONGEST.items():
        if len(words[name]) > longest:
            faults[name] = gettext("Search for at most %(most)d characters.", most=longest)
    return AuditFilter(words["person"], words["text"], first, last, page), faults


def _people() -> list[str]:
    """The logins of today; whoever is gone can be searched for by typing the name."""
    users = site().ask("recorder", FindUser())
    return (
        sorted(user.login for user in users if isinstance(user, UserRecord))
        if isinstance(users, list)
        else []
    )
