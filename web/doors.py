"""The addresses by which stations reach EVCE, as far as EVCE can tell."""

import socket
from ipaddress import ip_address

from flask import current_app, request

from web.settings import WebSettings

__all__ = ["Door", "doors", "own_address"]

_ELSEWHERE = ("192.0.2.1", 9)
"""TEST-NET-1 (RFC 5737): nothing is sent there, the way to it names this computer's address."""


class Door:
    """Where stations knock: `url` is to be set in a station, with its box identity where it asks for it."""

    def __init__(self, host: str, port: int, *, secured: bool) -> None:
        shown = f"[{host}]" if ":" in host else host
        self.url = f"{'wss' if secured else 'ws'}://{shown}:{port}/ocpp/"
        self.secured = secured
        self.here_only = _is_loopback(host)
        """No other device reaches it."""


def doors() -> tuple[Door, ...]:
    """Every open door, at the address by which the reader's browser found EVCE, or a better one."""
    settings: WebSettings = current_app.extensions["evce_settings"]
    host = _host_of(request.host)
    if _is_loopback(host):
        host = own_address() or host
    ports = ((settings.ocpp_port, False), (settings.ocpps_port, True))
    return tuple(Door(host, port, secured=secured) for port, secured in ports if port)


def own_address() -> str:
    """The address with which this computer talks to others; empty without a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(_ELSEWHERE)
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def _host_of(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0]


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
