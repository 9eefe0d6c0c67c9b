"""Configuration keys of stations, read and changed."""

import pytest

from evce.configuration.choices import Authentication, OfflineAuthentication
from evce.profiles import RateUnit
from evce.station_control.capabilities import MEASURANDS, Capabilities, wanted_keys
from evce.station_control.settings import StationSettings


def reading(readonly: bool = False, **keys: object) -> Capabilities:
    entries = [{"key": key, "readonly": readonly, "value": value} for key, value in keys.items()]
    return Capabilities.read({"configurationKey": entries})


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        ("Current", RateUnit.AMPS),
        ("Current,Power", RateUnit.AMPS),
        ("Power", RateUnit.WATTS),
        ("power ", RateUnit.WATTS),
        ("W", RateUnit.WATTS),
        ("A,W", RateUnit.AMPS),
        ("", RateUnit.AMPS),
        ("nonsense", RateUnit.AMPS),
    ],
)
def test_limits_are_in_amperes_unless_the_station_takes_watts_only(value: str, unit: RateUnit) -> None:
    """LM-1."""
    assert reading(ChargingScheduleAllowedChargingRateUnit=value).rate_unit is unit


@pytest.mark.parametrize(
    ("value", "second"), [("0", False), ("1", True), ("8", True), (3, True), ("many", True), (None, True)]
)
def test_a_second_level_is_used_where_there_is_one(value: object, second: bool) -> None:
    """DG-6."""
    known = Capabilities() if value is None else reading(ChargeProfileMaxStackLevel=value)
    assert known.second_level is second


@pytest.mark.parametrize(
    ("profiles", "triggers", "limits"),
    [
        ("Core,SmartCharging,RemoteTrigger", True, True),
        ("Core, FirmwareManagement", False, False),
        ("", True, True),
    ],
)
def test_feature_profiles_are_believed(profiles: str, triggers: bool, limits: bool) -> None:
    """OC-1."""
    known = reading(SupportedFeatureProfiles=profiles)
    assert (known.triggers, known.limits_current) == (triggers, limits)


def test_names_are_compared_without_case() -> None:
    assert reading(CONNECTORSWITCH3TO1PHASESUPPORTED="TRUE").switches_phases
    assert not Capabilities().switches_phases


def test_a_station_that_lists_nothing_is_sent_what_control_needs() -> None:
    """OC-1."""
    assert [key for key, _ in wanted_keys(StationSettings(), Capabilities())] == [
        "MeterValueSampleInterval",
        "MeterValuesSampledData",
        "HeartbeatInterval",
    ]


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (reading(MeterValueSampleInterval="60"), {"MeterValueSampleInterval": "5"}),
        (reading(MeterValueSampleInterval="5"), {}),
        (reading(MeterValueSampleInterval="60", readonly=True), {}),
        (reading(MeterValuesSampledData=MEASURANDS[0]), {}),
        (reading(MeterValuesSampledData=",".join(reversed(MEASURANDS[0].split(",")))), {}),
        (reading(MeterValuesSampledData=MEASURANDS[1]), {}),
        (reading(MeterValuesSampledData="SoC"), {"MeterValuesSampledData": MEASURANDS[0]}),
        (reading(Unrelated="x"), {}),
    ],
)
def test_only_what_differs_is_written(known: Capabilities, expected: dict[str, str]) -> None:
    """OC-1: each write may wear a station's flash."""
    assert dict(wanted_keys(StationSettings(), known)) == expected


@pytest.mark.parametrize(
    ("mode", "offline", "values"),
    [
        (Authentication.KNOWN_CARDS, OfflineAuthentication.REJECT, ("false", "false", "false")),
        (Authentication.KNOWN_CARDS, OfflineAuthentication.CACHE, ("true", "false", "true")),
        (Authentication.KNOWN_CARDS, OfflineAuthentication.ACCEPT, ("true", "true", "false")),
        (Authentication.ALL_CARDS, OfflineAuthentication.REJECT, ("true", "true", "false")),
    ],
)
def test_the_offline_choice_is_set_in_the_station(
    mode: Authentication, offline: OfflineAuthentication, values: tuple[str, str, str]
) -> None:
    """AU-2."""
    known = reading(LocalAuthorizeOffline="?", AllowOfflineTxForUnknownId="?", AuthorizationCacheEnabled="?")
    changes = dict(wanted_keys(StationSettings(authentication=mode, offline=offline), known))
    assert tuple(changes.values()) == values


@pytest.mark.parametrize(("keys", "tells"), [({}, False), ({"x": "A"}, False), (None, True)])
def test_a_unit_that_is_not_listed_is_not_told(keys: dict[str, str] | None, tells: bool) -> None:
    """OC-1."""
    known = reading(ChargingScheduleAllowedChargingRateUnit="Current") if keys is None else reading(**keys)
    assert known.tells_unit is tells
