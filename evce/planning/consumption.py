"""Gives back what a car leaves of its setpoint: its draw and a margin become its cap (LM-9)."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from math import ceil

from evce.facts import ConnectorFacts, Link
from evce.pledges import SETTLING
from evce.units import Amps, ConnectorKey, Monotonic, Seconds, TransactionId

__all__ = [
    "HOLD",
    "HOLD_MOST",
    "MARGIN",
    "MARGIN_SHARE",
    "STALE",
    "STEP",
    "WATCHED",
    "Consumption",
    "SeenDraws",
    "Spare",
]

WATCHED: Seconds = 30.0
"""A car must have left some of its setpoint for this long; contactors and most cars' start are quicker."""

REPORTS = 3
"""So many reports at least must have shown it: where they come each minute, one of them is no proof."""

MARGIN: Amps = 2.0
"""What a car keeps above its draw at least: it shows by using it that it wants more."""

MARGIN_SHARE = 0.15
"""The same as a share of the draw: cars that use their setpoint whole stay up to a tenth below it."""

USED_SHARE = 0.08
"""A car within this share of its setpoint uses it whole; less than the margin, so that noise is no wish."""

USED: Amps = 1.0
"""The same in A for small setpoints."""

STEP: Amps = 2.0
"""A cap follows a falling draw in steps of this size, so that a tapering car doesn't wear the flash."""

RISES: Amps = 1.0
"""A draw that has risen by more than this while it was watched goes on rising."""

HOLD: Seconds = 150.0
"""A car that wanted its current back keeps it this long, and twice as long each time: nothing oscillates."""

HOLD_MOST: Seconds = 1200.0
"""The longest of these."""

STALE: Seconds = 90.0
"""Reports may come each minute; without one for longer, nobody knows what the car would draw."""


@dataclass(frozen=True, slots=True)
class Spare:
    """The most that a car may have for now, A per phase, and the most it drew while it was watched."""

    cap: Amps
    drawn: Amps


@dataclass(frozen=True, slots=True)
class _Lowered:
    """The last cut of a cap: from and to which setpoint, and what was drawn then, rising by `slope` A/s."""

    before: Amps
    after: Amps
    drawn: Amps
    slope: float
    at: Monotonic

    def used_whole(self, drawn: Amps, at: Monotonic) -> bool:
        """Whether the draw fell with the setpoint: then the car had been using all it could."""
        expected = self.drawn + self.slope * (at - self.at)
        return drawn < expected * (1.0 + self.after / self.before) / 2.0


@dataclass(frozen=True, slots=True)
class _Watch:
    """One car in its session; `reports` are (time, A) of draws that left some of the setpoint."""

    transaction: TransactionId
    reports: tuple[tuple[Monotonic, Amps], ...] = ()
    at: Monotonic | None = None
    spare: Spare | None = None
    lowered: _Lowered | None = None
    not_before: Monotonic = 0.0
    releases: int = 0

    def released(self, at: Monotonic) -> "_Watch":
        """The car may have everything again, for longer each time."""
        hold = min(HOLD * 2.0**self.releases, HOLD_MOST)
        return replace(
            self, reports=(), spare=None, lowered=None, not_before=at + hold, releases=self.releases + 1
        )

    def after(self, facts: ConnectorFacts, at: Monotonic, rating: Amps) -> "_Watch":
        """One more report."""
        gap = self.at is not None and at - self.at >= STALE
        watch = replace(self.released(at) if gap and self.spare is not None else self, at=at)
        told, drawn = facts.acknowledged[-1], max(facts.drawn)
        if told.amps <= 0.0 or at <= told.at or gap:
            return replace(watch, reports=())
        if drawn >= told.amps - max(USED, USED_SHARE * told.amps):
            return watch._used(told.amps, at)
        if at - told.at < SETTLING or facts.outstanding:
            return watch
        if watch.lowered is not None and told.amps < watch.lowered.before:
            proof, watch = watch.lowered, replace(watch, lowered=None)
            if told.amps >= proof.after - USED and proof.used_whole(drawn, at):
                return watch.released(at)
        return watch._left(told.amps, drawn, at, rating)

    def _used(self, setpoint: Amps, at: Monotonic) -> "_Watch":
        """It uses all it has: where that is its cap, it gets more; what a zone withholds, it can't get."""
        capped = self.spare is not None and setpoint >= self.spare.cap - USED
        return self.released(at) if capped else replace(self, reports=(), lowered=None)

    def _left(self, setpoint: Amps, drawn: Amps, at: Monotonic, rating: Amps) -> "_Watch":
        """It leaves some of what it has."""
        reports = (*self.reports, (at, drawn))
        while len(reports) > REPORTS and at - reports[1][0] >= WATCHED:
            reports = reports[1:]
        watch = replace(self, reports=reports)
        (since, first), most = reports[0], max(amps for _, amps in reports)
        proven = len(reports) >= REPORTS and at - since >= WATCHED and drawn <= first + RISES
        cap = float(ceil(max(most + MARGIN, most * (1.0 + MARGIN_SHARE)) - 1e-6))
        before = rating if self.spare is None else self.spare.cap
        if not proven or at < self.not_before or cap > before - STEP:
            return watch
        slope = min(0.0, (drawn - first) / (at - since))
        lowered = _Lowered(setpoint, cap, drawn, slope, at) if cap < setpoint else None
        return replace(watch, spare=Spare(cap, most), lowered=lowered)


SeenDraws = Mapping[ConnectorKey, _Watch]
"""What the cars have drawn, for a successor to go on with."""


class Consumption:
    """Learns from reports and forgets with the session. A draw that isn't known is no reason to reduce.

    Lowering a cap is slow and in steps; a car that uses all that its cap leaves it gets everything back with
    the next plan. Within five minutes no cap changes its direction more than three times.
    """

    def __init__(self) -> None:
        self._watches: dict[ConnectorKey, _Watch] = {}

    def learn(self, facts: ConnectorFacts, rating: Amps) -> None:
        """Take a measurement in; an older one than the last, and one of an unknown station, tells nothing."""
        if (
            facts.draw is None
            or facts.draw_at is None
            or facts.transaction is None
            or facts.link is not Link.CONNECTED
            or not facts.verified
            or not facts.acknowledged
        ):
            return
        watch = self._watches.get(facts.key)
        if watch is None or watch.transaction != facts.transaction:
            watch = _Watch(facts.transaction)
        if watch.at is None or facts.draw_at > watch.at:
            self._watches[facts.key] = watch.after(facts, facts.draw_at, rating)

    def spare(self, facts: ConnectorFacts, now: Monotonic) -> Spare | None:
        """Return what this car is held to, None where it may have all."""
        watch = self._watches.get(facts.key)
        if watch is None or watch.transaction != facts.transaction or watch.at is None:
            return None
        return watch.spare if now - watch.at < STALE else None

    def keep_only(self, connectors: Container[ConnectorKey]) -> None:
        """Forget connectors that are gone from the site."""
        self._watches = {key: watch for key, watch in self._watches.items() if key in connectors}

    def seen(self) -> SeenDraws:
        """Return what a successor must know."""
        return dict(self._watches)

    def restore(self, seen: SeenDraws) -> None:
        """Take over what a predecessor had seen."""
        self._watches = dict(seen)
