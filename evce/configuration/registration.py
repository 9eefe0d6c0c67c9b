"""What a station that has introduced itself is registered as, until a person says otherwise (OC-2, OC-4)."""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from typing import Any

from pydantic import TypeAdapter, ValidationError

from evce.configuration.defaults import family_defaults
from evce.configuration.document import SiteDocument
from evce.configuration.kinds import IpAddress, Name
from evce.electrical import Family
from evce.units import BoxIdentity
from evce.views import StationView

__all__ = ["detected", "family_of", "proposed"]

_FAMILIES: tuple[tuple[str, Family], ...] = (
    (r"PRO ?AC ?METAL|EVB4", Family.PRO_AC_METAL),
    (r"PRO ?AC|EVB3", Family.PRO_AC),
    (r"SMART ?WALLBOX|EVB1", Family.SMART_WALLBOX),
    (r"PARKING|EVF|EVW", Family.PARKING),
    (r"\bCITY\b|EVC1", Family.CITY),
    (r"\bDC ?24|\bDC\b.*\b24 ?KW|EVD1", Family.DC_24),
)
"""Words and commercial references in the models of EVlink stations, the more special ones first (EL-5)."""

_MAKERS = ("SCHNEIDER", "EVLINK")

_NAME: TypeAdapter[str] = TypeAdapter(Name)
_ADDRESS: TypeAdapter[str] = TypeAdapter(IpAddress)


def family_of(vendor: str, model: str) -> Family:
    """The family that vendor and model of a BootNotification speak for; generic where they tell none.

    Only EVlink stations are guessed: a family promises a degraded mode and sockets.
    """
    if not any(maker in f"{vendor} {model}".upper() for maker in _MAKERS):
        return Family.GENERIC
    told = re.sub(r"[\s_-]+", " ", model).upper()
    return next((family for pattern, family in _FAMILIES if re.search(pattern, told)), Family.GENERIC)


def detected(document: SiteDocument, stations: Iterable[StationView]) -> list[StationView]:
    """Those that called and aren't registered, by their identity."""
    known = {station.box_identity.casefold() for station in document.stations}
    waiting = [view for view in stations if not view.registered and view.box_identity.casefold() not in known]
    return sorted(waiting, key=lambda view: view.box_identity)


def proposed(document: SiteDocument, views: Iterable[StationView]) -> dict[BoxIdentity, dict[str, Any]]:
    """A plain station of the document for each, with one outlet for three phases and no zone.

    Name, serial number and address are taken over where they are valid and nobody else has them.
    """
    names = {station.name.casefold() for station in document.stations}
    addresses = {station.address for station in document.stations}
    made: dict[BoxIdentity, dict[str, Any]] = {}
    waiting = list(views)
    called_from = [view.address for view in waiting]
    for view in waiting:
        family = family_of(view.vendor, view.model)
        usual = family_defaults(family)
        station: dict[str, Any] = {
            "box_identity": str(view.box_identity),
            "family": str(family),
            "connectors": [
                {
                    "wiring": "TRI123",
                    "rating_a": usual.rating,
                    "sockets": [str(socket) for socket in usual.sockets],
                }
            ],
        }
        name = str(view.box_identity)[:50]
        if name.casefold() not in names:
            names.add(name.casefold())
            station["name"] = name
        if _valid(_NAME, view.serial_number):
            station["serial_number"] = view.serial_number
        # Behind a router, or on this computer, several stations share one address: it is nobody's own.
        own = called_from.count(view.address) == 1 and view.address not in addresses
        if own and _valid(_ADDRESS, view.address) and not ip_address(view.address).is_loopback:
            station["address"] = view.address
        made[view.box_identity] = station
    return made


def _valid(kind: TypeAdapter[str], value: str) -> bool:
    try:
        kind.validate_python(value)
    except ValidationError:
        return False
    return True
