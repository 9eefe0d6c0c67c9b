"""The unique identifier of this EVCE, by which a licence names it: its MAC address."""

from pathlib import Path

__all__ = ["unique_identifier"]

_INTERFACES = Path("/sys/class/net")


def unique_identifier(interfaces: Path = _INTERFACES) -> str:
    """Return the address of the first interface that is hardware, else of the first that has one.

    Empty on a machine without a network: nothing can be told there, and no licence can be for it.
    """
    found = []
    for interface in interfaces.glob("*"):
        try:
            address = (interface / "address").read_text().strip().lower()
            index = int((interface / "ifindex").read_text())
        except (OSError, ValueError):
            continue
        if len(address) == 17 and address.strip("0:"):
            # A bridge or a container's pair has no device behind it, and may get another address each time.
            found.append((not (interface / "device").exists(), index, address))
    return min(found)[2] if found else ""
