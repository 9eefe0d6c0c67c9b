"""`evce check`: everything that is wrong with a site file at once, or what the site looks like."""

from collections.abc import Iterator
from pathlib import Path

import click

from evce.configuration.choices import ZoneMode
from evce.configuration.document import SiteDocument
from evce.configuration.hints import hints
from evce.configuration.proven import proof_of
from evce.configuration.sections import ConnectorSettings, StationSettings, ZoneSettings
from evce.degraded import degraded_currents
from evce.units import Amps, BoxIdentity, ConnectorKey
from tools.commands.proof_lines import proof_lines
from tools.commands.site_file import SITE_FILE, load_site
from tools.commands.survivable_step import REACTION, largest_step
from tools.referee.breakers import standard_for

__all__ = ["check", "summary"]


@click.command()
@click.argument("site", type=SITE_FILE, metavar="SITE.toml")
def check(site: Path) -> None:
    """Check a site file: all mistakes at once, or a summary of the site and hints.

    Ends with exit code 1 also where a fuse doesn't hold once communication is lost.
    """
    document = load_site(site)
    click.echo(f"{site}: no mistakes")
    for line in summary(document):
        click.echo(line)
    if failures := proof_of(document).failures:
        zones = ", ".join(dict.fromkeys(case.zone for case in failures))
        raise click.ClickException(f"the fuse of {zones} does not hold when communication is lost; see above")


def summary(document: SiteDocument) -> Iterator[str]:
    """The site in lines: the tree of zones, what hangs on it, and what deserves a second look."""
    fallbacks = degraded_currents(document.model(), document.load_shedding.floor_standard)
    yield ""
    yield f"{document.site.name} ({document.site.time_zone})"
    for zone in document.zones:
        if zone.parent is None:
            yield from _tree(document, zone, "", "", fallbacks)
    homeless = [station for station in document.stations if station.zone is None]
    if homeless:
        yield "without a zone (0 A)"
        yield from _stations(homeless, "", fallbacks)
    yield from _meters(document)
    yield from _steps(document)
    yield from _proof(document)
    connectors = sum(len(station.connectors) for station in document.stations)
    yield ""
    yield (
        f"{_count(len(document.zones), 'zone')}, {_count(len(document.stations), 'station')}, "
        f"{_count(connectors, 'connector')}, {_count(len(document.meters), 'meter')}"
    )
    if found := hints(document):
        yield ""
        yield "Worth a second look"
        yield from (f"  {hint}" for hint in found)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _tree(
    document: SiteDocument,
    zone: ZoneSettings,
    branch: str,
    below: str,
    fallbacks: dict[ConnectorKey, Amps],
) -> Iterator[str]:
    """A zone and everything under it; `branch` is drawn before it, `below` before what it holds."""
    yield f"{branch}{zone.name} [{zone.id}]  {_limit(zone)}"
    children = [child for child in document.zones if child.parent == zone.id]
    for child in children:
        last = child is children[-1]
        yield from _tree(
            document,
            child,
            below + ("└── " if last else "├── "),
            below + ("    " if last else "│   "),
            fallbacks,
        )
    yield from _stations(
        [station for station in document.stations if station.zone == zone.id], below, fallbacks
    )


def _limit(zone: ZoneSettings) -> str:
    if zone.mode is ZoneMode.STATIC:
        return f"{zone.maximum_a:g} A"
    return (
        f"{zone.maximum_a:g} A dynamic, meter {zone.meter}, {zone.degraded_setpoint_a:g} A while it is lost"
    )


def _stations(
    stations: list[StationSettings], below: str, fallbacks: dict[ConnectorKey, Amps]
) -> Iterator[str]:
    for station in stations:
        identity = BoxIdentity(station.box_identity)
        vip = ", VIP" if station.vip else ""
        yield f"{below}· {identity}  {station.name} ({station.family}{vip})"
        for number, connector in enumerate(station.connectors, start=1):
            lost = _lost(fallbacks.get(ConnectorKey(identity, number)))
            yield f"{below}    {number}: {_outlet(connector)}, {lost}"


def _outlet(connector: ConnectorSettings) -> str:
    return f"{connector.wiring} {connector.rating_a:g} A {'/'.join(connector.sockets)}"


def _lost(fallback: Amps | None) -> str:
    return "keeps its last setpoint when lost" if fallback is None else f"{fallback:g} A when lost"


def _steps(document: SiteDocument) -> Iterator[str]:
    """What no controller can save a feeder from: a larger step needs margin in the zone's maximum."""
    dynamic = [zone for zone in document.zones if zone.mode is ZoneMode.DYNAMIC]
    if dynamic:
        yield ""
        yield f"Largest building step that a hot breaker survives until cars give way ({REACTION:g} s)"
    for zone in dynamic:
        standard = standard_for(zone.maximum_a)
        step = largest_step(zone.maximum_a, standard)
        yield f"  {zone.id}  {step:g} A per phase (breaker after {standard})"


def _proof(document: SiteDocument) -> Iterator[str]:
    """Whatever stations, meters and controller are lost together (DG-6)."""
    if document.zones:
        yield ""
        yield "The fuses, whatever communication is lost"
        yield from proof_lines(document)


def _meters(document: SiteDocument) -> Iterator[str]:
    if document.meters:
        yield ""
        yield "Meters"
    for meter in document.meters:
        zone = f" of {meter.zone}" if meter.zone else ""
        yield (
            f"  {meter.id}  {meter.name}: {meter.role}{zone}, {meter.model}, "
            f"{meter.endpoint.of_unit(meter.unit)} every {meter.poll_ms} ms"
        )
