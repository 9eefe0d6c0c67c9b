"""Which addresses are asked in a search for stations, and what an answer to it tells (OC-5)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from ipaddress import IPv4Address, ip_network
from typing import Final

from evce.errors import EvceError

__all__ = ["MOST", "PORTS", "Found", "ScanRefusedError", "addresses", "hint_of"]

MOST: Final = 1024
"""Addresses of one scan: four sub-networks of the usual size."""

PORTS: Final = (80, 443, 8080)
"""Where stations have their own web page."""

_PRIVATE: Final = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8")
)
"""RFC 1918 and link-local; of this computer itself for a simulated site."""

_MAKERS: Final = (
    (r"evlink|schneider", "Schneider Electric"),
    (r"\babb\b|terra ac", "ABB"),
    (r"alfen", "Alfen"),
    (r"wallbox", "Wallbox"),
    (r"keba|kecontact", "KEBA"),
    (r"mennekes|amtron", "Mennekes"),
    (r"ocpp|charge ?point|charging station|\bevse\b", "?"),
)
"""Words on the web pages of stations; `?` is a station of a maker that can't be told."""

_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


class ScanRefusedError(EvceError, ValueError):
    """A range that is not scanned; `faults` tells why, by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {why}" for field, why in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class Found:
    """A device with a web page: `maker` is empty where nothing speaks for a station."""

    address: str
    ports: tuple[int, ...]
    title: str = ""
    maker: str = ""


def addresses(lowest: str, highest: str) -> tuple[str, ...]:
    """The addresses from the lowest to the highest, without those of networks (.0) and broadcasts (.255).

    Raises `ScanRefusedError` unless both are private IPv4 addresses of one network, in order, at most
    `MOST`: EVCE looks at nothing but the site.
    """
    ends: dict[str, IPv4Address] = {}
    faults: dict[str, str] = {}
    for field, text in (("lowest", lowest), ("highest", highest)):
        try:
            ends[field] = IPv4Address(text.strip())
        except ValueError:
            faults[field] = f"{text[:40]!r}: must be an IPv4 address such as 192.168.0.10"
    if faults:
        raise ScanRefusedError(faults)
    first, last = ends["lowest"], ends["highest"]
    network = next((network for network in _PRIVATE if first in network), None)
    if network is None:
        faults["lowest"] = f"{first}: must be a private address (10.x, 172.16-31.x, 192.168.x, 169.254.x)"
    elif last not in network:
        faults["highest"] = f"{last}: must be in {network}, as {first} is"
    elif last < first:
        faults["highest"] = f"{last}: must not be below {first}"
    elif int(last) - int(first) >= MOST:
        faults["highest"] = f"{last}: must be at most {first + MOST - 1}, {MOST} addresses in one scan"
    if faults:
        raise ScanRefusedError(faults)
    span = range(int(first), int(last) + 1)
    return tuple(str(IPv4Address(number)) for number in span if number % 256 not in (0, 255))


def hint_of(headers: Mapping[str, str], body: str) -> tuple[str, str]:
    """Title and maker that a web page speaks for; empty what it doesn't tell."""
    found = _TITLE.search(body)
    title = " ".join(unescape(found[1]).split())[:80] if found else ""
    title = "".join(letter for letter in title if letter.isprintable())
    told = " ".join((title, headers.get("server", ""), headers.get("www-authenticate", ""), body[:4000]))
    maker = next((maker for words, maker in _MAKERS if re.search(words, told, re.IGNORECASE)), "")
    return title, maker
