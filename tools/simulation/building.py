"""What a site draws and makes besides its cars: recorded building load, steps on request, and the sun."""

import csv
import gzip
import math
import random
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from evce.units import NO_AMPS, Amps, Monotonic, PhaseAmps, Seconds

__all__ = ["BALANCED", "BuildingLoad", "SolarPlant", "recorded_profile", "recorded_profiles"]

_ROW: Seconds = 900.0
_DAY: Seconds = 86_400.0

BALANCED: PhaseAmps = (1 / 3, 1 / 3, 1 / 3)


@cache
def _recording() -> dict[str, tuple[float, ...]]:
    path = resources.files("tools.simulation") / "data" / "building_load.csv.gz"
    rows = list(csv.reader(gzip.decompress(path.read_bytes()).decode().splitlines()))
    return {name: tuple(float(row[i]) for row in rows[1:]) for i, name in enumerate(rows[0])}


def recorded_profiles() -> list[str]:
    """Names of the recorded load profiles; each starts on a Monday at 00:00 and holds eight weeks."""
    return list(_recording())


def recorded_profile(name: str) -> tuple[float, ...]:
    """Share of the yearly peak, one value a quarter of an hour."""
    return _recording()[name]


@dataclass(frozen=True, slots=True)
class _Step:
    begins: Monotonic
    ends: Monotonic
    amps: PhaseAmps


@dataclass
class BuildingLoad:
    """One building's current. `peak` is A per phase at the recording's highest value, were the phases even.

    `phases` are each phase's share of the load. The recording runs `speed` times as fast as the clock and
    starts `offset` s after Monday 00:00; between its quarters the load is a straight line. Steps come on
    top and last real seconds, whatever the speed.
    """

    profile: str
    peak: Amps
    speed: float = 1.0
    offset: Seconds = 8 * 3600.0
    phases: PhaseAmps = (0.36, 0.31, 0.33)
    started: Monotonic | None = None
    _steps: list[_Step] = field(default_factory=list)

    def amps(self, now: Monotonic) -> PhaseAmps:
        """Current on the grid's phases at `now`."""
        if self.started is None:
            self.started = now
        rows = recorded_profile(self.profile)
        place = (self.offset + (now - self.started) * self.speed) / _ROW
        index = math.floor(place)
        low, high = rows[index % len(rows)], rows[(index + 1) % len(rows)]
        base = self.peak * 3 * (low + (high - low) * (place - index))
        self._steps = [step for step in self._steps if now < step.ends]
        total = [base * share for share in self.phases]
        for step in self._steps:
            if now >= step.begins:
                total = [t + s for t, s in zip(total, step.amps, strict=True)]
        return (total[0], total[1], total[2])

    def step(self, amps: Amps | PhaseAmps, seconds: Seconds, now: Monotonic) -> None:
        """From `now` on this much more (per phase) is drawn for that long."""
        each = amps if isinstance(amps, tuple) else (amps, amps, amps)
        self._steps.append(_Step(now, now + seconds, each))


@dataclass
class SolarPlant:
    """A photovoltaic plant with clouds. `peak` is A per phase at noon under a clear sky.

    Day and night run `speed` times as fast as the clock; clouds pass in real time, each `cloud_period`
    s long, repeatable from the seed.
    """

    peak: Amps
    seed: int = 0
    speed: float = 1.0
    offset: Seconds = 8 * 3600.0
    cloud_period: Seconds = 40.0
    deepest_cloud: float = 0.6
    started: Monotonic | None = None
    _skies: tuple[int, float, float] = (-1, 1.0, 1.0)
    """Clearness before and after the cloud of this number."""

    def _sky(self, number: int) -> float:
        """Clearness at the border between two clouds, 1 is clear."""
        return 1.0 - self.deepest_cloud * random.Random(f"{self.seed}/{number}").random() ** 2  # noqa: S311

    def amps(self, now: Monotonic) -> PhaseAmps:
        """Current fed in on the grid's phases, positive."""
        if self.started is None:
            self.started = now
        elapsed = now - self.started
        hour = ((self.offset + elapsed * self.speed) % _DAY) / 3600.0
        height = math.sin(math.pi * (hour - 6.0) / 14.0) if 6.0 < hour < 20.0 else 0.0
        if height <= 0:
            return NO_AMPS
        place = elapsed / self.cloud_period
        number = math.floor(place)
        if self._skies[0] != number:
            self._skies = (number, self._sky(number), self._sky(number + 1))
        _, low, high = self._skies
        each = self.peak * height * (low + (high - low) * (place - number))
        return (each, each, each)
