"""The operator's profiles: judged, stacked, merged and told truthfully."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evce.cpo.profiles import OperatorProfiles
from evce.cpo.schedules import KeptProfile
from evce.cpo.told import ConnectorTold, StationTold
from evce.units import TransactionId
from tests.evce.cpo.bench import EPOCH, told
from tests.evce.station_control.bench import make_station


def profile(
    limit: float = 10.0, *, number: int = 1, level: int = 0, purpose: str = "TxDefaultProfile", **changes: Any
) -> dict[str, Any]:
    schedule = {
        "chargingRateUnit": "A",
        "startSchedule": EPOCH.isoformat(),
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        **changes.pop("schedule", {}),
    }
    return {
        "chargingProfileId": number,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Absolute",
        "chargingSchedule": schedule,
        **changes,
    }


def after(seconds: float = 1.0) -> datetime:
    return EPOCH + timedelta(seconds=seconds)


def with_profiles(*kept: KeptProfile, connectors: int = 1) -> OperatorProfiles:
    profiles = OperatorProfiles(make_station(connectors))
    for each in kept:
        profiles.put(each)
    return profiles


CHARGING = told("Charging", 1, setpoint=16.0)
TX = KeptProfile(1, profile(8.0, number=9, purpose="TxProfile"), TransactionId(1))
WHOLE = KeptProfile(0, profile(20.0, number=8, purpose="ChargePointMaxProfile"))


@pytest.mark.parametrize(
    ("connector", "changes", "picture", "status"),
    [
        (1, {}, told(), "Accepted"),
        (0, {}, told(), "Accepted"),
        (5, {}, told(), "Rejected"),
        (1, {"level": 9}, told(), "Rejected"),
        (1, {"purpose": "ChargePointMaxProfile"}, told(), "Rejected"),
        (0, {"purpose": "ChargePointMaxProfile"}, told(), "Accepted"),
        (1, {"purpose": "TxProfile"}, told(), "Rejected"),
        (1, {"purpose": "TxProfile"}, CHARGING, "Accepted"),
        (1, {"purpose": "TxProfile", "transactionId": 4711}, CHARGING, "Rejected"),
        (0, {"purpose": "TxProfile"}, CHARGING, "Rejected"),
        (1, {"validTo": (EPOCH - timedelta(days=1)).isoformat()}, told(), "Rejected"),
        (1, {"validFrom": "soon"}, told(), "Rejected"),
        (1, {"chargingProfileKind": "Recurring"}, told(), "Rejected"),
        (1, {"schedule": {"startSchedule": "9999-12-31T23:59:59Z"}}, told(), "Rejected"),
        (1, {"schedule": {"duration": 10**18}}, told(), "Rejected"),
        (1, {"schedule": {"chargingSchedulePeriod": [{"startPeriod": 5, "limit": 1.0}]}}, told(), "Rejected"),
        (1, {"limit": float("inf")}, told(), "Rejected"),
        (1, {"limit": -1.0}, told(), "Rejected"),
    ],
)
def test_only_what_can_be_kept_and_obeyed_is_accepted(
    connector: int, changes: dict[str, Any], picture: StationTold, status: str
) -> None:
    """CPO-1: never a fake Accepted."""
    profiles = OperatorProfiles(make_station())
    assert profiles.judge(connector, profile(**changes), None, picture, EPOCH) == status


def test_a_station_that_can_t_be_limited_takes_no_profile() -> None:
    deaf = StationTold(True, limits_current=False, connectors=told().connectors)
    assert OperatorProfiles(make_station()).judge(1, profile(), None, deaf, EPOCH) == "NotSupported"


@pytest.mark.parametrize(
    ("kept", "ceiling"),
    [
        ([], None),
        ([KeptProfile(1, profile(10.0))], 10.0),
        ([KeptProfile(0, profile(10.0)), KeptProfile(1, profile(12.0, number=2))], 12.0),
        ([KeptProfile(1, profile(10.0)), KeptProfile(0, profile(7.0, number=2, level=3))], 7.0),
        ([KeptProfile(1, profile(10.0)), TX], 8.0),
        ([WHOLE], 20.0),
        ([WHOLE, TX], 8.0),
        ([KeptProfile(1, profile(32.0)), WHOLE], 20.0),
        ([KeptProfile(1, profile(0.0))], 0.0),
    ],
)
def test_profiles_stack_as_the_standard_says(kept: list[KeptProfile], ceiling: float | None) -> None:
    """CPO-1: OCPP 1.6 §3.13.3; the highest level counts, the station's maximum caps it."""
    assert with_profiles(*kept).ceilings(CHARGING, after()) == {1: ceiling}


