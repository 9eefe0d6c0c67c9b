"""The capacity references: how many stations, zones and levels a site may have, and which features."""

from dataclasses import dataclass
from typing import Final

__all__ = ["OPEN", "REFERENCES", "Reference"]


@dataclass(frozen=True, slots=True)
class Reference:
    """None: no limit. `zones` counts sub-zones as well, `levels` from the root down (LIC-1)."""

    name: str
    stations: int | None = None
    zones: int | None = None
    levels: int | None = None
    dynamic: bool = True
    tariff_and_inputs: bool = True
    other_loads: bool = True
    vip: bool = True


OPEN: Final = Reference("open")
"""What counts without a licence: everything, no limit."""

REFERENCES: Final = {
    one.name: one
    for one in (
        Reference("ESS", 15, 1, 1, dynamic=False, tariff_and_inputs=False, other_loads=False, vip=False),
        Reference("ESM", 50, 10, 3, dynamic=False),
        Reference("EDB", 5, 2, 2, tariff_and_inputs=False, other_loads=False, vip=False),
        Reference("EDS", 15, 2, 2, other_loads=False, vip=False),
        Reference("EDM", 50, 10, 3),
        Reference("EDL", 100, 20, 3),
    )
}
"""Those that a licence may name (guide 1.1.1.3)."""
