"""MeterValues in every dialect of the field."""

from datetime import UTC, datetime
from typing import Any

import pytest

from evce.meter_values import Reading, parse_time, read_meter_values

AT = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)


def sample(value: str, measurand: str | None = None, phase: str | None = None, **more: str) -> dict[str, Any]:
    named = {"measurand": measurand, "phase": phase} | more
    return {"value": value} | {key: text for key, text in named.items() if text is not None}


def read(*samples: dict[str, Any], phases: int = 3) -> Reading:
    return read_meter_values([{"timestamp": "2026-01-05T06:00:00Z", "sampledValue": list(samples)}], phases)


CURRENT, POWER, ENERGY = "Current.Import", "Power.Active.Import", "Energy.Active.Import.Register"
L123 = [sample(str(n), CURRENT, f"L{n}") for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("samples", "phases", "amps", "split_known"),
    [
        (L123, 3, (1.0, 2.0, 3.0), True),
        ([sample("7", CURRENT, "L1-N"), sample("8", CURRENT, "L2-N")], 3, (7.0, 8.0, 0.0), True),
        ([sample("7", CURRENT, "L2")], 3, (0.0, 7.0, 0.0), True),
        ([sample("7", CURRENT, "L2")], 1, (7.0, 0.0, 0.0), True),
        ([sample("16", CURRENT)], 3, (16.0, 16.0, 16.0), False),
        ([sample("16", CURRENT)], 1, (16.0, 0.0, 0.0), True),
        ([sample("0", CURRENT)], 3, (0.0, 0.0, 0.0), True),
        ([sample("16,5", CURRENT, "L1")], 3, (16.5, 0.0, 0.0), True),
        ([*L123, sample("6", CURRENT)], 3, (1.0, 2.0, 3.0), True),
        ([*L123, sample("4", CURRENT, "N")], 3, (1.0, 2.0, 3.0), True),
        ([sample("2300", POWER)], 3, (10.0, 10.0, 10.0), False),
        ([sample("2.3", POWER, unit="kW")], 1, (10.0, 0.0, 0.0), True),
        ([sample("2300", POWER, "L1"), sample("230", POWER, "L3")], 3, (10.0, 0.0, 1.0), True),
        ([sample("2070", POWER), sample("207", "Voltage", "L1")], 1, (10.0, 0.0, 0.0), True),
        ([sample("2300", POWER), sample("23", "Voltage", "L1")], 1, (10.0, 0.0, 0.0), True),
        ([sample("-0.4", CURRENT, "L1")], 3, (0.0, 0.0, 0.0), True),
        ([sample("-16", CURRENT, "L1")], 3, (16.0, 0.0, 0.0), True),
        (
            [sample("9", CURRENT, "L1"), sample("20", CURRENT, "L1", location="Inlet")],
            3,
            (9.0, 0.0, 0.0),
            True,
        ),
        (
            [sample("20", CURRENT, "L1", location="Inlet"), sample("9", CURRENT, "L1")],
            3,
            (9.0, 0.0, 0.0),
            True,
        ),
        ([sample("5", "Temperature"), sample("80", "SoC")], 3, None, False),
        ([sample("NaN", CURRENT, "L1")], 3, None, False),
        ([sample("00ff", CURRENT, "L1", format="SignedData")], 3, None, False),
    ],
)
def test_currents_are_read_in_every_dialect(
    samples: list[dict[str, Any]], phases: int, amps: tuple[float, ...] | None, split_known: bool
) -> None:
    """EL-7, LM-10: unknown means that every wired phase may carry it."""
    reading = read(*samples, phases=phases)
    assert reading.amps == (None if amps is None else pytest.approx(amps))
    assert reading.split_known is split_known


@pytest.mark.parametrize(
    ("samples", "phases", "least"),
    [
        ([sample("60", CURRENT)], 3, 20.0),
        ([sample("20", CURRENT), sample("13800", "Power.Active.Import")], 3, 13_800.0 / 3 / 253.0),
        ([sample("60", CURRENT), sample("13800", "Power.Active.Import")], 3, 20.0),
        ([sample("16", CURRENT)], 1, 16.0),
        ([sample("16", CURRENT, "L1"), sample("9", CURRENT, "L2")], 3, 16.0),
        ([sample("5", "Temperature")], 3, 0.0),
    ],
)
def test_the_busiest_phase_carries_at_least(samples: list[dict[str, Any]], phases: int, least: float) -> None:
    """LM-10: a number without a phase may be the sum, and a power is of all phases."""
    assert read(*samples, phases=phases).least == pytest.approx(least)


@pytest.mark.parametrize(
    ("samples", "energy"),
    [
        ([sample("1234")], 1234.0),
        ([sample("1.5", ENERGY, unit="kWh")], 1500.0),
        ([sample("100", ENERGY, "L1"), sample("50", ENERGY, "L2")], 150.0),
        ([sample("100", ENERGY, "L1"), sample("120", ENERGY)], 120.0),
        ([sample("7", "Energy.Active.Import.Interval")], None),
        ([sample("1e400")], None),
    ],
)
def test_the_energy_register_is_read_in_wh(samples: list[dict[str, Any]], energy: float | None) -> None:
    """OC-6."""
    assert read(*samples).energy == energy


def test_the_newest_of_buffered_values_counts() -> None:
    """OC-6: a station may send its backlog in one message, in any order."""
    reading = read_meter_values(
        [
            {"timestamp": "2026-01-05T06:00:10Z", "sampledValue": [sample("9", CURRENT, "L1")]},
            {"timestamp": "2026-01-05T06:00:00Z", "sampledValue": [sample("5", CURRENT, "L1")]},
        ],
        3,
    )
    assert reading.amps == (9.0, 0.0, 0.0)
    assert reading.at == AT.replace(second=10)


@pytest.mark.parametrize("value", ["NaN", "1e400", "-16", "eleven"])
def test_a_strange_value_is_named(value: str) -> None:
    """MT-7."""
    assert any(value in doubt for doubt in read(sample(value, CURRENT, "L1")).doubts)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05T06:00:00Z", AT),
        ("2026-01-05T06:00:00.000Z", AT),
        ("2026-01-05T06:00:00,000Z", AT),
        ("2026-01-05 06:00:00", AT),
        ("2026-01-05T07:00:00+01:00", AT),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("0001-01-02T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("yesterday", None),
        ("", None),
        (5, None),
    ],
)
def test_times_are_read_leniently(text: object, moment: datetime | None) -> None:
    assert parse_time(text) == moment
