"""The machine's clock and the virtual one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from actors.runtime.clock import SystemClock, VirtualClock


def test_the_virtual_clock_moves_only_when_told_and_never_back() -> None:
    """Both its clocks together, in UTC."""
    start = datetime(2026, 3, 29, 2, 30, tzinfo=timezone(timedelta(hours=1)))
    clock = VirtualClock(start)
    assert (clock.monotonic(), clock.utc_now()) == (0.0, start)
    assert clock.utc_now().tzinfo is UTC
    clock.advance_to(90.0)
    clock.advance_to(10.0)
    assert (clock.monotonic(), clock.utc_now()) == (90.0, start + timedelta(seconds=90))


def test_the_wall_clock_may_jump_without_the_monotonic_one() -> None:
    """RELIABILITY invariant 16: NTP moves the wall clock only."""
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    clock.shift_wall(-86400.0)
    assert clock.monotonic() == 0.0
    assert clock.utc_now() == datetime(2025, 12, 31, tzinfo=UTC)


def test_a_start_without_a_time_zone_is_refused() -> None:
    """Naive times mean nothing."""
    with pytest.raises(ValueError, match="aware UTC"):
        VirtualClock(datetime(2026, 1, 1))  # noqa: DTZ001


def test_the_systems_clock_is_monotonic_and_aware() -> None:
    """Seconds, and UTC."""
    clock = SystemClock()
    assert clock.monotonic() <= clock.monotonic()
    assert clock.utc_now().utcoffset() == timedelta(0)
