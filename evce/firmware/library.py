"""What is kept of firmware for each family, and what it means for a station that runs another version."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cmp_to_key
from typing import Final

from evce.electrical import Family
from evce.errors import EvceError
from evce.firmware.versions import older, read_version

__all__ = [
    "LOWEST_COMPATIBLE",
    "Comparison",
    "FirmwareRefusedError",
    "KeptFirmware",
    "Standing",
    "compare",
    "held_for",
    "refuse_firmware",
]

LOWEST_COMPATIBLE: Final[Mapping[Family, str]] = {
    Family.CITY: "3.3.0.0.1",
    Family.PARKING: "3.3.0.0.1",
    Family.SMART_WALLBOX: "3.3.0.0.1",
    Family.PRO_AC: "01.00.00",
    Family.PRO_AC_METAL: "01.00.00",
    Family.DC_24: "V013",
}
"""The oldest version with which a family's stations work as they should (guide 1.1.2.1, SR-5)."""


class FirmwareRefusedError(EvceError, ValueError):
    """A file can't be kept as this; `faults` tells why, by field."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {why}" for field, why in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True, slots=True)
class KeptFirmware:
    """One file. `size` in bytes; `model` empty where it is good for all models of the family."""

    id: str
    family: Family
    version: str
    model: str
    name: str
    size: int
    sha256: str
    added_at: datetime
    added_by: str


class Standing(StrEnum):
    """How a station's version stands to the newest that is kept for it."""

    CURRENT = "current"
    OLDER = "older"
    NOT_COMPARABLE = "not_comparable"
    UNKNOWN = "unknown"
    NOTHING_HELD = "nothing_held"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`held` is the newest file for the station, `lowest` what its family needs, empty where nobody says.

    `compatible` tells whether it has at least that, None where it can't be told.
    """

    standing: Standing
    held: KeptFirmware | None
    lowest: str
    compatible: bool | None


def refuse_firmware(family: str, version: str, model: str) -> dict[str, str]:
    """What is wrong with what a file is said to be, by field."""
    faults = {}
    if family not in tuple(Family):
        faults["family"] = f"{family[:30]!r} won't do: one of {', '.join(Family)}"
    if read_version(version) is None:
        faults["version"] = f"{version[:60]!r} won't do: a version such as 3.4.0.0.1, 01.02.00 or V013"
    if len(model) > 50 or not model.isprintable():
        faults["model"] = "at most 50 printable characters"
    elif family == Family.GENERIC and not model:
        faults["model"] = "missing: stations of different makers are generic, and none takes another's file"
    return faults


def held_for(kept: Iterable[KeptFirmware], family: str, model: str, version: str) -> KeptFirmware | None:
    """The newest file for a station of that family and model, of those that compare with its version."""
    fitting = [
        one for one in kept if one.family == family and one.model.casefold() in ("", model.strip().casefold())
    ]
    comparable = [one for one in fitting if older(version, one.version) is not None]
    return max(comparable or fitting, key=cmp_to_key(_by_version), default=None)


def compare(family: str, model: str, version: str, kept: Iterable[KeptFirmware]) -> Comparison:
    """How a station with this version stands. What can't be told is never taken for an older one."""
    held = held_for(kept, family, model, version)
    lowest = LOWEST_COMPATIBLE.get(Family(family), "") if family in tuple(Family) else ""
    below = older(version, lowest)
    compatible = None if below is None else not below
    if not version.strip():
        standing = Standing.UNKNOWN
    elif held is None:
        standing = Standing.NOTHING_HELD
    else:
        behind = older(version, held.version)
        standing = (
            Standing.NOT_COMPARABLE if behind is None else Standing.OLDER if behind else Standing.CURRENT
        )
    return Comparison(standing, held, lowest, compatible)


def _by_version(one: KeptFirmware, other: KeptFirmware) -> int:
    """The newer version counts; of one version, or where nobody can tell, the file that came later."""
    if older(one.version, other.version):
        return -1
    if older(other.version, one.version):
        return 1
    return (one.added_at > other.added_at) - (one.added_at < other.added_at)
