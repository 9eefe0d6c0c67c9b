"""The network settings as a unit of systemd-networkd, which has a DHCP server built in."""

from ipaddress import IPv4Address

from evce.configuration.network import NetworkMode, NetworkSettings

__all__ = ["UNIT", "networkd_unit"]

UNIT = "10-evce.network"
"""Name of the file; of all that match an interface networkd takes the first by name."""


def networkd_unit(network: NetworkSettings) -> str:
    """The text of the unit; empty where the machine's own set-up stands (systemd.network(5))."""
    if network.mode is NetworkMode.HOST:
        return ""
    lines = ["# Written by EVCE. What is changed here is lost.", "[Match]", f"Name={network.interface}", ""]
    lines.append("[Network]")
    if network.mode is NetworkMode.DHCP:
        return _text([*lines, "DHCP=ipv4"])
    servers = [f"DNS={server}" for server in (network.dns_1, network.dns_2) if server is not None]
    lines += [f"Address={network.address}/{network.prefix}", f"Gateway={network.gateway}", *servers]
    if network.dhcp_server:
        lines += ["DHCPServer=yes", "", *_dhcp_server(network, servers)]
    return _text(lines)


def _dhcp_server(network: NetworkSettings, servers: list[str]) -> list[str]:
    first, last = IPv4Address(network.dhcp_first), IPv4Address(network.dhcp_last)
    return [
        "[DHCPServer]",
        f"PoolOffset={int(first) - int(network.subnet.network_address)}",
        f"PoolSize={int(last) - int(first) + 1}",
        "EmitRouter=yes",
        f"Router={network.gateway}",
        "EmitDNS=yes",
        *servers,
    ]


def _text(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"
