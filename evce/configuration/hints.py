"""What is allowed in a document but rarely meant: told to people, never refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from evce.configuration.choices import MeterRole, ZoneMode
from evce.configuration.document import SiteDocument
from evce.degraded import degraded_scale
from evce.electrical import Family
from evce.units import ZoneId

__all__ = ["Hint", "hints"]


@dataclass(frozen=True, slots=True)
class Hint:
    """Something to look at; `field` is where, as people read it."""

    field: str
    text: str

    def __str__(self) -> str:
        return f"{self.field}: {self.text}"


def hints(document: SiteDocument) -> tuple[Hint, ...]:
    """Everything worth a second look, in the order of the document."""
    return tuple(hint for look in _LOOKS for hint in look(document))


def _unused_maximum(document: SiteDocument) -> Iterator[Hint]:
    """EL-2: a parent above the sum of its children; in a dynamic zone the rest is the building's."""
    for zone in document.zones:
        below = [child.maximum_a for child in document.zones if child.parent == zone.id]
        if below and zone.mode is ZoneMode.STATIC and sum(below) < zone.maximum_a:
            yield Hint(
                f"zones[{zone.id}].maximum_a",
                f"its sub-zones add up to {sum(below):g} A of {zone.maximum_a:g} A: the rest can't be used",
            )


def _empty_zones(document: SiteDocument) -> Iterator[Hint]:
    used = {zone.parent for zone in document.zones} | {station.zone for station in document.stations}
    for zone in document.zones:
        if zone.id not in used:
            yield Hint(f"zones[{zone.id}]", "holds neither sub-zones nor stations")


def _floors_that_do_not_fit(document: SiteDocument) -> Iterator[Hint]:
    """DG-1, DG-5: then a station of a static zone that loses its link falls to 0 A."""
    model, standard = document.model(), document.load_shedding.floor_standard
    for zone in document.zones:
        if zone.mode is ZoneMode.DYNAMIC or not model.stations_of[ZoneId(zone.id)]:
            continue
        share = degraded_scale(model, ZoneId(zone.id), standard)
        if share.scale == 0:
            yield Hint(
                f"zones[{zone.id}]",
                f"a station that loses its link falls to 0 A: the floors below {share.set_by} add up to "
                f"{share.floors:g} A, it has {share.available:g} A for them",
            )


def _stations(document: SiteDocument) -> Iterator[Hint]:
    maxima = {zone.id: zone.maximum_a for zone in document.zones}
    for station in document.stations:
        field = f"stations[{station.box_identity}]"
        if station.zone is None:
            yield Hint(f"{field}.zone", "without a zone the station gets 0 A")
            continue
        highest = max(connector.rating_a for connector in station.connectors)
        if highest > maxima[station.zone]:
            yield Hint(
                f"{field}.zone",
                f"its rating of {highest:g} A is above the {maxima[station.zone]:g} A of its zone",
            )
        if station.family is Family.DC_24:
            yield Hint(
                f"{field}.family",
                "has no degraded mode: lost, it counts with its last setpoint until it returns",
            )


def _meters(document: SiteDocument) -> Iterator[Hint]:
    used = {zone.meter for zone in document.zones}
    for meter in document.meters:
        if meter.role is MeterRole.ZONE and meter.id not in used:
            yield Hint(f"meters[{meter.id}].role", "no dynamic zone names this meter")


def _inputs(document: SiteDocument) -> Iterator[Hint]:
    if document.inputs.enabled and not any(channel.enabled for channel in document.inputs.channels):
        yield Hint("inputs.channels", "the inputs are enabled, but none of them")


def _two_clocks(document: SiteDocument) -> Iterator[Hint]:
    """API-4: whoever is asked second sets the time anew."""
    services = document.webservices
    if document.cpo.enabled and services.enabled and services.time_synchronisation:
        yield Hint(
            "webservices.time_synchronisation",
            "better left off where an operator is connected: its systems should have one time",
        )


def _addresses_given_twice(document: SiteDocument) -> Iterator[Hint]:
    """NW-1: a meter with a fixed address that the DHCP server may give to a station."""
    network = document.network
    if not network.dhcp_server:
        return
    for meter in document.meters:
        if meter.host and _within(meter.host, network.dhcp_first, network.dhcp_last):
            yield Hint(
                f"meters[{meter.id}].host",
                f"{meter.host} lies in the range that the DHCP server gives to stations",
            )


def _within(host: str, first: str, last: str) -> bool:
    try:
        return IPv4Address(first) <= IPv4Address(host) <= IPv4Address(last)
    except ValueError:
        return False


_LOOKS: tuple[Callable[[SiteDocument], Iterator[Hint]], ...] = (
    _unused_maximum,
    _empty_zones,
    _floors_that_do_not_fit,
    _stations,
    _meters,
    _inputs,
    _two_clocks,
    _addresses_given_twice,
)
