"""Whether this machine passes multicast on between its own programs."""

import socket

import pytest

__all__ = ["needs_multicast"]

_GROUP, _LOOPBACK = "239.255.255.250", "127.0.0.1"


def _passes() -> bool:
    try:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hears,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as says,
        ):
            hears.bind(("", 0))
            member = socket.inet_aton(_GROUP) + socket.inet_aton(_LOOPBACK)
            hears.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
            hears.settimeout(1.0)
            says.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(_LOOPBACK))
            says.sendto(b"?", (_GROUP, hears.getsockname()[1]))
            return hears.recv(1) == b"?"
    except OSError:
        return False


needs_multicast = pytest.mark.skipif(not _passes(), reason="no multicast on the loopback interface")
