"""The station's smart charging against the text of OCPP 1.6 part 2, 3.13, 5.5, 5.7 and 5.16."""

from typing import Any

import pytest

from tools.simulation.profiles16 import (
    MAX_PROFILE,
    TX_DEFAULT,
    TX_PROFILE,
    ProfileStore,
    Running,
    parse_time,
    print_time,
)

T0 = 1_700_000_000.0
"""When things are installed."""
RUNNING = Running(transaction=5, began=T0 - 600)


def profile(
    limit: float = 16.0,
    *,
    id: int = 1,  # noqa: A002 - the name in OCPP
    level: int = 0,
    purpose: str = TX_DEFAULT,
    kind: str = "Absolute",
    start: float | None = T0,
    duration: int | None = None,
    unit: str = "A",
    periods: list[dict[str, float]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    schedule: dict[str, Any] = {
        "chargingRateUnit": unit,
        "chargingSchedulePeriod": periods or [{"startPeriod": 0, "limit": limit}],
    }
    if start is not None:
        schedule["startSchedule"] = print_time(start)
    if duration is not None:
        schedule["duration"] = duration
    return {
        "chargingProfileId": id,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": schedule,
        **more,
    }


def limit(store: ProfileStore, at: float = 0.0, connector: int = 1, phases: int = 3) -> float | None:
    """What holds `at` s after T0 for a running transaction."""
    return store.transaction_limit(connector, T0 + at, RUNNING, phases)


def holding(*profiles: tuple[int, dict[str, Any]]) -> ProfileStore:
    store = ProfileStore()
    for connector, payload in profiles:
        assert store.install(connector, payload, RUNNING, T0) == "Accepted"
    return store


@pytest.mark.parametrize(
    ("profiles", "expected"),
    [
        ([], None),
        ([(1, profile(16.0))], 16.0),
        ([(0, profile(16.0))], 16.0),
        ([(2, profile(16.0))], None),
        # the connector's own default goes before that of connector 0
        ([(0, profile(10.0, id=1, level=5)), (1, profile(16.0, id=2))], 16.0),
        # the highest stack level leads
        ([(1, profile(10.0, id=1)), (1, profile(20.0, id=2, level=1))], 20.0),
        ([(1, profile(20.0, id=2, level=1)), (1, profile(10.0, id=1))], 20.0),
        # a level that has nothing to say yet doesn't lead
        ([(1, profile(10.0, id=1)), (1, profile(20.0, id=2, level=1, start=T0 + 60))], 10.0),
        ([(1, profile(10.0, id=1)), (1, profile(20.0, id=2, level=1, validFrom=print_time(T0 + 9)))], 10.0),
        ([(1, profile(10.0, id=1)), (1, profile(20.0, id=2, level=1, validTo=print_time(T0)))], 10.0),
        # TxProfile overrules TxDefaultProfile, whatever the levels
        ([(1, profile(10.0, id=1, level=7)), (1, profile(25.0, id=2, purpose=TX_PROFILE))], 25.0),
        # replaced: same id, or same connector, purpose and level
        ([(1, profile(10.0)), (1, profile(20.0, level=1))], 20.0),
        ([(1, profile(10.0)), (1, profile(7.0, id=2))], 7.0),
    ],
)
def test_the_leading_profile(profiles: list[tuple[int, dict[str, Any]]], expected: float | None) -> None:
    """DG-6: stacking as 3.13.2 and 3.13.4 have it."""
    assert limit(holding(*profiles)) == expected


@pytest.mark.parametrize(
    ("at", "expected"), [(0.0, 25.0), (119.9, 25.0), (120.0, 20.0), (159.9, 20.0), (160.0, 6.0), (1e6, 6.0)]
)
def test_leases_lapse_by_themselves_one_after_the_other(at: float, expected: float) -> None:
    """DG-6: an Absolute profile with a duration says nothing once it is over."""
    store = holding(
        (1, profile(6.0, id=1)),
        (1, profile(20.0, id=2, level=1, duration=160)),
        (1, profile(25.0, id=3, purpose=TX_PROFILE, duration=120)),
    )
    assert limit(store, at) == expected


@pytest.mark.parametrize(
    ("payload", "at", "expected"),
    [
        # Relative, and Absolute without a start, count from the start of the transaction (600 s before T0)
        (profile(9.0, kind="Relative", start=None, duration=601), 0.0, 9.0),
        (profile(9.0, kind="Relative", start=None, duration=601), 1.0, None),
        (profile(9.0, start=None, duration=601), 1.0, None),
        (profile(9.0, start=T0 - 700, duration=600), 0.0, None),
        # periods
        (profile(periods=[{"startPeriod": 0, "limit": 8}, {"startPeriod": 60, "limit": 12}]), 59.9, 8.0),
        (profile(periods=[{"startPeriod": 0, "limit": 8}, {"startPeriod": 60, "limit": 12}]), 60.0, 12.0),
        # every day from T0 on, for an hour
        (profile(9.0, kind="Recurring", recurrencyKind="Daily", duration=3600), 10 * 86_400 + 60.0, 9.0),
        (profile(9.0, kind="Recurring", recurrencyKind="Daily", duration=3600), 10 * 86_400 + 3600.0, None),
        (profile(9.0, kind="Recurring", recurrencyKind="Weekly", duration=3600), 86_400.0, None),
        (profile(9.0, kind="Recurring", recurrencyKind="Weekly", duration=3600), 7 * 86_400.0, 9.0),
        # watts over the phases in use, and no more of them than the profile allows
        (profile(6900.0, unit="W"), 0.0, 10.0),
        (
            profile(6900.0, unit="W", periods=[{"startPeriod": 0, "limit": 6900, "numberPhases": 1}]),
            0.0,
            30.0,
        ),
        # numberPhases never scales ampere
        (profile(periods=[{"startPeriod": 0, "limit": 16, "numberPhases": 1}]), 0.0, 16.0),
    ],
)
def test_schedules_over_time(payload: dict[str, Any], at: float, expected: float | None) -> None:
    """DG-6: kinds, periods, units as 7.10 to 7.14 have them."""
    assert limit(holding((1, payload)), at) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("connector", "payload", "running", "status"),
    [
        (0, profile(purpose=MAX_PROFILE), RUNNING, "Accepted"),
        (1, profile(purpose=MAX_PROFILE), RUNNING, "Rejected"),
        (1, profile(purpose=TX_PROFILE), None, "Rejected"),
        (0, profile(purpose=TX_PROFILE), RUNNING, "Rejected"),
        (1, profile(purpose=TX_PROFILE, transactionId=5), RUNNING, "Accepted"),
        (1, profile(purpose=TX_PROFILE, transactionId=6), RUNNING, "Rejected"),
        (1, profile(level=9), RUNNING, "Rejected"),
        (1, profile(level=-1), RUNNING, "Rejected"),
        (1, profile(-1.0), RUNNING, "Rejected"),
        (1, profile(periods=[{"startPeriod": 5, "limit": 8}]), RUNNING, "Rejected"),
        (1, profile(kind="Recurring"), RUNNING, "Rejected"),
        (1, profile(kind="Recurring", recurrencyKind="Daily"), RUNNING, "Accepted"),
        (1, {"chargingProfileId": 1}, RUNNING, "Rejected"),
    ],
)
def test_what_is_accepted(
    connector: int, payload: dict[str, Any], running: Running | None, status: str
) -> None:
    """OC-1: SetChargingProfile as 5.16 has it."""
    assert ProfileStore().install(connector, payload, running, T0) == status


def test_a_station_that_takes_watts_only_rejects_ampere() -> None:
    store = ProfileStore(units=frozenset({"W"}))
    assert store.install(1, profile(16.0), RUNNING, T0) == "Rejected"
    assert store.install(1, profile(3680.0, unit="W"), RUNNING, T0) == "Accepted"
    assert limit(store, phases=1) == 16.0


def test_no_more_profiles_than_fit() -> None:
    store = ProfileStore(max_installed=2)
    assert [store.install(1, profile(id=n, level=n), RUNNING, T0) for n in (1, 2, 3)][-1] == "Rejected"
    assert store.install(1, profile(8.0, id=2, level=2), RUNNING, T0) == "Accepted"


@pytest.mark.parametrize(
    ("criteria", "cleared", "left"),
    [
        ({}, True, []),
        ({"profile": 2}, True, [1, 3]),
        ({"profile": 9}, False, [1, 2, 3]),
        ({"connector": 1}, True, [1]),
        ({"purpose": TX_DEFAULT}, True, [3]),
        ({"purpose": TX_DEFAULT, "connector": 1}, True, [1, 3]),
        ({"stack_level": 4}, True, [1, 2]),
        ({"stack_level": 4, "purpose": TX_DEFAULT}, False, [1, 2, 3]),
    ],
)
def test_clearing(criteria: dict[str, Any], cleared: bool, left: list[int]) -> None:
    """OC-1: ClearChargingProfile as 5.5 has it: all criteria must be met."""
    store = holding((0, profile(id=1)), (1, profile(id=2)), (1, profile(id=3, level=4, purpose=TX_PROFILE)))
    assert store.clear(**criteria) is cleared
    assert [kept.id for kept in store.profiles] == left


def test_a_transaction_takes_its_profiles_with_it_and_a_reboot_leaves_the_default() -> None:
    store = holding(
        (1, profile(id=1)), (1, profile(id=2, purpose=TX_PROFILE)), (0, profile(id=3, purpose=MAX_PROFILE))
    )
    store.transaction_ended(2)
    assert len(store.profiles) == 3
    store.transaction_ended(1)
    assert [kept.id for kept in store.profiles] == [1, 3]
    store.rebooted([TX_DEFAULT])
    assert [kept.id for kept in store.profiles] == [1]


def test_the_composite_schedule_shows_every_change() -> None:
    """DG-6: GetCompositeSchedule shows the lapses to come, and the station's own maximum."""
    store = holding(
        (1, profile(6.0, id=1)),
        (1, profile(25.0, id=3, purpose=TX_PROFILE, duration=120)),
        (0, profile(20.0, id=4, purpose=MAX_PROFILE, start=T0 + 60)),
    )
    assert store.composite(1, T0, 300.0, RUNNING, 3, 32.0) == [(0.0, 25.0), (60.0, 20.0), (120.0, 6.0)]
    assert store.composite(0, T0, 300.0, None, 3, 64.0) == [(0.0, 64.0), (60.0, 20.0)]
    assert store.composite(1, T0, 300.0, None, 3, 32.0) == [(0.0, 6.0)]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2023-11-14T22:13:20Z", T0),
        ("2023-11-14T22:13:20.500Z", T0 + 0.5),
        ("2023-11-14T23:13:20+01:00", T0),
        ("2023-11-14T22:13:20", T0),
    ],
)
def test_times_are_read(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds
    assert parse_time(print_time(seconds)) == seconds


@pytest.mark.parametrize(
    ("payload", "lasts"),
    [
        (profile(), 60.0),
        (profile(duration=20), 20.0),
        (profile(start=T0 + 7.0), 7.0),
        (profile(kind="Relative", start=None, duration=630), 30.0),
        (profile(periods=[{"startPeriod": 0, "limit": 16}, {"startPeriod": 12, "limit": 6}]), 12.0),
        (profile(validTo=print_time(T0 + 3.0)), 3.0),
    ],
    ids=["for ever", "duration", "not yet", "relative", "period", "valid to"],
)
def test_what_is_in_force_is_so_until_a_profile_says_something_else(
    payload: dict[str, Any], lasts: float
) -> None:
    """Nobody need look again before that."""
    store = holding((1, payload))
    until = store.unchanged_until(T0 + 0.5, RUNNING)
    assert until == pytest.approx(T0 + (lasts if lasts < 60.0 else 60.5), abs=0.01)
    assert until < T0 + lasts + 0.5
    assert {limit(store, at / 4) for at in range(2, int(4 * lasts) - 1)} == {limit(store, 0.5)}
    assert store.unchanged_until(T0 + lasts - 0.0005, RUNNING) < T0 + lasts or lasts == 60.0
