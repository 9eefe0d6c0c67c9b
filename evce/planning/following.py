"""How well each station follows its setpoints: how soon, how exactly, and whether the meter agrees."""

from collections import deque
from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from statistics import median

from evce.conditions import ZoneCondition
from evce.electrical import SiteModel
from evce.facts import ConnectorFacts, Link
from evce.planning.settings import DISOBEYS_AFTER, DISOBEYS_BY
from evce.pledges import SETTLING
from evce.units import Amps, BoxIdentity, ConnectorKey, Monotonic, PhaseAmps, Seconds, TransactionId, ZoneId
from evce.views import ObedienceView

__all__ = ["DOUBTED_AFTER", "Following", "Record"]

JUDGED_FROM: Amps = 2.0
"""A reduction below the draw by less than this may be followed by chance."""

METERED_FROM: Amps = 4.0
"""A smaller one is lost to the meter between the building's loads."""

CONFIRMS = 0.5
"""The meter has seen a fall of at least this share of what the car gave way by its station's own report."""

CONTRADICTS = 0.2
"""It has seen less than this: the station tells what it was told, not what flows."""

BEFORE: Seconds = 3.0
"""Readings from so long before a command are what it began from."""

AFTER: Seconds = 3.0
"""Readings from so long once the car must have followed are what it led to."""

REMEMBERED: Seconds = 30.0
"""How long readings are kept: from before a command to what came of it, with room for a late report."""

WEIGHT = 0.1
"""Of the newest value in the running means: some ten commands, or a minute of reports."""

DOUBTED_AFTER = 3
"""So many contradictions more than confirmations are no chance."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one station has shown. Delay in s, error in A above its setpoint, both running means."""

    judged: int = 0
    followed: int = 0
    delay: Seconds | None = None
    error: Amps = 0.0
    confirmed: int = 0
    contradicted: int = 0

    @property
    def doubted(self) -> bool:
        """Whether the meter speaks against what the station reports."""
        return self.contradicted - self.confirmed >= DOUBTED_AFTER

    @property
    def score(self) -> int:
        """0 to 100: the share of commands followed, less what contradictions and errors cost."""
        share = self.followed / self.judged if self.judged else 1.0
        seen = self.confirmed + self.contradicted
        believed = 1.0 - self.contradicted / seen if seen else 1.0
        exact = max(0.0, 1.0 - self.error / (4.0 * DISOBEYS_BY))
        return round(100.0 * share * believed * exact)

    def view(self) -> ObedienceView:
        """What people see of it."""
        return ObedienceView(
            score=self.score,
            commands=self.judged,
            delay=self.delay,
            error=self.error,
            confirmed=self.confirmed,
            contradicted=self.contradicted,
        )


@dataclass(slots=True)
class _Command:
    """A reduction below what the car drew. `drawn` is that draw, A per grid phase."""

    key: ConnectorKey
    transaction: TransactionId | None
    amps: Amps
    drawn: PhaseAmps
    at: Monotonic
    followed: bool = False
    given: PhaseAmps | None = None
    """By how much the station says that its car gave way, A per grid phase."""


