"""The tree as rows: rounding of limits, set-asides, refusals."""

import numpy as np
import pytest

from evce.allocation import Claim, ZoneLimit
from evce.allocation.grid import load, rows_of, site_of, tenths_down, tenths_up
from evce.units import NO_AMPS, PhaseAmps, ZoneId
from tests.evce.builders import key

NAN, INF = float("nan"), float("inf")


def limit(name: str, parent: str | None = None, amps: PhaseAmps = (100.0, 100.0, 100.0)) -> ZoneLimit:
    return ZoneLimit(ZoneId(name), None if parent is None else ZoneId(parent), amps)


@pytest.mark.parametrize(
    ("amps", "step", "down", "up"),
    [
        (12.75, 1, 127, 128),
        (0.3, 1, 3, 3),
        (0.1 + 0.2, 1, 3, 3),
        (2.3, 1, 23, 23),
        (12.9, 10, 120, 130),
        (12.0, 10, 120, 120),
        (0.0, 1, 0, 0),
        (-4.0, 1, 0, 0),
    ],
)
def test_amperes_become_whole_tenths_without_float_surprises(
    amps: float, step: int, down: int, up: int
) -> None:
    """LM-1, LM-2: limits and caps go down, floors go up."""
    assert tenths_down(np.array([amps]), step).tolist() == [down]
    assert tenths_up(np.array([amps]), step).tolist() == [up]


def test_what_is_not_a_number_counts_as_the_worst_case() -> None:
    """LM-1: no limit, or an unreachable floor."""
    assert tenths_down(np.array([NAN])).tolist() == [0]
    assert tenths_up(np.array([NAN]))[0] > 10**9
    assert tenths_down(np.array([INF]))[0] > 10**9


def test_a_set_aside_is_charged_to_the_zone_and_all_above_it() -> None:
    """DG-2: per grid phase; what is unknown leaves nothing."""
    site = site_of(
        [limit("leaf", "mid"), limit("other", "root"), limit("root"), limit("mid", "root")],
        {
            ZoneId("leaf"): (18.0, 0.0, 9.5),
            ZoneId("mid"): (90.0, -5.0, 0.0),
            ZoneId("other"): (0.0, NAN, 0.0),
        },
    )
    left = {zone.zone: site.limits[3 * n : 3 * n + 3].tolist() for n, zone in enumerate(site.zones)}
    assert left == {
        "leaf": [820, 1000, 905],
        "mid": [0, 1000, 905],
        "other": [1000, 0, 1000],
        "root": [0, 0, 905],
    }


def test_a_negative_limit_is_none() -> None:
    """LM-8: a building above the maximum leaves nothing."""
    assert site_of([limit("z", amps=(-3.0, NAN, INF))], {}).limits.tolist()[:2] == [0, 0]


def test_zones_are_numbered_from_the_root_whatever_order_they_come_in() -> None:
    """EL-1: parents first, siblings by name."""
    zones = [limit("b", "root"), limit("a", "root"), limit("c", "a"), limit("root")]
    assert [z.zone for z in site_of(zones, {}).zones] == ["root", "a", "c", "b"]
    assert site_of(zones, {}).zones == site_of(zones[::-1], {}).zones


def test_a_claim_loads_its_phases_in_every_zone_of_its_path() -> None:
    """EL-3: the own zone first, nothing for a phase that it is not wired to."""
    site = site_of([limit("root"), limit("a", "root")], {})
    claims = [
        Claim(key("A"), ZoneId("a"), (False, True, False), 6.0, 32.0),
        Claim(key("B"), ZoneId("root"), (True, True, True), 6.0, 32.0),
    ]
    rows = rows_of(site, claims)
    assert [[row for row in line if row != site.nowhere] for line in rows.tolist()] == [[4, 1], [0, 1, 2]]
    assert load(7, rows, np.array([60, 70])).tolist()[:6] == [70, 130, 70, 0, 60, 0]


@pytest.mark.parametrize(
    ("zones", "asides", "message"),
    [
        ([limit("a"), limit("a")], {}, "twice"),
        ([limit("a", "b")], {}, "'b'"),
        ([limit("a", "b"), limit("b", "a"), limit("c")], {}, "own ancestors: a, b"),
        ([limit("a")], {ZoneId("x"): NO_AMPS}, "'x'"),
    ],
)
def test_zones_that_are_no_tree_are_refused(
    zones: list[ZoneLimit], asides: dict[ZoneId, PhaseAmps], message: str
) -> None:
    """EL-1: with the name of the zone that is wrong."""
    with pytest.raises(ValueError, match=message):
        site_of(zones, asides)


@pytest.mark.parametrize(
    ("zone", "mask", "message"),
    [("x", (True, False, False), "'x'"), ("a", (False, False, False), "no phase")],
)
def test_a_claim_in_no_zone_or_on_no_phase_is_refused(
    zone: str, mask: tuple[bool, bool, bool], message: str
) -> None:
    """EL-3: it could not be counted anywhere."""
    with pytest.raises(ValueError, match=message):
        rows_of(site_of([limit("a")], {}), [Claim(key("A"), ZoneId(zone), mask, 6.0, 32.0)])
