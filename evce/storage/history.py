"""Zone history in the database: fine for days, coarse for a year, never more points than asked for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from evce.records import ZoneHistoryPoint
from evce.storage.rows import replace_rows
from evce.storage.tables import ZoneHistoryRow
from evce.units import Amps, PhaseAmps, ZoneId

__all__ = ["TIERS", "Tier", "append_history", "merge_points", "prune_history", "thin_out", "zone_history"]


@dataclass(frozen=True, slots=True)
class Tier:
    """The newest `points` points, `resolution` seconds apart."""

    resolution: int
    points: int

    @property
    def reach(self) -> timedelta:
        """How far back a full tier goes."""
        return timedelta(seconds=self.resolution * self.points)


TIERS = (
    Tier(10, 17_280),  # two days
    Tier(60, 20_160),  # two weeks
    Tier(15 * 60, 38_400),  # 400 days
)
"""Finest first; together about 8 MB a zone."""

READ_AT_MOST = 20
"""Points read for each one shown: where a finer tier has more, the next coarser one is read."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def append_history(db: Session, samples: Iterable[tuple[ZoneId, ZoneHistoryPoint]]) -> None:
    """Folds samples into every tier: the highest currents and the lowest limit of each interval stay."""
    samples = list(samples)
    for tier in TIERS:
        folded: dict[tuple[ZoneId, datetime], ZoneHistoryPoint] = {}
        for zone, point in samples:
            key = (zone, _start(point.at, tier.resolution))
            folded[key] = merge_points(folded.get(key), point, key[1])
        known = select(ZoneHistoryRow).where(
            col(ZoneHistoryRow.zone).in_({zone: None for zone, _ in folded}),
            ZoneHistoryRow.resolution == tier.resolution,
            col(ZoneHistoryRow.at).in_({at: None for _, at in folded}),
        )
        for row in db.exec(known):
            key = (ZoneId(row.zone), row.at)
            if key in folded:
                folded[key] = merge_points(_point(row), folded[key], row.at)
        rows = [_values(zone, tier.resolution, point) for (zone, _), point in folded.items()]
        replace_rows(db, ZoneHistoryRow, ("zone", "resolution", "at"), rows)
    db.expire_all()


def merge_points(known: ZoneHistoryPoint | None, new: ZoneHistoryPoint, at: datetime) -> ZoneHistoryPoint:
    """Two points as one at `at`: a short peak and a short cut of the limit stay visible."""
    if known is None:
        return ZoneHistoryPoint(at, new.measured, new.setpoints, new.limit)
    measured = known.measured or new.measured
    if known.measured is not None and new.measured is not None:
        measured = _each(max, known.measured, new.measured)
    return ZoneHistoryPoint(
        at, measured, _each(max, known.setpoints, new.setpoints), _each(min, known.limit, new.limit)
    )


def prune_history(db: Session) -> None:
    """Removes what a tier has too many of, oldest first.

    By number, not by age: a clock that jumps a year ahead must not take the year's history with it.
    """
    for zone in db.exec(select(ZoneHistoryRow.zone).distinct()).all():
        for tier in TIERS:
            where = (col(ZoneHistoryRow.zone) == zone, col(ZoneHistoryRow.resolution) == tier.resolution)
            newest_first = select(ZoneHistoryRow.at).where(*where).order_by(col(ZoneHistoryRow.at).desc())
            newest_to_go = db.exec(newest_first.offset(tier.points).limit(1)).first()
            if newest_to_go is not None:
                db.exec(delete(ZoneHistoryRow).where(*where, col(ZoneHistoryRow.at) <= newest_to_go))


def zone_history(
    db: Session, zone: ZoneId, since: datetime, points: int, now: datetime
) -> list[ZoneHistoryPoint]:
    """The history of a zone since then, oldest first, at most `points` of them.

    The finest tier that reaches back to `since` and isn't absurdly long is read; the rest is thinned out.
    """
    if points <= 0:
        return []
    for tier in TIERS:
        last = tier is TIERS[-1]
        if not last and since < now - tier.reach:
            continue
        where = (
            ZoneHistoryRow.zone == zone,
            ZoneHistoryRow.resolution == tier.resolution,
            ZoneHistoryRow.at >= _start(since, tier.resolution),
        )
        count = db.exec(select(func.count()).select_from(ZoneHistoryRow).where(*where)).one()
        if last or count <= points * READ_AT_MOST:
            rows = db.exec(select(ZoneHistoryRow).where(*where).order_by(col(ZoneHistoryRow.at)))
            return thin_out([_point(row) for row in rows], points)
    raise AssertionError("the last tier is always read")


def thin_out(found: Sequence[ZoneHistoryPoint], points: int) -> list[ZoneHistoryPoint]:
    """At most `points` of these, neighbours merged so that peaks and cuts stay."""
    if len(found) <= points:
        return list(found)
    group = -(-len(found) // points)
    thinned = []
    for begin in range(0, len(found), group):
        merged: ZoneHistoryPoint | None = None
        for point in found[begin : begin + group]:
            merged = merge_points(merged, point, found[begin].at)
        if merged is not None:
            thinned.append(merged)
    return thinned


def _start(at: datetime, resolution: int) -> datetime:
    """The start of the interval that `at` is in."""
    seconds = (at - _EPOCH) // timedelta(seconds=1)
    return _EPOCH + timedelta(seconds=seconds - seconds % resolution)


def _each(choose: Callable[[Amps, Amps], Amps], one: PhaseAmps, other: PhaseAmps) -> PhaseAmps:
    return choose(one[0], other[0]), choose(one[1], other[1]), choose(one[2], other[2])


def _values(zone: ZoneId, resolution: int, point: ZoneHistoryPoint) -> dict[str, object]:
    values: dict[str, object] = {"zone": zone, "resolution": resolution, "at": point.at}
    for name, amps in (("measured", point.measured), ("setpoint", point.setpoints), ("limit", point.limit)):
        for phase in range(3):
            values[f"{name}_{phase + 1}"] = None if amps is None else amps[phase]
    return values


def _point(row: ZoneHistoryRow) -> ZoneHistoryPoint:
    measured: PhaseAmps | None = None
    if row.measured_1 is not None and row.measured_2 is not None and row.measured_3 is not None:
        measured = (row.measured_1, row.measured_2, row.measured_3)
    return ZoneHistoryPoint(
        at=row.at,
        measured=measured,
        setpoints=(row.setpoint_1, row.setpoint_2, row.setpoint_3),
        limit=(row.limit_1, row.limit_2, row.limit_3),
    )
