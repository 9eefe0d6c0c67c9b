"""Makes the reports of EVCE and of its stations: at its start, each day and on demand."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from actors.messages import GetActions, GetDossier, ListEvents, ListLimits, ListSessions, RecordEvent
from evce.errors import EvceError
from evce.records import LimitRecord, SessionRecord
from evce.reports import (
    Inside,
    LogLine,
    SiteRecords,
    StationRecords,
    html_page,
    site_sections,
    station_sections,
)
from evce.reports.page import moment
from evce.station_control.traffic import Dossier
from evce.units import BoxIdentity, Seconds
from evce.views import SiteSnapshot
from web.file_exchange import FileExchange
from web.report_shelf import KeptReport, ReportKind, ReportShelf
from web.revisions import RunningRevisions, document_of
from web.site import NoAnswerError, Site

__all__ = ["ZIP_MOST", "ReportMaker", "TooLargeError"]

log = logging.getLogger(__name__)

ZIP_MOST: Final = 20_000_000
"""Bytes of all reports in one zip together, before they are packed (LG-3)."""

EVERY: Final[Seconds] = 24 * 3600.0
SETTLES: Final[Seconds] = 60.0
"""From EVCE's start to the first reports: stations come back meanwhile, and a report tells more then."""

_PEAKS: Final = timedelta(days=7)
_LATELY: Final = timedelta(days=1)
_SESSIONS, _EVENTS = 20, 200
_STOP_WITHIN: Final[Seconds] = 10.0


class TooLargeError(EvceError, ValueError):
    """More reports were chosen than one zip may have."""


class ReportMaker:
    """Safe from any thread. `inside` tells what only the process knows of itself."""

    def __init__(
        self,
        version: str,
        site: Site,
        shelf: ReportShelf,
        inside: Callable[[], Inside],
        now: Callable[[], datetime],
        files: FileExchange | None = None,
    ) -> None:
        self.shelf = shelf
        self._version = version
        self._site = site
        self._revisions = RunningRevisions(site.ask, site.tell, now)
        self._inside = inside
        self._now = now
        self._files = files
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin with the periodic reports."""
        self._thread = threading.Thread(target=self._keep_on, name="report-maker", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """No more of them; one that is being made is finished or leaves nothing."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join(_STOP_WITHIN)

    # Single reports.

    def of_site(self) -> str:
        """The maintenance report of EVCE as a page. Raises `NoAnswerError`."""
        snapshot, newest, now = self._site.snapshot(), self._revisions.newest(), self._now()
        events = self._site.event_log(ListEvents(limit=5000, since=now - _LATELY, audit=False))
        limits = ListLimits(now - _PEAKS, time_zone=snapshot.time_zone)
        found = self._site.ask("recorder", limits)
        records = SiteRecords(
            newest,
            document_of(newest.document),
            tuple(one for one in found if isinstance(one, LimitRecord)) if isinstance(found, list) else (),
            Counter(one.device for one in events if one.message.startswith("connection lost")),
            Counter(one.device for one in events),
        )
        sections = site_sections(self._version, snapshot, records, self._inside())
        return html_page(f"EVCE maintenance report: {snapshot.site_name}", f"Made {moment(now)}", sections)

    def of_station(self, station: BoxIdentity) -> str:
        """The report of a station as a page; who doesn't answer is left out.

        Raises `NoAnswerError` when nobody tells of the site, LookupError for a station that isn't shown.
        """
        snapshot, now = self._site.snapshot(), self._now()
        if station not in snapshot.stations:
            raise LookupError(f"station={station!r}: know {', '.join(snapshot.stations) or 'none'}")
        records = self._records(station, snapshot)
        sections = station_sections(self._version, snapshot, station, records)
        name = snapshot.stations[station].name or station
        return html_page(f"Station report: {name}", f"{station}, made {moment(now)}", sections)

    def make(self, station: str, author: str = "") -> KeptReport:
        """Make a report on demand and keep it; `station` is empty for EVCE itself.

        Raises what `of_station` does, and `FileExchangeError` where the disk has no room.
        """
        kept = self._make(station, ReportKind.REQUESTED)
        device = station or "evce"
        line = RecordEvent(self._now(), device, "audit", f"a report of {device} was made", author)
        self._site.tell("recorder", line)
        return kept

    def make_all(self) -> int:
        """The periodic reports of EVCE and of every registered station; returns how many there are.

        One that fails doesn't keep the others from being made.
        """
        registered = [one.box_identity for one in self._site.snapshot().stations.values() if one.registered]
        made = 0
        for device in ("", *registered):
            if self._ended.is_set():
                break
            try:
                self._make(device, ReportKind.PERIODIC)
                made += 1
            except (NoAnswerError, LookupError) as error:
                log.warning("no report of %s: %s", device or "EVCE", error)
            except OSError as error:
                log.warning("reports can't be kept: %s", error)
                break
        return made

    def chosen(self, reports: Iterable[str]) -> list[KeptReport]:
        """The reports of these ids, those that are gone left out."""
        wanted = set(reports)
        return [one for one in self.shelf.kept() if one.id in wanted]

    def zipped(self, reports: Iterable[KeptReport]) -> bytes:
        """These reports as one zip. Raises `TooLargeError` above `ZIP_MOST`."""
        chosen = list(reports)
        total = sum(one.size for one in chosen)
        if total > ZIP_MOST:
            text = (
                f"{len(chosen)} reports have {total / 1e6:.1f} MB, and one zip may have {ZIP_MOST / 1e6:g} MB"
            )
            raise TooLargeError(f"{text}: choose fewer")
        content = BytesIO()
        with ZipFile(content, "w", ZIP_DEFLATED) as zipped:
            for one in chosen:
                zipped.writestr(one.name, self.shelf.read(one))
        return content.getvalue()

    # Inside.

    def _make(self, station: str, kind: ReportKind) -> KeptReport:
        html = self.of_station(BoxIdentity(station)) if station else self.of_site()
        return self.shelf.keep(station, kind, self._now(), html)

    def _records(self, station: BoxIdentity, snapshot: SiteSnapshot) -> StationRecords:
        dossier, actions, events = None, None, None
        if snapshot.stations[station].registered:
            try:
                told = self._site.ask(f"station/{station}", GetDossier())
                dossier = told if isinstance(told, Dossier) else None
                actions = self._site.ask(f"station/{station}", GetActions())
            except NoAnswerError:
                pass  # its report says so
        try:
            found = self._site.event_log(ListEvents(limit=_EVENTS, devices=(station,), audit=False))
            events = tuple(LogLine(one.at, "", one.type, one.message) for one in found)
        except NoAnswerError:
            pass
        files = () if self._files is None else self._files.kept(station)
        return StationRecords(
            document=document_of(self._revisions.newest().document),
            dossier=dossier,
            actions=actions if isinstance(actions, tuple) else None,
            sessions=self._sessions(station),
            events=events,
            files=tuple((one.name, one.size, one.received_at) for one in files),
        )

    def _sessions(self, station: BoxIdentity) -> tuple[SessionRecord, ...] | None:
        try:
            return tuple(self._site.sessions(ListSessions(limit=_SESSIONS, station=station)))
        except NoAnswerError:
            return None

    def _keep_on(self) -> None:
        pause = SETTLES
        while not self._ended.wait(pause):
            try:
                if self.make_all() == 0:
                    pause = SETTLES
                    continue
            except NoAnswerError:
                continue  # somebody is being replaced
            except Exception:
                log.exception("the reports could not be made")
            pause = EVERY
