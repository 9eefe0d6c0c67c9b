"""When a charging profile applies, and what it allows then."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from evce.cpo.schedules import KeptProfile
from tests.evce.cpo.bench import EPOCH


def profile(kind: str = "Absolute", unit: str = "A", **changes: Any) -> KeptProfile:
    """10 A, after an hour 6 A."""
    periods = [{"startPeriod": 0, "limit": 10.0}, {"startPeriod": 3600, "limit": 6.0}]
    schedule = {"chargingRateUnit": unit, "chargingSchedulePeriod": periods}
    schedule |= {key: changes.pop(key) for key in ("startSchedule", "duration") if key in changes}
    return KeptProfile(
        1,
        {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxDefaultProfile",
            "chargingProfileKind": kind,
            "chargingSchedule": schedule,
            **changes,
        },
    )


def at(seconds: float) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


NOON = at(0).isoformat()


@pytest.mark.parametrize(
    ("kept", "seconds", "limit"),
    [
        (profile(startSchedule=NOON), -1, None),
        (profile(startSchedule=NOON), 0, 10.0),
        (profile(startSchedule=NOON), 3599, 10.0),
        (profile(startSchedule=NOON), 3600, 6.0),
        (profile(startSchedule=NOON, duration=7200), 7199, 6.0),
        (profile(startSchedule=NOON, duration=7200), 7200, None),
        (profile(), 3600, 6.0),
        (profile("Relative"), 10, 10.0),
        (profile(startSchedule=NOON, validFrom=at(60).isoformat()), 59, None),
        (profile(startSchedule=NOON, validTo=at(60).isoformat()), 60, None),
        (profile("Recurring", recurrencyKind="Daily", startSchedule=NOON), 86_400, 10.0),
        (profile("Recurring", recurrencyKind="Daily", startSchedule=NOON), 86_400 + 3600, 6.0),
        (profile("Recurring", recurrencyKind="Weekly", startSchedule=NOON), 7 * 86_400 + 10, 10.0),
        (profile("Recurring", recurrencyKind="Daily", startSchedule=NOON, duration=60), 86_400 + 61, None),
    ],
)
def test_a_schedule_allows_what_its_period_says(
    kept: KeptProfile, seconds: float, limit: float | None
) -> None:
    """CPO-1: OCPP 1.6 §7.8; without a start of its own it begins with the session, here at 0."""
    assert kept.limit(at(seconds), EPOCH, 3) == limit


def test_without_a_session_a_relative_one_says_nothing() -> None:
    assert profile("Relative").limit(at(5), None, 3) is None


@pytest.mark.parametrize(("phases", "limit"), [(3, 10.0), (1, 30.0)])
def test_watts_are_spread_over_the_wired_phases(phases: int, limit: float) -> None:
    kept = profile(unit="W", startSchedule=NOON)
    kept.profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] = 6_900.0
    assert kept.limit(at(1), None, phases) == limit


def test_a_limit_is_rounded_down_to_a_tenth() -> None:
    kept = profile(unit="W", startSchedule=NOON)
    kept.profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] = 7_000.0
    assert kept.limit(at(1), None, 3) == 10.1


def test_every_change_is_foreseen() -> None:
    kept = profile("Recurring", recurrencyKind="Daily", startSchedule=NOON, duration=7200)
    expected = [at(s) for s in (3600, 7200, 86_400, 86_400, 86_400 + 3600, 86_400 + 7200)]
    assert sorted(kept.changes(at(0), None)) == expected
