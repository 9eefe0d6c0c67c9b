"""Tells systemd how the daemon is: ready, alive, stopping (sd_notify, without a library)."""

import os
import socket

__all__ = ["notify", "watchdog_period"]


def notify(state: str) -> bool:
    """Send one state, such as `READY=1`; False where no service manager listens.

    Source: sd_notify(3): datagrams to the socket named by NOTIFY_SOCKET, a leading @ is an abstract name.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    name = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        try:
            sock.sendto(state.encode(), name)
        except OSError:
            return False
    return True


def watchdog_period() -> float | None:
    """Return how often to send `WATCHDOG=1`, in seconds: half of WATCHDOG_USEC; None without a watchdog."""
    text = os.environ.get("WATCHDOG_USEC", "")
    return int(text) / 2_000_000 if text.isascii() and text.isdigit() and int(text) > 0 else None
