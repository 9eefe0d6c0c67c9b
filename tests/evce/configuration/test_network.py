"""Tests of the section for the machine's own network."""

from typing import Any

import pytest

from evce.configuration.document import SiteDocument
from evce.configuration.hints import hints
from evce.configuration.network import NetworkMode
from evce.errors import ConfigurationError

SITE = {"site": {"name": "Yard"}}
FIXED = {"mode": "fixed"}
SERVER = {"mode": "fixed", "dhcp_server": True}


def refusals(**network: Any) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        SiteDocument.parse({**SITE, "network": network})
    return [str(refusal) for refusal in refused.value.refusals]


def test_without_a_word_the_machine_keeps_its_own_addresses() -> None:
    """NW-1: the factory values stand ready, DHCP off."""
    network = SiteDocument.parse(SITE).network
    assert network.mode is NetworkMode.HOST
    assert (network.address, network.mask, network.gateway, network.dns_1) == (
        "192.168.0.128",
        "255.255.255.0",
        "192.168.0.254",
        "8.8.8.8",
    )
    assert (network.dhcp_server, network.dhcp_first, network.dhcp_last) == (
        False,
        "192.168.0.200",
        "192.168.0.250",
    )


@pytest.mark.parametrize(
    "network",
    [
        FIXED,
        SERVER,
        {"mode": "dhcp", "interface": "enp3s0"},
        {"mode": "fixed", "address": "10.1.2.3", "mask": "255.0.0.0", "gateway": "10.0.0.1"},
        {"mode": "fixed", "address": "10.0.0.1", "mask": "255.255.255.252", "gateway": "10.0.0.2"},
        {"mode": "host", "address": "10.9.9.9"},
    ],
)
def test_sound_settings_are_taken(network: dict[str, Any]) -> None:
    """NW-1: what means nothing as the mode stands isn't compared."""
    assert SiteDocument.parse({**SITE, "network": network}).network.mode == network["mode"]


@pytest.mark.parametrize(
    ("network", "field", "allowed"),
    [
        ({"mode": "auto"}, "network.mode", "host, fixed or dhcp"),
        ({"address": "192.168.0"}, "network.address", "an IPv4 address"),
        ({"address": "127.0.0.1"}, "network.address", "an IPv4 address"),
        ({"gateway": "::1"}, "network.gateway", "an IPv4 address"),
        ({"dns_2": "224.0.0.1"}, "network.dns_2", "an IPv4 address"),
        ({"mask": "255.0.255.0"}, "network.mask", "a network mask"),
        ({"mask": "255.255.255.255"}, "network.mask", "a network mask"),
        ({"mask": "24"}, "network.mask", "a network mask"),
        ({"interface": "eth0\nDHCP=yes"}, "network.interface", "the name of a network interface"),
        ({"interface": "../x"}, "network.interface", "the name of a network interface"),
        ({"dhcp_server": True}, "network.mode", "must be fixed"),
        ({"mode": "dhcp", "dhcp_server": True}, "network.mode", "must be fixed"),
        ({**FIXED, "address": "192.168.0.0"}, "network.address", "first or the last"),
        ({**FIXED, "address": "192.168.0.255"}, "network.address", "first or the last"),
        ({**FIXED, "gateway": "192.168.1.254"}, "network.gateway", "192.168.0.0/24"),
        ({**FIXED, "gateway": "192.168.0.255"}, "network.gateway", "192.168.0.0/24"),
        ({**FIXED, "gateway": "192.168.0.128"}, "network.gateway", "differ"),
        ({**SERVER, "dhcp_last": "192.168.1.10"}, "network.dhcp_last", "192.168.0.0/24"),
        ({**SERVER, "dhcp_last": "192.168.0.254"}, "network.dhcp_last", "last two"),
        ({**SERVER, "dhcp_first": "192.168.0.0"}, "network.dhcp_first", "last two"),
        ({**SERVER, "dhcp_first": "192.168.0.251"}, "network.dhcp_last", "below dhcp_first"),
        ({**SERVER, "dhcp_first": "192.168.0.100"}, "network.address", "outside of the range"),
        ({**SERVER, "gateway": "192.168.0.201"}, "network.gateway", "outside of the range"),
    ],
)
def test_what_can_not_work_is_refused(network: dict[str, Any], field: str, allowed: str) -> None:
    """NW-1, RELIABILITY 3: field, value and what is allowed; stations never get +0, +MAX and +MAX-1."""
    [told] = refusals(**network)
    assert field in told
    assert allowed in told


def test_a_meter_in_the_range_of_the_dhcp_server_is_pointed_out() -> None:
    """NW-1: a station might get the same address."""
    meter = {"id": "main", "name": "Main", "model": "pm5320", "role": "reporting"}
    for host, told in (("192.168.0.210", 1), ("192.168.0.40", 0), ("meter.example", 0)):
        document = SiteDocument.parse({**SITE, "network": SERVER, "meters": [{**meter, "host": host}]})
        assert sum("DHCP" in str(hint) for hint in hints(document)) == told, host
