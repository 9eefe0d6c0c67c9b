"""Tests of the week picture and the summary of the times of use."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.web.fake_document import fake_document
from web.week import summary_of, week_of

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def tariff(*periods: dict[str, Any], enabled: bool = True) -> dict[str, Any]:
    return {"tariff": {"enabled": enabled, "periods": list(periods)}}


@pytest.mark.parametrize(
    ("slot", "days", "blocks"),
    [
        ("06:00-12:00", ["mon"], [(0, 25.0, 25.0)]),
        ("18:00-06:00", ["sun"], [(6, 75.0, 25.0), (0, 0.0, 25.0)]),
        ("00:00-00:00", ["wed"], [(2, 0.0, 100.0)]),
        ("22:00-00:00", ["tue"], [(1, 91.667, 8.333)]),
    ],
)
def test_a_slot_is_drawn_on_its_days(
    slot: str, days: list[str], blocks: list[tuple[int, float, float]]
) -> None:
    """TOU-1: one that crosses midnight belongs to the day on which it starts."""
    document = fake_document(NOW, **tariff({"name": "P", "percent": 50, "slots": [slot], "days": days}))
    assert [(b.day, b.start, b.length) for b in week_of(document)] == blocks


@pytest.mark.parametrize(
    ("feature", "period", "off"), [(True, True, False), (True, False, True), (False, True, True)]
)
def test_what_is_switched_off_is_drawn_as_off(feature: bool, period: bool, off: bool) -> None:
    """TOU-1: the settings stay."""
    settings = {"name": "P", "percent": 50, "slots": ["06:00-07:00"], "days": ["mon"], "enabled": period}
    (block,) = week_of(fake_document(NOW, **tariff(settings, enabled=feature)))
    assert block.off is off


def test_the_summary_tells_each_zone_s_amperes() -> None:
    """TOU-4: 80 % of 100 A is 80 A; nominal, and marked, where the period doesn't count."""
    document = fake_document(
        NOW, **tariff({"name": "P", "percent": 80, "slots": ["06:00-07:00"], "zones": ["garage"]})
    )
    rows = {row.zone: row for row in summary_of(document)}
    assert (rows["garage"].maximum, rows["garage"].cells[0].amps, rows["garage"].cells[0].nominal) == (
        100,
        80,
        False,
    )
    assert (rows["street"].cells[0].amps, rows["street"].cells[0].nominal) == (125, True)
