"""The page that puts stations into zones with a click each, those without a zone first (UI-7)."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, request

from evce.configuration.document import SiteDocument
from evce.configuration.sections import StationSettings, ZoneSettings
from evce.errors import Refusal
from web.assistant import assisted, next_address
from web.labels import choice_word, path_words
from web.languages import gettext
from web.pages.proposing import configuration_page, in_force, propose
from web.security import Access, access
from web.sentences import told

__all__ = ["assignment_pages", "terminal_zones"]

_FEW = 8
"""Up to so many stations nobody needs to search."""

assignment_pages = Blueprint("assignment", __name__)


def terminal_zones(document: SiteDocument) -> list[ZoneSettings]:
    """The zones that can hold stations: those without sub-zones."""
    parents = {zone.parent for zone in document.zones}
    return [zone for zone in document.zones if zone.id not in parents]


@assignment_pages.get("/configuration/assignment")
@access(Access.ADMIN)
def assignment() -> Response:
    record, document = in_force()
    return _page(document, record.number, request.args.get("zone", ""), None, ())


@assignment_pages.post("/configuration/assignment")
@access(Access.ADMIN)
def assign() -> Response:
    """The ticked stations hang on the zone, those listed and not ticked on none."""
    zone = request.form.get("zone", "")
    ticked, listed = set(request.form.getlist("station")), set(request.form.getlist("listed"))

    def edit(plain: dict[str, Any]) -> None:
        if all(known["id"] != zone for known in plain["zones"]):
            raise LookupError(zone)
        for station in plain["stations"]:
            if station["box_identity"] in ticked:
                station["zone"] = zone
            elif station["zone"] == zone and station["box_identity"] in listed:
                station["zone"] = None

    back = f"/configuration/assignment?zone={zone}" if zone.isprintable() else "/configuration/assignment"
    if assisted() and request.form.get("ahead"):
        back = next_address(request.path, in_force()[1])
    return propose(
        edit,
        lambda document, based_on, refused: _page(document, based_on, zone, ticked, refused),
        title=gettext("Stations of %(zone)s", zone=zone),
        here="assignment",
        back=back,
        comment=f"stations of {zone}",
    )


def _matches(station: StationSettings, text: str) -> bool:
    """Whether the text is in its name, identity, address or family."""
    fields = (station.name, station.box_identity, station.address or "", choice_word(station.family))
    return any(text.casefold() in field.casefold() for field in fields)


def _page(
    document: SiteDocument,
    based_on: int,
    chosen: str,
    ticked: set[str] | None,
    refused: Sequence[Refusal],
) -> Response:
    zones = terminal_zones(document)
    zone = next((zone for zone in zones if zone.id == chosen), zones[0] if zones else None)
    if chosen and (zone is None or zone.id != chosen):
        abort(404)
    own = "" if zone is None else zone.id
    names = {known.id: known.name for known in document.zones}
    order = {"": 0, own: 1}
    wanted = request.args.get("text", "").strip()[:100]
    stations = sorted(
        (station for station in document.stations if _matches(station, wanted)),
        key=lambda s: order.get(s.zone or "", 2),
    )
    return configuration_page(
        "configuration/assignment.html",
        "assignment",
        422 if refused else 200,
        zones=[(zone, sum(station.zone == zone.id for station in document.stations)) for zone in zones],
        zone=zone,
        loose=sum(station.zone is None for station in document.stations),
        many=len(document.stations) > _FEW,
        wanted=wanted,
        stations=[
            (s, s.zone == own if ticked is None else s.box_identity in ticked, names.get(s.zone or "", ""))
            for s in stations
        ],
        based_on=based_on,
        others=[f"{path_words(refusal.field)}: {told(refusal.allowed)}" for refusal in refused],
    )
