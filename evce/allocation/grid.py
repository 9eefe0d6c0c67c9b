"""The tree of zones as rows of whole tenths of an ampere, one row per zone and grid phase."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evce.allocation.problem import Claim, ZoneLimit
from evce.units import PhaseAmps, ZoneId

__all__ = [
    "PHASES",
    "TENTHS",
    "Ints",
    "Site",
    "load",
    "rows_of",
    "site_of",
    "tenths_down",
    "tenths_up",
    "tenths_within",
]

Ints = NDArray[np.int64]

PHASES = 3
TENTHS = 10
"""Setpoints are multiples of 0.1 A, the resolution of a charging profile in OCPP 1.6; counted in
whole tenths a sum of setpoints is within a limit or it is not."""

_SLACK = 1e-6
"""Far below a tenth of an ampere and far above the error of a few float operations."""
_BOUNDLESS = 1e12
"""Stands for an infinite current, in tenths."""


def tenths_down(amps: NDArray[np.float64], step: int | Ints = 1) -> Ints:
    """Amperes to whole tenths, down to a multiple of `step`; negative or not a number is 0."""
    tenths = np.minimum(np.where(amps > 0.0, amps, 0.0) * TENTHS + _SLACK, _BOUNDLESS).astype(np.int64)
    return np.asarray(tenths - tenths % step, dtype=np.int64)


def tenths_within(amps: float) -> int:
    """The same as `tenths_down` for one current."""
    return int(min((amps if amps > 0.0 else 0.0) * TENTHS + _SLACK, _BOUNDLESS))


def tenths_up(amps: NDArray[np.float64], step: int | Ints = 1) -> Ints:
    """Amperes to whole tenths, up to a multiple of `step`; not a number is out of reach."""
    known = np.minimum(np.where(np.isnan(amps), np.inf, np.maximum(amps, 0.0)) * TENTHS - _SLACK, _BOUNDLESS)
    tenths = np.ceil(known).astype(np.int64)
    return np.asarray(tenths + -tenths % step, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Site:
    """The zones in an order of their own (parents before children, siblings by id).

    Zone number z and phase p make row 3 z + p; one more row at the end, `nowhere`, has no limit and
    fills up tables. `limits` are the limits in force after the set-asides, `asides` the set-asides, both
    in tenths per row. `paths` has the numbers of a zone and of its ancestors, padded with the number
    after the last zone.
    """

    zones: tuple[ZoneLimit, ...]
    number: dict[ZoneId, int]
    paths: Ints
    limits: Ints
    asides: Ints

    @property
    def nowhere(self) -> int:
        return len(self.zones) * PHASES


def site_of(zones: Iterable[ZoneLimit], set_asides: Mapping[ZoneId, PhaseAmps]) -> Site:
    """Number the zones and work out what each has left after the set-asides at and below it.

    Raises ValueError where a zone is there twice, or its parent is not there, or the parents go in circles,
    or something is set aside in a zone that is not there.
    """
    ordered = _parents_first(tuple(zones))
    number = {zone.zone: index for index, zone in enumerate(ordered)}
    paths: list[list[int]] = []
    for index, zone in enumerate(ordered):
        paths.append([index] if zone.parent is None else [index, *paths[number[zone.parent]]])
    depth = max((len(path) for path in paths), default=1)
    aside = np.zeros((len(ordered), PHASES))
    for zone_id in sorted(set_asides):
        if zone_id not in number:
            raise ValueError(f"set-aside for zone {zone_id!r}, which is not among the zones")
        amps = np.nan_to_num(np.array(set_asides[zone_id], dtype=np.float64), nan=np.inf)
        aside[paths[number[zone_id]]] += np.maximum(amps, 0.0)
    limit = np.array([zone.limit for zone in ordered], dtype=np.float64).reshape(-1, PHASES)
    left = np.minimum(limit, _BOUNDLESS) - aside
    return Site(
        zones=ordered,
        number=number,
        paths=np.array(
            [path + [len(ordered)] * (depth - len(path)) for path in paths], dtype=np.int64
        ).reshape(-1, depth),
        limits=np.append(tenths_down(left.ravel()), np.int64(_BOUNDLESS)),
        asides=np.append(tenths_up(aside.ravel()), np.int64(0)),
    )


def _parents_first(zones: Sequence[ZoneLimit]) -> tuple[ZoneLimit, ...]:
    ids = {zone.zone for zone in zones}
    if len(ids) != len(zones):
        raise ValueError("a zone is there twice")
    children: dict[ZoneId | None, list[ZoneLimit]] = {}
    for zone in sorted(zones, key=lambda zone: zone.zone, reverse=True):
        if zone.parent is not None and zone.parent not in ids:
            raise ValueError(f"zone {zone.zone!r}: its parent {zone.parent!r} is not among the zones")
        children.setdefault(zone.parent, []).append(zone)
    ordered: list[ZoneLimit] = []
    waiting = list(children.get(None, ()))
    while waiting:
        zone = waiting.pop()
        ordered.append(zone)
        waiting.extend(children.get(zone.zone, ()))
    if len(ordered) != len(zones):
        lost = sorted(ids - {zone.zone for zone in ordered})
        raise ValueError(f"zones that are their own ancestors: {', '.join(lost)}")
    return tuple(ordered)


def rows_of(site: Site, claims: Sequence[Claim]) -> Ints:
    """The rows that each claim loads, one line per claim, padded with `nowhere`.

    Raises ValueError where a claim names a zone that is not there or loads no phase at all.
    """
    try:
        zones = np.array([site.number[claim.zone] for claim in claims], dtype=np.int64)
    except KeyError as error:
        raise ValueError(f"a claim names zone {error.args[0]!r}, which is not among the zones") from None
    masks = np.array([claim.mask for claim in claims], dtype=bool).reshape(-1, PHASES)
    if not masks.any(axis=1).all():
        raise ValueError("a claim loads no phase; one whose phases are unknown loads all three")
    paths = site.paths[zones]
    rows = paths[:, :, None] * PHASES + np.arange(PHASES)
    there = masks[:, None, :] & (paths < len(site.zones))[:, :, None]
    table = np.where(there, rows, site.nowhere)
    return table.reshape(len(claims), paths.shape[1] * PHASES)


def load(site_rows: int, rows: Ints, tenths: Ints) -> Ints:
    """What currents (tenths, one per claim) add up to on each of `site_rows` rows."""
    weights = np.repeat(tenths.astype(np.float64), rows.shape[1])
    sums = np.bincount(rows.ravel(), weights=weights, minlength=site_rows)
    return np.asarray(np.rint(sums), dtype=np.int64)
