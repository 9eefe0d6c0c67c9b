"""What the parts of the control share."""

import pytest

from evce.station_control.effects import AlarmCeased, AlarmStands
from evce.station_control.settings import StationSettings
from evce.station_control.state import Moment, State
from tests.evce.station_control.bench import EPOCH, make_station


def state(zone: str | None = "z", fallback: float = 9.0) -> State:
    settings = StationSettings(fallback={1: fallback})
    return State(make_station(zone=zone), settings, "t", Moment(0.0, EPOCH))


def test_an_alarm_that_stands_is_not_raised_again() -> None:
    """LG-1."""
    shared = state()
    for _ in range(3):
        shared.alarm("faulted", "CP-01/1", "it broke", "mend it")
    shared.cease("faulted", "CP-01/1")
    shared.cease("faulted", "CP-01/1")
    kinds = [type(effect) for effect in shared.effects]
    assert kinds.count(AlarmStands) == kinds.count(AlarmCeased) == 1


@pytest.mark.parametrize(
    ("zone", "fallback", "expected"), [("z", 9.0, 9.0), ("z", 9.55, 9.5), ("z", 99.0, 32.0), (None, 9.0, 0.0)]
)
def test_the_fall_back_fits_the_outlet_and_needs_a_zone(
    zone: str | None, fallback: float, expected: float
) -> None:
    """DG-1, EL-8."""
    assert state(zone, fallback).fallback(1) == expected


def test_a_socket_is_closed_once() -> None:
    shared = state()
    shared.incarnation = 1
    shared.close(1011, "why")
    shared.close(1011, "why")
    assert sum(type(effect).__name__ == "Close" for effect in shared.effects) == 1
