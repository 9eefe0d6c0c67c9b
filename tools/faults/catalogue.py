"""The catalogue of faults by their ids, and those of the requirements that can't be played yet."""

from typing import Final

from tools.faults.configuration import CONFIGURATION
from tools.faults.fault import Fault
from tools.faults.inner import INNER
from tools.faults.links import LINKS
from tools.faults.stations import STATIONS
from tools.faults.supplies import SUPPLIES

__all__ = ["FAULTS", "MISSING", "TITLES", "fault_of"]

FAULTS: Final[dict[str, Fault]] = {
    fault.id: fault for fault in (*LINKS, *STATIONS, *SUPPLIES, *INNER, *CONFIGURATION)
}
"""Those that are played in virtual time, by id."""

MISSING: Final[dict[str, str]] = {
    "half-open socket": "needs real sockets",
    "duplicate identity": "needs real sockets",
    "wrong transaction id": "needs real sockets",
    "OOM": "needs a real process",
    "wrong backup": "there is no backup to restore yet",
    "power cut mid-restore": "there is no backup to restore yet",
    "REST controller silent": "there is no remote energy management yet",
}
"""Faults that can't be played, and why."""

TITLES: Final[tuple[str, ...]] = (
    "RST",
    "half-open socket",
    "flapping",
    "5 s latency",
    "10 % loss",
    "switch loss, 100 stations",
    "reconnect storm",
    "CPO down 24 h",
    "CPO slow",
    "IP change",
    "profile timeout",
    "Rejected",
    "NotSupported",
    "accepted, ignored",
    "late CALLRESULT",
    "duplicate Start",
    "Stop before Start",
    "id -1",
    "duplicate identity",
    "station reboots mid-session",
    "station clock ±1 h",
    "meter timeout",
    "Modbus exception",
    "wrong transaction id",
    "serial unplugged",
    "frozen meter",
    "NaN, negative, reversed CT",
    "DI bounce",
    "GPIO missing",
    "building step +50 %",
    "actor exception",
    "in on_start",
    "actor hang",
    "SystemExit in actor",
    "crash loop",
    "kill -9",
    "OOM",
    "inbox flood",
    "ENOSPC",
    "read-only",
    "EIO on fsync",
    "corrupt database",
    "power cut Start→commit",
    "NTP ±1 day",
    "RTC 1970",
    "DST",
    "limit halved live",
    "child limit > parent",
    "concurrent edits",
    "wrong backup",
    "power cut mid-restore",
    "REST controller silent",
)
"""The 52 of the requirements, in their words and order."""


def fault_of(id_: str) -> Fault:
    """The fault of this id. Raises LookupError, naming those that there are."""
    if id_ not in FAULTS:
        raise LookupError(
            f"id={id_!r}: no fault that is played in virtual time; know {', '.join(sorted(FAULTS))}"
        )
    return FAULTS[id_]
