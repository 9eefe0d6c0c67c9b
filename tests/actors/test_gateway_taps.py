"""Tests of listening in on a station's frames."""

from actors.gateway_taps import Taps
from actors.runtime import SimulatedRuntime
from evce.tracing import FORSAKEN_AFTER
from evce.units import BoxIdentity

HERE, ELSEWHERE = BoxIdentity("CP-1"), BoxIdentity("CP-2")


def test_a_tap_hears_both_directions_of_its_own_station() -> None:
    """OC-3: with the time of each frame."""
    runtime = SimulatedRuntime()
    taps = Taps(runtime.clock)
    tap, other = taps.open(HERE), taps.open(HERE)
    taps.hear(HERE, b'[2,"1","Heartbeat",{}]', from_station=True)
    runtime.run_for(2.0)
    taps.hear(HERE, '[3,"1",{}]', from_station=False)
    taps.hear(ELSEWHERE, "[]", from_station=True)
    first, second = tap.take()
    assert (first.text, first.from_station, second.text, second.from_station) == (
        '[2,"1","Heartbeat",{}]',
        True,
        '[3,"1",{}]',
        False,
    )
    assert second.heard_at - first.heard_at == 2.0
    assert (second.at - first.at).total_seconds() == 2.0
    assert len(other.take()) == 2


def test_who_listens_no_more_leaves_nothing() -> None:
    """AC-4: closed, or forsaken by its reader; another's stays."""
    runtime = SimulatedRuntime()
    taps = Taps(runtime.clock)
    closed, forsaken = taps.open(HERE), taps.open(HERE)
    elsewhere = taps.open(ELSEWHERE)
    closed.close()
    closed.close()
    taps.hear(HERE, "a", from_station=True)
    assert closed.take() == []
    assert forsaken.running
    runtime.run_for(FORSAKEN_AFTER + 1.0)
    taps.hear(HERE, "b", from_station=True)
    assert not forsaken.running
    assert list(taps.by_station) == [ELSEWHERE]
    elsewhere.close()
    assert taps.by_station == {}
