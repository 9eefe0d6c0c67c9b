"""The steps of the configuration assistant, and what is still open at each of them (UI-6)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from flask import session

from evce.configuration.choices import Authentication, MeterRole
from evce.configuration.document import SiteDocument
from evce.configuration.proven import proof_of
from evce.degraded import degraded_scale
from evce.facts import Link
from evce.units import BoxIdentity, MeterId, ZoneId
from evce.views import SiteSnapshot
from web.formatting import amps
from web.languages import gettext, mark, ngettext

__all__ = [
    "STEPS",
    "UNNAMED",
    "Finding",
    "Standing",
    "Step",
    "assisted",
    "begun",
    "findings",
    "next_address",
    "seen",
    "standings",
    "step_at",
    "turn",
    "way",
]

UNNAMED = "New site"
"""What a site is called that nobody has named yet."""

_ON = "assistant"
_SEEN = "assistant-seen"
_NAMED = 4

_UNKNOWN_OUTLET = "unknown_connector"
_AWAY = "disconnected"
"""Told of the stations already."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: the page that it is made of, and those that belong to it."""

    name: str
    title: str
    address: str
    intro: str
    pages: tuple[str, ...] = ()
    form: bool = False
    """Whether the page is one form, which the way to the next step saves."""

    def holds(self, path: str) -> bool:
        """Whether a page belongs to this step."""
        return any(path == page or path.startswith(f"{page}/") for page in (self.address, *self.pages))


STEPS = (
    Step("credentials", mark("Credentials"), "/assistant/credentials", ""),
    Step(
        "site",
        mark("Name and network"),
        "/configuration/section/site",
        mark("Name the site, choose its time zone, and note the address that the stations need."),
        ("/configuration/section/ocpp", "/configuration/section/web"),
        form=True,
    ),
    Step(
        "stations",
        mark("Stations"),
        "/configuration/stations",
        mark(
            "Set the address of EVCE in each station: it appears here by itself, to be registered. Or enter "
            "stations by hand before they are there."
        ),
    ),
    Step(
        "meters",
        mark("Meters"),
        "/configuration/meters",
        mark(
            "Only where cars get what the building leaves: enter the meter that reads the feeder, and try "
            "it. Without one go on. Solar plants follow after the zones, since each feeds one."
        ),
        ("/configuration/meter_models",),
    ),
    Step(
        "zones",
        mark("Zones"),
        "/configuration/zones",
        mark("Begin with the main switchboard, then add what it feeds, down to where the stations hang."),
    ),
    Step("assignment", mark("Assignment"), "/configuration/assignment", "", form=True),
    Step(
        "supervision",
        mark("Remote supervision"),
        "/configuration/section/cpo",
        mark("Only where an operator elsewhere looks after the stations. Without one go on."),
        form=True,
    ),
    Step("shedding", mark("Load shedding"), "/configuration/section/load_shedding", "", form=True),
    Step("authentication", mark("Authentication"), "/configuration/section/authentication", "", form=True),
    Step("cards", mark("Cards"), "/cards", mark("Enter the cards of the drivers, or import a list.")),
    Step("summary", mark("Summary"), "/assistant/summary", ""),
)
"""In the order of the guide's assistant (2.2 to 2.11)."""


def step_at(path: str) -> Step | None:
    """The step that a page belongs to."""
    return next((step for step in STEPS if step.holds(path)), None)


def assisted() -> bool:
    """Whether this browser is on its way through the assistant."""
    return bool(session.get(_ON))


def turn(on: bool) -> None:
    """Enter the assistant with this browser, or leave it."""
    if on:
        session[_ON] = True
    else:
        session.pop(_ON, None)
        session.pop(_SEEN, None)


def seen(step: Step) -> int:
    """How far this browser has come, the place of a step in `STEPS`; `step` is the one that it looks at."""
    furthest = max(int(session.get(_SEEN, 0)), STEPS.index(step))
    if furthest != session.get(_SEEN):
        session[_SEEN] = furthest
    return furthest


def begun(document: SiteDocument) -> bool:
    """Whether anything of the site has been described yet."""
    return bool(document.zones or document.stations or document.meters)


def way(document: SiteDocument) -> list[Step]:
    """The steps that this site needs."""
    return [step for step in STEPS if step.name != "cards" or _asks_for_cards(document)]


