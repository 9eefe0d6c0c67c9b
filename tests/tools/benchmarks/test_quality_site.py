"""The tight site that rules are compared on."""

import numpy as np
import pytest

from tools.benchmarks.quality_site import TightSite, outlet_key, peak_wish
from tools.benchmarks.quality_weeks import OUTLETS, RecordedSession, Week


def session(number: int, arrives: float, need: float) -> RecordedSession:
    return RecordedSession(number, 0, arrives, arrives + 36_000.0, number + 1, need, None, None)


def test_the_peak_wish_counts_cars_that_would_charge_at_the_same_time() -> None:
    """LM-6: 7.36 kWh take an hour at 32 A; two of three overlap."""
    week = Week("", tuple(session(n, at, 7_360.0) for n, at in enumerate((0.0, 1_800.0, 3_600.0))), ())
    assert peak_wish(week) == 64.0


def test_outlets_are_spread_over_phases_and_rows() -> None:
    """EL-1, EL-3: each loads its phase of its row and of the feeder."""
    site = TightSite(300.0)
    assert (site.maximum, site.limits.tolist()) == (100.0, [100.0] * 3 + [45.0] * 9)
    table = site.members(range(1, OUTLETS + 1))
    assert table.sum(axis=0).tolist() == [2.0] * OUTLETS
    assert sorted(table[:3].sum(axis=1).tolist()) == [17.0, 17.0, 18.0]
    for outlet, rows in site.loads.items():
        connector = site.model.connectors[outlet_key(outlet)]
        assert {row % 3 for row in rows} == set(connector.wiring.grid_phases)
        assert np.flatnonzero(table[:, outlet - 1]).tolist() == sorted(rows)


@pytest.mark.parametrize(("amps", "over"), [(15.0, 0.0), (25.0, 5.0)])
def test_an_overload_is_seen_wherever_it_is(amps: float, over: float) -> None:
    """LM-1: three outlets on one phase of the first row, which holds 45 A; the feeder would hold 70 A."""
    site = TightSite(300.0)
    outlets = [outlet for outlet in range(1, 18) if site.loads[outlet] == site.loads[1]][:2]
    assert site.overload(dict.fromkeys(outlets, amps)) == pytest.approx(over)
