"""Tests of the unit of systemd-networkd."""

from typing import Any

import pytest

from evce.configuration.network import NetworkSettings
from evce.network.networkd import networkd_unit


def unit(**settings: Any) -> list[str]:
    return networkd_unit(NetworkSettings.model_validate(settings)).splitlines()


def test_the_machines_own_set_up_needs_no_unit() -> None:
    """NW-1."""
    assert unit() == []


def test_an_address_from_a_dhcp_server() -> None:
    """NW-1."""
    assert unit(mode="dhcp", interface="enp3s0")[1:] == [
        "[Match]",
        "Name=enp3s0",
        "",
        "[Network]",
        "DHCP=ipv4",
    ]


def test_a_fixed_address_with_its_gateway_and_both_dns_servers() -> None:
    """NW-1."""
    assert unit(mode="fixed", dns_2="9.9.9.9")[4:] == [
        "[Network]",
        "Address=192.168.0.128/24",
        "Gateway=192.168.0.254",
        "DNS=8.8.8.8",
        "DNS=9.9.9.9",
    ]


@pytest.mark.parametrize(
    ("settings", "pool"),
    [
        ({}, ("PoolOffset=200", "PoolSize=51")),
        ({"dhcp_first": "192.168.0.200", "dhcp_last": "192.168.0.200"}, ("PoolOffset=200", "PoolSize=1")),
        (
            {"mask": "255.255.254.0", "dhcp_first": "192.168.1.10", "dhcp_last": "192.168.1.19"},
            ("PoolOffset=266", "PoolSize=10"),
        ),
    ],
)
def test_the_dhcp_server_hands_the_gateway_of_evce_to_stations(
    settings: dict[str, str], pool: tuple[str, str]
) -> None:
    """NW-1: the pool counts from the start of the sub-network."""
    lines = unit(mode="fixed", dhcp_server=True, **settings)
    assert "DHCPServer=yes" in lines
    server = lines[lines.index("[DHCPServer]") :]
    assert server[1:] == [*pool, "EmitRouter=yes", "Router=192.168.0.254", "EmitDNS=yes", "DNS=8.8.8.8"]
