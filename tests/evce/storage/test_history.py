"""Zone history keeps peaks and cuts, and stays small."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.records import ZoneHistoryPoint
from evce.storage import Store, history
from evce.storage.history import Tier, thin_out
from evce.units import ZoneId
from tests.evce.storage.builders import NOW, later

MAIN = ZoneId("main")


def point(seconds: float, measured: float | None = 10.0, limit: float = 100.0) -> ZoneHistoryPoint:
    amps = None if measured is None else (measured, measured + 1, measured + 2)
    return ZoneHistoryPoint(later(seconds), amps, (5.0, 6.0, 7.0), (limit, limit, limit))


def test_samples_come_back_in_order_every_ten_seconds(store: Store) -> None:
    samples = [point(seconds) for seconds in range(0, 60, 10)]
    store.append_history((MAIN, sample) for sample in reversed(samples))
    assert store.zone_history(MAIN, later(20), 100, later(60)) == samples[2:]
    assert store.zone_history(ZoneId("other"), NOW, 100, later(60)) == []
    assert store.zone_history(MAIN, NOW, 0, later(60)) == []


def test_the_highest_current_and_the_lowest_limit_of_an_interval_stay(store: Store) -> None:
    store.append_history([(MAIN, point(1, 20.0)), (MAIN, point(3, None, limit=40.0))])
    store.append_history([(MAIN, point(9, 5.0, limit=60.0))])
    kept = ZoneHistoryPoint(NOW, (20.0, 21.0, 22.0), (5.0, 6.0, 7.0), (40.0, 40.0, 40.0))
    assert store.zone_history(MAIN, NOW, 10, later(10)) == [kept]


def test_a_zone_without_meter_has_no_measured_current(store: Store) -> None:
    store.append_history([(MAIN, point(0, None))])
    assert store.zone_history(MAIN, NOW, 10, later(10))[0].measured is None


@pytest.mark.parametrize(("back", "resolution"), [(1, 10), (10, 60), (100, 900), (1000, 900)])
def test_the_further_back_the_coarser(store: Store, back: int, resolution: int) -> None:
    begin = NOW - timedelta(days=back)
    samples = [ZoneHistoryPoint(begin + timedelta(seconds=10 * n), *_amps()) for n in range(180)]
    store.append_history((MAIN, sample) for sample in samples)
    found = store.zone_history(MAIN, begin, 1000, NOW)
    assert len(found) == 1800 // resolution
    assert found[1].at - found[0].at == timedelta(seconds=resolution)


def _amps() -> tuple[None, tuple[float, float, float], tuple[float, float, float]]:
    return None, (1.0, 1.0, 1.0), (9.0, 9.0, 9.0)


def test_history_is_bounded_by_number_not_by_the_clock(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "TIERS", (Tier(10, 5), Tier(60, 4), Tier(900, 3)))
    monkeypatch.setattr("evce.storage.store.PRUNE_AFTER", 1)
    for hour in range(24):
        store.append_history([(MAIN, point(3600 * hour))])
    store.append_history([(ZoneId("garage"), point(0))])
    # A clock that jumped a year ahead takes one point, not the history.
    store.append_history([(MAIN, point(365 * 86400))])
    found = store.zone_history(MAIN, later(-1e6), 100, later(86400))
    assert [(entry.at - NOW) // timedelta(hours=1) for entry in found] == [22, 23, 365 * 24]
    assert len(store.zone_history(ZoneId("garage"), NOW, 100, later(10))) == 1


@given(number=st.integers(0, 500), points=st.integers(1, 100), peak=st.integers(0, 499))
def test_thinning_out_gives_at_most_so_many_points_and_keeps_the_peak(
    number: int, points: int, peak: int
) -> None:
    found = [point(10 * n, 99.0 if n == peak else 1.0, 7.0 if n == peak else 50.0) for n in range(number)]
    thin = thin_out(found, points)
    assert len(thin) <= points
    assert [entry.at for entry in thin] == sorted({entry.at for entry in thin})
    if peak < number:
        assert max(entry.measured[0] for entry in thin if entry.measured) == 99.0
        assert min(entry.limit[0] for entry in thin) == 7.0
    if number:
        assert thin[0].at == found[0].at