class Following:
    """Learns from reports and readings. It decides nothing: a car that draws too much is LM-10's business."""

    def __init__(self) -> None:
        self._records: dict[BoxIdentity, Record] = {}
        self._views: dict[BoxIdentity, tuple[Record, ObedienceView]] = {}
        self._commands: dict[ConnectorKey, _Command] = {}
        self._changed: dict[ConnectorKey, tuple[Monotonic, Monotonic]] = {}
        self._readings: dict[ZoneId, deque[tuple[Monotonic, PhaseAmps]]] = {}

    def learn(self, known: ConnectorFacts, report: ConnectorFacts) -> None:
        """Take in what a report says beside what was known before it."""
        if report.link is not Link.CONNECTED or not report.verified or not report.acknowledged:
            self._commands.pop(report.key, None)
            return
        told = report.acknowledged[-1]
        before = known.acknowledged[-1].at if known.acknowledged else None
        if before != told.at:
            last = self._changed.get(report.key)
            self._changed[report.key] = (told.at if last is None else last[1], told.at)
            self._commands.pop(report.key, None)
            if before is not None and max(known.drawn) >= told.amps + JUDGED_FROM:
                self._commands[report.key] = _Command(
                    report.key, report.transaction, told.amps, known.drawn, told.at
                )
        if report.draw is not None and report.draw_at is not None and report.draw_at != known.draw_at:
            self._measured(report, report.draw, report.draw_at)

    def metered(self, condition: ZoneCondition) -> None:
        """Take in a zone's reading."""
        if condition.measured is None or condition.measured_at is None or condition.meter_lost:
            return
        readings = self._readings.setdefault(condition.zone, deque())
        if readings and condition.measured_at <= readings[-1][0]:
            return
        readings.append((condition.measured_at, condition.measured))
        while condition.measured_at - readings[0][0] > REMEMBERED:
            readings.popleft()

    def compare(self, model: SiteModel, now: Monotonic) -> None:
        """Hold what stations say of their reductions against what the meter above them saw."""
        for key, command in list(self._commands.items()):
            if now - command.at < SETTLING + AFTER or command.given is None:
                if now - command.at > REMEMBERED:
                    del self._commands[key]
                continue
            del self._commands[key]
            seen = self._seen(model, command)
            if seen is None:
                continue
            record = self._records.get(key.station, Record())
            if seen >= CONFIRMS:
                self._records[key.station] = replace(record, confirmed=record.confirmed + 1)
            elif seen < CONTRADICTS:
                self._records[key.station] = replace(record, contradicted=record.contradicted + 1)

    def record(self, station: BoxIdentity) -> Record | None:
        """What a station has shown, None while it has shown nothing."""
        return self._records.get(station)

    def view(self, station: BoxIdentity) -> ObedienceView | None:
        """What people see of that."""
        record = self._records.get(station)
        if record is None:
            return None
        known = self._views.get(station)
        if known is None or known[0] is not record:
            known = self._views[station] = (record, record.view())
        return known[1]

    def keep_only(self, connectors: Container[ConnectorKey], stations: Container[BoxIdentity]) -> None:
        """Forget what is gone from the site."""
        self._records = {name: record for name, record in self._records.items() if name in stations}
        self._views = {}
        self._commands = {key: command for key, command in self._commands.items() if key in connectors}
        self._changed = {key: times for key, times in self._changed.items() if key in connectors}

    def records(self) -> Mapping[BoxIdentity, Record]:
        """Return what a successor must know."""
        return dict(self._records)

    def restore(self, records: Mapping[BoxIdentity, Record]) -> None:
        """Take over what a predecessor had seen."""
        self._records = dict(records)

    def _measured(self, report: ConnectorFacts, draw: PhaseAmps, at: Monotonic) -> None:
        told = report.acknowledged[-1]
        excess = max(0.0, max(draw) - told.amps)
        command = self._commands.get(report.key)
        if command is not None and at > command.at and command.given is None:
            if excess <= DISOBEYS_BY:
                command.given = _fall(command.drawn, draw)
                self._judge(report.key.station, followed=True, delay=at - command.at)
            elif at - command.at >= DISOBEYS_AFTER:
                del self._commands[report.key]
                self._judge(report.key.station, followed=False)
        if at - told.at >= SETTLING:
            record = self._records.get(report.key.station, Record())
            error = record.error + WEIGHT * (excess - record.error)
            self._records[report.key.station] = replace(record, error=error)

    def _judge(self, station: BoxIdentity, *, followed: bool, delay: Seconds | None = None) -> None:
        record = self._records.get(station, Record())
        if delay is not None and record.delay is not None:
            delay = record.delay + WEIGHT * (delay - record.delay)
        self._records[station] = replace(
            record,
            judged=record.judged + 1,
            followed=record.followed + followed,
            delay=record.delay if delay is None else delay,
        )

    def _seen(self, model: SiteModel, command: _Command) -> float | None:
        """The share of what the car gave way by that the meter saw, None where it can't tell.

        It can't where another car was told something else about the same time.
        """
        home = model.stations[command.key.station].zone
        path = () if home is None else model.path(home)
        zone = next((member for member in path if model.zones[member].dynamic), None)
        given = command.given
        if zone is None or given is None or max(given) < METERED_FROM:
            return None
        ends = command.at + SETTLING + AFTER
        for key in model.connectors_below(zone):
            times = self._changed.get(key, ())
            if key != command.key and any(command.at - SETTLING - BEFORE < at < ends for at in times):
                return None
        readings = self._readings.get(zone, ())
        above = [amps for at, amps in readings if command.at - BEFORE <= at <= command.at]
        below = [amps for at, amps in readings if command.at + SETTLING <= at <= ends]
        if len(above) < 2 or len(below) < 2:
            return None
        phase = given.index(max(given))
        return (median(a[phase] for a in above) - median(b[phase] for b in below)) / given[phase]


def _fall(before: PhaseAmps, after: PhaseAmps) -> PhaseAmps:
    return (before[0] - after[0], before[1] - after[1], before[2] - after[2])
