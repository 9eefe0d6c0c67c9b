"""The dashboard: the whole site, one zone, one station (UI-1, UI-2, UI-3)."""

from flask import Blueprint, Response, abort, make_response, render_template, request

from actors.messages import ListEvents, ListSessions
from evce.station_control.action_kinds import KINDS
from evce.units import BoxIdentity, ZoneId
from evce.views import SiteSnapshot, StationView, ZoneView
from web.action_labels import form_values
from web.figures import (
    bound_by_sentence,
    connector_lines,
    fleet,
    path_to,
    production_of,
    running_sessions,
    stations_below,
    why_phases,
)
from web.phase_bars import Bar, meter_bars, sharing_bars
from web.rendering import document_in_force, event_log, live_page, picture, site
from web.security import Access, access
from web.states import station_state

__all__ = ["dashboard_pages", "station_or_404"]

_HISTORY_SESSIONS = 10
_HISTORY_EVENTS = 12
_SESSIONS_LOOKED_AT = 1000

dashboard_pages = Blueprint("dashboard", __name__)


@dashboard_pages.get("/")
@access(Access.USER)
def overview() -> Response:
    snapshot = picture()
    roots = [zone for zone in snapshot.zones.values() if zone.parent is None]
    return live_page(
        "overview.html",
        snapshot,
        "overview",
        lambda: {
            "sessions": running_sessions(snapshot),
            "roots": [(zone, _main_bars(zone)) for zone in roots],
            "bound_by": bound_by_sentence,
            "why_phases": why_phases,
            "sharing": _sum_of_roots(snapshot),
        },
    )


@dashboard_pages.get("/zones/<zone_id>")
@access(Access.USER)
def zone(zone_id: str) -> Response:
    snapshot = picture()
    view = snapshot.zones.get(ZoneId(zone_id))
    if view is None:
        abort(404)
    stations = stations_below(snapshot, view.id)
    return live_page(
        "zone.html",
        snapshot,
        "overview",
        lambda: {
            "zone": view,
            "path": path_to(snapshot, view.id),
            "meter": snapshot.meters.get(view.meter) if view.meter is not None else None,
            "production": production_of(snapshot, view.id),
            "sharing_bars": sharing_bars(view),
            "meter_bars": meter_bars(view),
            "bound_by": bound_by_sentence(view),
            "whys": why_phases(view),
            "why_phases": why_phases,
            "children": [
                (child, sharing_bars(child)) for child in snapshot.zones.values() if child.parent == view.id
            ],
            "lines": connector_lines(snapshot, stations),
            "zone_fleet": fleet(snapshot, stations),
            "sessions": running_sessions(snapshot, stations),
            "active_inputs": [i for i in snapshot.inputs if i.enabled and i.active],
            "inputs_lost": any(i.board_lost for i in snapshot.inputs),
        },
    )


@dashboard_pages.get("/stations/<identity>")
@access(Access.USER)
def station(identity: str) -> Response:
    snapshot = picture()
    view = station_or_404(snapshot, identity)
    return live_page(
        "station.html",
        snapshot,
        "overview",
        lambda: dict(
            state=station_state(view),
            path=path_to(snapshot, view.zone),
            lines=connector_lines(snapshot, [view]),
            address=(address := _address_of(view)),
            own_page=f"http://[{address}]/" if ":" in address else f"http://{address}/",
            **form_values(view, KINDS["start"], {}, {}),
        ),
    )


def _address_of(view: StationView) -> str:
    """Where the station is: as the settings say, else where it called from."""
    stations = document_in_force().stations
    own = next((one.address for one in stations if one.box_identity == view.box_identity), None)
    return own or view.address


@dashboard_pages.get("/stations/<identity>/history")
@access(Access.USER)
def station_history(identity: str) -> Response:
    snapshot = site().snapshot()
    view = station_or_404(snapshot, identity)
    sessions = site().sessions(ListSessions(limit=_SESSIONS_LOOKED_AT))
    own = [s for s in sessions if s.connector.station == view.box_identity][:_HISTORY_SESSIONS]
    events = event_log(ListEvents(limit=_HISTORY_EVENTS, devices=(view.box_identity,)))
    return make_response(
        render_template(
            "parts/station_history.html",
            sessions=own,
            events=events,
            now=snapshot.taken_at,
            tz=snapshot.time_zone,
            station=view,
        )
    )


@dashboard_pages.get("/frame")
@access(Access.USER)
def frame() -> Response:
    """The live frame round a page of records: the status bar and the tree."""
    nav = request.args.get("nav", "")
    return live_page("frame.html", picture(), nav if nav.isidentifier() else "")


def station_or_404(snapshot: SiteSnapshot, identity: str) -> StationView:
    """The station of that box identity."""
    view = snapshot.stations.get(BoxIdentity(identity))
    if view is None:
        abort(404)
    return view


def _main_bars(zone: ZoneView) -> list[Bar]:
    """A feeder's bars on the overview: what its meter reads, or what its vehicles may draw without one."""
    return meter_bars(zone) or sharing_bars(zone)


def _sum_of_roots(snapshot: SiteSnapshot) -> tuple[int, int, int]:
    """Charges at their optimum, reduced, suspended, over all feeders."""
    roots = [zone for zone in snapshot.zones.values() if zone.parent is None]
    return (sum(z.optimal for z in roots), sum(z.reduced for z in roots), sum(z.suspended for z in roots))