def next_address(path: str, document: SiteDocument) -> str:
    """Where the assistant goes on after a page."""
    steps, here = way(document), step_at(path)
    place = STEPS.index(here) if here is not None else 0
    return next((step.address for step in steps if STEPS.index(step) > place), STEPS[-1].address)


def _asks_for_cards(document: SiteDocument) -> bool:
    """Whether EVCE decides by a list of cards; with an operator the step is skipped (guide 2.11)."""
    modes = [document.authentication_of(BoxIdentity(station.box_identity)) for station in document.stations]
    return not document.cpo.enabled and Authentication.KNOWN_CARDS in (
        modes or [document.authentication.mode]
    )


class Standing(StrEnum):
    """How something stands: good; worth a look; or in the way of charging."""

    GOOD = "success"
    LOOK = "warning"
    OPEN = "danger"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the summary; `step` is the one that mends it, `address` the page where."""

    step: str
    standing: Standing
    text: str
    address: str


def standings(found: Iterable[Finding]) -> dict[str, Standing]:
    """How each step stands of which something was found: as the gravest of it."""
    order = tuple(Standing)
    worst: dict[str, Standing] = {}
    for one in found:
        worst[one.step] = max(worst.get(one.step, one.standing), one.standing, key=order.index)
    return worst


def findings(document: SiteDocument, snapshot: SiteSnapshot, cards: bool) -> tuple[Finding, ...]:
    """Everything to know before the site is handed over, in the order of the steps.

    `cards` is whether any authorised card is there.
    """
    return (
        *_site(document),
        *_stations(document, snapshot),
        *_meters(document, snapshot),
        *_zones(document),
        *_assignment(document),
        *_supervision(document, snapshot),
        *_shedding(document),
        *_cards(document, cards),
        *_alarms(snapshot),
    )


def _found(step: str, standing: Standing, text: str, address: str = "") -> Finding:
    return Finding(step, standing, text, address or next(one.address for one in STEPS if one.name == step))


def _site(document: SiteDocument) -> Iterator[Finding]:
    if document.site.name == UNNAMED:
        yield _found("site", Standing.OPEN, gettext("The site has no name of its own yet."))
    else:
        text = gettext("The site is called “%(name)s”, its clock is that of %(zone)s.", **_clock(document))
        yield _found("site", Standing.GOOD, text)


def _clock(document: SiteDocument) -> dict[str, str]:
    return {"name": document.site.name, "zone": document.site.time_zone}


def _stations(document: SiteDocument, snapshot: SiteSnapshot) -> Iterator[Finding]:
    away = [
        station.name
        for station in document.stations
        if (view := snapshot.stations.get(BoxIdentity(station.box_identity))) is None
        or view.link is not Link.CONNECTED
    ]
    waiting = [str(view.box_identity) for view in snapshot.stations.values() if not view.registered]
    if not document.stations:
        yield _found("stations", Standing.OPEN, gettext("No station is registered."))
    elif away:
        text = gettext(
            "Not connected: %(stations)s. Set the address of EVCE there, and see that the box identity is "
            "the one entered here.",
            stations=_some(away),
        )
        yield _found("stations", Standing.OPEN, text)
    else:
        yield _found("stations", Standing.GOOD, gettext("Every station is connected."))
    if waiting:
        text = gettext(
            "Detected, but not registered: %(stations)s. They get no energy.", stations=_some(waiting)
        )
        yield _found("stations", Standing.LOOK, text)


def _meters(document: SiteDocument, snapshot: SiteSnapshot) -> Iterator[Finding]:
    for meter in document.meters:
        view = snapshot.meters.get(MeterId(meter.id))
        if view is None or view.state != "connected":
            text = gettext("The meter “%(name)s” can't be read: try it on its page.", name=meter.name)
            address = f"/configuration/meters/edit?name={meter.id}"
            standing = Standing.LOOK if meter.role is MeterRole.REPORTING else Standing.OPEN
            yield _found("meters", standing, text, address)
        elif meter.role is MeterRole.ZONE and all(zone.meter != meter.id for zone in document.zones):
            text = gettext("The meter “%(name)s” is read, but no dynamic zone uses it.", name=meter.name)
            yield _found("meters", Standing.LOOK, text, "/configuration/zones")
        else:
            text = gettext("The meter “%(name)s” is read.", name=meter.name)
            yield _found("meters", Standing.GOOD, text)
    if not document.meters:
        yield _found("meters", Standing.GOOD, gettext("No meter: every zone has a fixed limit."))


def _zones(document: SiteDocument) -> Iterator[Finding]:
    if not document.zones:
        yield _found("zones", Standing.OPEN, gettext("There is no zone: nothing limits what cars may take."))
    for proof in proof_of(document).zones:
        zone = document.zone(ZoneId(proof.zone))
        address = f"/configuration/zones/edit?name={zone.id}"
        values = {"name": zone.name, "maximum": amps(zone.maximum_a)}
        if proof.failures:
            text = gettext(
                "The fuse of “%(name)s” need not hold its %(maximum)s A once communication is lost.", **values
            )
            yield _found("zones", Standing.OPEN, text, address)
        elif proof.undeclared:
            text = gettext(
                "“%(name)s”, %(maximum)s A: say the most that its building draws, so that EVCE can show "
                "that the fuse holds while communication is lost.",
                **values,
            )
            yield _found("zones", Standing.LOOK, text, address)
        else:
            text = gettext(
                "The fuse of “%(name)s”, %(maximum)s A, holds whatever communication is lost.", **values
            )
            yield _found("zones", Standing.GOOD, text, address)


def _assignment(document: SiteDocument) -> Iterator[Finding]:
    loose = [station.name for station in document.stations if station.zone is None]
    if loose:
        text = gettext("Without a zone, so at 0 A: %(stations)s.", stations=_some(loose))
        yield _found("assignment", Standing.OPEN, text)
    elif document.stations:
        yield _found("assignment", Standing.GOOD, gettext("Every station has its zone."))


def _supervision(document: SiteDocument, snapshot: SiteSnapshot) -> Iterator[Finding]:
    if not document.cpo.enabled:
        yield _found(
            "supervision", Standing.GOOD, gettext("No remote operator: EVCE decides who may charge.")
        )
        return
    away = [str(view.station) for view in snapshot.uplinks.values() if view.state != "online"]
    if away or not snapshot.uplinks:
        text = gettext("The operator's system can't be reached for: %(stations)s.", stations=_some(away))
        yield _found("supervision", Standing.LOOK, text)
    else:
        yield _found("supervision", Standing.GOOD, gettext("The operator's system is connected."))


def _shedding(document: SiteDocument) -> Iterator[Finding]:
    model, standard = document.model(), document.load_shedding.floor_standard
    short = [
        zone.name
        for zone in document.zones
        if zone.mode == "static"
        and model.stations_of[ZoneId(zone.id)]
        and degraded_scale(model, ZoneId(zone.id), standard).scale == 0
    ]
    if short:
        text = gettext(
            "The cars of %(zones)s pause while their station is lost: not all of them would get their least "
            "current.",
            zones=_some(short),
        )
        yield _found("shedding", Standing.LOOK, text)
    else:
        text = gettext("Cars are slowed down or paused when there isn't enough for all.")
        yield _found("shedding", Standing.GOOD, text)


def _cards(document: SiteDocument, cards: int) -> Iterator[Finding]:
    if not _asks_for_cards(document):
        if not document.cpo.enabled:
            yield _found("authentication", Standing.GOOD, gettext("Drivers need no card that is known here."))
        return
    yield _found("authentication", Standing.GOOD, gettext("Drivers need a card that is known here."))
    if cards:
        yield _found("cards", Standing.GOOD, gettext("There are authorised cards."))
    else:
        text = gettext("Only known cards may charge, and there is none: nobody can charge.")
        yield _found("cards", Standing.OPEN, text)


def _alarms(snapshot: SiteSnapshot) -> Iterator[Finding]:
    """What stands and isn't told above."""
    for alarm in snapshot.alarms:
        if alarm.code == _UNKNOWN_OUTLET:
            station = alarm.source.rpartition("/")[0]
            text = gettext(
                "The station speaks of an outlet %(outlet)s that it was registered without: add it.",
                outlet=alarm.source,
            )
            yield _found(
                "stations", Standing.LOOK, text, f"/configuration/stations/edit?name={quote(station)}"
            )
    others = sum(alarm.code not in (_UNKNOWN_OUTLET, _AWAY) for alarm in snapshot.alarms)
    if others:
        text = ngettext("One alarm is active.", "%(num)d alarms are active.", others)
        yield _found("summary", Standing.LOOK, text, "/alarms")


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    more = " " + gettext("and %(count)d more", count=rest) if rest > 0 else ""
    return ", ".join(names[:_NAMED]) + more
