"""The catalogue of faults by their ids, and the commands for those that need the real daemon."""

from typing import Final

from tools.faults.actors import ACTORS
from tools.faults.backups import BACKUPS
from tools.faults.clocks import CLOCKS
from tools.faults.configuration import CONFIGURATION
from tools.faults.crowds import CROWDS
from tools.faults.disk import DISK
from tools.faults.fault import Fault
from tools.faults.links import LINKS
from tools.faults.operator import OPERATOR
from tools.faults.process import PROCESS
from tools.faults.remote import REMOTE_FAULTS
from tools.faults.stations import STATIONS
from tools.faults.supplies import SUPPLIES

__all__ = ["BEYOND", "ELSEWHERE", "FAULTS", "TITLES", "fault_of"]

FAULTS: Final[dict[str, Fault]] = {
    fault.id: fault
    for fault in (
        *LINKS,
        *CROWDS,
        *OPERATOR,
        *STATIONS,
        *SUPPLIES,
        *ACTORS,
        *DISK,
        *PROCESS,
        *CLOCKS,
        *CONFIGURATION,
        *BACKUPS,
        *REMOTE_FAULTS,
    )
}
"""Those that are played in virtual time, by id."""

ELSEWHERE: Final[dict[str, str]] = {
    "half-open socket": "evce prove links --only station-half-open",
    "duplicate identity": "evce prove links --only duplicate-",
    "wrong transaction id": "evce prove links --only wrong-id",
    "OOM": "evce prove process --only out-of-memory",
}
"""Faults that need real sockets or the real process, and the command that plays them."""

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


BEYOND: Final[tuple[str, ...]] = ("replayed transactions", "I/O error on the third commit")
"""Others that have happened to somebody."""


def fault_of(id_: str) -> Fault:
    """The fault of this id. Raises LookupError, naming those that there are."""
    if id_ not in FAULTS:
        raise LookupError(
            f"id={id_!r}: no fault that is played in virtual time; know {', '.join(sorted(FAULTS))}"
        )
    return FAULTS[id_]
