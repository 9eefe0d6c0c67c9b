"""Watches the true currents of every feeder and phase, and says when a limit was missed."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from evce.electrical import SiteModel
from evce.units import Amps, Monotonic, PhaseAmps, Seconds, ZoneId
from tools.referee.breakers import BreakerStandard, ThermalRelease, standard_for

__all__ = [
    "HEAT_ALLOWED",
    "REACTION_WINDOW",
    "TOO_HOT",
    "TOO_LONG",
    "Cause",
    "Referee",
    "TracePoint",
    "Violation",
    "ZoneRecord",
]

REACTION_WINDOW: Seconds = 10.0
"""How long a current may be above the limit after an outside event (DESIGN §5)."""

HEAT_ALLOWED = 0.8
"""How much of the way from the heat at the limit to the trip may be used."""

_TOLERANCE: Amps = 0.5
_TOLERANCE_SHARE = 0.005
_TRACE_EVERY: Seconds = 1.0

Cause = str
TOO_LONG: Cause = "above the limit for too long"
TOO_HOT: Cause = "breaker too hot"


@dataclass
class Violation:
    """One stretch in which a phase of a zone was in breach. Times are monotonic seconds; `worst` is A
    for a current above the limit, the share of heat used for a hot breaker."""

    zone: ZoneId
    phase: int
    cause: Cause
    began: Monotonic
    ended: Monotonic
    worst: float

    def __str__(self) -> str:
        unit = "A" if self.cause == TOO_LONG else "of the heat"
        return (
            f"{self.zone} L{self.phase + 1}: {self.cause}, {self.ended - self.began:.1f} s from "
            f"{self.began:.1f}, at worst {self.worst:.2f} {unit}"
        )


@dataclass(frozen=True, slots=True)
class TracePoint:
    """The highest current of each phase in one second of the run, and the most heat used (1 trips)."""

    at: Monotonic
    amps: PhaseAmps
    heat: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass
class _Phase:
    release: ThermalRelease
    above_since: Monotonic | None = None
    longest_above: Seconds = 0.0
    highest: Amps = 0.0
    too_long: Violation | None = None
    too_hot: Violation | None = None


@dataclass
class ZoneRecord:
    """What was seen of one zone."""

    zone: ZoneId
    maximum: Amps
    standard: BreakerStandard
    phases: tuple[_Phase, _Phase, _Phase]
    trace: list[TracePoint] = field(default_factory=list)

    @property
    def highest(self) -> PhaseAmps:
        a, b, c = self.phases
        return (a.highest, b.highest, c.highest)

    @property
    def heat_used(self) -> float:
        """Worst share of heat used on any phase."""
        return max(phase.release.worst for phase in self.phases)

    @property
    def longest_above(self) -> Seconds:
        """Longest stretch above the limit on any phase."""
        return max(phase.longest_above for phase in self.phases)


class Referee:
    """Judges a site by its true currents.

    Feed it with `observe`, or let `watch` sample `truth` from a thread of its own every `period` s.
    Limits are the zones' maxima: what protects, also in dynamic zones.
    """

    def __init__(
        self,
        model: SiteModel,
        *,
        standards: Mapping[ZoneId, BreakerStandard] | None = None,
        reaction: Seconds = REACTION_WINDOW,
    ) -> None:
        known = standards or {}
        self.reaction = reaction
        self.zones = {
            zone.id: self._record(zone.id, zone.maximum, known.get(zone.id, standard_for(zone.maximum)))
            for zone in model.zones.values()
        }
        self.violations: list[Violation] = []
        self.observations = 0
        self.began: Monotonic | None = None
        self.last: Monotonic | None = None
        self.notes: list[str] = []
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @staticmethod
    def _record(zone: ZoneId, maximum: Amps, standard: BreakerStandard) -> ZoneRecord:
        def phase() -> _Phase:
            return _Phase(ThermalRelease(maximum, standard))

        return ZoneRecord(zone, maximum, standard, (phase(), phase(), phase()))

    @staticmethod
    def tolerated(maximum: Amps) -> Amps:
        """The highest current that still counts as within this limit."""
        return maximum + max(_TOLERANCE, _TOLERANCE_SHARE * maximum)

    # ---- observing ----

    def observe(self, truth: Mapping[ZoneId, PhaseAmps], now: Monotonic) -> None:
        """These currents flow at `now`; they are taken to have flowed since the last observation."""
        dt = 0.0 if self.last is None else max(0.0, now - self.last)
        self.last = now
        if self.began is None:
            self.began = now
        self.observations += 1
        for zone, amps in truth.items():
            record = self.zones.get(zone)
            if record is not None:
                for number, (phase, value) in enumerate(zip(record.phases, amps, strict=True)):
                    self._judge(record, number, phase, abs(value), now, dt)
                self._trace(record, amps, now)

    def _judge(
        self, record: ZoneRecord, number: int, phase: _Phase, amps: Amps, now: Monotonic, dt: Seconds
    ) -> None:
        phase.highest = max(phase.highest, amps)
        if amps > self.tolerated(record.maximum):
            if phase.above_since is None:
                phase.above_since = now
            lasted = now - phase.above_since
            phase.longest_above = max(phase.longest_above, lasted)
            if lasted > self.reaction:
                if phase.too_long is None:
                    phase.too_long = Violation(record.zone, number, TOO_LONG, phase.above_since, now, amps)
                    self.violations.append(phase.too_long)
                phase.too_long.ended = now
                phase.too_long.worst = max(phase.too_long.worst, amps)
        else:
            phase.above_since = phase.too_long = None
        used = phase.release.advance(amps, dt)
        if used > HEAT_ALLOWED:
            if phase.too_hot is None:
                phase.too_hot = Violation(record.zone, number, TOO_HOT, now, now, used)
                self.violations.append(phase.too_hot)
            phase.too_hot.ended = now
            phase.too_hot.worst = max(phase.too_hot.worst, used)
        else:
            phase.too_hot = None

    @staticmethod
    def _trace(record: ZoneRecord, amps: PhaseAmps, now: Monotonic) -> None:
        trace = record.trace
        first, second, third = (phase.release.used for phase in record.phases)
        heat = (first, second, third)
        if trace and now - trace[-1].at < _TRACE_EVERY:
            last = trace[-1]
            trace[-1] = TracePoint(last.at, _higher(last.amps, amps), _higher(last.heat, heat))
        else:
            trace.append(TracePoint(now, amps, heat))

    def watch(
        self,
        truth: Callable[[], Mapping[ZoneId, PhaseAmps]],
        *,
        period: Seconds = 0.25,
        clock: Callable[[], Monotonic] = time.monotonic,
    ) -> None:
        """Observe `truth` every `period` s from a daemon thread until `stop`."""
        if self._thread is not None:
            raise RuntimeError("the referee is watching already")

        def look() -> None:
            while not self._stop.wait(period):
                self.observe(truth(), clock())

        self._thread = threading.Thread(target=look, name="referee", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the watch."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5.0)
            self._thread = None
        self._stop.clear()

    # ---- judging ----

    def note(self, discrepancies: Iterable[object]) -> None:
        """Things found elsewhere (the books, the log) that count against the run as well."""
        self.notes += [str(item) for item in discrepancies]

    @property
    def clean(self) -> bool:
        return not self.violations and not self.notes

    @property
    def exit_code(self) -> int:
        return 0 if self.clean else 1


def _higher(a: PhaseAmps, b: PhaseAmps) -> PhaseAmps:
    return (max(a[0], b[0]), max(a[1], b[1]), max(a[2], b[2]))