def test_two_sessions_share_the_station_s_maximum() -> None:
    both = StationTold(
        True,
        connectors=tuple(
            ConnectorTold(n, "Charging", transaction=TransactionId(n), started_at=EPOCH) for n in (1, 2)
        ),
    )
    assert with_profiles(WHOLE, connectors=2).ceilings(both, after()) == {1: 10.0, 2: 10.0}


def test_a_profile_takes_the_place_of_its_like() -> None:
    """OCPP 1.6 §5.16.2: same id, or same purpose and level at the same connector."""
    profiles = with_profiles(KeptProfile(1, profile(10.0, number=1)))
    assert profiles.put(KeptProfile(1, profile(11.0, number=2))) == [1]
    assert profiles.put(KeptProfile(0, profile(12.0, number=2, level=4))) == []
    assert [kept.id for kept in profiles.kept] == [2]


def test_profiles_are_cleared_by_all_that_is_named() -> None:
    profiles = with_profiles(
        KeptProfile(1, profile(number=1)), KeptProfile(0, profile(number=2, level=1)), TX
    )
    assert profiles.clear(connector=1, purpose="TxDefaultProfile") == [1]
    assert profiles.clear(profile_id=77) == []
    assert profiles.clear(level=1) == [2]
    assert profiles.ended([TransactionId(2)]) == [9]
    assert profiles.kept == ()


def test_what_is_told_is_the_lower_of_both() -> None:
    """CPO-1: GetCompositeSchedule tells the merged one."""
    later = {"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 32.0}, {"startPeriod": 60, "limit": 9.0}]}
    profiles = with_profiles(KeptProfile(1, profile(schedule=later)))
    answer = profiles.composite(1, 120, None, CHARGING, EPOCH)
    schedule = answer["chargingSchedule"]
    assert schedule["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 16.0},
        {"startPeriod": 60, "limit": 9.0},
    ]
    watts = profiles.composite(0, 30, "W", CHARGING, EPOCH)["chargingSchedule"]
    assert watts["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 16.0 * 690.0}]
    assert profiles.composite(1, 60, "A", told(connected=False), EPOCH) == {"status": "Rejected"}
    assert profiles.composite(7, 60, "A", CHARGING, EPOCH) == {"status": "Rejected"}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["TxDefaultProfile", "ChargePointMaxProfile"]),
            st.integers(0, 8),
            st.integers(0, 320),
        ),
        max_size=6,
    )
)
def test_a_ceiling_is_never_above_what_a_profile_in_force_allows(kept: list[tuple[str, int, int]]) -> None:
    """CPO-1: of each purpose the highest level that was set last holds, and none is exceeded."""
    profiles = OperatorProfiles(make_station())
    holds: dict[str, dict[int, float]] = {}
    for number, (purpose, level, tenths) in enumerate(kept):
        profiles.put(KeptProfile(0, profile(tenths / 10, number=number, level=level, purpose=purpose)))
        holds.setdefault(purpose, {})[level] = tenths / 10
    expected = [limits[max(limits)] for limits in holds.values()]
    assert profiles.ceilings(CHARGING, after()) == {1: min(expected, default=None)}
