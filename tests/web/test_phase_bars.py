"""Tests of the bars per phase."""

from dataclasses import replace

import pytest

from evce.units import ZoneId
from tests.web.fake_site import FakeSite
from web.phase_bars import meter_bars, sharing_bars


def test_a_sharing_bar_is_cut_into_granted_lost_and_settling(site: FakeSite) -> None:
    """UI-2: setpoints and the lost stations' share against the limit, per phase."""
    bar = sharing_bars(site.snapshot.zones[ZoneId("main")])[0]
    assert [(p.kind, round(p.amps, 1)) for p in bar.parts] == [
        ("granted", 117.6),
        ("lost", 20.3),
        ("settling", 3.2),
    ]
    assert (bar.value, bar.limit, bar.scale) == (141.1, 189.4, 250)
    assert bar.marker == pytest.approx(75.76)
    assert not bar.over


def test_parts_stand_one_behind_the_other_and_never_leave_the_bar(site: FakeSite) -> None:
    """UI-2: also when more is pledged than the maximum."""
    zone = replace(
        site.snapshot.zones[ZoneId("garage")], pledged=(180.0, 0.0, 0.0), setpoints=(90.0, 0.0, 0.0)
    )
    for bar in sharing_bars(zone):
        end = 0.0
        for part in bar.parts:
            assert part.start == pytest.approx(end, abs=0.02)
            end = part.start + part.length
        assert end <= 100.02
        assert bar.marker <= 100
    assert sharing_bars(zone)[0].over


def test_the_meter_s_bar_splits_vehicles_and_building(site: FakeSite) -> None:
    """UI-2: what the meter reads against the zone's maximum."""
    bar = meter_bars(site.snapshot.zones[ZoneId("main")])[0]
    assert [(p.kind, round(p.amps, 1)) for p in bar.parts] == [("building", 42.1), ("granted", 76.1)]
    assert (bar.value, bar.limit) == (118.2, 250)


def test_without_a_reading_there_is_no_bar(site: FakeSite) -> None:
    """UI-2: never a bar of 0 A for a meter that says nothing."""
    assert meter_bars(site.snapshot.zones[ZoneId("garage")]) == []


@pytest.mark.parametrize(
    ("value", "limit", "share"), [(0.0, 0.0, 0.0), (5.0, 0.0, 100.0), (50.0, 100.0, 50.0)]
)
def test_the_share_is_sound_at_a_limit_of_zero(
    site: FakeSite, value: float, limit: float, share: float
) -> None:
    """DI-2: a limit of 0 A is a real limit."""
    zone = replace(
        site.snapshot.zones[ZoneId("garage")],
        limit=(limit, limit, limit),
        setpoints=(value, value, value),
        pledged=(value, value, value),
    )
    assert sharing_bars(zone)[0].share == share
