"""The pages of reports: that of EVCE, and those of the stations, one by one or several as a zip."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from flask import Blueprint, Flask, Response, abort, current_app, flash, make_response, request

from evce.units import BoxIdentity
from evce.views import SiteSnapshot
from web.file_exchange import FileExchangeError
from web.formatting import zone_info
from web.languages import gettext
from web.pages.dashboard import station_or_404
from web.pages.proposing import configuration_page, see_other
from web.pages.records import read_days
from web.rendering import site, toast
from web.report_maker import ZIP_MOST, ReportMaker, TooLargeError
from web.report_shelf import EACH_KEPT, KeptReport, ReportKind
from web.security import Access, access, reader

__all__ = ["reports_pages", "set_up"]

_OWN = "/reports/evce"
_STATIONS = "/reports/stations"

reports_pages = Blueprint("reports", __name__)


def set_up(app: Flask) -> None:
    """Let the page of a station offer its report."""
    app.jinja_env.globals["makes_reports"] = lambda: bool(current_app.extensions.get("evce_reports"))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the reader asked for; dates are days in the site's time zone, both included."""

    device: str
    zone: str
    kind: str
    first: date | None
    last: date | None

    def finds(self, report: KeptReport, snapshot: SiteSnapshot) -> bool:
        """Whether a report fits."""
        view = snapshot.stations.get(BoxIdentity(report.station))
        zone = "" if view is None or view.zone is None else view.zone
        day = report.made_at.astimezone(zone_info(snapshot.time_zone)).date()
        return (
            self.device in ("", report.station or "evce")
            and self.zone in ("", zone)
            and self.kind in ("", report.kind)
            and (self.first is None or day >= self.first)
            and (self.last is None or day <= self.last)
        )


@reports_pages.get(_OWN)
@access(Access.ADMIN)
def own() -> Response:
    """What the report of EVCE has in it, and those that are kept."""
    kept = [one for one in _maker().shelf.kept() if not one.station]
    return configuration_page("configuration/report.html", "report", kept=kept)


@reports_pages.post(_OWN)
@access(Access.ADMIN)
def make_own() -> Response:
    """Make the report of EVCE; the browser gets it as a file."""
    try:
        return _page(_maker().make("", reader().login))
    except FileExchangeError as error:
        flash(gettext("The report can't be kept: %(why)s", why=str(error)), "danger")
        return see_other(_OWN)


@reports_pages.get(_STATIONS)
@access(Access.ADMIN)
def of_stations() -> Response:
    """LG-3: those that the filter finds, by device."""
    return _list(())


@reports_pages.post(f"{_STATIONS}/zip")
@access(Access.ADMIN)
def zipped() -> Response:
    """The chosen reports as one zip; too many are refused, and stay chosen."""
    maker = _maker()
    chosen = maker.chosen(request.form.getlist("report"))
    if not chosen:
        return _list((), gettext("Choose at least one report."))
    try:
        content = maker.zipped(chosen)
    except TooLargeError:
        fault = gettext(
            "The %(count)s chosen reports have %(size)s MB together, and one zip may have %(most)s MB: "
            "choose fewer.",
            count=len(chosen),
            size=f"{sum(one.size for one in chosen) / 1e6:.1f}",
            most=f"{ZIP_MOST / 1e6:g}",
        )
        return _list(tuple(one.id for one in chosen), fault)
    except FileNotFoundError:
        return _list((), gettext("A chosen report has just been replaced by a newer one. Choose again."))
    answer = make_response(content)
    answer.mimetype = "application/zip"
    answer.headers["Content-Disposition"] = 'attachment; filename="station-reports.zip"'
    return answer


@reports_pages.get("/reports/file/<path:report>")
@access(Access.USER)
def download(report: str) -> Response:
    """One kept report; that of EVCE itself only for administrators."""
    kept = _maker().shelf.find(report)
    if kept is None:
        abort(404)
    if not kept.station and not reader().is_admin:
        abort(403)
    return _page(kept)


@reports_pages.post("/stations/<identity>/report")
@access(Access.USER)
def request_report(identity: str) -> Response:
    """Make a report of a station now; the browser fetches it, and the list keeps it."""
    view = station_or_404(site().snapshot(), identity)
    try:
        made = _maker().make(view.box_identity, reader().login)
    except FileExchangeError as error:
        return toast("danger", gettext("Report"), str(error), 507)
    address = f"/reports/file/{quote(made.id)}"
    if "HX-Request" not in request.headers:
        return see_other(address)
    answer = make_response("", 204)
    answer.headers["HX-Redirect"] = address  # a file: the browser keeps it, and stays on its page
    return answer


def _maker() -> ReportMaker:
    found = current_app.extensions.get("evce_reports")
    if not isinstance(found, ReportMaker):
        abort(404)
    return found


def _page(report: KeptReport) -> Response:
    try:
        answer = make_response(_maker().shelf.read(report))
    except FileNotFoundError:
        abort(404)
    answer.mimetype = "text/html"
    answer.headers["Content-Disposition"] = f'attachment; filename="{report.name}"'
    return answer


def _list(chosen: tuple[str, ...], fault: str = "") -> Response:
    snapshot, faults = site().snapshot(), dict[str, str]()
    first, last = read_days(faults)
    named = {name: request.args.get(name, "").strip() for name in ("device", "zone", "kind")}
    wanted = _Wanted(**named, first=first, last=last)
    kept = _maker().shelf.kept()
    found = [] if faults else [one for one in kept if wanted.finds(one, snapshot)]
    by_device: dict[str, list[KeptReport]] = {}
    for one in found:
        by_device.setdefault(one.station, []).append(one)
    return configuration_page(
        "configuration/reports.html",
        "reports",
        422 if fault or faults else 200,
        groups=[
            (device, _name(device, snapshot), _zone(device, snapshot), reports)
            for device, reports in sorted(by_device.items(), key=lambda each: (each[0] != "", each[0]))
        ],
        devices=sorted({one.station for one in kept}),
        kinds=[(kind, _kind(kind)) for kind in ReportKind],
        kind_of=_kind,
        wanted=wanted,
        form=request.args,
        faults=faults,
        fault=fault,
        chosen=chosen,
        most=ZIP_MOST,
        each_kept=EACH_KEPT,
        nothing_kept=not kept,
    )


def _name(device: str, snapshot: SiteSnapshot) -> str:
    view = snapshot.stations.get(BoxIdentity(device))
    return "EVCE" if not device else device if view is None else view.name or device


def _zone(device: str, snapshot: SiteSnapshot) -> str:
    view = snapshot.stations.get(BoxIdentity(device))
    zone = None if view is None or view.zone is None else snapshot.zones.get(view.zone)
    return "" if zone is None else zone.name


def _kind(kind: ReportKind) -> str:
    match kind:
        case ReportKind.PERIODIC:
            return gettext("Periodic")
        case ReportKind.REQUESTED:
            return gettext("Requested")
