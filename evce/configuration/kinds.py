"""The kinds of text that a setting can be: names, slugs, identities, addresses and time zones."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, Strict

from evce.configuration.reference import Allowed
from evce.configuration.refusals import RefusedTextError, suggest

__all__ = [
    "DeviceFile",
    "FileName",
    "Host",
    "Identity",
    "IpAddress",
    "Lax",
    "LicenceText",
    "ListenHost",
    "Name",
    "SlotText",
    "Slug",
    "TimeZone",
    "WebAddress",
]

Lax = Strict(False)
"""For lists and choices, which a file can't hold as tuples and members."""

RESERVED_OCTETS = (0, 254, 255)
"""Network, modem and broadcast of the usual sub-network: no device has them (MT-6, OC-4)."""


_NAME = "a text of 1 to 50 characters, without control characters or blanks at its ends"
_SLUG = "1 to 50 of a-z, 0-9 and -, beginning with a letter or digit"
_IDENTITY = "1 to 48 letters, digits or any of - _ . : = * + | @, without blanks"
_LISTEN = "an IP address of this machine, or 0.0.0.0 for all of them"
_HOST = "a host name, or an IP address that doesn't end in .0, .254 or .255"
_WEB = "an address of the web that begins with https://, at most 200 characters"
_ADDRESS = "an IP address that doesn't end in .0, .254 or .255"
_ZONE = "a time zone of the IANA database, such as Europe/Paris"

_DEVICE = "a serial line of this computer, such as /dev/ttyUSB0 or /dev/serial/by-id/…"

_LICENCE = "a licence as its vendor gave it out, beginning with EVCE1, or nothing"

_FILE = "the path of a file, from the data folder unless it begins with /"

_SLOT = "time slots such as 22:00-06:00 (00:00-00:00 is the whole day)"

_SLOT_TEXT = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")

_HOST_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")


def _name(value: str) -> str:
    if not 1 <= len(value) <= 50 or value != value.strip() or not value.isprintable():
        raise RefusedTextError(_NAME)
    return value


def _slug(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,49}", value):
        raise RefusedTextError(_SLUG, re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")[:50])
    return value


def _slot(value: str) -> str:
    if _SLOT_TEXT.fullmatch(value) is None:
        raise RefusedTextError(_SLOT)
    return value


def _identity(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:=*+|@-]{1,48}", value):
        raise RefusedTextError(_IDENTITY)
    return value


def _ip(value: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(value)
    except ValueError:
        return None


def _reserved(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    return address.version == 4 and address.packed[-1] in RESERVED_OCTETS


def _listen_host(value: str) -> str:
    if _ip(value) is None:
        raise RefusedTextError(_LISTEN)
    return value


def _host(value: str) -> str:
    address = _ip(value)
    if address is not None:
        if _reserved(address):
            raise RefusedTextError(_HOST)
        return value
    labels = value.split(".")
    # A last label of digits is a mistyped address, never a name (RFC 3696, section 2).
    if len(value) > 253 or not all(map(_HOST_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise RefusedTextError(_HOST)
    return value


def _ip_address(value: str) -> str:
    address = _ip(value)
    if address is None or _reserved(address):
        raise RefusedTextError(_ADDRESS)
    return value


def _time_zone(value: str) -> str:
    known = available_timezones()
    if value not in known:
        raise RefusedTextError(_ZONE, suggest(value, known))
    return value


def _file(value: str) -> str:
    if not 1 <= len(value) <= 300 or not value.isprintable() or value != value.strip():
        raise RefusedTextError(_FILE)
    return value


def _licence(value: str) -> str:
    if not re.fullmatch(r"(EVCE1\.[A-Za-z0-9_-]{1,1500}\.[A-Za-z0-9_-]{1,200})?", value):
        raise RefusedTextError(_LICENCE)
    return value


def _device(value: str) -> str:
    if not re.fullmatch(r"/dev(/[A-Za-z0-9_:.+-]+)+", value) or len(value) > 200 or ".." in value:
        raise RefusedTextError(_DEVICE)
    return value


def _web(value: str) -> str:
    try:
        parts = urlsplit(value)
    except ValueError:
        raise RefusedTextError(_WEB) from None
    sound = parts.scheme == "https" and parts.hostname and parts.username is None
    if not sound or len(value) > 200 or any(c.isspace() or not c.isprintable() for c in value):
        raise RefusedTextError(_WEB)
    return value


DeviceFile = Annotated[str, Allowed(_DEVICE), AfterValidator(_device)]
"""A serial line."""
LicenceText = Annotated[str, Allowed(_LICENCE), AfterValidator(_licence)]
"""A signed licence; whether its signature is good is checked with the revision."""
FileName = Annotated[str, Allowed(_FILE), AfterValidator(_file)]
"""A file on this machine."""
Name = Annotated[str, Allowed(_NAME), AfterValidator(_name)]
"""What people call a thing."""
Slug = Annotated[str, Allowed(_SLUG), AfterValidator(_slug)]
"""What the document calls a thing; it never shows to drivers."""
Identity = Annotated[str, Allowed(_IDENTITY), AfterValidator(_identity)]
"""An OCPP charge box identity, the last part of the address that a station connects to."""
ListenHost = Annotated[str, Allowed(_LISTEN), AfterValidator(_listen_host)]
WebAddress = Annotated[str, Allowed(_WEB), AfterValidator(_web)]
Host = Annotated[str, Allowed(_HOST), AfterValidator(_host)]
IpAddress = Annotated[str, Allowed(_ADDRESS), AfterValidator(_ip_address)]
SlotText = Annotated[str, Allowed(_SLOT), AfterValidator(_slot)]
"""A time slot as the clock on the wall shows it."""
TimeZone = Annotated[str, Allowed(_ZONE), AfterValidator(_time_zone)]
