"""Remote energy management: limits of zones that a system elsewhere sets while it gives signs of life."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf

from evce.units import Amps, Monotonic, Seconds, ZoneId

__all__ = [
    "Refused",
    "RemoteAnswer",
    "RemoteLimits",
    "RemoteMemory",
    "RemoteSettings",
    "RemoteState",
    "amps_fault",
]

SAME: Amps = 0.05
"""Limits are told to 0.1 A: two that differ by less are the same one."""


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    """What a revision says: `minimum_period` and `heartbeat_period` in s, `ramp` in A/s, `maxima` in A.

    `enabled` is what both switches say together: of the web services, and of remote energy management.
    """

    enabled: bool = False
    login: str = "service"
    minimum_period: Seconds = 60.0
    heartbeat_period: Seconds = 600.0
    ramp: float = 2.0
    maxima: Mapping[ZoneId, Amps] = field(default_factory=dict)


class RemoteState(StrEnum):
    """How it stands with the system that manages the energy."""

    OFF = "off"
    """Nobody may set a limit."""
    NEVER = "never heard"
    """It is switched on, and nobody has called."""
    WAITING = "waiting"
    """Limits from before a restart hold, and nobody has called since."""
    ACTIVE = "active"
    SILENT = "silent"
    """No sign of life for a whole heartbeat period: its limits are dropped."""


class Refused(StrEnum):
    """Why a wish wasn't taken."""

    OFF = "off"
    ZONE = "zone"
    AMPS = "amps"
    TOO_SOON = "too soon"
    CHANGED = "changed"
    """Another limit holds than whoever asked believed."""


@dataclass(frozen=True, slots=True)
class RemoteAnswer:
    """What became of a wish: `amps` is the limit that holds now (None: none), A per phase.

    `raises_in` is the time in s after which a higher value is taken, 0 at once. `refused` is None for what
    was taken; `text` tells people and programs what would be right.
    """

    amps: Amps | None
    raises_in: Seconds = 0.0
    refused: Refused | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Held:
    """A limit that is on its way up since then, because nobody stands behind it any more."""

    amps: Amps
    since: Monotonic


@dataclass(frozen=True, slots=True)
class RemoteMemory:
    """What a successor must know. The mappings are copies that nobody changes any more."""

    limits: Mapping[ZoneId, Amps]
    windows: Mapping[ZoneId, Monotonic]
    rising: Mapping[ZoneId, _Held]
    heard_at: Monotonic | None
    silent: bool
    known: bool
    assumed: bool


