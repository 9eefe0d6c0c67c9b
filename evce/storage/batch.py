"""What can wait a few seconds for the disk: bounded in memory, written together."""

from collections import deque
from datetime import datetime

from evce.energy_split import Split
from evce.limit_ledger import merged
from evce.records import EventRecord, LimitRecord, SessionPoint, StationMemory, WearRecord, ZoneHistoryPoint
from evce.storage.history import merge_points
from evce.storage.store import Store
from evce.units import BoxIdentity, ConnectorKey, TransactionId, WattHours, ZoneId

__all__ = ["COURSE_BOUND", "EVENTS_BOUND", "HISTORY_BOUND", "LIMITS_BOUND", "Batch"]

EVENTS_BOUND = 500
"""Lines of the log between two writes; more are counted instead. 500 lines are about 100 kB."""
HISTORY_BOUND = 5000
"""Zone samples that survive a disk failure in memory: ten minutes of 80 zones, 10 s apart."""
LIMITS_BOUND = 2000
"""Hours of the limit ledger that survive a disk failure in memory: a day of 80 zones."""
COURSE_BOUND = 5000
"""Points of sessions that survive a disk failure in memory."""


class Batch:
    """Events and cards seen, the energy of running sessions and zone samples, until written and cleared.

    Nothing is lost by a write that fails: `clear` is called once the group is durable.
    """

    def __init__(self) -> None:
        self._events: deque[EventRecord] = deque()
        self._dropped = 0
        self._progress: dict[TransactionId, tuple[datetime, WattHours, Split | None]] = {}
        self._history: dict[tuple[ZoneId, datetime], ZoneHistoryPoint] = {}
        self._limits: dict[tuple[ZoneId, datetime], tuple[LimitRecord, ...]] = {}
        self._course: deque[SessionPoint] = deque(maxlen=COURSE_BOUND)
        self._wear: dict[ConnectorKey, WearRecord] = {}
        self._stations: dict[BoxIdentity, StationMemory] = {}
        self._seen: dict[str, datetime] = {}

    @property
    def has_events(self) -> bool:
        """Whether a line of the log or a card seen waits."""
        return bool(self._events or self._seen)

    @property
    def has_samples(self) -> bool:
        """Whether anything of sessions, zones or stations waits that is sampled."""
        waiting = (self._progress, self._history, self._limits, self._course, self._wear, self._stations)
        return any(waiting)

    def add_event(self, event: EventRecord) -> None:
        """A line of the log; when too many wait the oldest makes room and is counted."""
        self._events.append(event)
        if len(self._events) > EVENTS_BOUND:
            self._events.popleft()
            self._dropped += 1

    def add_progress(
        self, transaction: TransactionId, at: datetime, energy: WattHours, split: Split | None = None
    ) -> None:
        """What a running session has charged, and when; only the newest is written."""
        self._progress[transaction] = (at, energy, split)

    def add_history(self, zone: ZoneId, point: ZoneHistoryPoint) -> None:
        """A zone sample; when too many wait the oldest makes room."""
        self._history[zone, point.at] = merge_points(self._history.get((zone, point.at)), point, point.at)
        if len(self._history) > HISTORY_BOUND:
            del self._history[next(iter(self._history))]

    def add_limits(self, records: tuple[LimitRecord, ...]) -> None:
        """All phases of one zone's hour; when too many hours wait the oldest makes room."""
        key = (records[0].zone, records[0].at)
        known = self._limits.get(key)
        self._limits[key] = records if known is None else tuple(map(merged, known, records))
        if len(self._limits) > LIMITS_BOUND:
            del self._limits[next(iter(self._limits))]

    def add_course(self, points: tuple[SessionPoint, ...]) -> None:
        """Points of sessions; when too many wait the oldest make room."""
        self._course.extend(points)

    def add_wear(self, records: tuple[WearRecord, ...]) -> None:
        """How many profiles connectors were sent; only the newest count is written."""
        self._wear.update({record.connector: record for record in records})

    def add_station(self, memory: StationMemory) -> None:
        """What a station has told of itself; only the newest is written."""
        self._stations[memory.station] = memory

    def course(self, transaction: TransactionId) -> list[SessionPoint]:
        """The points of a session that wait, oldest first."""
        return [point for point in self._course if point.transaction == transaction]

    def add_seen(self, id_tag: str, at: datetime) -> None:
        """A known card was swiped."""
        self._seen[id_tag] = at

    def write_samples(self, store: Store) -> None:
        """Writes the energies and zone samples that wait into the group that is open."""
        for transaction, (at, energy, split) in self._progress.items():
            store.record_progress(transaction, at, energy, split)
        if self._history:
            store.append_history((zone, point) for (zone, _), point in self._history.items())
        if self._course:
            store.record_course(self._course)
        if self._wear:
            store.keep_wear(self._wear.values())
        if self._stations:
            store.keep_stations(self._stations.values())
        if self._limits:
            store.record_limits(record for records in self._limits.values() for record in records)

    def write_events(self, store: Store, now: datetime) -> None:
        """Writes the lines of the log and the cards seen that wait into the group that is open."""
        events = list(self._events)
        if self._dropped:
            text = f"{self._dropped} lines of this log were dropped: too many at once, or the disk failed"
            events.insert(0, EventRecord(now, "recorder", "system", text))
        if events:
            store.append_events(events)
        if self._seen:
            store.note_seen(self._seen)

    def clear(self, *, samples: bool) -> None:
        """Forgets what has been written: the events, and the samples if they were."""
        self._events.clear()
        self._seen.clear()
        self._dropped = 0
        if samples:
            self._progress.clear()
            self._history.clear()
            self._limits.clear()
            self._course.clear()
            self._wear.clear()
            self._stations.clear()
