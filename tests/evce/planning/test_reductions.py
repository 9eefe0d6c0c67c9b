"""Tests of what lowers a zone's maximum from outside."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from evce.planning.reductions import Inputs, Reduction, reductions
from evce.tariff import Period, Slot, Tariff
from evce.units import ZoneId

MAIN, STREET = ZoneId("main"), ZoneId("street")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TARIFF = Tariff(
    ZoneInfo("UTC"),
    (Period("Peak", (Slot(time(8), time(20)),), frozenset(range(7)), 80),),
    {MAIN: ("Peak",), STREET: ()},
)


@pytest.mark.parametrize(
    ("inputs", "at", "expected"),
    [
        (Inputs(), NOON, {MAIN: Reduction(80, "tariff Peak at 80 %")}),
        (Inputs(), NOON.replace(hour=21), {}),
        (Inputs(50, active=True), NOON, dict.fromkeys((MAIN, STREET), Reduction(50, "input at 50 %"))),
        (Inputs(100, active=True), NOON, dict.fromkeys((MAIN, STREET), Reduction())),
        (Inputs(0, active=True), NOON, dict.fromkeys((MAIN, STREET), Reduction(0, "input at 0 %"))),
    ],
)
def test_an_active_input_sets_every_zone_and_the_tariff_its_own(
    inputs: Inputs, at: datetime, expected: dict[ZoneId, Reduction]
) -> None:
    """DI-2, TOU-3, TOU-5: while an input is active the tariff is ignored, even at 100 %."""
    assert reductions((MAIN, STREET), inputs, TARIFF, at) == expected


def test_without_a_tariff_and_inputs_nothing_is_reduced() -> None:
    """LM-7: nominal."""
    assert reductions((MAIN,), Inputs(), None, NOON) == {}


@pytest.mark.parametrize(
    ("inputs", "remote", "left"),
    [
        (Inputs(), {MAIN: 16.0}, (16.0, "remote at 16.0 A")),
        (Inputs(), {MAIN: 90.0}, (80.0, "tariff Peak at 80 %")),
        (Inputs(50, active=True), {MAIN: 60.0}, (50.0, "input at 50 %")),
        (Inputs(50, active=True), {MAIN: 0.0}, (0.0, "remote at 0.0 A")),
        (Inputs(100, active=True), {MAIN: 100.0}, (100.0, "")),
        (Inputs(100, active=True), {STREET: 1.0}, (100.0, "")),
        (Inputs(100, active=True), {MAIN: -3.0}, (0.0, "remote at -3.0 A")),
    ],
)
def test_of_input_tariff_and_remote_limit_the_lowest_counts(
    inputs: Inputs, remote: dict[ZoneId, float], left: tuple[float, str]
) -> None:
    """LM-7, API-3: what sets it is named, with its amount."""
    found = reductions((MAIN, STREET), inputs, TARIFF, NOON, remote)
    assert found[MAIN].of(100.0) == left