class RemoteLimits:
    """The limits that were set, and who still stands behind them. No clock of its own.

    A reduction is taken at once. What changes a limit outside one opens a window of the minimum period, in
    which the value holds unless a lower one comes. Who gives no sign of life for a whole heartbeat period has
    its limits dropped, each rising by the ramp until it no longer binds. `known` tells whether the disk has
    told what an earlier process left.
    """

    def __init__(self, settings: RemoteSettings) -> None:
        self.settings = settings
        self.known = False
        self.silent = False
        self.assumed = False
        """No sign of life since the restart: what holds is from before it."""
        self.heard_at: Monotonic | None = None
        self._limits: dict[ZoneId, Amps] = {}
        self._windows: dict[ZoneId, Monotonic] = {}
        self._rising: dict[ZoneId, _Held] = {}

    # ---- what was before ----

    def recall(self, memory: RemoteMemory) -> None:
        """Go on where a predecessor ended."""
        self._limits, self._windows = dict(memory.limits), dict(memory.windows)
        self._rising = dict(memory.rising)
        self.heard_at, self.silent = memory.heard_at, memory.silent
        self.known, self.assumed = memory.known, memory.assumed

    def memory(self) -> RemoteMemory:
        """Return what a successor needs, immutable."""
        return RemoteMemory(
            dict(self._limits),
            dict(self._windows),
            dict(self._rising),
            self.heard_at,
            self.silent,
            self.known,
            self.assumed,
        )

    def restore(self, kept: Mapping[ZoneId, Amps], now: Monotonic) -> None:
        """Take over what an earlier process wrote; nobody knows how old it is, so it holds a whole period.

        What was set since this process began is newer.
        """
        if self.known:
            return
        self.known = True
        for zone, amps in kept.items():
            if zone in self.settings.maxima and zone not in self._limits:
                self._limits[zone] = amps
                self._windows[zone] = now + self.settings.minimum_period
                if self.heard_at is None:
                    self.heard_at, self.assumed = now, True
        if not self.settings.enabled:
            self._drop(now)

    def kept(self) -> dict[ZoneId, Amps]:
        """Return what belongs on the disk: also what is on its way up, which a restart may not let jump."""
        if not self.settings.enabled:
            return {}
        return {zone: held.amps for zone, held in self._rising.items()} | self._limits

    def reconfigure(self, settings: RemoteSettings, now: Monotonic) -> None:
        """Take a new revision over; switched off, or for zones that are gone, no limit holds any more."""
        self.settings = settings
        for known in (self._limits, self._windows, self._rising):
            for zone in [zone for zone in known if zone not in settings.maxima]:
                del known[zone]
        if not settings.enabled:
            self._drop(now)
            self.heard_at, self.silent, self.assumed = None, False, False

    # ---- what is wished ----

    def wish(
        self,
        zone: ZoneId,
        amps: Amps | None,
        now: Monotonic,
        expected: tuple[Amps | None, ...] | None = None,
    ) -> RemoteAnswer:
        """Set a zone's limit, or with None take it away; whoever asks gives a sign of life with it.

        With `expected` nothing is done unless one of these is the limit that holds (None: there is none).
        """
        if not self.settings.enabled:
            return RemoteAnswer(None, refused=Refused.OFF, text="remote energy management is switched off")
        if zone not in self.settings.maxima:
            known = ", ".join(self.settings.maxima) or "none"
            return RemoteAnswer(None, refused=Refused.ZONE, text=f"no zone {zone!r}: know {known}")
        if amps is not None and (fault := amps_fault(amps, self.settings.maxima[zone])):
            return RemoteAnswer(self.limit(zone, now), refused=Refused.AMPS, text=fault)
        self.hear(now)
        before, left = self.limit(zone, now), self.raises_in(zone, now)
        if expected is not None and not any(_same(before, one) for one in expected):
            return RemoteAnswer(before, left, Refused.CHANGED, f"the limit that holds is {_told(before)}")
        highest = inf if amps is None else amps
        rises = before is not None and highest > before + SAME
        if rises and left > 0.0:
            what = "raised" if amps is not None else "taken away"
            text = f"the limit of {before:.1f} A holds: it can be {what} in {left:.0f} s"
            return RemoteAnswer(before, left, Refused.TOO_SOON, text)
        self._rising.pop(zone, None)
        if amps is None:
            self._limits.pop(zone, None)
        else:
            self._limits[zone] = amps
        if left <= 0.0 and not _same(before, amps):
            left = self.settings.minimum_period
            self._windows[zone] = now + left
        return RemoteAnswer(amps, left)

    def hear(self, now: Monotonic) -> None:
        """Take note of a sign of life. A limit that is dropped already doesn't come back by that."""
        if self.settings.enabled:
            self.heard_at, self.silent, self.assumed = now, False, False

    # ---- what holds ----

    def look(self, now: Monotonic) -> None:
        """Drop what nobody stands behind any more, and forget what no longer binds."""
        if self.heard_at is not None and now - self.heard_at >= self.settings.heartbeat_period:
            self.silent = True
            self._drop(now)
        for zone in [zone for zone in self._rising if self._risen(zone, now) >= self.settings.maxima[zone]]:
            del self._rising[zone]

    def in_force(self, now: Monotonic) -> dict[ZoneId, Amps]:
        """Return the limit of each zone that has one, A per phase."""
        return {zone: self._risen(zone, now) for zone in self._rising} | self._limits

    def limit(self, zone: ZoneId, now: Monotonic) -> Amps | None:
        """Return a zone's limit, None where it has none."""
        return self.in_force(now).get(zone)

    def is_dropped(self, zone: ZoneId) -> bool:
        """Whether the zone's limit is on its way up because nobody stands behind it."""
        return zone in self._rising

    def raises_in(self, zone: ZoneId, now: Monotonic) -> Seconds:
        """Return the time in s after which a higher value is taken."""
        return max(0.0, self._windows.get(zone, now) - now)

    @property
    def state(self) -> RemoteState:
        """How it stands with whoever sets the limits."""
        if not self.settings.enabled:
            return RemoteState.OFF
        if self.heard_at is None:
            return RemoteState.NEVER
        if self.silent:
            return RemoteState.SILENT
        return RemoteState.WAITING if self.assumed else RemoteState.ACTIVE

    def _drop(self, now: Monotonic) -> None:
        for zone, amps in self._limits.items():
            self._rising[zone] = _Held(amps, now)
        self._limits.clear()

    def _risen(self, zone: ZoneId, now: Monotonic) -> Amps:
        held = self._rising[zone]
        return min(self.settings.maxima[zone], held.amps + self.settings.ramp * max(0.0, now - held.since))


def _same(one: Amps | None, other: Amps | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < SAME


def _told(amps: Amps | None) -> str:
    return "none" if amps is None else f"{amps:.1f} A"


def amps_fault(amps: object, maximum: Amps) -> str:
    """Return what is wrong with a limit in A per phase, empty where nothing is."""
    allowed = f"a number from 0 to {maximum:g}, A per phase"
    if isinstance(amps, bool) or not isinstance(amps, int | float):
        return f"{amps!r} is no current: {allowed}"
    if not 0.0 <= amps <= maximum:  # which no NaN is
        return f"{amps!r} is out of range: {allowed}"
    return ""
