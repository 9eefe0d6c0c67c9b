"""Charging profiles: what is sent to hold a station, and what its composite schedule means."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evce.meter_values import parse_time
from evce.profiles import (
    CompositeSchedule,
    Limit,
    RateUnit,
    clear_profile,
    composite_request,
    fallback_profile,
    floor_tenth,
    leased_default,
    least_in_watts,
    parse_composite,
    tx_profile,
    worst_case_amps,
)
from evce.units import TransactionId
from evce.validation import check_order

NOW = datetime(2026, 1, 5, 6, 0, 0, 700_000, tzinfo=UTC)
PROFILES: dict[str, dict[str, Any]] = {
    "fallback": fallback_profile(2, Limit(9.0)),
    "default": leased_default(2, Limit(0.0), NOW, 165.0),
    "tx": tx_profile(2, TransactionId(77), Limit(16.25), NOW, 120.0),
}


def schedule(payload: dict[str, Any]) -> dict[str, Any]:
    found = payload["csChargingProfiles"]["chargingSchedule"]
    assert isinstance(found, dict)
    return found


def limit(payload: dict[str, Any]) -> object:
    return schedule(payload)["chargingSchedulePeriod"][0]["limit"]


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_profile_is_valid_and_absolute(name: str) -> None:
    """DG-6: Relative may count from the start of charging, when an old session's lease would be over."""
    payload = PROFILES[name]
    assert check_order("SetChargingProfile", payload) is None
    assert payload["csChargingProfiles"]["chargingProfileKind"] == "Absolute"
    assert "numberPhases" not in schedule(payload)["chargingSchedulePeriod"][0]


def test_profiles_of_a_connector_have_ids_of_their_own() -> None:
    ids = {payload["csChargingProfiles"]["chargingProfileId"] for payload in PROFILES.values()}
    assert len(ids) == 3
    other = fallback_profile(1, Limit(9.0))["csChargingProfiles"]["chargingProfileId"]
    assert other not in ids


def test_the_fall_back_has_no_end_and_the_lowest_level() -> None:
    """DG-1, DG-6: it holds at whatever time the station's clock stands."""
    profile = PROFILES["fallback"]["csChargingProfiles"]
    assert profile["stackLevel"] == 0
    assert "duration" not in profile["chargingSchedule"]
    assert profile["chargingSchedule"]["startSchedule"] < "1971"


@pytest.mark.parametrize(("name", "lease"), [("default", 165.0), ("tx", 120.0)])
def test_a_lease_has_begun_already_and_ends_when_it_should(name: str, lease: float) -> None:
    """DG-6."""
    leased = schedule(PROFILES[name])
    start = parse_time(leased["startSchedule"])
    assert start is not None
    assert 5.0 <= (NOW - start).total_seconds() < 6.0
    ends = start.timestamp() + leased["duration"] - NOW.timestamp()
    assert lease <= ends < lease + 1.0


def test_a_limit_is_rounded_down() -> None:
    assert limit(PROFILES["tx"]) == 16.2


@given(st.floats(0, 400, allow_nan=False))
def test_rounding_never_raises_and_loses_less_than_a_tenth(amps: float) -> None:
    assert amps - 0.1 - 1e-6 <= floor_tenth(amps) <= amps + 1e-6


@given(st.integers(0, 4000))
def test_tenths_stay_what_they_are(tenths: int) -> None:
    assert floor_tenth(tenths / 10) == tenths / 10


@given(st.floats(0, 63, allow_nan=False), st.integers(1, 3))
def test_a_limit_in_watts_never_allows_more_amperes(amps: float, phases: int) -> None:
    """LM-1: at the lowest voltage, on as many phases as are known to be loaded."""
    watts = Limit(amps, RateUnit.WATTS, phases).value
    assert worst_case_amps(watts / phases, 1000.0) <= amps + 1e-6


@pytest.mark.parametrize(
    ("payload", "now"),
    [
        ({"status": "Rejected"}, None),
        ({"status": "Accepted"}, None),
        (
            {
                "status": "Accepted",
                "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": []},
            },
            None,
        ),
        ([0, "16"], 16.0),
        ([0, "sixteen"], None),
        ([0, "nan"], None),
        ([0, 16.5], 16.5),
    ],
)
def test_a_composite_schedule_is_read_as_it_comes(payload: Any, now: float | None) -> None:
    if isinstance(payload, list):
        start, value = payload
        periods = [{"startPeriod": 60, "limit": 9}, {"startPeriod": start, "limit": value}]
        payload = {
            "status": "Accepted",
            "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": periods},
        }
    composite = parse_composite(payload)
    assert (None if composite is None else composite.limit_now) == now


@pytest.mark.parametrize(
    ("unit", "value", "told", "exceeds"),
    [
        ("A", 16.0, Limit(16.0), False),
        ("A", 16.4, Limit(16.0), False),
        ("A", 32.0, Limit(16.0), True),
        ("W", 3312.0, Limit(16.0, RateUnit.WATTS), False),
        ("W", 6624.0, Limit(16.0, RateUnit.WATTS), True),
        ("W", 11040.0, Limit(16.0), False),
        ("W", 22080.0, Limit(16.0), True),
        ("A", 32.0, Limit(16.0, RateUnit.WATTS), True),
    ],
)
def test_a_station_that_means_to_allow_more_is_told(
    unit: str, value: float, told: Limit, exceeds: bool
) -> None:
    """LM-10."""
    periods = [{"startPeriod": 0, "limit": value}]
    composite = parse_composite(
        {
            "status": "Accepted",
            "chargingSchedule": {"chargingRateUnit": unit, "chargingSchedulePeriod": periods},
        }
    )
    assert composite is not None
    assert composite.exceeds(told) is exceeds


@pytest.mark.parametrize(
    ("unit", "periods", "least"),
    [
        (RateUnit.AMPS, ((0.0, 16.0),), 16.0),
        (RateUnit.AMPS, ((0.0, 16.0), (10.0, 9.0), (11.0, 6.0)), 9.0),
        (RateUnit.AMPS, ((30.0, 16.0), (40.0, 9.0)), 16.0),
        (RateUnit.WATTS, ((0.0, 3312.0),), 16.0),
        (RateUnit.WATTS, ((0.0, 22_080.0),), 32.0),
    ],
)
def test_what_a_station_allows_for_a_while(
    unit: RateUnit, periods: tuple[tuple[float, float], ...], least: float
) -> None:
    """LM-1: the least of the next ten seconds; in W as if one phase carried all."""
    assert CompositeSchedule(unit, periods).amps_within(10.0, 32.0) == pytest.approx(least)


def test_the_other_payloads_are_valid() -> None:
    assert check_order("ClearChargingProfile", clear_profile(1, "TxProfile", 0)) is None
    assert check_order("GetCompositeSchedule", composite_request(1, 60.5, RateUnit.AMPS)) is None


@pytest.mark.parametrize(
    ("phases", "reckoned_for", "rating", "amps"),
    [(3, 3, 32.0, 6.7), (1, 1, 32.0, 6.7), (3, 1, 32.0, 20.0), (3, 1, 16.0, 16.0), (2, 3, 32.0, 6.7)],
)
def test_a_floor_in_watts_is_higher(phases: int, reckoned_for: int, rating: float, amps: float) -> None:
    """LM-2: 6 A on each phase, at the nominal voltage, out of a limit that is safe at the lowest."""
    assert least_in_watts(6.0, phases, reckoned_for, rating) == amps
    limit = Limit(amps, RateUnit.WATTS, phases if amps >= rating else reckoned_for)
    assert limit.value / 230.0 / phases >= 6.0
