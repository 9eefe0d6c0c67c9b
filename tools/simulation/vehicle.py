"""An electric car on the other end of the cable: battery, taper, ramp, minimum current and bad habits."""

from collections import deque
from dataclasses import dataclass, field

from evce.units import NOMINAL_VOLTAGE, Amps, Monotonic, Seconds, WattHours, Watts

__all__ = ["SETTLING_TIME", "Vehicle", "VehicleSpec"]

SETTLING_TIME: Seconds = 6.0
"""Longest time from a change of the pilot to a settled current (IEC 61851-1: 5 s, and a margin)."""

_IDLE_SHARE = 0.05
"""Share of the maximum current that is left of the taper when the battery is just about full."""


@dataclass(frozen=True, slots=True)
class VehicleSpec:
    """What a car is like. Currents are A per phase, energies Wh, times s.

    `ramp` is the time a swing over the whole of `maximum` takes; smaller changes take their share.
    `sleeps_after`: a pause longer than this puts the car to sleep, and current coming back doesn't wake
    it; a rise of at least `nudge` above what was first offered does, and so does a new session.
    `overdraw`: the share by which it draws more than offered. `ignores_pilot`: it draws its maximum as
    long as the contactor is closed.
    """

    phases: int = 3
    battery: WattHours = 60_000.0
    maximum: Amps = 32.0
    minimum: Amps = 6.0
    taper_from: float = 0.85
    efficiency: float = 0.92
    reaction: Seconds = 0.5
    ramp: Seconds = 5.0
    sleeps_after: Seconds | None = None
    nudge: Amps = 2.0
    overdraw: float = 0.0
    ignores_pilot: bool = False

    def __post_init__(self) -> None:
        if self.phases not in (1, 2, 3):
            raise ValueError(f"phases is {self.phases}: a car charges on 1, 2 or 3 phases")
        if self.reaction + self.ramp > SETTLING_TIME:
            settles = self.reaction + self.ramp
            raise ValueError(f"reaction + ramp is {settles} s: a car settles within {SETTLING_TIME} s")


@dataclass
class Vehicle:
    """One car. `stored` is what its battery holds now, `taken` what it drew from the socket so far, Wh."""

    spec: VehicleSpec
    stored: WattHours
    current: Amps = 0.0
    taken: WattHours = 0.0
    asleep: bool = False
    _pilot: Amps = 0.0
    _closed: bool = True
    _now: Monotonic | None = None
    _coming: deque[tuple[Monotonic, Amps]] = field(default_factory=deque)
    _paused_since: Monotonic | None = None
    _offered_asleep: Amps = 0.0

    @property
    def charge(self) -> float:
        """State of charge, 0 … 1."""
        return min(1.0, self.stored / self.spec.battery)

    @property
    def full(self) -> bool:
        return self.charge >= 1.0

    @property
    def wants(self) -> bool:
        """Whether it would draw if it were offered enough."""
        return not self.full and not self.asleep

    def power(self, phases: int) -> Watts:
        """What it draws now, on that many phases."""
        return self.current * phases * NOMINAL_VOLTAGE

    def offer(self, amps: Amps, now: Monotonic, *, closed: bool = True) -> None:
        """The pilot shows this current from now on; the car sees it after its reaction time.

        `closed` is the station's contactor: open, nothing flows, whatever the car would like.
        """
        self._closed = closed
        newest = self._coming[-1][1] if self._coming else self._pilot
        if amps != newest:
            self._coming.append((now + self.spec.reaction, amps))

    def begin_session(self) -> None:
        """Plugged in again or a new transaction: wakes whatever sleeps."""
        self.asleep = False
        self._paused_since = None

    def advance(self, now: Monotonic, phases: int) -> WattHours:
        """Let time pass until `now` on that many phases; returns the Wh drawn since the last call."""
        if self._now is None:
            self._now = now
        drawn = 0.0
        while self._coming and self._coming[0][0] <= now:
            at, amps = self._coming.popleft()
            drawn += self._flow(max(at, self._now), phases)
            self._see(amps, self._now)
        drawn += self._flow(now, phases)
        self._doze(now)
        return drawn

    def _see(self, amps: Amps, now: Monotonic) -> None:
        """The reaction time is over: this is the pilot the car now knows of."""
        enough = amps >= self.spec.minimum
        if not enough:
            if self._paused_since is None:
                self._paused_since = now
        elif self.asleep:
            if self._offered_asleep and amps >= self._offered_asleep + self.spec.nudge:
                self.asleep = False
            elif not self._offered_asleep:
                self._offered_asleep = amps
        if enough:
            self._paused_since = None
        self._pilot = amps

    def _doze(self, now: Monotonic) -> None:
        limit = self.spec.sleeps_after
        paused = self._paused_since
        if limit is not None and paused is not None and now - paused > limit and not self.asleep:
            self.asleep = True
            self._offered_asleep = 0.0

    def _target(self) -> Amps:
        spec = self.spec
        if self.full or self.asleep:
            return 0.0
        if spec.ignores_pilot:
            return self._tapered()
        if self._pilot < spec.minimum:
            return 0.0
        return min(self._pilot * (1.0 + spec.overdraw), self._tapered())

    def _tapered(self) -> Amps:
        spec = self.spec
        left = (1.0 - self.charge) / (1.0 - spec.taper_from)
        return spec.maximum * min(1.0, max(_IDLE_SHARE, left))

    def _flow(self, until: Monotonic, phases: int) -> WattHours:
        """Ramp toward the target and integrate, exactly for a constant target."""
        start = self._now if self._now is not None else until
        self._now = max(start, until)
        dt = until - start
        if dt <= 0:
            return 0.0
        if not self._closed:
            self.current = 0.0
            return 0.0
        target = self._target()
        slew = self.spec.maximum / self.spec.ramp
        ramping = min(dt, abs(target - self.current) / slew)
        ramped = (
            target if ramping < dt else self.current + slew * ramping * (1 if target > self.current else -1)
        )
        ampere_seconds = (self.current + ramped) / 2 * ramping + ramped * (dt - ramping)
        self.current = ramped
        drawn = ampere_seconds * phases * NOMINAL_VOLTAGE / 3600.0
        self.taken += drawn
        self.stored += drawn * self.spec.efficiency
        if self.full:
            self.stored = self.spec.battery
        return drawn
