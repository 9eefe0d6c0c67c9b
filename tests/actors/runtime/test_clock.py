"""The machine's clock and the virtual one."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from actors.runtime.clock import SystemClock, VirtualClock
from evce.site_time import KeptTime, Machine, TimeSource
from evce.steady_time import SLEW

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


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


def test_the_sites_time_is_set_apart_from_the_machines() -> None:
    """CPO-4, RELIABILITY invariant 16: leases and what stations are served don't notice."""
    clock = VirtualClock(NEW_YEAR)
    clock.advance_to(100.0)
    clock.shift_site(3600.0)
    clock.shift_wall(-86_400.0)
    assert clock.corrected
    assert clock.monotonic() == 100.0
    assert clock.utc_now() == NEW_YEAR + timedelta(seconds=3700.0)
    assert clock.machine().host == NEW_YEAR + timedelta(seconds=100.0 - 86_400.0)
    clock.advance_to(110.0)
    moved = clock.steady_utc() - (NEW_YEAR + timedelta(seconds=110.0))
    assert moved == timedelta(seconds=SLEW * 110.0)
    clock.follow_host()
    assert clock.utc_now() == clock.machine().host
    assert not clock.corrected


def test_a_correction_that_was_kept_holds_from_the_first_moment() -> None:
    """CPO-4: stations are never served the host's wrong time first."""
    before = Machine(NEW_YEAR, 5.0)
    kept = KeptTime(TimeSource.OPERATOR, NEW_YEAR + timedelta(hours=2), before)
    clock = VirtualClock(NEW_YEAR + timedelta(minutes=1), kept)
    assert clock.utc_now() == clock.steady_utc() == NEW_YEAR + timedelta(hours=2, minutes=1)
    assert not clock.guessed
    lost = VirtualClock(datetime(1970, 1, 1, tzinfo=UTC), kept)
    assert lost.guessed
    lost.shift_site(0.0)
    assert not lost.guessed


def test_the_system_knows_how_long_it_has_been_running() -> None:
    """CPO-4: what was done to the host's clock between two lives of the process is found by it."""
    first, second = SystemClock().machine(), SystemClock().machine()
    assert 0.0 < first.running <= second.running
    assert first.boot == second.boot
