"""The section of a site document for the machine's own network, and what its settings can't be together."""

import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from evce.configuration.kinds import Lax
from evce.configuration.reference import Allowed
from evce.configuration.refusals import RefusedTextError

__all__ = ["NetworkMode", "NetworkSettings", "network_conflicts"]

_IPV4 = "an IPv4 address such as 192.168.0.128"
_MASK = "a network mask such as 255.255.255.0, from 255.0.0.0 to 255.255.255.252"
_INTERFACE = "the name of a network interface such as eth0, at most 15 characters"

_SHORTEST_PREFIX, _LONGEST_PREFIX = 8, 30


class NetworkMode(StrEnum):
    """Who says which addresses the machine has (NW-1)."""

    HOST = "host"
    FIXED = "fixed"
    DHCP = "dhcp"


def _ipv4(value: str) -> str:
    try:
        address = IPv4Address(value)
    except ValueError:
        raise RefusedTextError(_IPV4) from None
    if address.is_loopback or address.is_multicast or address.is_unspecified or address.is_reserved:
        raise RefusedTextError(_IPV4)
    return value


def _mask(value: str) -> str:
    if re.fullmatch(r"\d+(\.\d+){3}", value) is None or _prefix(value) is None:
        raise RefusedTextError(_MASK)
    return value


def _interface(value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,14}", value) is None:
        raise RefusedTextError(_INTERFACE)
    return value


def _prefix(mask: str) -> int | None:
    """The bits of a mask in use; None where it is none."""
    try:
        bits = f"{int(IPv4Address(mask)):032b}"
    except ValueError:
        return None
    length = bits.count("1")
    sound = bits == "1" * length + "0" * (32 - length)
    return length if sound and _SHORTEST_PREFIX <= length <= _LONGEST_PREFIX else None


Ipv4 = Annotated[str, Allowed(_IPV4), AfterValidator(_ipv4)]
Mask = Annotated[str, Allowed(_MASK), AfterValidator(_mask)]
Interface = Annotated[str, Allowed(_INTERFACE), AfterValidator(_interface)]


class NetworkSettings(BaseModel):
    """The addresses of the machine that EVCE runs on; the factory values are those of the reference guide."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    mode: Annotated[NetworkMode, Lax] = Field(
        default=NetworkMode.HOST,
        description="host: as the machine itself is set up, EVCE changes nothing; fixed: the address below; "
        "dhcp: from the DHCP server of the network.",
    )
    interface: Interface = Field(default="eth0", description="Network interface that this is about.")
    address: Ipv4 = Field(default="192.168.0.128", description="Address of EVCE, where it is fixed.")
    mask: Mask = Field(default="255.255.255.0", description="Mask of its sub-network.")
    gateway: Ipv4 = Field(
        default="192.168.0.254",
        description="Gateway to other networks, also handed to stations by the DHCP server.",
    )
    dns_1: Ipv4 = Field(default="8.8.8.8", description="DNS server that is asked first.")
    dns_2: Ipv4 | None = Field(default=None, description="DNS server that is asked when the first is silent.")
    dhcp_server: bool = Field(
        default=False,
        description="Whether EVCE gives stations their addresses; only with a fixed address of its own, and "
        "never beside another DHCP server on the same network.",
    )
    dhcp_first: Ipv4 = Field(
        default="192.168.0.200", description="Lowest address that the DHCP server gives."
    )
    dhcp_last: Ipv4 = Field(
        default="192.168.0.250", description="Highest address that the DHCP server gives."
    )

    @property
    def prefix(self) -> int:
        """The bits of the mask."""
        return _prefix(self.mask) or _LONGEST_PREFIX

    @property
    def subnet(self) -> IPv4Network:
        """The sub-network of the fixed address."""
        return IPv4Network(f"{self.address}/{self.prefix}", strict=False)


def network_conflicts(network: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong between the settings: the setting, and what it must be."""
    try:
        settings = NetworkSettings.model_validate(dict(network))
    except ValueError:
        return []  # told field by field
    if settings.mode is not NetworkMode.FIXED:
        return [("mode", "must be fixed for a DHCP server")] if settings.dhcp_server else []
    found = []
    subnet, own = settings.subnet, IPv4Address(settings.address)
    inside = f"must be an address of {subnet}, the sub-network of address and mask"
    if own in (subnet.network_address, subnet.broadcast_address):
        found.append(("address", f"must not be the first or the last address of {subnet}"))
    gateway = IPv4Address(settings.gateway)
    if gateway not in subnet or gateway in (subnet.network_address, subnet.broadcast_address):
        found.append(("gateway", inside))
    elif gateway == own:
        found.append(("gateway", "must differ from the address of EVCE"))
    return found + (_range_conflicts(settings, inside) if settings.dhcp_server else [])


def _range_conflicts(settings: NetworkSettings, inside: str) -> list[tuple[str, str]]:
    """Stations never get the addresses +0, +MAX and +MAX-1 of a sub-network."""
    subnet = settings.subnet
    first, last = IPv4Address(settings.dhcp_first), IPv4Address(settings.dhcp_last)
    kept = (subnet.network_address, subnet.broadcast_address, subnet.broadcast_address - 1)
    found = []
    for name, address in (("dhcp_first", first), ("dhcp_last", last)):
        if address not in subnet:
            found.append((name, inside))
        elif address in kept:
            found.append((name, f"must not be the first or one of the last two addresses of {subnet}"))
    if found:
        return found
    if last < first:
        return [("dhcp_last", "must not be below dhcp_first")]
    if first <= IPv4Address(settings.address) <= last:
        found.append(("address", "must lie outside of the range that the DHCP server gives"))
    if first <= IPv4Address(settings.gateway) <= last:
        found.append(("gateway", "must lie outside of the range that the DHCP server gives"))
    return found
