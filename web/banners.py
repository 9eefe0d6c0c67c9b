"""What to know of the site at once, for the status bar: drills, degraded operation, inputs, times of use."""

from dataclasses import dataclass
from datetime import datetime

from evce.configuration.capacity import beyond, licence_of
from evce.configuration.document import SiteDocument
from evce.network.course import Stage
from evce.release.course import Course, Outcome
from evce.units import ZoneId
from evce.views import SiteSnapshot
from web.figures import METER_LOST
from web.languages import gettext
from web.network_shelf import Shown
from web.sentences import told

__all__ = ["Banner", "banners"]


@dataclass(frozen=True, slots=True)
class Banner:
    """One note in the status bar; `kind` colours it, `address` is the page that tells more."""

    kind: str
    drawing: str
    text: str
    address: str


def banners(
    snapshot: SiteSnapshot,
    document: SiteDocument | None,
    identifier: str = "",
    network: Shown | None = None,
    release: Course | None = None,
) -> tuple[Banner, ...]:
    """What holds at this moment, the gravest first; times of use and licence need the document in force.

    `identifier` is that of this EVCE, `network` what became of its wished addresses, `release` which of its
    releases runs.
    """
    return (
        *_drill(snapshot),
        *_degraded(snapshot),
        *_network(network, snapshot.taken_at),
        *_release(release),
        *_inputs(snapshot),
        *_licence(document, identifier),
        *_times_of_use(snapshot, document),
    )


def _drill(snapshot: SiteSnapshot) -> list[Banner]:
    drill = snapshot.drill
    if drill is None:
        return []
    left = max(round((drill.until - snapshot.taken_at).total_seconds()), 0)
    text = gettext(
        "Drill by %(who)s: %(what)s cut off, %(left)d s left", who=drill.by, what=told(drill.what), left=left
    )
    return [Banner("warn", "alert-triangle", text, "/alarms")]


def _degraded(snapshot: SiteSnapshot) -> list[Banner]:
    return [
        Banner(
            "bad",
            "alert-circle",
            gettext("Degraded: the meter of %(zone)s is lost", zone=zone.name),
            f"/zones/{zone.id}",
        )
        for zone in snapshot.zones.values()
        if zone.bound_by.startswith(METER_LOST)
    ]


def _inputs(snapshot: SiteSnapshot) -> list[Banner]:
    lost = [channel for channel in snapshot.inputs if channel.enabled and channel.board_lost]
    if lost:
        return [Banner("warn", "alert-triangle", gettext("The digital inputs can't be read"), "/")]
    return [
        Banner(
            "warn",
            "circuit-switch-open",
            gettext(
                "Input “%(name)s”: %(percent)d %% of every maximum",
                name=channel.name,
                percent=channel.percent,
            ),
            "/",
        )
        for channel in snapshot.inputs
        if channel.enabled and channel.active
    ]


def _network(network: Shown | None, now: datetime) -> list[Banner]:
    """NW-1: who sees this has reached EVCE at its new address, or learns that it has the old one."""
    address = "/configuration/section/network"
    if network is None:
        return []
    if network.waits and network.until is not None:
        left = max(round((network.until - now).total_seconds()), 0)
        text = gettext("New network settings: keep them within %(left)d s, or they are put back", left=left)
        return [Banner("warn", "alert-triangle", text, address)]
    if network.stage is Stage.PUT_BACK:
        text = gettext("Network settings were put back: nobody confirmed them")
        return [Banner("warn", "alert-triangle", text, address)]
    if network.stage is Stage.FAILED:
        return [Banner("bad", "alert-circle", gettext("Network settings could not be applied"), address)]
    return []


def _release(course: Course | None) -> list[Banner]:
    """SR-4: an update that isn't over, and one that came to nothing until somebody has read of it."""
    address = "/configuration/release"
    if course is None:
        return []
    if course.trial is not None:
        text = gettext("Release %(version)s is on trial", version=course.trial.version)
        return [Banner("info", "refresh", text, address)]
    if course.last is not None and course.last.outcome is Outcome.ROLLED_BACK:
        text = gettext("Release %(version)s did not run, and was rolled back", version=course.last.version)
        return [Banner("warn", "alert-triangle", text, address)]
    return []


def _licence(document: SiteDocument | None, identifier: str) -> list[Banner]:
    """LIC-1: a site that is beyond its licence goes on, and is told."""
    if document is None or not document.site.licence:
        return []
    licence = licence_of(document)
    if licence is None:
        text = gettext("The licence can't be read: nothing is limited")
    elif identifier and not licence.is_for(identifier):
        text = gettext("The licence is for another EVCE: %(identifier)s", identifier=licence.identifier)
    elif beyond(document):
        text = gettext("Beyond the licence %(name)s: charging goes on", name=licence.reference.name)
    else:
        return []
    return [Banner("warn", "alert-triangle", text, "/configuration/licence")]


def _times_of_use(snapshot: SiteSnapshot, document: SiteDocument | None) -> list[Banner]:
    """TOU-5: none while an input is active."""
    if document is None or any(channel.enabled and channel.active for channel in snapshot.inputs):
        return []
    tariff = document.times_of_use()
    zones: dict[tuple[str, int], list[str]] = {}
    for zone in document.zones:
        for period in tariff.active(ZoneId(zone.id), snapshot.taken_at):
            if period.percent < 100:
                zones.setdefault((period.name, period.percent), []).append(zone.name)
    return [
        Banner("info", "clock", _period_text(name, percent, named, len(document.zones)), "/")
        for (name, percent), named in zones.items()
    ]


def _period_text(name: str, percent: int, zones: list[str], of_all: int) -> str:
    if len(zones) == of_all:
        return gettext("Times of use “%(name)s”: %(percent)d %%", name=name, percent=percent)
    return gettext(
        "Times of use “%(name)s”: %(percent)d %% in %(zones)s",
        name=name,
        percent=percent,
        zones=", ".join(zones),
    )
