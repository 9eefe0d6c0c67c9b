"""Tells systemd how the daemon is: ready, alive, stopping (sd_notify, without a library)."""

import os
import socket
import time

from evce.units import Seconds

__all__ = ["notify", "notify_ready", "notify_restarting", "watchdog_period"]

_RESTARTS_WITHIN: Seconds = 300.0
"""A new beginning within the process may take so long: an update may have tables to change."""


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


def notify_ready() -> None:
    """Everything runs, from now on as closely watched as the service manager wants."""
    usec = _watchdog_usec()
    notify("READY=1" if usec is None else f"READY=1\nWATCHDOG_USEC={usec}")


def notify_restarting() -> None:
    """It begins anew in the same process; who says that it stops is killed after a while.

    Source: sd_notify(3), RELOADING=1 and WATCHDOG_USEC=.
    """
    patience = "" if _watchdog_usec() is None else f"\nWATCHDOG_USEC={_RESTARTS_WITHIN * 1e6:.0f}"
    notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}{patience}")


def watchdog_period() -> float | None:
    """Return how often to send `WATCHDOG=1`, in seconds: half of WATCHDOG_USEC; None without a watchdog."""
    usec = _watchdog_usec()
    return None if usec is None else usec / 2_000_000


def _watchdog_usec() -> int | None:
    text = os.environ.get("WATCHDOG_USEC", "")
    return int(text) if text.isascii() and text.isdigit() and int(text) > 0 else None
