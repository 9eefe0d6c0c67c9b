"""The limit ledger: peak, setpoints and binding limit of each zone and phase, gathered by the hour."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, tzinfo

from evce.records import LimitRecord
from evce.units import ZoneId
from evce.views import ZoneView

__all__ = ["LimitLedger", "by_day", "hour_of", "merged"]

_Key = tuple[ZoneId, datetime]


class LimitLedger:
    """Gathers every look at the zones; what has changed is taken out from time to time to be written.

    A record always tells all that is known of its hour, so that one that was lost on its way to the
    disk costs nothing once the next one arrives.
    """

    def __init__(self) -> None:
        self._hours: dict[_Key, tuple[LimitRecord, ...]] = {}
        self._changed: dict[_Key, None] = {}

    def note(self, view: ZoneView, at: datetime) -> None:
        """Fold one look at a zone in; `at` is aware."""
        key = (view.id, hour_of(at))
        known = self._hours.get(key)
        if known is not None and _within(view, known):
            return
        seen = tuple(_seen(view, phase, at) for phase in range(3))
        folded = seen if known is None else tuple(map(merged, known, seen))
        if folded != known:
            self._hours[key] = folded
            self._changed[key] = None

    def take(self, now: datetime) -> tuple[tuple[LimitRecord, ...], ...]:
        """What has changed since it was taken last, the three phases of a zone's hour together.

        Hours that are over are forgotten with it.
        """
        taken = tuple(self._hours[key] for key in self._changed)
        self._changed.clear()
        self._hours = {key: records for key, records in self._hours.items() if key[1] >= hour_of(now)}
        return taken


def hour_of(at: datetime) -> datetime:
    """The start of the hour that an aware time is in, UTC."""
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def merged(one: LimitRecord, other: LimitRecord) -> LimitRecord:
    """Two records of one zone and phase as one, at the time of the first; `other` is the newer one.

    Of equal peaks the first one stays.
    """
    peak = one if one.peak >= other.peak else other
    setpoint = one if one.setpoint >= other.setpoint else other
    lowest = one if one.lowest <= other.lowest else other
    return replace(
        one,
        maximum=other.maximum,
        metered=peak.metered,
        peak=peak.peak,
        peak_at=peak.peak_at,
        setpoint=setpoint.setpoint,
        setpoint_at=setpoint.setpoint_at,
        setpoint_limit=setpoint.setpoint_limit,
        setpoint_bound_by=setpoint.setpoint_bound_by,
        lowest=lowest.lowest,
        lowest_at=lowest.lowest_at,
        lowest_bound_by=lowest.lowest_bound_by,
    )


def by_day(records: Iterable[LimitRecord], zone: tzinfo) -> list[LimitRecord]:
    """Hours (oldest first) as days of a time zone, by zone, day and phase.

    An hour belongs to the day in which it begins, also where a zone is half an hour off UTC's.
    """
    days: dict[tuple[ZoneId, datetime, int], LimitRecord] = {}
    for record in records:
        day = datetime.combine(record.at.astimezone(zone).date(), time(), zone).astimezone(UTC)
        key = (record.zone, day, record.phase)
        days[key] = merged(days[key], record) if key in days else replace(record, at=day)
    return [days[key] for key in sorted(days)]


def _within(view: ZoneView, known: tuple[LimitRecord, ...]) -> bool:
    """Whether this look adds nothing to what is known of the hour; nearly all don't."""
    currents = view.stations_measured if view.measured is None else view.measured
    return all(
        record.maximum == view.maximum
        and record.peak >= currents[phase]
        and record.setpoint >= view.setpoints[phase]
        and record.lowest <= view.limit[phase]
        for phase, record in enumerate(known)
    )


def _seen(view: ZoneView, phase: int, at: datetime) -> LimitRecord:
    metered = view.measured is not None
    currents = view.stations_measured if view.measured is None else view.measured
    limit = view.limit[phase]
    return LimitRecord(
        zone=view.id,
        at=hour_of(at),
        phase=phase,
        maximum=view.maximum,
        metered=metered,
        peak=currents[phase],
        peak_at=at,
        setpoint=view.setpoints[phase],
        setpoint_at=at,
        setpoint_limit=limit,
        setpoint_bound_by=view.bound_by,
        lowest=limit,
        lowest_at=at,
        lowest_bound_by=view.bound_by,
    )
