"""Whether a meter can be believed: a reading that can't be true, is old or stands still is a lost meter."""

import math
from dataclasses import dataclass, replace
from enum import StrEnum

from evce.registers import MeterReading
from evce.units import NOMINAL_VOLTAGE, Amps, Monotonic, PhaseAmps, Seconds, WattHours

__all__ = [
    "FROZEN_AFTER",
    "GOOD_POLLS",
    "LOST_AFTER",
    "MISSED_POLLS",
    "Health",
    "MeterHistory",
    "PlausibilityLimits",
    "flaw",
    "frozen_after",
    "judge",
    "note_miss",
    "note_reading",
    "plain_amps",
]

MISSED_POLLS = 3
"""So many polls without a good reading, and nothing is raised any more (RELIABILITY invariant 8)."""

LOST_AFTER: Seconds = 5.0
"""So long without a good reading, and the meter counts as lost (invariant 8)."""

GOOD_POLLS = 3
"""So many good readings in a row bring a meter back: a link that flaps must not make the limit flap."""

FROZEN_AFTER: Seconds = 50.0
"""So long the very same figures under load, and the meter is suspect: within a minute in all, since the
energy register, read every ten seconds, may show what it gained before the meter stood still."""

NEGATIVE_TOLERANCE: Amps = 0.5
"""Noise around zero. An RMS current is never negative: below this the current transformer is reversed."""

HIGHEST_AMPS: Amps = 10_000.0
"""No low-voltage switchboard carries more; catches wrong word orders and mA taken for A."""

HIGHEST_VOLTS = 300.0
"""Phase to neutral; with the highest current it bounds the power."""


class Health(StrEnum):
    """What a meter's readings are good for."""

    UNKNOWN = "unknown"
    """Not read yet, and not yet for long enough to be lost."""
    GOOD = "good"
    DOUBTFUL = "doubtful"
    """Polls were missed: no raises."""
    SUSPECT = "suspect"
    """Stands still under load: no raises."""
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class PlausibilityLimits:
    """The thresholds for one meter; `energy_step` is the finest step of its energy register, if any."""

    poll: Seconds = 0.5
    missed_polls: int = MISSED_POLLS
    good_polls: int = GOOD_POLLS
    frozen_after: Seconds = FROZEN_AFTER
    highest_amps: Amps = HIGHEST_AMPS
    energy_step: WattHours | None = None

    @property
    def lost_after(self) -> Seconds:
        """Seconds without a good reading; a meter that is polled seldom gets its three polls all the same."""
        return max(LOST_AFTER, self.poll * self.missed_polls)


@dataclass(frozen=True, slots=True)
class MeterHistory:
    """What is remembered of a meter. Times are monotonic seconds.

    `began` is when it was first polled. `missed` and `good` count polls in a row. `unchanged_since` is
    since when the figures have been those of `reading`. `reason` tells why the last poll was no good.
    """

    began: Monotonic
    health: Health = Health.UNKNOWN
    last_good: Monotonic | None = None
    reading: MeterReading | None = None
    unchanged_since: Monotonic | None = None
    missed: int = 0
    good: int = 0
    reason: str = ""


def plain_amps(reading: MeterReading) -> PhaseAmps:
    """The currents of a reading without a flaw, noise below zero cut off."""
    first, second, third = (max(amps or 0.0, 0.0) for amps in reading.amps)
    return (first, second, third)


def flaw(reading: MeterReading, limits: PlausibilityLimits) -> str | None:
    """Why this reading can't be true, None when it may be (MT-7).

    Only the currents are needed: a power or an energy that the meter doesn't know spoils nothing.
    """
    for phase, amps in enumerate(reading.amps, start=1):
        if amps is None or not math.isfinite(amps):
            return f"no current on L{phase}"
        if amps < -NEGATIVE_TOLERANCE:
            return f"{amps:g} A on L{phase}: a current can't be negative, is a transformer reversed?"
        if amps > limits.highest_amps:
            return f"{amps:g} A on L{phase} is above {limits.highest_amps:g} A"
    highest_power = len(reading.amps) * limits.highest_amps * HIGHEST_VOLTS
    if reading.power is not None and not abs(reading.power) <= highest_power:
        return f"{reading.power:g} W is above {highest_power:g} W"
    return None


def frozen_after(reading: MeterReading, limits: PlausibilityLimits) -> Seconds:
    """How long these figures may stand still; endless without load.

    A quiet load can leave whole amperes and tenths of kilowatts as they are for minutes, but it moves the
    energy register: two of its steps must pass without a movement.
    """
    amps = plain_amps(reading)
    power = sum(amps) * NOMINAL_VOLTAGE if reading.power is None else abs(reading.power)
    if max(amps) <= NEGATIVE_TOLERANCE or power <= 0.0:
        return math.inf
    if limits.energy_step is None or reading.energy is None:
        return limits.frozen_after
    return max(limits.frozen_after, 2.0 * limits.energy_step * 3600.0 / power)


def note_reading(
    history: MeterHistory, reading: MeterReading, at: Monotonic, now: Monotonic, limits: PlausibilityLimits
) -> MeterHistory:
    """Return the history with the answer to a poll; `at` is when the values were taken at the earliest.

    An implausible reading and one that arrives too old are missed polls.
    """
    if now - at >= limits.lost_after:
        return note_miss(history, f"the answer came {now - at:.1f} s late", now, limits)
    if (why := flaw(reading, limits)) is not None:
        return note_miss(history, why, now, limits)
    since = history.unchanged_since
    if since is None or reading != history.reading:
        since = at
    history = replace(
        history,
        last_good=at,
        reading=reading,
        unchanged_since=since,
        missed=0,
        good=history.good + 1,
        reason="",
    )
    if _stands_still(history, at, limits):
        history = replace(history, good=0, reason=f"the same figures for {at - since:.0f} s")
    return judge(history, now, limits)


def note_miss(history: MeterHistory, reason: str, now: Monotonic, limits: PlausibilityLimits) -> MeterHistory:
    """Return the history with a poll that brought no good reading."""
    return judge(replace(history, missed=history.missed + 1, good=0, reason=reason), now, limits)


def judge(history: MeterHistory, now: Monotonic, limits: PlausibilityLimits) -> MeterHistory:
    """Return the history with what the meter is good for now.

    It gets worse at once and better only after several good polls in a row; the very first reading of a
    meter is believed.
    """
    return replace(history, health=_health(history, now, limits))


def _health(history: MeterHistory, now: Monotonic, limits: PlausibilityLimits) -> Health:
    heard = history.began if history.last_good is None else history.last_good
    if now - heard >= limits.lost_after:
        return Health.LOST
    if history.last_good is None:
        return history.health
    was_bad = history.health not in (Health.GOOD, Health.UNKNOWN)
    if _stands_still(history, history.last_good, limits):
        return Health.LOST if history.health is Health.LOST else Health.SUSPECT
    if was_bad and history.good < limits.good_polls:
        return history.health
    if history.missed >= limits.missed_polls:
        return Health.DOUBTFUL
    return Health.GOOD


def _stands_still(history: MeterHistory, at: Monotonic, limits: PlausibilityLimits) -> bool:
    if history.reading is None or history.unchanged_since is None:
        return False
    return at - history.unchanged_since >= frozen_after(history.reading, limits)
