"""Configuration keys: kinds of value, read-only ones, lists."""

import pytest

from tools.simulation.keys import Keys


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("MeterValueSampleInterval", "5", "Accepted"),
        ("MeterValueSampleInterval", "-5", "Rejected"),
        ("MeterValueSampleInterval", "", "Rejected"),
        ("LocalPreAuthorize", "TRUE", "Accepted"),
        ("LocalPreAuthorize", "1", "Rejected"),
        ("ChargeProfileMaxStackLevel", "1", "Rejected"),
        ("MeterValuesSampledData", "SoC", "Accepted"),
        ("Unheard", "1", "NotSupported"),
    ],
)
def test_a_change_is_checked(name: str, value: str, status: str) -> None:
    """OC-1: ChangeConfiguration."""
    keys = Keys(2)
    before = keys.read([])
    assert keys.change(name, value) == status
    assert (keys.read([]) == before) is (status != "Accepted")


def test_values_are_read_by_kind() -> None:
    keys = Keys(2, 3, "Power")
    keys.change("LocalPreAuthorize", "TRUE")
    assert keys.flag("LocalPreAuthorize")
    assert keys.number("ChargeProfileMaxStackLevel") == 3
    assert keys.text("ChargingScheduleAllowedChargingRateUnit") == "Power"
    assert keys.names("MeterValuesSampledData")[0] == "Current.Import"
    assert keys.text("ConnectorPhaseRotation") == "1.RST,2.RST"
