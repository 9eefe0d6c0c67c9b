"""What the licence of a site allows: a revision may not grow beyond it, and what is there already stays."""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from evce import vendor
from evce.configuration.choices import MeterRole, ZoneMode
from evce.configuration.document import SiteDocument
from evce.errors import ConfigurationError, Refusal
from evce.licence import OPEN, Licence, LicenceError, Reference, read_licence

__all__ = ["beyond", "check_capacity", "levels_of", "licence_of", "reference_of", "zones_left"]


def licence_of(document: SiteDocument) -> Licence | None:
    """The licence of a site; None without one, or where this release doesn't trust its signature."""
    try:
        return _read(document.site.licence, vendor.PUBLIC_KEYS) if document.site.licence else None
    except LicenceError:
        return None


@lru_cache(maxsize=8)
def _read(text: str, keys: tuple[str, ...]) -> Licence:
    """Pages ask with every look."""
    return read_licence(text, keys)


def reference_of(document: SiteDocument) -> Reference:
    """What the site may have."""
    licence = licence_of(document)
    return OPEN if licence is None else licence.reference


def zones_left(document: SiteDocument) -> int | None:
    """How many zones may still be added, None for any number (EL-8)."""
    allowed = reference_of(document).zones
    return None if allowed is None else max(0, allowed - len(document.zones))


def levels_of(document: SiteDocument) -> int:
    """How deep the tree of zones is; 1 for root zones alone."""
    parents = {zone.id: zone.parent for zone in document.zones}
    deepest = 0
    for zone in parents:
        depth, above = 1, parents[zone]
        while above is not None:
            depth, above = depth + 1, parents[above]
        deepest = max(deepest, depth)
    return deepest


def check_capacity(before: SiteDocument | None, after: SiteDocument, identifier: str = "") -> None:
    """Refuse growth beyond the licence; what `before` has may stay, so that no running site is stopped.

    A new licence must be signed, and be for the EVCE of this `identifier` (empty: whoever asks doesn't know
    it). Raises `ConfigurationError` with everything that is too much.
    """
    if refusals := (*_licence_refusals(before, after, identifier), *_growth(before, after)):
        raise ConfigurationError(refusals)


def beyond(document: SiteDocument) -> tuple[Refusal, ...]:
    """What a site has beyond its licence, though nothing is taken from it."""
    return tuple(_growth(None, document))


def _licence_refusals(before: SiteDocument | None, after: SiteDocument, identifier: str) -> Iterator[Refusal]:
    text = after.site.licence
    if not text or (before is not None and before.site.licence == text):
        return
    try:
        licence = _read(text, vendor.PUBLIC_KEYS)
    except LicenceError as error:
        yield Refusal(("site", "licence"), "site.licence", text, str(error))
        return
    if identifier and not licence.is_for(identifier):
        why = f"it is for the EVCE {licence.identifier}, and this one is {identifier}"
        yield Refusal(("site", "licence"), "site.licence", text, why)


def _growth(before: SiteDocument | None, after: SiteDocument) -> Iterator[Refusal]:
    reference = reference_of(after)
    if reference == OPEN:
        return
    for name, allowed, count in (
        ("stations", reference.stations, lambda document: len(document.stations)),
        ("zones", reference.zones, lambda document: len(document.zones)),
        ("levels of zones", reference.levels, levels_of),
    ):
        yield from _counted(name, allowed, count, reference, before, after)
    if not reference.dynamic:
        yield from _new_zones(before, after, reference)
    if not reference.other_loads:
        yield from _new_meters(before, after, reference)
    if not reference.vip:
        yield from _new_vips(before, after, reference)
    if not reference.tariff_and_inputs:
        yield from _switched_on(before, after, reference)


def _counted(
    name: str,
    allowed: int | None,
    count: Callable[[SiteDocument], int],
    reference: Reference,
    before: SiteDocument | None,
    after: SiteDocument,
) -> Iterator[Refusal]:
    had, has = 0 if before is None else count(before), count(after)
    if allowed is not None and has > max(allowed, had):
        field = "stations" if name == "stations" else "zones"
        yield Refusal((field,), name, has, f"at most {allowed} with the licence {reference.name}")


def _new_zones(before: SiteDocument | None, after: SiteDocument, reference: Reference) -> Iterator[Refusal]:
    had = {zone.id for zone in (() if before is None else before.zones) if zone.mode is ZoneMode.DYNAMIC}
    for place, zone in enumerate(after.zones):
        if zone.mode is ZoneMode.DYNAMIC and zone.id not in had:
            allowed = f"static with the licence {reference.name}: it has no dynamic zones"
            yield Refusal(("zones", place, "mode"), f"zones[{zone.id}].mode", zone.mode.value, allowed)


def _new_meters(before: SiteDocument | None, after: SiteDocument, reference: Reference) -> Iterator[Refusal]:
    meters = () if before is None else before.meters
    had = {meter.id for meter in meters if meter.role is MeterRole.REPORTING}
    for place, meter in enumerate(after.meters):
        if meter.role is MeterRole.REPORTING and meter.id not in had:
            allowed = f"not reporting with the licence {reference.name}: it has no meters of other loads"
            yield Refusal(("meters", place, "role"), f"meters[{meter.id}].role", meter.role.value, allowed)


def _new_vips(before: SiteDocument | None, after: SiteDocument, reference: Reference) -> Iterator[Refusal]:
    had = {station.box_identity for station in (() if before is None else before.stations) if station.vip}
    for place, station in enumerate(after.stations):
        if station.vip and station.box_identity not in had:
            allowed = f"off with the licence {reference.name}: it has no VIP stations"
            yield Refusal(
                ("stations", place, "vip"), f"stations[{station.box_identity}].vip", station.vip, allowed
            )


def _switched_on(before: SiteDocument | None, after: SiteDocument, reference: Reference) -> Iterator[Refusal]:
    def on(document: SiteDocument | None) -> Iterable[str]:
        if document is None:
            return ()
        return tuple(
            name
            for name, used in (("tariff", document.tariff.enabled), ("inputs", document.inputs.enabled))
            if used
        )

    for name in on(after):
        if name not in on(before):
            allowed = f"off with the licence {reference.name}: it has no times of use and no digital inputs"
            yield Refusal((name, "enabled"), f"{name}.enabled", True, allowed)
