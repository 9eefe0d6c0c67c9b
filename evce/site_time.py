"""The site's time: the host's clock and a correction, which the host's own steps don't move."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NamedTuple, Self

from evce.steady_time import SLEW
from evce.units import Monotonic, Seconds

__all__ = [
    "EARLIEST",
    "LATEST",
    "STEP",
    "KeptTime",
    "Machine",
    "SiteTime",
    "TimeSettings",
    "TimeSource",
    "restored",
    "time_fault",
]

EARLIEST: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""EVCE is younger than this: a clock that shows less has lost its time."""

LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)

STEP: Final[Seconds] = 0.5
"""A host's clock that moves by more than this against the machine's running time was set by somebody."""


class TimeSource(StrEnum):
    """Who has said what time it is."""

    HOST = "host"
    OPERATOR = "operator"
    PERSON = "person"
    WEB_SERVICES = "web services"


@dataclass(frozen=True, slots=True)
class TimeSettings:
    """Who may say what time it is: the `operator` at this address (None: no operator), programs."""

    operator: str | None = None
    programs: bool = False


class Machine(NamedTuple):
    """The machine's clocks at one moment: what its own clock shows, and how long it has been running.

    `boot` is another one after each restart of the machine; empty where that isn't known.
    """

    host: datetime
    running: Monotonic
    boot: str = ""


class SiteTime:
    """Begins at the host's clock ahead by `offset`; `corrected` says whether somebody has set it.

    Uncorrected it is the host's clock, whatever becomes of that. Corrected, it runs on where the host's
    clock is set: who said what time it is was right all the same. Times in aware UTC.
    """

    def __init__(self, machine: Machine, offset: Seconds = 0.0, *, corrected: bool = False) -> None:
        self.offset = offset
        """Seconds by which the site's time is ahead of the host's clock."""
        self.slewing: Seconds = 0.0
        """Seconds that are still to be made up for."""
        self.corrected = corrected
        self._running = machine.running
        self._anchor = _anchor(machine)

    def at(self, machine: Machine) -> datetime:
        """The site's time now."""
        anchor, passed = _anchor(machine), max(0.0, machine.running - self._running)
        step, self._anchor = anchor - self._anchor, anchor
        self._running = max(machine.running, self._running)
        if not self.corrected:
            return machine.host
        if abs(step) > STEP:
            self.offset -= step
        most = SLEW * passed
        moved = max(-most, min(most, self.slewing))
        self.offset += moved
        self.slewing -= moved
        return machine.host + timedelta(seconds=self.offset)

    def shift(self, machine: Machine, seconds: Seconds, *, slowly: bool = False) -> None:
        """Set it forward, or back when negative: at once, or `slowly`, by `SLEW` seconds a second."""
        self.at(machine)
        self.corrected = True
        if slowly:
            self.slewing = seconds
        else:
            self.offset, self.slewing = self.offset + seconds, 0.0

    def follow_host(self) -> None:
        """Be the host's clock again."""
        self.offset = self.slewing = 0.0
        self.corrected = False


@dataclass(frozen=True, slots=True)
class KeptTime:
    """What outlives the process: the correction and its source, and the clocks when it was written.

    `heard_at` is the site's time at which the source spoke last, `by` who that was.
    """

    source: TimeSource
    site: datetime
    machine: Machine
    heard_at: datetime | None = None
    by: str = ""

    def counts(self, settings: TimeSettings) -> bool:
        """Whether its source may still say what time it is."""
        return self.source is not TimeSource.OPERATOR or settings.operator is not None

    def text(self) -> str:
        """As it stands in a file."""
        machine = self.machine
        return json.dumps(
            {
                "source": self.source.value,
                "site": self.site.isoformat(),
                "host": machine.host.isoformat(),
                "running": machine.running,
                "boot": machine.boot,
                "heard_at": None if self.heard_at is None else self.heard_at.isoformat(),
                "by": self.by,
            }
        )

    @classmethod
    def read(cls, text: str) -> Self | None:
        """What `text` wrote; None where it is damaged, which is as good as missing."""
        try:
            plain: dict[str, Any] = json.loads(text)
            heard_at = plain["heard_at"]
            return cls(
                TimeSource(plain["source"]),
                _aware(plain["site"]),
                Machine(_aware(plain["host"]), float(plain["running"]), str(plain["boot"])),
                None if heard_at is None else _aware(heard_at),
                str(plain["by"]),
            )
        except (ValueError, TypeError, KeyError, OverflowError):
            return None


def restored(kept: KeptTime | None, machine: Machine) -> tuple[SiteTime, bool]:
    """The site's time after a restart of the process, and whether it is only a guess.

    While the machine has run on, the time that has passed is known, whatever was done to the host's clock.
    After a restart of the machine the correction stands where its clock has run on. A clock that shows less
    than before has lost its time: then the site's time goes on where it was written down last.
    """
    if kept is None or kept.source is TimeSource.HOST:
        return SiteTime(machine), False
    before = kept.machine
    if machine.boot and machine.boot == before.boot and machine.running >= before.running:
        site = kept.site + timedelta(seconds=machine.running - before.running)
        return SiteTime(machine, (site - machine.host).total_seconds(), corrected=True), False
    if machine.host >= before.host:
        return SiteTime(machine, (kept.site - before.host).total_seconds(), corrected=True), False
    return SiteTime(machine, (kept.site - machine.host).total_seconds(), corrected=True), True


def time_fault(moment: datetime) -> str:
    """Why it can't be this time; empty where it can."""
    if EARLIEST <= moment <= LATEST:
        return ""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC can't be: from {EARLIEST.year} to {LATEST.year - 1} is allowed"


def _anchor(machine: Machine) -> Seconds:
    return machine.host.timestamp() - machine.running


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return moment.astimezone(UTC)
