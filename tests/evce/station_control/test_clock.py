"""The estimate of a station's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from evce.station_control.clock import StationClock

UTC_NOW = datetime(2026, 1, 5, 6, 0, tzinfo=UTC)


def observe(clock: StationClock, offset: float, now: float = 0.0, *, replayable: bool = False) -> bool:
    utc = UTC_NOW + timedelta(seconds=now)
    return clock.observe(utc + timedelta(seconds=offset), utc, now, replayable=replayable)


@pytest.mark.parametrize(("offset", "wrong"), [(0.0, False), (-20.0, False), (3600.0, True), (-3600.0, True)])
def test_the_first_time_is_believed(offset: float, wrong: bool) -> None:
    """DG-6."""
    clock = StationClock()
    assert not clock.known
    observe(clock, offset)
    assert (clock.known, clock.offset, clock.wrong) == (True, offset, wrong)
    assert clock.time(UTC_NOW) == UTC_NOW + timedelta(seconds=offset)


def test_a_message_can_be_late_and_never_early() -> None:
    """DG-6."""
    clock = StationClock()
    for offset in (-8.0, -0.5, -5.0):
        observe(clock, offset)
    assert clock.offset == -0.5


def test_a_replay_moves_nothing() -> None:
    """DG-6, OC-6."""
    clock = StationClock()
    observe(clock, 0.0)
    for n in range(20):
        observe(clock, -3600.0, n * 0.1)
    assert clock.offset == 0.0


def test_a_transaction_message_never_shows_a_clock_behind() -> None:
    """DG-6."""
    clock = StationClock()
    assert not observe(clock, -3600.0, replayable=True)
    assert not clock.known
    assert observe(clock, 3600.0, replayable=True)
    assert clock.offset == 3600.0


def test_a_clock_that_was_set_back_is_followed_after_a_while() -> None:
    """DG-6."""
    clock = StationClock()
    observe(clock, 3600.0)
    moved = [observe(clock, 0.0, 5.0 * n) for n in range(1, 40)]
    assert clock.offset == 0.0
    assert moved.count(True) == 1


def test_ages_are_by_the_station_s_clock_and_never_negative() -> None:
    clock = StationClock()
    observe(clock, 60.0)
    assert clock.age(UTC_NOW + timedelta(seconds=50), UTC_NOW) == 10.0
    assert clock.age(UTC_NOW + timedelta(seconds=70), UTC_NOW) == 0.0


def test_after_a_restart_nothing_is_known() -> None:
    clock = StationClock()
    observe(clock, 60.0)
    clock.forget()
    assert (clock.known, clock.offset) == (False, 0.0)
