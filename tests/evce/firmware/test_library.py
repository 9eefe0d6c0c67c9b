"""Tests of what is kept for each family, and how stations stand to it."""

from datetime import UTC, datetime, timedelta

import pytest

from evce.electrical import Family
from evce.firmware.library import (
    LOWEST_COMPATIBLE,
    FirmwareRefusedError,
    KeptFirmware,
    Standing,
    compare,
    held_for,
    refuse_firmware,
)

NOW = datetime(2026, 11, 1, tzinfo=UTC)


def kept(version: str, family: Family = Family.PARKING, model: str = "", minutes: int = 0) -> KeptFirmware:
    at = NOW + timedelta(minutes=minutes)
    return KeptFirmware(f"{family}-{version}-{minutes}", family, version, model, "fw.bin", 3, "ab", at, "ada")


def test_each_family_has_its_lowest_compatible_version() -> None:
    """SR-5, guide 1.1.2.1: all but generic stations, of which nobody can say."""
    assert {family: LOWEST_COMPATIBLE.get(family) for family in Family} == {
        "city": "3.3.0.0.1",
        "parking": "3.3.0.0.1",
        "smart_wallbox": "3.3.0.0.1",
        "pro_ac": "01.00.00",
        "pro_ac_metal": "01.00.00",
        "dc_24": "V013",
        "generic": None,
    }


@pytest.mark.parametrize(
    ("family", "version", "standing", "compatible"),
    [
        ("parking", "3.4.0.0.1", Standing.CURRENT, True),
        ("parking", "3.5.0.0.0", Standing.CURRENT, True),
        ("parking", "3300-9(r7)", Standing.OLDER, True),
        ("parking", "3.2.0.0.1", Standing.OLDER, False),
        ("parking", "V012", Standing.NOT_COMPARABLE, None),
        ("parking", "", Standing.UNKNOWN, None),
        ("dc_24", "22PRO017362 V012", Standing.NOTHING_HELD, False),
        ("generic", "1.0", Standing.NOTHING_HELD, None),
        ("nothing", "1.0", Standing.NOTHING_HELD, None),
    ],
)
def test_a_station_is_compared_with_what_is_held(
    family: str, version: str, standing: Standing, compatible: bool | None
) -> None:
    """SR-5: what can't be told is never older."""
    found = compare(family, "", version, [kept("3.3.0.0.1"), kept("3.4.0.0.1"), kept("3.3.9")])
    assert (found.standing, found.compatible) == (standing, compatible)
    if found.held is not None:
        assert found.held.version == "3.4.0.0.1"


def test_a_file_for_one_model_is_for_no_other() -> None:
    """SR-5."""
    files = [kept("1.0.0", Family.PRO_AC), kept("2.0.0", Family.PRO_AC, "EVB3S22N40C")]
    assert held_for(files, "pro_ac", " evb3s22n40c ", "1.0.0") == files[1]
    assert held_for(files, "pro_ac", "EVB3S07N4EA", "1.0.0") == files[0]
    assert held_for(files, "pro_ac_metal", "EVB3S22N40C", "1.0.0") is None


def test_of_one_version_the_later_file_counts_and_only_what_compares() -> None:
    """SR-5."""
    files = [kept("V020", minutes=9), kept("3.4.0", minutes=1), kept("3.4.0.0", minutes=2)]
    assert held_for(files, "parking", "", "3.3.0") == files[2]
    assert held_for(files, "parking", "", "V011") == files[0]


@pytest.mark.parametrize(
    ("family", "version", "model", "fields"),
    [
        ("parking", "3.4.0.0.1", "", []),
        ("generic", "1.2", "Terra", []),
        ("generic", "1.2", "", ["model"]),
        ("garage", "newest", "x" * 51, ["family", "model", "version"]),
        ("parking", "", "a\nb", ["model", "version"]),
    ],
)
def test_what_a_file_is_said_to_be_is_checked_at_once(
    family: str, version: str, model: str, fields: list[str]
) -> None:
    """SR-5: each field with what is allowed."""
    faults = refuse_firmware(family, version, model)
    assert sorted(faults) == fields
    for name, why in faults.items():
        assert f"{name}: {why}" in str(FirmwareRefusedError(faults))
